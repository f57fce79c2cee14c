"""The HTML of the page, made once for each address: it says of every part what it is (1.2 MB), Gradio makes
it anew for each request, and nothing in it depends on who asks."""
from __future__ import annotations

from collections import OrderedDict

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ADDRESS = ("host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server")
"""Headers by which Gradio tells at what address it is seen."""
MOST = 4
"""Addresses that are kept: somebody who invents more gets pages that are made for them."""


class KeptPage:
    """ASGI wrapper around the mounted page: `GET /` without a query is answered from what was sent before."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: OrderedDict[tuple[str, ...], Response] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        if not _is_page(scope):
            return await self.app(scope, receive, send)
        key = _address(scope)
        if key not in self.kept:
            return await self._keep(key, scope, receive, send)
        self.kept.move_to_end(key)
        await self.kept[key](scope, receive, send)

    async def _keep(self, key: tuple[str, ...], scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[Message] = []

        async def note(message: Message) -> None:
            sent.append(message)
            await send(message)

        await self.app(scope, receive, note)
        if (page := _whole(sent)) is not None:
            self.kept[key] = page
            if len(self.kept) > MOST:
                self.kept.popitem(last=False)


def _is_page(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/"
                and not scope["query_string"])


def _address(scope: Scope) -> tuple[str, ...]:
    headers = Headers(scope=scope)
    return (scope["scheme"], *(headers.get(name, "") for name in ADDRESS))


def _whole(sent: list[Message]) -> Response | None:
    """What was sent as an answer of its own; None for anything but a page that is the same for everybody."""
    if not sent or sent[0].get("status") != 200 or sent[-1].get("more_body", False):
        return None
    headers = Headers(raw=sent[0]["headers"])
    if "set-cookie" in headers or not headers.get("content-type", "").startswith("text/html"):
        return None
    page = Response(b"".join(message.get("body", b"") for message in sent[1:]))
    page.raw_headers = list(sent[0]["headers"])
    return page
