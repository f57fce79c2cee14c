"""Cookies of the page: read from any browser's header, kept for a month, hidden from scripts."""
from __future__ import annotations

from typing import Protocol

from starlette.requests import cookie_parser
from starlette.responses import Response

MONTH = 30 * 86400


class Headers(Protocol):
    """What a request says of itself."""

    def get(self, name: str, /) -> str | None:
        """A header, None where it is missing."""


def cookie_of(headers: Headers, name: str) -> str:
    """A cookie's value, "" where it is missing. Others on this host may have left cookies of any shape: they
    are passed over."""
    return cookie_parser(headers.get("cookie") or "").get(name, "")


def keep(answer: Response, name: str, value: str, is_https: bool, path: str = "/") -> Response:
    """`answer`, which sets the cookie; over https it never travels in the clear."""
    answer.set_cookie(name, value, max_age=MONTH, path=path, secure=is_https, httponly=True, samesite="lax")
    return answer
