"""The speaker's booth: a page of its own with nothing but the recording room, opened by a link with a token.

The link `/b/TOKEN/` keeps the token in a cookie, which lets the page's own files through the guard, and hands
it to the page; the page's requests go to `/b/TOKEN/...`, and there project and speaker come from the token.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from core.errors import NotFound
from core.library import Library
from core.steps import speakers
from core.steps.speakers import Booth
from ui.cookies import keep
from ui.look import keys_of, markup
from ui.record import TITLE, desk
from ui.texts import say

PATH = "/booth"
LINK = "/b"
# All that the page asks Gradio for; files, uploads, proxies and events of its own it has none.
FILES = ("/assets/", "/static/", "/svelte/", "/theme.css", "/config", "/gradio_api/startup-events",
         "/gradio_api/heartbeat/", "/gradio_api/app_id", "/gradio_api/info", "/favicon.ico")


def build() -> gr.Blocks:
    """The page: what is agreed to, the recorder and its keys. It has no events, so it asks Gradio nothing."""
    with gr.Blocks(title=say("booth.title"), analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(markup("booth.html"), elem_id="booth-top", apply_default_css=False)
        desk()
        gr.HTML(keys_of(TITLE), elem_id="booth-keys")
    return blocks


def is_allowed(path: str, method: str) -> bool:
    """Whether a booth's cookie opens `path`: the page and its files, to read."""
    rest = path.removeprefix(PATH)
    return method in ("GET", "HEAD") and (rest in ("", "/") or rest.startswith(FILES))


def knows(lib: Library) -> Callable[[str], bool]:
    """Whether a token opens a booth now."""
    return lambda token: bool(token) and lib.booths.speaker_of(token) is not None


def routes(lib: Library, cookie: str) -> APIRouter:
    """The link itself, who records there, and what they agree to."""
    router = APIRouter()

    @router.get("/")
    def enter(token: str, request: Request) -> Response:
        """The page; the token goes with it behind the #, which is never sent anywhere."""
        speakers.booth(lib, token)
        page = RedirectResponse(f"{PATH}/#{token}", 303)
        return keep(page, cookie, token, request.url.scheme == "https", PATH)

    @router.get("/about")
    def about(token: str) -> dict[str, Any]:
        """Project and speaker, and the text to agree to where one is asked."""
        at = speakers.booth(lib, token)
        asked, word = lib.consents.text_of(at.project.id), speakers.consent_of(lib, at.project, at.speaker)
        return {"project": at.project.slug, "name": at.project.name, "speaker": at.speaker.name,
                "consent": {"text": asked.text, "version": asked.version} if asked else None,
                "free": speakers.is_free(lib, at.project, at.speaker),
                "agreed_at": word.at if word and word.given else None}

    @router.post("/agree")
    def agree(token: str, version: int) -> dict[str, bool]:
        """The speaker agrees to this version of the text."""
        at = speakers.booth(lib, token)
        speakers.agree(lib, at.project, at.speaker, version, f"booth:{at.speaker.name}")
        return {"free": True}

    @router.post("/withdraw")
    def withdraw(token: str) -> dict[str, bool]:
        """The speaker takes the consent back."""
        at = speakers.booth(lib, token)
        speakers.withdraw(lib, at.project, at.speaker, f"booth:{at.speaker.name}")
        return {"free": False}

    return router


def own_take(lib: Library, at: Booth, clip_id: str) -> None:
    """Raise NotFound unless the clip is one of the booth's speaker."""
    clip = lib.clips.get(clip_id)
    if (clip.project_id, clip.speaker_id) != (at.project.id, at.speaker.id):
        raise NotFound(f"There is no clip {clip_id} of this speaker.")
