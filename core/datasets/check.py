"""What is wrong with a set of sounds and texts, before anybody trains on it."""
from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from core.audio.header import info
from core.datasets.leaks import leaks, same_sounds
from core.datasets.rows import Item, some
from core.errors import StudioError
from core.text.normalise import for_scoring
from core.types import Finding

SLACK = 0.05
"""Seconds by which a part may outlast its sound, or two parts may overlap."""
LONG_WORD, LONG_SAID = 30, 3.0
"""Letters of a word, and seconds of a spoken one, that are rarely true."""
SLOWEST, FASTEST = 0.3, 8.0
"""Words a second; outside of them text and sound do not belong together."""
_RARE_SCRIPT = 0.01
_TOLD = 5
Seconds = dict[Path, float]
"""The length of each sound that could be read."""


def lengths(items: Sequence[Item], tick: Callable[[int, int], None]) -> tuple[Seconds, list[Finding]]:
    """The length of every sound by its header, and what could not be read: missing, or no sound."""
    audios = list(dict.fromkeys(item.audio for item in items))
    known: Seconds = {}
    missing: list[tuple[str, str]] = []
    bad: list[tuple[str, str]] = []
    for n, audio in enumerate(audios):
        tick(n, len(audios))
        try:
            known[audio] = info(audio).seconds
        except StudioError as error:
            (bad if audio.exists() else missing).append((audio.name, str(error)))
    tick(len(audios), len(audios))
    found = some("missing", "refuse", [name for name, _ in missing], "sounds are not there",
                  "bring them back, or take their rows out")
    found += [Finding("bad_sound", "refuse", told, None, (name,)) for name, told in bad[:_TOLD]]
    return known, found + some("bad_sounds", "refuse", [name for name, _ in bad[_TOLD:]],
                                "more sounds cannot be read", "export them again")


def findings(items: Sequence[Item], known: Seconds, alphabet: str = "") -> list[Finding]:
    """Everything that the rows, the lengths and the hashes of their sounds show; the worst first.

    `alphabet` holds the letters that texts may be written with; without it, letters of another script than
    nearly all others are told.
    """
    if not items:
        return [Finding("nothing", "refuse", "There is nothing to check: no row names a sound.")]
    copies = same_sounds(known)
    found = [*_times(items, known), *_twice(items), *_texts(items, known), *_letters(items, alphabet),
             *some("same_sound", "warn", [same[0].name for same in copies],
                   "sounds are there under several names", "keep one of each"),
             *leaks(items, copies)]
    return sorted(found, key=lambda finding: finding.level != "refuse")


def _end(item: Item, known: Seconds) -> float:
    return known.get(item.audio, 0.0) if item.end is None else item.end


def _times(items: Sequence[Item], known: Seconds) -> Iterator[Finding]:
    here = [item for item in items if item.audio in known]
    outside = [item.name for item in here
               if _end(item, known) > known[item.audio] + SLACK or item.start >= _end(item, known)]
    yield from some("outside", "refuse", outside, "rows have times outside of their sound",
                     "mend their start and end")
    loose = [item.name for item in here if item.words and _is_loose(item, _end(item, known) - item.start)]
    yield from some("words_outside", "warn", loose, "rows have word times outside of them or out of order",
                     "align them again")
    by_sound: dict[tuple[Path, str], list[Item]] = defaultdict(list)
    for item in here:
        by_sound[item.audio, item.speaker].append(item)
    overlaps = [after.name for parts in by_sound.values() for before, after in _neighbours(parts)
                if after.start < _end(before, known) - SLACK and after.start != before.start]
    yield from some("overlaps", "warn", overlaps, "rows begin before the one before them has ended",
                     "cut them, or name their speakers")


def _is_loose(item: Item, seconds: float) -> bool:
    starts = [word.start for word in item.words]
    return starts != sorted(starts) or any(
        word.end < word.start or word.end > seconds + SLACK for word in item.words)


def _neighbours(parts: list[Item]) -> Iterator[tuple[Item, Item]]:
    ordered = sorted(parts, key=lambda item: item.start)
    yield from pairwise(ordered)


def _twice(items: Sequence[Item]) -> Iterator[Finding]:
    places = Counter((item.audio, item.start, item.end) for item in items)
    again = [item.name for item in {(i.audio, i.start, i.end): i for i in items}.values()
             if places[item.audio, item.start, item.end] > 1]
    yield from some("twice", "refuse", again, "stretches of sound are in the set more than once",
                     "take the others out")


def _texts(items: Sequence[Item], known: Seconds) -> Iterator[Finding]:
    empty = [item.name for item in items if not item.text.strip()]
    yield from some("no_text", "refuse" if len(empty) == len(items) else "warn", empty,
                     "rows have no text", "write what is said, or leave them out")
    long = [f"{item.name} (“{word[:40]}”)" for item in items for word in item.text.split()
            if sum(map(str.isalpha, word)) > LONG_WORD]
    yield from some("long_word", "warn", long, f"words have more than {LONG_WORD} letters",
                     "look whether a space is missing")
    slow = [f"{item.name} (“{word.text[:40]}”)" for item in items for word in item.words
            if word.end - word.start > LONG_SAID]
    yield from some("long_said", "warn", slow, f"words are said for more than {LONG_SAID:g} s",
                     "align them again")
    odd = [item.name for item in items if item.audio in known and item.text.strip()
           and not SLOWEST <= _rate(item, known) <= FASTEST]
    yield from some("odd_rate", "warn", odd, f"rows have fewer than {SLOWEST:g} or more than {FASTEST:g} "
                     "words a second", "check that text and sound belong together")
    texts = Counter(for_scoring(item.text) for item in items if item.text.strip())
    same = [f"“{text[:40]}” ({n})" for text, n in texts.most_common() if n > 1]
    yield from some("same_text", "warn", same, "texts stand in more than one row",
                     "that is fine for prompts that several people read")


def _rate(item: Item, known: Seconds) -> float:
    """Words a second; a text in a script without spaces counts as if it were fine."""
    words = len(item.text.split())
    return words / max(_end(item, known) - item.start, 1e-3) if words > 1 else 1.0


def _letters(items: Sequence[Item], alphabet: str) -> Iterator[Finding]:
    signs: Counter[str] = Counter()
    first: dict[str, str] = {}
    for item in items:
        for sign in unicodedata.normalize("NFC", item.text).casefold():
            if sign.isalpha():
                signs[sign] += 1
                first.setdefault(sign, item.name)
    if alphabet:
        allowed = set(unicodedata.normalize("NFC", alphabet).casefold())
        strange = [sign for sign in signs if sign not in allowed]
    else:
        scripts: Counter[str] = Counter()
        for sign, n in signs.items():
            scripts[_script(sign)] += n
        rare = {name for name, n in scripts.items() if n < _RARE_SCRIPT * signs.total()}
        strange = [sign for sign in signs if _script(sign) in rare - {"MODIFIER"}]  # ʻ belongs to any script
    told = [f"“{sign}” ({signs[sign]}, first in {first[sign]})" for sign in sorted(strange)]
    yield from some("letters", "warn", told, "letters are outside of the alphabet", "spell them otherwise")


def _script(sign: str) -> str:
    """The first word of the letter's name: LATIN, ARABIC, CJK."""
    return unicodedata.name(sign, "?").split()[0]
