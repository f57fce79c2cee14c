"""Who may talk to the page: same origin always, known host names on loopback, a token everywhere else."""
from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.booth import LINK, PATH, is_allowed
from ui.cookies import cookie_of, keep
from ui.texts import say

LOOPBACK = ("127.0.0.1", "localhost", "::1")
OTHER_SITE = "Refused: this request came from another site."
OTHER_HOST = (
    "Refused: Voicewright answers to localhost only; start it with --host to use another name."
)


class Guard:
    """ASGI middleware around everything, Gradio's routes too.

    `booth` says whether a booth's token is good: its cookie opens the booth's page and nothing else, and what
    lies below `/b/` looks at its token by itself.
    Without `token` (loopback) only names of this machine are answered, so that no foreign page gets in by
    DNS rebinding. With one, the link `/?token=...` sets a cookie and everything else needs that cookie.
    """

    def __init__(
        self, app: ASGIApp, token: str | None = None, cookie: str = "voicewright", host: str = "127.0.0.1",
        booth: Callable[[str], bool] = lambda token: False,
    ) -> None:
        self.app, self.token, self.cookie, self.booth = app, token, cookie, booth
        self.hosts = {*LOOPBACK, host}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        answer = self._answer(scope) if scope["type"] == "http" else None
        await (answer or self.app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if _is_foreign(headers):
            return PlainTextResponse(OTHER_SITE, 403)
        if self.token is None and _name(headers.get("host", "")) not in self.hosts:
            return PlainTextResponse(OTHER_HOST, 403)
        path = scope["path"]
        if path.startswith(LINK + "/"):
            return None
        if path == PATH or path.startswith(PATH + "/"):
            is_known = self.booth(cookie_of(headers, self.cookie + "_booth"))
            return _unless(is_known and is_allowed(path, scope["method"]))
        if self.token is None:
            return None
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if scope["path"] == "/" and self._fits(given):
            return self._welcome(scope.get("scheme") == "https")
        return _unless(self._fits(cookie_of(headers, self.cookie)))

    def _fits(self, given: str) -> bool:
        return self.token is not None and secrets.compare_digest(given.encode(), self.token.encode())

    def _welcome(self, is_https: bool) -> Response:
        """Keep the token in a cookie and take it out of the address bar."""
        return keep(RedirectResponse("/", 303), self.cookie, self.token or "", is_https)


def _unless(is_known: bool) -> Response | None:
    """What somebody without the link or its cookie reads."""
    return None if is_known else PlainTextResponse(say("page.needs_link"), 401)


def _is_foreign(headers: Headers) -> bool:
    """Whether another site sent this: a foreign Origin, or the browser says so and it is no link."""
    origin = headers.get("origin")
    if origin and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        return True
    return headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate"


def _name(host: str) -> str:
    """The host without its port, IPv6 brackets or upper case."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
