"""A .json beside a sound: {"text"}, Whisper's {"text", "segments"}, or moshi-finetune's {"alignments"}."""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.datasets.formats.base import Found, each_pair, known, pairs, seconds, speaker_of
from core.datasets.formats.texts import clean, text_of
from core.errors import BadInput
from core.types import Word

ENDINGS = (".json",)


def claims(path: Path) -> bool:
    """A file beside a sound of the same name, or a folder that holds one."""
    return next(pairs(path, ENDINGS), None) is not None


def read(path: Path, root: Path) -> Iterator[Found]:
    """What it says of the sound beside it, or what all of a folder say."""
    yield from each_pair(path, ENDINGS, parts)


def parts(path: Path, audio: Path) -> list[Found]:
    """The parts of `audio`, or its whole; [] for JSON without a transcript (it may be about other things).

    BadInput, with the file's name, for what is no JSON or gives no times where times belong.
    """
    try:
        data = json.loads(text_of(path))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is not readable as JSON: save it again, or take it away.") from error
    if not isinstance(data, dict):
        return []
    if "alignments" in data:
        return _aligned(data, path, audio)
    if segments := _list(data, "segments", path):
        language = known(data.get("language"))
        found = [_segment(segment, path, audio, language) for segment in segments]
        return [part for part in found if part.text]
    if "text" not in data:
        return []
    words = tuple(_word(raw, 0.0, path) for raw in _list(data, "words", path) if _has_times(raw))
    text = clean(data["text"], path.name)
    return [Found(audio, text, words, known(data.get("speaker")), known(data.get("language")))]


def _list(data: dict[str, Any], name: str, path: Path) -> list[Any]:
    value = data.get(name)
    if value is not None and not isinstance(value, list):
        raise BadInput(f"{path.name} has “{name}” that is no list: export it again.")
    return value or []


def _segment(raw: Any, path: Path, audio: Path, language: str) -> Found:
    if not isinstance(raw, dict):
        raise BadInput(f"{path.name} has a segment that is no object with start, end and text.")
    start, end = (seconds(raw.get(name), f"{name} of a segment", path.name) for name in ("start", "end"))
    timed = raw.get("words") or []
    # All or none: with a hole in them the words would no longer be the text.
    words = tuple(_word(word, start, path) for word in timed) if all(map(_has_times, timed)) else ()
    return Found(audio, clean(raw.get("text"), path.name), words, speaker_of(raw.get("speaker"), audio),
                 language, start, end)


def _has_times(raw: Any) -> bool:
    return isinstance(raw, dict) and raw.get("start") is not None and raw.get("end") is not None


def _word(raw: dict[str, Any], origin: float, path: Path) -> Word:
    start, end = (seconds(raw[name], f"{name} of a word", path.name) - origin for name in ("start", "end"))
    score = raw.get("probability", raw.get("score"))
    told = float(score) if isinstance(score, int | float) and 0 <= score <= 1 else None
    return Word(clean(raw.get("word", raw.get("text")), path.name), max(start, 0.0), max(end, 0.0), told)


def _aligned(data: dict[str, Any], path: Path, audio: Path) -> list[Found]:
    """[[word, [start, end], speaker], ...]: the words of the main speaker, where one is named.

    Our own exports have the text, the speaker and the language beside them.
    """
    rows = _list(data, "alignments", path)
    try:
        said = [(clean(word, path.name), times, label) for word, times, label in rows]
        timed = [(Word(text, *(seconds(time, "time of a word", path.name) for time in times)), label)
                 for text, times, label in said]
    except (TypeError, ValueError) as error:
        raise BadInput(f"{path.name} has alignments that are not [word, [start, end], speaker].") from error
    main = [(word, label) for word, label in timed if label == "SPEAKER_MAIN"] or timed
    labels = {label for _, label in main if isinstance(label, str)}
    text = clean(data.get("text"), path.name) or " ".join(word.text for word, _ in main)
    label = data.get("speaker") or (labels.pop() if len(labels) == 1 else "")
    words = tuple(word for word, _ in main)
    return [Found(audio, text, words, speaker_of(label, audio), known(data.get("language")))]
