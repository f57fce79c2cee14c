"""ChatML with sound: a .jsonl of {"messages": [{role, content}]}; a part of a content may be a sound.

Beside the messages a line may say from which one on is learned (start_index), who speaks, and more (misc).
"""
from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.datasets.formats.base import seconds
from core.datasets.formats.texts import first_json, first_line, json_rows
from core.errors import BadInput

ROLES = ("system", "user", "assistant", "tool")
_SOUNDS = ("audio", "audio_url", "input_audio")
_PLACES = ("audio_url", "audio", "path", "url", "input_audio", "file_url")
_INLINE = ("data", "raw_audio", "bytes")
_BEGINS = re.compile(r'\s*\{.*"messages"\s*:\s*\[')
_SOUND = re.compile(rf'"({"|".join(_SOUNDS)}|audios)"')


@dataclass(frozen=True)
class Sound:
    """A sound of a line: the file as the line calls it, "" for one that stands in the line itself (`inline`,
    base64), and the part of it from `start` to `end` in seconds (None: to its end).

    `text` is what is said in it: for the assistant's the words beside it or those of the user before it, for
    the user's what the assistant writes about it. `is_learned`: it is to be said, and no example.
    """

    name: str
    start: float = 0.0
    end: float | None = None
    text: str = ""
    role: str = ""
    is_learned: bool = False
    inline: str = ""


@dataclass(frozen=True)
class Talk:
    """One line: its `sounds` in their order, its speaker and `misc`, and a sentence against it."""

    line: int
    sounds: tuple[Sound, ...] = ()
    speaker: str = ""
    misc: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


def claims(path: Path) -> bool:
    """A .jsonl whose first line has messages."""
    if not path.is_file() or path.suffix.lower() not in (".jsonl", ".json"):
        return False
    if row := first_json(path):
        return "messages" in row
    start = first_line(path)  # one that holds a sound is longer than what is looked through
    return _BEGINS.match(start) is not None and not start.endswith("}")


def has_sound(path: Path) -> bool:
    """Whether the first line has a sound, and not only texts."""
    return _SOUND.search(first_line(path)) is not None


def read(path: Path) -> Iterator[Talk]:
    """Each line, checked for its shape; the names of sounds count from the file."""
    for number, row in enumerate(json_rows(path), 1):
        try:
            if isinstance(row, BadInput):
                raise row
            yield _talk(row, number, f"Line {number} of {path.name}")
        except BadInput as error:
            yield Talk(number, problem=str(error))


@dataclass(frozen=True)
class _Turn:
    role: str
    texts: list[str]
    sounds: list[Sound]


def _talk(row: dict[str, Any], number: int, where: str) -> Talk:
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadInput(f"{where} has no list of messages: write {{\"messages\": [{{role, content}}]}}.")
    turns = [_turn(message, where) for message in messages]
    if turns[-1].role != "assistant":
        raise BadInput(f"{where} does not end with the assistant, so there is nothing to learn: add the "
                       "answer.")
    start = _start_index(row.get("start_index"), len(turns), where)
    sounds = [Sound(name, text=_said(turns)) for name in _listed(row.get("audios"))]
    return Talk(number, (*sounds, *_sounds(turns, start)), _speaker(row, where), _misc(row, where))


def _turn(message: Any, where: str) -> _Turn:
    role = message.get("role") if isinstance(message, dict) else None
    if role not in ROLES:
        raise BadInput(f"{where} has a message of the role “{role}”: choose one of {', '.join(ROLES)}.")
    texts, sounds = _content(message.get("content"), where)
    if not texts and not sounds and not message.get("tool_calls"):
        raise BadInput(f"{where} has an empty message of the {role}: write its content, or take it out.")
    return _Turn(role, texts, sounds)


def _sounds(turns: list[_Turn], start: int) -> Iterator[Sound]:
    """The sounds of all turns with what is said in them, learned from the turn `start` on."""
    asked: list[str] = []
    written = _said(turns)
    for place, turn in enumerate(turns):
        is_answer = turn.role == "assistant"
        text = " ".join(turn.texts or asked) if is_answer else written
        for sound in turn.sounds:
            yield Sound(sound.name, sound.start, sound.end, text, turn.role, is_answer and place >= start,
                        sound.inline)
        asked = [] if is_answer else asked + (turn.texts if turn.role == "user" else [])


def _said(turns: list[_Turn]) -> str:
    return " ".join(text for turn in turns if turn.role == "assistant" for text in turn.texts)


def _start_index(value: Any, n: int, where: str) -> int:
    """The place of the first message that is learned: 0 where the line does not say."""
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < n:
        raise BadInput(f"{where} gives {str(value)[:40]!r} as start_index: write the place of the first "
                       f"message that is learned, from 0 to {n - 1}.")
    return value


def _speaker(row: dict[str, Any], where: str) -> str:
    speaker = row.get("speaker")
    if speaker is not None and not isinstance(speaker, str):
        raise BadInput(f"{where} gives {str(speaker)[:40]!r} as speaker: put the name in quotes.")
    return " ".join((speaker or "").split())


def _misc(row: dict[str, Any], where: str) -> dict[str, Any]:
    misc = row.get("misc")
    if misc is not None and not isinstance(misc, dict):
        raise BadInput(f"{where} gives {str(misc)[:40]!r} as misc: write an object, such as {{}}.")
    return misc or {}


def _listed(value: Any) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _content(content: Any, where: str) -> tuple[list[str], list[Sound]]:
    """The texts and the sounds of a text, of one part, or of a list of parts."""
    texts: list[str] = []
    sounds: list[Sound] = []
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str):
            texts += [part] if part.strip() else []
        elif isinstance(part, dict) and part.get("type") in _SOUNDS:
            sounds.append(_sound(part, where))
        elif isinstance(part, dict) and str(part.get("text") or "").strip():
            texts.append(str(part["text"]))
        elif part is not None and not isinstance(part, dict):
            raise BadInput(f"{where} has a content that is no text and no list of parts.")
    return texts, sounds


def _sound(part: dict[str, Any], where: str) -> Sound:
    """A sound part; without an offset it is the whole file, however long it is said to be."""
    name, inline = _place(part, where)
    length = part.get("duration")
    given = None if length is None else seconds(length, "duration", where)
    if part.get("offset") is None:
        return Sound(name, inline=inline)
    start = seconds(part["offset"], "offset", where)
    if given == 0:
        raise BadInput(f"{where} has a sound of 0 seconds: mend its duration, or take the line out.")
    return Sound(name, start, None if given is None else round(start + given, 6), inline=inline)


def _place(part: dict[str, Any], where: str) -> tuple[str, str]:
    """The file of a sound part, and the sound itself where it stands in the line: one of them is ""."""
    value = next((part[key] for key in _PLACES if part.get(key)), None)
    if isinstance(value, dict):
        part, value = value, next((value[key] for key in _PLACES if value.get(key)), None)
    if isinstance(value, str) and not value.startswith("data:"):
        if value.startswith(("http://", "https://")):
            raise BadInput(f"{where} names a sound on the network ({value[:80]}): save it to a file here.")
        return value.removeprefix("file://"), ""
    inline = value if isinstance(value, str) else next((part[key] for key in _INLINE if part.get(key)), None)
    if inline is None:
        raise BadInput(f"{where} has a sound without a file: write {{\"type\": \"audio\", \"audio_url\": "
                       "\"a.wav\"}.")
    return "", _base64(inline, where)


def _base64(value: Any, where: str) -> str:
    """A sound that stands in the line, without the head of a data: address."""
    plain = value.partition(",")[2] if isinstance(value, str) and value.startswith("data:") else value
    try:
        base64.b64decode(plain, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise BadInput(f"{where} has a sound in itself that is no base64: write the sound to a file, and its "
                       "name as audio_url.") from error
    return str(plain)
