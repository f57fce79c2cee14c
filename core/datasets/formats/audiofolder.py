"""Hugging Face audiofolder: metadata.csv or metadata.jsonl with the columns file_name and transcription."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.datasets.formats.base import Found, each_row, known, name_in, seconds, tables, within
from core.datasets.formats.texts import clean, first_json, header, json_rows, table_rows, write_json_lines
from core.errors import BadInput
from core.types import Word

_TEXTS = ("transcription", "text", "sentence", "transcript", "normalized_text")
_SPEAKERS = ("speaker", "speaker_id", "client_id")
_LANGUAGES = ("language", "lang", "locale")


def claims(path: Path) -> bool:
    """A table with a column `file_name`, or a folder that holds one."""
    return bool(_tables(path))


def read(path: Path, root: Path) -> Iterator[Found]:
    """One sound file a row."""
    for table in _tables(path):
        rows = json_rows(table) if table.suffix == ".jsonl" else table_rows(table, ",", quoted=True)
        yield from each_row(table, rows, partial(_found, table, root))


def _tables(path: Path) -> list[Path]:
    return tables(path, ("*.csv", "*.jsonl"), _names_files)


def _names_files(table: Path) -> bool:
    return "file_name" in (first_json(table) if table.suffix == ".jsonl" else header(table, ","))


def _found(table: Path, root: Path, row: dict[str, Any]) -> Found:
    audio = within(root, table, row.get("file_name"))
    text = next((row[name] for name in _TEXTS if row.get(name) is not None), None)
    return Found(
        audio,
        clean(text, f"The row of {audio.name} in {table.name}"),
        speaker=_first(row, _SPEAKERS),
        language=_first(row, _LANGUAGES),
        words=_words(row.get("words"), f"The row of {audio.name} in {table.name}"),
    )


def _words(raw: Any, where: str) -> tuple[Word, ...]:
    """The column `words` as `write` makes it; whatever else goes by that name is left alone."""
    if not isinstance(raw, list) or not all(isinstance(word, dict) and "start" in word for word in raw):
        return ()
    return tuple(_word(word, where) for word in raw)


def _word(raw: dict[str, Any], where: str) -> Word:
    start, end = (seconds(raw.get(name), f"{name} of a word", where) for name in ("start", "end"))
    score = raw.get("score")
    if score is not None and not isinstance(score, int | float):
        raise BadInput(f"{where} gives {str(score)[:40]!r} as the score of a word: write a number or null.")
    return Word(clean(raw.get("word"), where), start, end, score)


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((known(row[name]) for name in names if known(row.get(name))), "")


def write(folder: Path, found: Iterable[Found]) -> None:
    """metadata.jsonl with file_name, transcription, speaker, language and words, one sound a row.

    Words are objects {word, start, end, score}: a list of mixed kinds is no column that Arrow could read.
    """
    write_json_lines(folder / "metadata.jsonl", (_row(folder, one) for one in found))


def _row(folder: Path, found: Found) -> dict[str, Any]:
    words = [{"word": w.text, "start": w.start, "end": w.end, "score": w.score} for w in found.words]
    return {"file_name": name_in(folder, found.audio), "transcription": found.text, "speaker": found.speaker,
            "language": found.language, "words": words}
