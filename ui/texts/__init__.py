"""What the interface says: one file a language, one key a text, `{name}` where a value comes in.

A page is built once for each language, so that labels, choices and tables are simply texts. An event or a
route answers in the language of its request: the one that was chosen on the page, else the browser's.
"""
from __future__ import annotations

import json
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from gradio.context import LocalContext

from ui.cookies import Headers, cookie_of

LANGUAGES = {"en": "English", "fr": "Français"}
DEFAULT = "en"
COOKIE = "voicewright_language"
FOLDER = Path(__file__).parent
FRENCH_FIGURES = str.maketrans({",": "\u202f", ".": ","})

_speaking: ContextVar[str] = ContextVar("speaking", default=DEFAULT)


@cache
def texts(language: str) -> dict[str, str]:
    """All texts of a language by their keys; those that name a number have `.one` and `.other`."""
    found: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return found


def language() -> str:
    """The language of whoever is being answered, or of the page that is being built."""
    request = LocalContext.request.get(None)
    return language_of(request.headers) if request is not None else _speaking.get()


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Within it `say` speaks this language, unless an event of a page is being answered."""
    token = _speaking.set(chosen)
    try:
        yield
    finally:
        _speaking.reset(token)


def language_of(headers: Headers) -> str:
    """The language that was chosen on the page, else the first known one of the browser, else English."""
    chosen = cookie_of(headers, COOKIE)
    wanted = [chosen, *_accepted(headers.get("accept-language") or "")]
    return next((name for name in wanted if name in LANGUAGES), DEFAULT)


def _accepted(raw: str) -> list[str]:
    """Languages of an Accept-Language header without their regions, the best liked first."""
    liked = []
    for part in raw.split(","):
        name, _, quality = part.partition(";q=")
        try:
            liked.append((-float(quality or 1), name.strip().lower().split("-")[0]))
        except ValueError:
            continue
    return [name for _, name in sorted(liked, key=lambda each: each[0])]


def say(key: str, **values: Any) -> str:
    """A text in the language of whoever is being answered, as plain text: HTML has to escape it.

    Where a text has forms for one and for more, `n` decides. Raises KeyError for a key that no file has.
    """
    return said(texts(language()), language(), key, values)


def named(key: str, otherwise: str) -> str:
    """The name that a text gives to something, or `otherwise` where no text knows it (what a family or a
    newer version has of its own)."""
    return say(key) if key in texts(language()) else otherwise


def said(known: Mapping[str, str], language: str, key: str, values: Mapping[str, Any]) -> str:
    """`say` with the texts and the language given."""
    if key not in known and "n" in values:
        key += ".one" if is_one(values["n"], language) else ".other"
    return _Figures(language).vformat(known[key], (), values)


def is_one(n: int, language: str) -> bool:
    """Whether a number takes the form for one: in French nought does, too."""
    return abs(n) < 2 if language == "fr" else n == 1


class _Figures(string.Formatter):
    """Numbers with a format get the language's signs: "1,200.5" is "1 200,5" in French."""

    def __init__(self, language: str) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> Any:
        made = super().format_field(value, format_spec)
        return figure(made, self.language) if format_spec and isinstance(value, int | float) else made


def figure(number: str, language: str) -> str:
    """A number written the English way in the signs of a language."""
    return number.translate(FRENCH_FIGURES) if language == "fr" else number
