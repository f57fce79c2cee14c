"""A text beside a sound: NAME.txt says what was said in NAME.wav, on one line or several."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.datasets.formats.base import Found, each_pair, pairs
from core.datasets.formats.texts import clean, text_of

ENDINGS = (".txt",)


def claims(path: Path) -> bool:
    """A file beside a sound of the same name, or a folder that holds one."""
    return next(pairs(path, ENDINGS), None) is not None


def read(path: Path, root: Path) -> Iterator[Found]:
    """What it says of the sound beside it, or what all of a folder say."""
    yield from each_pair(path, ENDINGS, parts)


def parts(path: Path, audio: Path) -> list[Found]:
    """The whole of `audio` with its text."""
    return [Found(audio, clean(text_of(path), path.name))]
