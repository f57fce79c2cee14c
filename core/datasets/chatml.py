"""ChatML with sound: a .jsonl of {"messages": [{role, content}]}; a part of a content may be a sound."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.datasets.formats.texts import first_json, json_rows
from core.errors import BadInput

ROLES = ("system", "user", "assistant", "tool")
_SOUNDS = ("audio", "audio_url", "input_audio")
_PLACES = ("audio_url", "audio", "path", "url", "input_audio", "file_url")
_INLINE = ("data", "raw_audio", "bytes")


@dataclass(frozen=True)
class Talk:
    """One line: `sounds` are files, `said` is what the assistant says, `problem` a sentence against it."""

    line: int
    sounds: tuple[Path, ...] = ()
    said: str = ""
    problem: str = ""


def claims(path: Path) -> bool:
    """A .jsonl whose first line has messages."""
    return path.is_file() and path.suffix.lower() in (".jsonl", ".json") and "messages" in first_json(path)


def read(path: Path) -> Iterator[Talk]:
    """Each line, checked for its shape; paths count from the file."""
    for number, row in enumerate(json_rows(path), 1):
        try:
            if isinstance(row, BadInput):
                raise row
            yield _talk(row, path.parent, number, f"Line {number} of {path.name}")
        except BadInput as error:
            yield Talk(number, problem=str(error))


def _talk(row: dict[str, Any], home: Path, number: int, where: str) -> Talk:
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadInput(f"{where} has no list of messages: write {{\"messages\": [{{role, content}}]}}.")
    sounds = [home / name for name in _listed(row.get("audios"))]
    said, roles = [], []
    for message in messages:
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ROLES:
            raise BadInput(f"{where} has a message of the role “{role}”: choose one of {', '.join(ROLES)}.")
        texts, names, says_something = _content(message.get("content"), where)
        if not says_something and not message.get("tool_calls"):
            raise BadInput(f"{where} has an empty message of the {role}: write its content, or take it out.")
        sounds += [home / name for name in names]
        said += texts if role == "assistant" else []
        roles.append(role)
    if roles[-1] != "assistant":
        raise BadInput(f"{where} does not end with the assistant, so there is nothing to learn: add the "
                       "answer.")
    return Talk(number, tuple(sounds), " ".join(said))


def _listed(value: Any) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _content(content: Any, where: str) -> tuple[list[str], list[str], bool]:
    """The texts, the sound files, and whether there is anything: of a text, one part, or a list of parts."""
    texts, names, n_inline = [], [], 0
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str):
            texts += [part] if part.strip() else []
        elif isinstance(part, dict) and part.get("type") in _SOUNDS:
            name = _place(part, where)
            names += [name] if name else []
            n_inline += not name
        elif isinstance(part, dict) and str(part.get("text") or "").strip():
            texts.append(str(part["text"]))
        elif part is not None and not isinstance(part, dict):
            raise BadInput(f"{where} has a content that is no text and no list of parts.")
    return texts, names, bool(texts or names or n_inline)


def _place(part: dict[str, Any], where: str) -> str:
    """The file of a sound part; "" for a sound that stands in the line itself."""
    value = next((part[key] for key in _PLACES if part.get(key)), None)
    if isinstance(value, dict):
        part, value = value, next((value[key] for key in _PLACES if value.get(key)), None)
    if isinstance(value, str) and not value.startswith("data:"):
        if value.startswith(("http://", "https://")):
            raise BadInput(f"{where} names a sound on the network ({value[:80]}): save it to a file here.")
        return value.removeprefix("file://")
    if isinstance(value, str) or any(part.get(key) for key in _INLINE):
        return ""
    raise BadInput(f"{where} has a sound without a file: write {{\"type\": \"audio\", \"audio_url\": "
                   "\"a.wav\"}.")
