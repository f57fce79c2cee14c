"""Who may talk to the page: same origin always, known host names on loopback, a token everywhere else."""
from __future__ import annotations

import secrets
from collections.abc import Callable
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.booth import LINK, PATH, is_allowed
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
            free = is_allowed(path, scope["method"]) and self.booth(_cookie(headers, self.cookie + "_booth"))
            return None if free else PlainTextResponse(say("page.needs_link"), 401)
        if self.token is None:
            return None
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if scope["path"] == "/" and self._fits(given):
            return self._welcome(scope.get("scheme") == "https")
        is_known = self._fits(_cookie(headers, self.cookie))
        return None if is_known else PlainTextResponse(say("page.needs_link"), 401)

    def _fits(self, given: str) -> bool:
        return self.token is not None and secrets.compare_digest(given.encode(), self.token.encode())

    def _welcome(self, is_https: bool) -> Response:
        """Keep the token in a cookie and take it out of the address bar; over https it never travels in the
        clear."""
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self.cookie, self.token or "", httponly=True, samesite="lax", secure=is_https,
                          max_age=30 * 86400)
        return answer


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


def _cookie(headers: Headers, name: str) -> str:
    jar: SimpleCookie = SimpleCookie()
    jar.load(headers.get("cookie", ""))
    return jar[name].value if name in jar else ""
