"""Audacity labels beside a sound: NAME.txt with `start<tab>end<tab>text` a line."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.datasets.formats.base import Found, by_sound, each_pair, length_of, pairs, seconds
from core.datasets.formats.texts import clean, first_line, text_of, write_lines
from core.errors import BadInput

ENDINGS = (".txt",)
_NUMBER = r"\s*(\d+(?:[.,]\d+)?)"
_LABEL = re.compile(rf"{_NUMBER}\t{_NUMBER}\s*(?:\t(.*))?")
_SPECTRAL = "\\\t"
"""Begins the line of the frequencies of the label before it."""


def fits(path: Path) -> bool:
    """Whether the first line is a label."""
    return _LABEL.fullmatch(first_line(path).lstrip("\ufeff")) is not None


def claims(path: Path) -> bool:
    """A file of labels beside a sound of the same name, or a folder that holds one."""
    return any(fits(text) for text, _ in pairs(path, ENDINGS))


def read(path: Path, root: Path) -> Iterator[Found]:
    """What it says of the sound beside it, or what all files of labels in a folder say."""
    yield from each_pair(path, ENDINGS, lambda text, audio: parts(text, audio) if fits(text) else [])


def parts(path: Path, audio: Path) -> list[Found]:
    """One part a label with a text and a length. BadInput, with its number, for a line that is no label."""
    found = []
    for number, line in enumerate(text_of(path).removeprefix("\ufeff").splitlines(), 1):
        if not line.strip() or line.startswith(_SPECTRAL):
            continue
        match = _LABEL.fullmatch(line)
        if match is None:
            raise BadInput(f"Line {number} of {path.name} is no Audacity label (start, end and text with "
                           "tabs between them): export the labels again.")
        start, end = (seconds(time.replace(",", "."), "time", f"Line {number} of {path.name}")
                      for time in match.groups()[:2])
        text = clean(match[3] or "", path.name)
        if text and end > start:
            found.append(Found(audio, text, start=start, end=end))
    return found


def write(folder: Path, found: Iterable[Found]) -> None:
    """A .txt of labels beside each sound."""
    for audio, parts in by_sound(found).items():
        write_lines(audio.with_suffix(".txt"), (
            f"{part.start:.6f}\t{part.start + length_of(part):.6f}\t{part.text}" for part in parts))
