"""Leaks: what stands in more than one part of a set, so that its test says more than is true."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from core.datasets.rows import Item, some
from core.files import sha256_of
from core.text.normalise import for_scoring
from core.types import Finding, Level

_KINDS: list[tuple[str, Level, str, str, Callable[[Item], str]]] = [
    ("leak_recording", "refuse", "recordings are in more than one part", "divide by recording",
     lambda item: item.audio.as_posix()),
    ("leak_prompt", "refuse", "prompts are in more than one part", "divide by prompt",
     lambda item: item.prompt),
    ("leak_text", "warn", "texts are in more than one part", "the figures of the test part flatter",
     lambda item: for_scoring(item.text)),
    ("leak_speaker", "warn", "speakers are in more than one part",
     "the test part says nothing about new voices", lambda item: item.speaker),
]


def leaks(items: Sequence[Item], copies: Iterable[Sequence[Path]]) -> Iterator[Finding]:
    """A sound or a prompt in two parts is a refusal, a text or a voice a warning.

    None in a set without parts. `copies` are groups of files with the same bytes.
    """
    if len({item.part for item in items}) < 2:
        return
    for code, level, what, remedy, key in _KINDS:
        parts: dict[str, set[str]] = defaultdict(set)
        for item in items:
            if value := key(item):
                parts[value].add(item.part)
        names = [Path(value).name if code == "leak_recording" else value[:60]
                 for value, where in parts.items() if len(where) > 1]
        yield from some(code, level, names, what, remedy)
    homes: dict[Path, set[str]] = defaultdict(set)
    for item in items:
        homes[item.audio].add(item.part)
    spread = [same[0].name for same in copies if len(set().union(*(homes[audio] for audio in same))) > 1]
    yield from some("leak_copy", "refuse", spread, "recordings are in more than one part under other names",
                    "keep one of each")


def same_sounds(audios: Iterable[Path]) -> list[list[Path]]:
    """Groups of files with the same bytes; only files of one size are read."""
    by_size: dict[int, list[Path]] = defaultdict(list)
    for audio in audios:
        by_size[audio.stat().st_size].append(audio)
    by_hash: dict[str, list[Path]] = defaultdict(list)
    for same in by_size.values():
        for audio in same if len(same) > 1 else ():
            by_hash[sha256_of(audio)].append(audio)
    return [same for same in by_hash.values() if len(same) > 1]
