"""Sounds that runs made, by the ids of run and sound: a path never comes from the browser."""
from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from core.errors import NotFound
from core.files import inside
from core.library import Library
from core.run_dir import RunDir
from core.runs import curves
from core.runs.listing import find
from core.steps import sound_verdict, speak, speech
from ui.texts import say

HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}


def routes(lib: Library) -> APIRouter:
    """What a model in training said of a sample, what both models of a verdict said, and what a run of the
    Speak tab said."""
    router = APIRouter()

    @router.get("/run/{run_id}/sample/{step}/{name:path}.wav")
    def sample(run_id: str, step: int, name: str) -> FileResponse:
        """The sound of the `sample` event of that step and name; answers Range requests."""
        run = find(lib.root, run_id)
        rows = [row for row in curves.notes(run)[0] if row["kind"] == "sample" and row.get("audio")
                and (row["step"], str(row["id"])) == (step, name)]
        if not rows:
            raise NotFound(say("spoken.no_sound"))
        return wav(run, rows[-1]["audio"])

    @router.get("/run/{run_id}/verdict/{role}/{name:path}.wav")
    def judged(run_id: str, role: str, name: str) -> FileResponse:
        """What the base or the tuned model of a verdict said of a held-out clip."""
        run = find(lib.root, run_id)
        return wav(run, str(sound_verdict.sound(run, role, name).relative_to(run.path)))

    @router.get("/run/{run_id}/sound/{name}.wav")
    def sound(run_id: str, name: str) -> FileResponse:
        """What a run of the Speak tab said: a sentence or the whole, by its id."""
        run = find(lib.root, run_id)
        if run.order().get("kind") != speak.KIND:
            raise NotFound(say("spoken.no_sound"))
        return wav(run, speech.audio(run, name))

    return router


def wav(run: RunDir, written: str) -> FileResponse:
    """A sound that the rows of a run name, relative to its folder. Raises NotFound where it is gone, BadInput
    for one that lies elsewhere."""
    path = inside(run.path, Path(written))
    if not path.is_file():
        raise NotFound(say("spoken.no_sound"))
    return FileResponse(path, media_type="audio/wav", headers=HEADERS)
