"""The routes of the Recordings tab: a recording's time line, a stretch of its sound, words of its text."""
from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, JSONResponse

from core.audio.peaks import peaks
from core.audio.read import read
from core.audio.write import export_clip
from core.errors import BadInput
from core.files import inside
from core.library import Library, Recording
from core.steps import timeline
from core.steps.timeline import Line, Piece
from ui.texts import say
from ui.texts.retold import retold

LONGEST = 60.0
"""Seconds of sound that are served at once."""
KEPT = 200
"""Stretches that the cache keeps."""
FRESH = {"Cache-Control": "no-store"}
FOREVER = {"Cache-Control": "private, max-age=86400"}


def routes(lib: Library) -> APIRouter:
    """Below `/recording/ID`."""
    router = APIRouter(prefix="/recording/{recording_id}")

    @router.get("/line")
    def line(recording_id: str) -> JSONResponse:
        """All stretches, each as a list; figures that nobody measured are missing."""
        recording = lib.recordings.get(recording_id)
        found = timeline.line(lib, lib.projects.with_id(recording.project_id), recording_id)
        return JSONResponse(told(found), headers=FRESH)

    @router.get("/sound")
    def sound(recording_id: str, start: float, end: float) -> FileResponse:
        """A stretch (seconds) as WAV, at most a minute; answers Range requests."""
        recording = lib.recordings.get(recording_id)
        first, last = bounded(recording, start, end)
        return FileResponse(_stretch(lib, recording, first, last), media_type="audio/wav", headers=FOREVER)

    @router.get("/peaks")
    def outline(recording_id: str, start: float, end: float, n: int = 1200) -> JSONResponse:
        """Smallest and largest sample of `n` equal parts of a stretch, at most a minute."""
        recording = lib.recordings.get(recording_id)
        samples = read(inside(lib.root.path, Path(recording.audio)), *bounded(recording, start, end)).samples
        rows = peaks(samples, max(1, min(n, 4000)))
        return JSONResponse([[round(float(low), 3), round(float(high), 3)] for low, high in rows],
                            headers=FOREVER)

    @router.get("/words")
    def words(recording_id: str, q: str = "") -> JSONResponse:
        """Where in the text of the recording's project these words stand."""
        project = lib.projects.with_id(lib.recordings.get(recording_id).project_id)
        return JSONResponse([hit.__dict__ for hit in timeline.find(lib, project, q[:200])], headers=FRESH)

    return router


def told(found: Line) -> dict[str, Any]:
    """A time line for the browser, short, because a day has thousands of stretches."""
    return {"id": found.recording.id, "name": found.recording.name, "seconds": found.recording.seconds,
            "run": found.run, "kinds": list(timeline.KINDS), "figures": list(timeline.FIGURES),
            "pieces": [_short(piece) for piece in found.pieces]}


def _short(piece: Piece) -> list[Any]:
    row: list[Any] = [round(piece.start, 3), round(piece.end, 3), timeline.KINDS.index(piece.kind)]
    if piece.clip:
        return [*row, piece.clip, piece.name, piece.text, piece.decision,
                [piece.figures.get(name) for name in timeline.FIGURES], list(piece.doubts)]
    return [*row, "", "", retold(piece.sentence)] if piece.sentence else row


def bounded(recording: Recording, start: float, end: float) -> tuple[float, float]:
    """A stretch within the recording, cut to `LONGEST`. BadInput for one that is none."""
    if not (math.isfinite(start) and math.isfinite(end)) or not 0 <= start < min(end, recording.seconds):
        raise BadInput(say("long.no_stretch", name=recording.name, seconds=recording.seconds))
    return start, min(end, start + LONGEST, recording.seconds)


def _stretch(lib: Library, recording: Recording, start: float, end: float) -> Path:
    """The stretch as a WAV of the cache, which forgets the oldest ones."""
    folder = lib.root.cache / "stretches"
    made = folder / f"{recording.sha256[:16]}-{start:.3f}-{end:.3f}.wav"
    if not made.exists():
        export_clip(inside(lib.root.path, Path(recording.audio)), made, start, end)
        kept = sorted(folder.glob("*.wav"), key=lambda path: path.stat().st_mtime)
        for old in kept[:-KEPT]:
            old.unlink(missing_ok=True)
    return made
