"""The page's own routes: a clip's audio and waveform by id, the prompts to record, and takes coming in."""
from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import FastAPI, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse, Response

from core.audio.peaks import peaks
from core.audio.read import read
from core.audio.write import export_clip
from core.errors import BadInput, NotFound, Stale, StudioError, Unavailable
from core.files import inside, sha256_of, told
from core.library import Clip, Library, Project
from core.quality import microphone
from core.steps import prompts, record, takes
from core.types import Finding
from ui.listening import Listener

MAX_TAKE_BYTES = 256 * 1024**2
NEVER_SHOWN = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
FOREVER = {"Cache-Control": "private, max-age=86400"}
_keeping = threading.Lock()  # two pages of one browser may send the same take at once
_STATUS: dict[type[StudioError], int] = {NotFound: 404, Stale: 409, BadInput: 422, Unavailable: 507}


def own_app(lib: Library, listener: Listener | None = None) -> FastAPI:
    """The application with the routes of its own; Gradio is mounted below it afterwards. With a `listener`
    takes are heard in the background."""
    app = FastAPI(title="Voicewright", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(StudioError, _tell)
    boot = uuid.uuid4().hex

    @app.get("/alive")
    def alive() -> dict[str, str]:
        """Another `boot` tells a page that its server was started anew."""
        return {"boot": boot}

    _serve_clips(app, lib)
    _serve_scripts(app, lib)
    _take_takes(app, lib, listener)
    _choose_takes(app, lib)
    return app


async def _tell(request: Request, error: Exception) -> JSONResponse:
    """A StudioError as its sentence; the status says whether another try can help (507) or not (4xx)."""
    return JSONResponse({"error": str(error)}, _STATUS.get(type(error), 400))


def _serve_clips(app: FastAPI, lib: Library) -> None:
    @app.get("/audio/{clip_id}")
    def audio(clip_id: str) -> FileResponse:
        """The clip as WAV, trimmed; answers Range requests."""
        return FileResponse(_as_wav(lib, lib.clips.get(clip_id)), media_type="audio/wav", headers=FOREVER)

    @app.get("/peaks/{clip_id}")
    def outline(clip_id: str, n: int = 600) -> JSONResponse:
        """Smallest and largest sample of `n` equal stretches, -1..1."""
        clip = lib.clips.get(clip_id)
        sound = read(_original(lib, clip), clip.start, clip.end)
        rows = peaks(sound.samples, max(1, min(n, 4000)))
        return JSONResponse(
            [[round(float(low), 3), round(float(high), 3)] for low, high in rows], headers=FOREVER
        )


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
        content = prompts.export_file(lib, lib.projects.get(project), name)
        kept = {"Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}", **NEVER_SHOWN}
        return Response(content, media_type="application/octet-stream", headers=kept)


def _take_takes(app: FastAPI, lib: Library, listener: Listener | None) -> None:
    @app.get("/record/queue")
    def queue(project: str, speaker: str = "") -> dict[str, Any]:
        """The prompts of a project in order, and the one to say next."""
        found = record.queue(lib, lib.projects.get(project), speaker)
        rows = [
            [p.id, p.text, p.grp, p.take_id, p.n_takes, p.skipped, found.again.get(p.id, ""), p.must]
            for p in found.prompts
        ]
        return {
            "prompts": rows,
            "next": found.next_index,
            "done": found.n_done,
            "total": found.n_total,
            "minutes": found.minutes,
        }

    @app.get("/record/said/{clip_id}")
    def said(clip_id: str) -> dict[str, Any]:
        """Whether a take was heard by now, and why it may not say its prompt ("" for no doubt)."""
        doubt = listener.doubt(clip_id) if listener else None
        return {"heard": doubt is not None, "doubt": doubt or ""}

    @app.post("/record/skip")
    def skip(project: str, prompt: int, reason: str, who: str = "") -> dict[str, str]:
        """Leave a prompt out, with a reason; it can be chosen and said all the same."""
        prompts.skip(lib, lib.projects.get(project), [prompt], reason, who or "page")
        return {"skipped": reason}

    @app.post("/record/check")
    async def check(
        request: Request, quiet: float, processing: Annotated[list[str], Query()] = []  # noqa: B006
    ) -> JSONResponse:
        """What the microphone gives: the body is a WAV whose first `quiet` seconds are the room; not kept."""
        heard = lib.root.cache / "uploads" / f"{uuid.uuid4().hex}.wav"
        try:
            await _receive(request, heard)
            return JSONResponse(await run_in_threadpool(_check, heard, quiet, processing))
        finally:
            heard.unlink(missing_ok=True)

    @app.post("/record/take")
    async def take(
        request: Request, project: str, prompt: int | None = None, speaker: str = "", who: str = "",
        listen: bool = False,
    ) -> JSONResponse:
        """Keep one take, the WAV of the body; the answer comes after file and row are on the disk."""
        waiting = lib.root.cache / "uploads" / f"{uuid.uuid4().hex}.wav"
        try:
            await _receive(request, waiting)
            kept = await run_in_threadpool(_keep, lib, project, prompt, speaker, waiting, who)
            if listener and listen and prompt and kept["usable"]:
                listener.ask(project, kept["clip"])
            return JSONResponse(kept)
        finally:
            waiting.unlink(missing_ok=True)


def _choose_takes(app: FastAPI, lib: Library) -> None:
    @app.get("/record/takes/{clip_id}")
    def beside(clip_id: str) -> list[dict[str, Any]]:
        """All takes of the prompt of a take by its speaker, oldest first, and which one is in use."""
        views = takes.of(lib, lib.clips.get(clip_id))
        return [{"clip": view.clip.id, "seconds": view.clip.end - view.clip.start,
                 "used": not view.clip.spare, "again": record.to_say_again(view.clip)} for view in views]

    @app.post("/record/use/{clip_id}")
    def use(clip_id: str, project: str, who: str = "") -> dict[str, str]:
        """Use this take of its prompt; the others are kept as spare."""
        takes.choose(lib, lib.projects.get(project), clip_id, who or "page")
        return {"used": clip_id}


def _check(path: Path, quiet: float, processing: list[str]) -> dict[str, Any]:
    sound = read(path)
    cut = round(max(0.0, quiet) * sound.rate)
    on = dict.fromkeys(processing, True)
    found = microphone.check(sound.samples[:cut], sound.samples[cut:], sound.rate, on)
    return {"sentence": found.sentence, "findings": _findings(found.findings)}


def _findings(found: Iterable[Finding]) -> list[dict[str, str]]:
    return [{"code": f.code, "level": f.level, "sentence": f.sentence} for f in found]


async def _receive(request: Request, path: Path) -> None:
    """The body of a request into `path`; BadInput past the limit, Unavailable for a full disk."""
    n_bytes = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            async for chunk in request.stream():
                n_bytes += len(chunk)
                if n_bytes > MAX_TAKE_BYTES:
                    raise BadInput(
                        f"The take is larger than {MAX_TAKE_BYTES >> 20} MB: record it in shorter pieces."
                    )
                file.write(chunk)
    except OSError as error:
        raise told(error, path) from error


def _keep(
    lib: Library, slug: str, prompt_id: int | None, speaker: str, source: Path, who: str
) -> dict[str, Any]:
    """Save a take once: a browser that got no answer sends the same one again."""
    with _keeping:
        return _keep_alone(lib, lib.projects.get(slug), prompt_id, speaker, source, who)


def _keep_alone(
    lib: Library, project: Project, prompt_id: int | None, speaker: str, source: Path, who: str
) -> dict[str, Any]:
    known = lib.clips.with_hash(project.id, sha256_of(source))
    if known and known.prompt_id == prompt_id:
        return {"clip": known.id, "findings": [], "usable": True, "seconds": known.end - known.start,
                "used": not known.spare, "takes": len(takes.of(lib, known))}
    saved = record.save_take(lib, project, prompt_id, speaker, source, who or "page")
    seconds, quality = saved.clip.end - saved.clip.start, saved.quality
    return {
        "clip": saved.clip.id,
        "findings": _findings(saved.findings),
        "usable": saved.usable,
        "seconds": seconds,
        "spoken": max(0.0, seconds - quality.lead - quality.trail),
        "again": record.to_say_again(saved.clip),
        "used": not saved.clip.spare,
        "takes": len(takes.of(lib, saved.clip)),
    }
