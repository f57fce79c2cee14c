"""The routes beside Gradio's: a clip's sound and outline by id, scripts, the recorder's, the booths'."""
from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from core.audio.peaks import peaks
from core.audio.read import read
from core.audio.write import export_clip
from core.errors import BadInput, NotFound, Stale, StudioError, Unavailable
from core.files import inside
from core.library import Clip, Library
from core.steps import preflight, prompts, rules, settings_of_run, speakers
from ui import booth, recording, recordings_routes, run_files, run_sounds, stream_routes
from ui.listening import Listener
from ui.texts import language
from ui.texts.retold import retold

NEVER_SHOWN = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
FOREVER = {"Cache-Control": "private, max-age=86400"}
_STATUS: dict[type[StudioError], int] = {NotFound: 404, Stale: 409, BadInput: 422, Unavailable: 507}


def own_app(lib: Library, listener: Listener | None = None, cookie: str = "voicewright_booth") -> FastAPI:
    """The application with the routes of its own; Gradio is mounted below it afterwards. With a `listener`
    takes are heard in the background."""
    app = FastAPI(title="Voicewright", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(StudioError, _tell)
    boot = uuid.uuid4().hex

    @app.get("/alive")
    def alive() -> dict[str, str]:
        """Another `boot` tells a page that its server was started anew, or speaks another language."""
        return {"boot": f"{boot} {language()}"}

    _serve_scripts(app, lib)
    app.include_router(clips(lib))
    app.include_router(recordings_routes.routes(lib))
    app.include_router(run_files.routes(lib))
    app.include_router(run_sounds.routes(lib))
    app.include_router(stream_routes.routes(lib))
    app.include_router(recording.routes(lib, listener, recording.at_the_page(lib)))
    _open_booths(app, lib, listener, cookie, alive)
    return app


def _open_booths(
    app: FastAPI, lib: Library, listener: Listener | None, cookie: str, alive: Callable[[], dict[str, str]]
) -> None:
    """Below `/b/TOKEN`: the recorder's routes for the speaker of the link, and that speaker's own takes."""

    def own(token: str, request: Request) -> None:
        at = speakers.booth(lib, token)
        if "clip_id" in request.path_params:
            booth.own_take(lib, at, request.path_params["clip_id"])
        if request.method == "POST":
            speakers.refuse_unasked(lib, at)

    link = booth.LINK + "/{token}"
    app.include_router(booth.routes(lib, cookie), prefix=link)
    app.add_api_route(link + "/alive", alive, methods=["GET"])
    checked = [Depends(own)]
    app.include_router(clips(lib), prefix=link, dependencies=checked)
    seats = recording.routes(lib, listener, recording.in_the_booth(lib))
    app.include_router(seats, prefix=link, dependencies=checked)
    app.add_api_route(booth.LINK + "/{rest:path}", _nothing, methods=["GET", "HEAD", "POST", "PUT", "DELETE"])


def _nothing(rest: str) -> None:
    """All else below `/b/`: the guard lets it through, so none of it may reach the page's own routes."""
    raise NotFound("There is nothing here: open the whole link that you were given.")


async def _tell(request: Request, error: Exception) -> JSONResponse:
    """A StudioError as its sentence; the status says whether another try can help (507) or not (4xx)."""
    return JSONResponse({"error": retold(str(error))}, _STATUS.get(type(error), 400))


def clips(lib: Library) -> APIRouter:
    """A clip by its id: as sound and as an outline."""
    router = APIRouter()

    @router.get("/audio/{clip_id}")
    def audio(clip_id: str) -> FileResponse:
        """The clip as WAV, trimmed; answers Range requests."""
        return FileResponse(_as_wav(lib, lib.clips.get(clip_id)), media_type="audio/wav", headers=FOREVER)

    @router.get("/taught/{clip_id}")
    def taught(clip_id: str) -> FileResponse:
        """What a model that speaks would learn of a clip, as the last check of data and model left it."""
        return FileResponse(preflight.taught_sound(lib, clip_id), media_type="audio/wav",
                            headers={"Cache-Control": "no-store"})

    @router.get("/peaks/{clip_id}")
    def outline(clip_id: str, n: int = 600) -> JSONResponse:
        """Smallest and largest sample of `n` equal stretches, -1..1."""
        clip = lib.clips.get(clip_id)
        sound = read(_original(lib, clip), clip.start, clip.end)
        rows = peaks(sound.samples, max(1, min(n, 4000)))
        return JSONResponse(
            [[round(float(low), 3), round(float(high), 3)] for low, high in rows], headers=FOREVER
        )

    return router


def _original(lib: Library, clip: Clip) -> Path:
    return inside(lib.root.path, Path(clip.audio))


def _as_wav(lib: Library, clip: Clip) -> Path:
    """The original where it is a whole WAV, else its stretch as WAV in the cache."""
    original = _original(lib, clip)
    whole = clip.start == 0 and abs(clip.end * clip.sample_rate - clip.n_samples) < 2
    if whole and original.suffix.lower() == ".wav":
        return original if original.exists() else _missing(original)
    made = lib.root.cache / "audio" / f"{clip.id}-{clip.start:.4f}-{clip.end:.4f}.wav"
    if not made.exists():
        export_clip(original, made, clip.start, clip.end)
    return made


def _missing(path: Path) -> Path:
    raise NotFound(
        f"The recording {path.name} is not in {path.parent} any more: it was moved or deleted. Put it back."
    )


def _serve_scripts(app: FastAPI, lib: Library) -> None:
    @app.get("/script/{project}.{ending}")
    def script(project: str, ending: str) -> Response:
        """The prompts of a project as a file: txt, csv, tsv or json."""
        name = f"{project}-prompts.{ending}"
        return _kept(name, prompts.export_file(lib, lib.projects.get(project), name))

    @app.get("/rules/{project}.csv")
    def table(project: str) -> Response:
        """The rules of a project as a table."""
        content = rules.as_csv(lib.rules.of(lib.projects.get(project).id))
        return _kept(f"{project}-rules.csv", content.encode("utf-8"))

    @app.get("/runs/{run_id}/options.yaml")
    def options(run_id: str) -> Response:
        """What a training run was asked for, as a file that starts it again."""
        return _kept(f"{run_id}.yaml", settings_of_run.of_run(lib.root, run_id).text.encode("utf-8"))

    @app.get("/runs/{run_id}/{form}.yaml")
    def foreign(run_id: str, form: str) -> Response:
        """The same for another trainer."""
        made = settings_of_run.of_run(lib.root, run_id, form)
        return _kept(f"{run_id}-{made.form}.yaml", made.text.encode("utf-8"))


def _kept(name: str, content: bytes) -> Response:
    """A file that the browser keeps under this name, and never shows as a page."""
    headers = {"Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}", **NEVER_SHOWN}
    return Response(content, media_type="application/octet-stream", headers=headers)


