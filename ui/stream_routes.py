"""Sound from the page's microphone while it is spoken, and the words that come back; nothing is kept."""
from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from core.errors import BadInput
from core.library import Library
from core.steps import streaming
from ui.models import titled
from ui.texts import say
from ui.texts.retold import retold

FRESH = {"Cache-Control": "no-store"}


def routes(lib: Library) -> APIRouter:
    """Below `/listen`: which models can, and one stream from its start to its stop."""
    router = APIRouter(prefix="/listen")

    @router.get("/models")
    def models() -> JSONResponse:
        """[title, name] of each model that writes while it hears."""
        return JSONResponse(titled(lib, streaming.able(lib)), headers=FRESH)

    @router.post("/open")
    def begin(model: str) -> dict[str, Any]:
        """Load a model, which takes seconds; the stream's id is named in what follows."""
        opened = streaming.live(lib).open(streaming.chosen(lib, model))
        return {**asdict(opened), "choice": retold(opened.choice)}

    @router.post("/push")
    async def push(request: Request, stream: str, rate: int) -> dict[str, Any]:
        """The next samples (float32, mono, little-endian) as the body; what they add to the text."""
        sound = await _bounded(request)
        return asdict(await run_in_threadpool(streaming.live(lib).push, stream, sound, rate))

    @router.post("/stop")
    def stop(stream: str) -> dict[str, Any]:
        """The rest of the text."""
        return asdict(streaming.live(lib).stop(stream))

    @router.post("/drop")
    def drop(stream: str) -> dict[str, str]:
        """The page goes away: nobody waits for the rest."""
        streaming.live(lib).drop(stream)
        return {"dropped": stream}

    return router


async def _bounded(request: Request) -> bytes:
    """The body, of which no more is held than a piece may have."""
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) > streaming.MOST_BYTES:
            raise BadInput(say("stream.too_large"))
    return bytes(held)
