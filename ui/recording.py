"""What the recorder asks for: the prompts, takes coming in, the microphone's check.

One set of routes, mounted for the page and for each booth; a request's seat says whose takes they are.
"""
from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from core.audio.read import read
from core.errors import BadInput
from core.files import sha256_of, told
from core.library import Library, Project, Prompt
from core.quality import microphone
from core.steps import prompts, record, speakers, takes
from core.steps.speakers import Booth
from core.types import Finding
from ui.listening import Listener
from ui.texts import say
from ui.texts.retold import retold

MAX_TAKE_BYTES = 256 * 1024**2
_keeping = threading.Lock()  # two pages of one browser may send the same take at once


@dataclass(frozen=True)
class Seat:
    """Whose takes a request is about; `booth` where a link says so."""

    project: Project
    speaker: str
    who: str
    booth: Booth | None = None


def at_the_page(lib: Library) -> Callable[..., Seat]:
    """The seat that the page names in its request."""

    def seat(project: str, speaker: str = "", who: str = "") -> Seat:
        return Seat(lib.projects.get(project), speaker, who or "page")

    return seat


def in_the_booth(lib: Library) -> Callable[..., Seat]:
    """The seat that the link's token stands for, whatever the request names."""

    def seat(token: str) -> Seat:
        at = speakers.booth(lib, token)
        return Seat(at.project, at.speaker.name, f"booth:{at.speaker.name}", at)

    return seat


def routes(lib: Library, listener: Listener | None, seat: Callable[..., Seat]) -> APIRouter:
    """The recorder's routes; with a `listener` takes are heard in the background."""
    router = APIRouter()
    _prompts(router, lib, seat)
    _takes(router, lib, listener, seat)
    _choice(router, lib, seat)
    return router


def _prompts(router: APIRouter, lib: Library, seat: Callable[..., Seat]) -> None:
    @router.get("/record/queue")
    def queue(at: Seat = Depends(seat)) -> dict[str, Any]:
        """The prompts of a project in order, and the one to say next."""
        found = record.queue(lib, at.project, at.speaker)
        rows = [
            [p.id, p.text, _kind(p), p.take_id, p.n_takes, p.skipped, retold(found.again.get(p.id, "")),
             p.must]
            for p in found.prompts
        ]
        return {
            "prompts": rows,
            "next": found.next_index,
            "done": found.n_done,
            "total": found.n_total,
            "minutes": found.minutes,
        }

    @router.post("/record/skip")
    def skip(prompt: int, reason: str, at: Seat = Depends(seat)) -> dict[str, str]:
        """Leave a prompt out, with a reason; it can be chosen and said all the same.

        In a booth it is left out for its speaker alone.
        """
        if at.booth:
            speakers.skip(lib, at.booth, prompt, reason)
        else:
            prompts.skip(lib, at.project, [prompt], reason, at.who)
        return {"skipped": reason}

    @router.post("/record/check")
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


def _kind(prompt: Prompt) -> str:
    """What the recorder says above a prompt."""
    return " · ".join(filter(None, (prompt.grp, say("fresh.kind") if prompt.fresh else "")))


def _takes(router: APIRouter, lib: Library, listener: Listener | None, seat: Callable[..., Seat]) -> None:
    @router.post("/record/take")
    async def take(
        request: Request, prompt: int | None = None, listen: bool = False, at: Seat = Depends(seat)
    ) -> JSONResponse:
        """Keep one take, the WAV of the body; the answer comes after file and row are on the disk."""
        waiting = lib.root.cache / "uploads" / f"{uuid.uuid4().hex}.wav"
        try:
            await _receive(request, waiting)
            kept = await run_in_threadpool(_keep, lib, at, prompt, waiting)
            if listener and listen and prompt and kept["usable"]:
                listener.ask(at.project.slug, kept["clip"])
            return JSONResponse(kept)
        finally:
            waiting.unlink(missing_ok=True)

    @router.get("/record/said/{clip_id}")
    def said(clip_id: str) -> dict[str, Any]:
        """Whether a take was heard by now, and why it may not say its prompt ("" for no doubt)."""
        doubt = listener.doubt(clip_id) if listener else None
        return {"heard": doubt is not None, "doubt": retold(doubt or "")}


def _choice(router: APIRouter, lib: Library, seat: Callable[..., Seat]) -> None:
    @router.get("/record/takes/{clip_id}")
    def beside(clip_id: str) -> list[dict[str, Any]]:
        """All takes of the prompt of a take by its speaker, oldest first, and which one is in use."""
        views = takes.of(lib, lib.clips.get(clip_id))
        return [{"clip": view.clip.id, "seconds": view.clip.end - view.clip.start,
                 "used": not view.clip.spare, "again": retold(record.to_say_again(view.clip))}
                for view in views]

    @router.post("/record/use/{clip_id}")
    def use(clip_id: str, at: Seat = Depends(seat)) -> dict[str, str]:
        """Use this take of its prompt; the others are kept as spare."""
        takes.choose(lib, at.project, clip_id, at.who)
        return {"used": clip_id}


def _check(path: Path, quiet: float, processing: list[str]) -> dict[str, Any]:
    sound = read(path)
    cut = round(max(0.0, quiet) * sound.rate)
    on = dict.fromkeys(processing, True)
    found = microphone.check(sound.samples[:cut], sound.samples[cut:], sound.rate, on)
    return {"sentence": retold(found.sentence), "findings": _findings(found.findings)}


def _findings(found: Iterable[Finding]) -> list[dict[str, str]]:
    return [{"code": f.code, "level": f.level, "sentence": retold(f.sentence)} for f in found]


async def _receive(request: Request, path: Path) -> None:
    """The body of a request into `path`; BadInput past the limit, Unavailable for a full disk."""
    n_bytes = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            async for chunk in request.stream():
                n_bytes += len(chunk)
                if n_bytes > MAX_TAKE_BYTES:
                    raise BadInput(say("recorder.too_large", most=MAX_TAKE_BYTES >> 20))
                file.write(chunk)
    except OSError as error:
        raise told(error, path) from error


def _keep(lib: Library, at: Seat, prompt_id: int | None, source: Path) -> dict[str, Any]:
    """Save a take once: a browser that got no answer sends the same one again."""
    with _keeping:
        return _keep_alone(lib, at, prompt_id, source)


def _keep_alone(lib: Library, at: Seat, prompt_id: int | None, source: Path) -> dict[str, Any]:
    known = lib.clips.with_hash(at.project.id, sha256_of(source))
    if known and known.prompt_id == prompt_id and lib.clips.view(known.id).speaker == (at.speaker or "me"):
        return {"clip": known.id, "findings": [], "usable": True, "seconds": known.end - known.start,
                "used": not known.spare, "takes": len(takes.of(lib, known))}
    saved = record.save_take(lib, at.project, prompt_id, at.speaker, source, at.who)
    seconds, quality = saved.clip.end - saved.clip.start, saved.quality
    return {
        "clip": saved.clip.id,
        "findings": _findings(saved.findings),
        "usable": saved.usable,
        "seconds": seconds,
        "spoken": max(0.0, seconds - quality.lead - quality.trail),
        "again": retold(record.to_say_again(saved.clip)),
        "used": not saved.clip.spare,
        "takes": len(takes.of(lib, saved.clip)),
    }
