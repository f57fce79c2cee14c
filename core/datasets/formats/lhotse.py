"""Lhotse manifests as text: recordings.jsonl and supervisions.jsonl, with words as their alignment."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.audio.header import info
from core.datasets.formats.base import Found, each_row, known, length_of, name_in, seconds, tables, within
from core.datasets.formats.texts import clean, first_json, json_rows, write_json_lines
from core.errors import BadInput
from core.types import Word


def claims(path: Path) -> bool:
    """A manifest of supervisions, or a folder that holds one."""
    return bool(_tables(path))


def read(path: Path, root: Path) -> Iterator[Found]:
    """One sound, or a part of one, a supervision; the manifests of recordings lie in the same folder."""
    for table in _tables(path):
        sounds: dict[str, dict[str, Any]] = {}
        for file in tables(table.parent, ("*.jsonl",), lambda file: "sources" in first_json(file)):
            for row in json_rows(file):
                if isinstance(row, dict):
                    sounds[str(row.get("id"))] = row
        yield from each_row(table, json_rows(table), partial(_found, table, root, sounds))


def _tables(path: Path) -> list[Path]:
    return tables(path, ("*.jsonl",), lambda table: {"recording_id", "start"} <= first_json(table).keys())


def _found(table: Path, root: Path, sounds: dict[str, dict[str, Any]], row: dict[str, Any]) -> Found:
    sound = sounds.get(str(row.get("recording_id")))
    if sound is None:
        raise BadInput(f"The recording “{row.get('recording_id')}” of {table.name} is in none of the "
                       "manifests beside it: put the manifest of recordings into the same folder.")
    audio = within(root, table, _source(sound, table))
    where = f"The supervision of {audio.name} in {table.name}"
    start = seconds(row.get("start"), "start", where)
    end = round(start + seconds(row.get("duration"), "duration", where), 6)
    whole = sound.get("duration")
    is_whole = start == 0 and isinstance(whole, int | float) and -1e-3 < end - whole < 1e-3
    return Found(audio, clean(row.get("text"), where), _words(row, start, where), known(row.get("speaker")),
                 known(row.get("language")), start, None if is_whole else end, id=known(row.get("id")))


def _source(sound: dict[str, Any], table: Path) -> Any:
    sources = sound.get("sources")
    first = sources[0] if isinstance(sources, list) and sources else None
    if not isinstance(first, dict) or first.get("type", "file") != "file":
        raise BadInput(f"The recording “{sound.get('id')}” of {table.name} is no file: save its sound "
                       "to one.")
    return first.get("source")


def _words(row: dict[str, Any], origin: float, where: str) -> tuple[Word, ...]:
    """The alignment by words, whose times count from the start of the recording."""
    made = []
    try:
        for text, start, length, *score in (row.get("alignment") or {}).get("word") or ():
            first = round(seconds(start, "time of a word", where) - origin, 6)
            last = round(first + seconds(length, "length of a word", where), 6)
            made.append(Word(clean(text, where), max(first, 0.0), last, score[0] if score else None))
    except (AttributeError, TypeError, ValueError) as error:
        raise BadInput(f"{where} has an alignment that is not [word, start, duration]: export it "
                       "again.") from error
    return tuple(made)


def write(folder: Path, found: Iterable[Found]) -> None:
    """recordings.jsonl and supervisions.jsonl; paths count from this folder."""
    kept = list(found)
    audios = dict.fromkeys(one.audio for one in kept)
    write_json_lines(folder / "recordings.jsonl", (_recording(folder, audio) for audio in audios))
    rows = (_supervision(folder, number, one) for number, one in enumerate(kept))
    write_json_lines(folder / "supervisions.jsonl", rows)


def _recording(folder: Path, audio: Path) -> dict[str, Any]:
    head, name = info(audio), name_in(folder, audio)
    source = {"type": "file", "channels": list(range(head.channels)), "source": name}
    return {"id": name, "sources": [source], "sampling_rate": head.rate, "num_samples": head.n_samples,
            "duration": head.seconds, "channel_ids": source["channels"]}


def _supervision(folder: Path, number: int, one: Found) -> dict[str, Any]:
    name = name_in(folder, one.audio)
    words = [[word.text, round(one.start + word.start, 6), round(word.end - word.start, 6), word.score]
             for word in one.words]
    row = {"id": f"{name}-{number}", "recording_id": name, "start": one.start, "duration": length_of(one),
           "channel": 0, "text": one.text, "language": one.language, "speaker": one.speaker}
    return {**row, "alignment": {"word": words}} if words else row
