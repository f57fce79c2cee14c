"""Kaldi data folder: wav.scp, text, utt2spk and, for parts of sounds, segments."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from core.datasets.formats.base import Found, each_row, length_of, name_in, seconds, tables, within
from core.datasets.formats.texts import clean, lines, write_lines
from core.errors import BadInput


def claims(path: Path) -> bool:
    """A wav.scp, or a folder that holds one."""
    return bool(_tables(path))


def read(path: Path, root: Path) -> Iterator[Found]:
    """One utterance a row of segments, else one sound a row of wav.scp. A command in wav.scp is never run."""
    for table in _tables(path):
        yield from each_row(table, _rows(table.parent), partial(_found, table, root))


def _tables(path: Path) -> list[Path]:
    return tables(path, ("wav.scp",), lambda _: True)


def _map(file: Path) -> dict[str, str]:
    """What stands behind the first word of each line."""
    cut = (line.strip().split(maxsplit=1) for line in (lines(file) if file.is_file() else ()))
    return {row[0]: row[1] if len(row) == 2 else "" for row in cut if row}


def _rows(folder: Path) -> Iterator[dict[str, Any] | BadInput]:
    try:
        sounds, texts, speakers, languages, segments = (
            _map(folder / name) for name in ("wav.scp", "text", "utt2spk", "utt2lang", "segments"))
    except BadInput as error:
        yield error
        return
    for name, place in (segments or {name: name for name in sounds}).items():
        sound, *times = (place.split() or [""]) if segments else [name]
        if len(times) != 2 * bool(segments):
            yield BadInput(f"{name} in segments of {folder.name} has no start and end: write utterance, "
                           "recording, start, end.")
            continue
        yield {"id": name, "audio": sounds.get(sound, ""), "times": times, "text": texts.get(name, ""),
               "speaker": speakers.get(name, ""), "language": languages.get(name, "")}


def _found(table: Path, root: Path, row: dict[str, Any]) -> Found:
    if row["audio"].endswith("|"):
        raise BadInput(f"{row['id']} in {table.name} is the output of a command, and commands are not run: "
                       "write the sounds to files and name those.")
    audio = within(root, table, row["audio"])
    where = f"{row['id']} in {table.parent.name}"
    start, end = 0.0, None
    if row["times"]:
        start, end = (seconds(time, "time", where) for time in row["times"])
    speaker = "" if row["speaker"] == row["id"] else unquote(row["speaker"])
    return Found(audio, clean(row["text"], where), (), speaker, row["language"], start, end, id=row["id"])


def write(folder: Path, found: Iterable[Found]) -> None:
    """wav.scp, text, utt2spk, spk2utt, utt2lang and segments, sorted as Kaldi wants them (by bytes).

    An utterance is called after its speaker, its sound and its times; one of nobody is its own speaker.
    White space, which no Kaldi name may hold, is written as %20.
    """
    rows = sorted(_named(found), key=lambda row: row[0])
    are_parts = any(one.end is not None for _, _, one in rows)
    sounds = {_name(name_in(folder, one.audio)) if are_parts else name: name_in(folder, one.audio)
              for name, _, one in rows}
    by_speaker: dict[str, list[str]] = {}
    for name, speaker, _ in rows:
        by_speaker.setdefault(speaker, []).append(name)
    write_lines(folder / "wav.scp", (f"{name} {place}" for name, place in sorted(sounds.items())))
    write_lines(folder / "text", (f"{name} {one.text}" for name, _, one in rows))
    write_lines(folder / "utt2spk", (f"{name} {speaker}" for name, speaker, _ in rows))
    write_lines(folder / "spk2utt", (f"{name} {' '.join(ids)}" for name, ids in sorted(by_speaker.items())))
    if any(one.language for _, _, one in rows):
        write_lines(folder / "utt2lang", (f"{name} {one.language}" for name, _, one in rows))
    if are_parts:
        write_lines(folder / "segments", (_segment(folder, name, one) for name, _, one in rows))


def _named(found: Iterable[Found]) -> Iterator[tuple[str, str, Found]]:
    """(utterance, speaker, what it is); the times make a name of its own, else a number does."""
    taken: Counter[str] = Counter()
    for one in found:
        speaker = _name(one.speaker)
        name = "-".join(filter(None, (speaker, _name(one.audio.stem))))
        name += f"-{round(one.start * 1000):09d}-{round((one.start + length_of(one)) * 1000):09d}"
        taken[name] += 1
        name += f"-{taken[name]}" if taken[name] > 1 else ""
        yield name, speaker or name, one


def _name(text: str) -> str:
    """A text without white space; the percent sign, which stands for what was one, is written so as well."""
    return "".join(f"%{ord(char):02X}" if char in "% \t" else char for char in text)


def _segment(folder: Path, name: str, one: Found) -> str:
    end = one.start + length_of(one)
    return f"{name} {_name(name_in(folder, one.audio))} {one.start:.6f} {end:.6f}"
