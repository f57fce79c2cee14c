"""One page a language at the same address: which of them answers is told by the request."""
from __future__ import annotations

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.kept_page import KeptPage
from ui.texts import language_of, speaking


class AsAsked:
    """ASGI middleware around everything: what answers a request speaks its language."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        with speaking(language_of(Headers(scope=scope))):
            await self.app(scope, receive, send)


class InLanguage(Mount):
    """A mounted page that answers only who wants its language."""

    def __init__(self, page: Mount, language: str) -> None:
        super().__init__(page.path, app=page.app)
        self.language = language

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As of any mount, for requests in the page's language."""
        is_meant = scope["type"] == "http" and language_of(Headers(scope=scope)) == self.language
        return super().matches(scope) if is_meant else (Match.NONE, {})


def answer_only(app: FastAPI, language: str) -> None:
    """The page that was mounted last answers in this language only, from what it said before where it can."""
    routes = app.router.routes
    page = routes[-1]
    if isinstance(page, Mount):
        page.app = KeptPage(page.app)
        routes[-1] = InLanguage(page, language)
