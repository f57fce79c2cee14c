"""Check: what is wrong with sounds, a dataset, a table or a ChatML file, before anybody trusts it."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core import manifest
from core.config import DataRoot
from core.datasets.check import findings, lengths
from core.datasets.formats import TABLES, TITLES, Found, chatml_rows
from core.datasets.formats.search import format_of, is_sound, search, tables_in
from core.datasets.formats.texts import first_json
from core.datasets.rows import Item
from core.errors import NotFound, StudioError, Unavailable
from core.quality.clip import PROMPTED, ClipQuality, faults
from core.quality.kept import KeptQualities
from core.types import Finding

LIMITS = replace(PROMPTED, max_seconds=float("inf"), max_pause=float("inf"))
"""Sounds of any length, with pauses of any length."""
PARTS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val",
         "dev": "val", "test": "test", "testing": "test"}
Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Checked:
    """What was looked at: `kind` ("sounds", "dataset", "ChatML" or a format), `n` rows or sounds.

    `figures` has the measures of each sound that was measured, by its path below `path`.
    """

    path: Path
    kind: str
    n: int
    seconds: float
    findings: tuple[Finding, ...]
    figures: dict[str, ClipQuality]

    @property
    def is_refused(self) -> bool:
        """Whether something must not be used as it is."""
        return any(finding.level == "refuse" for finding in self.findings)


def check(data: DataRoot, path: Path, alphabet: str = "", measured: bool = False,
          tick: Tick | None = None) -> Checked:
    """Look at a sound, a folder, a table, a dataset of this app or a ChatML file; changes nothing.

    Rows are checked by the headers and hashes of their sounds. Sounds without a text, and with `measured`
    all, are measured; what was measured before is remembered. `tick` hears of (sounds done, sounds). Raises
    NotFound for a path that is not there.
    """
    tell = tick or (lambda done, n: None)
    if not path.exists():
        raise NotFound(f"{path} does not exist; check the path.")
    if chatml_rows.claims(path):
        return _chatml(path, tell)
    kind, items, problems = _items(path)
    if not any(item.text for item in items) and kind == "sounds":
        return _sounds(data, path, items, problems, tell)
    known, unread = lengths(items, tell)
    found = [*problems, *unread, *findings(items, known, alphabet)]
    figures: dict[str, ClipQuality] = {}
    if measured:
        bad, figures = _measured(data, path, items, tell)
        found += [one for one in bad if one.code != "bad_sound"]  # the headers have told those
    return Checked(path, kind, len(items), _seconds(items, known), tuple(_worst_first(found)), figures)


def _worst_first(found: Sequence[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: finding.level != "refuse")


def _seconds(items: Sequence[Item], known: dict[Path, float]) -> float:
    return sum((known.get(item.audio, 0.0) if item.end is None else item.end) - item.start for item in items)


# --- rows

def _items(path: Path) -> tuple[str, list[Item], list[Finding]]:
    """What it is, its rows, and a finding for each row that cannot be read."""
    home = path if path.is_dir() else path.parent
    if "split" in first_json(home / manifest.NAME) and (path.is_dir() or path.name == manifest.NAME):
        return "dataset", [_row(home, row) for row in manifest.read(home)], []
    titles = [TITLES[name] for name in dict.fromkeys(tables_in(path))] if path.is_dir() else []
    if not path.is_dir():
        titles = [TITLES[name] for name, each in TABLES.items() if each.claims(path)][:1]
    rows = [(part, found) for part, found in _found(path)]
    problems = [Finding("bad_row", "refuse", one.problem, None, (one.audio.name,)) for _, one in rows
                if one.problem]
    items = [_item(home, part, one) for part, one in rows if not one.problem and not one.inline]
    return " and ".join(titles) or "sounds", items, problems


def _row(home: Path, row: Any) -> Item:
    return Item(row.id, (home / row.audio).resolve(), row.text, row.start, row.end, row.words, row.speaker,
                row.prompt_id, row.split)


def _found(path: Path) -> Iterator[tuple[str, Found]]:
    """(part, what is there): of a folder with a table for each part, those tables; else all that is found."""
    by_part = {}
    for file in sorted(path.iterdir()) if path.is_dir() else ():
        part = next((PARTS[word] for word in _words(file.stem) if word in PARTS), "")
        if part and file.is_file() and (reader := format_of(file, TABLES)):
            by_part[file] = part, reader
    if len({part for part, _ in by_part.values()}) > 1:
        for file, (part, reader) in by_part.items():
            yield from ((part, found) for found in reader.read(file, path.resolve()))
        return
    yield from ((_part_of(path, found.audio), found) for found in search(path))


def _words(stem: str) -> list[str]:
    return stem.casefold().replace("-", "_").replace(".", "_").split("_")


def _part_of(path: Path, audio: Path) -> str:
    """The part that a sound's folder is called after."""
    folders = audio.relative_to(path).parts[:-1] if audio.is_relative_to(path) else ()
    return next((PARTS[name.casefold()] for name in folders if name.casefold() in PARTS), "")


def _item(home: Path, part: str, found: Found) -> Item:
    name = found.audio.relative_to(home).as_posix() if found.audio.is_relative_to(home) else found.audio.name
    if found.end is not None:
        name += f" {found.start:.2f}-{found.end:.2f}"
    return Item(name, found.audio, found.text, found.start, found.end, found.words, found.speaker, part=part)


# --- sounds

def _sounds(data: DataRoot, path: Path, items: Sequence[Item], problems: Sequence[Finding],
            tick: Tick) -> Checked:
    if not items and path.is_file() and not is_sound(path.name) and not problems:
        items = [Item(path.name, path, "")]
    found, figures = _measured(data, path, items, tick)
    if not items and not problems:
        found = [Finding("nothing", "refuse", "There is nothing to check: no row names a sound.")]
    seconds = sum(one.seconds for one in figures.values())
    return Checked(path, "sounds", len(items), seconds, tuple(_worst_first([*problems, *found])), figures)


def _measured(data: DataRoot, path: Path, items: Sequence[Item], tick: Tick
              ) -> tuple[list[Finding], dict[str, ClipQuality]]:
    """What is wrong with each whole sound, with its name, and the figures."""
    kept = KeptQualities(data.cache / "qualities.jsonl")
    whole = {item.audio: item for item in items}
    found: list[Finding] = []
    figures: dict[str, ClipQuality] = {}
    for n, (audio, item) in enumerate(whole.items()):
        tick(n, len(whole))
        name = audio.relative_to(path).as_posix() if audio.is_relative_to(path) else audio.name
        name = audio.name if name == "." else name
        is_whole = item.end is None and bool(item.text)
        try:
            figures[name] = kept.of(audio.absolute(), len(item.text.split()) if is_whole else None)
        except Unavailable:
            raise
        except StudioError as error:
            found.append(Finding("bad_sound", "refuse", str(error), None, (name,)))
            continue
        found += [replace(fault, ids=(name,)) for fault in faults(figures[name], LIMITS)]
    tick(len(whole), len(whole))
    return found, figures


# --- ChatML

def _chatml(path: Path, tick: Tick) -> Checked:
    talks = list(chatml_rows.read(path))
    problems = [Finding("bad_row", "refuse", talk.problem, None, (str(talk.line),)) for talk in talks
                if talk.problem]
    items = _heard(path.parent, talks)
    known, unread = lengths(items, tick)
    about = [one for one in findings(items, known) if one.code not in ("odd_rate", "twice", "nothing")]
    if not talks:
        about = [Finding("nothing", "refuse", "There is nothing to check: the file has no line.")]
    return Checked(path, "ChatML", len(talks), _seconds(items, known),
                   tuple(_worst_first([*problems, *unread, *about])), {})


def _heard(home: Path, talks: Sequence[chatml_rows.Talk]) -> list[Item]:
    """Each sound of the lines once: that of one line may be the example of another."""
    items = [Item(f"line {talk.line}", home / sound.name, sound.text, sound.start, sound.end,
                  speaker=talk.speaker)
             for talk in talks for sound in talk.sounds if sound.name]
    return list({(item.audio, item.start, item.end, item.text): item for item in items}.values())
