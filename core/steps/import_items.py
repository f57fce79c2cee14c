"""What is to be imported, as lines for the job: one a sound file, with its parts and their texts."""
from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from core.datasets.formats import Found
from core.datasets.formats.search import search
from core.errors import BadInput
from core.files import printable, replacing, safe_name

Item = dict[str, Any]


def write_items(path: Path, chosen: Sequence[Path], speaker: str, texts: Mapping[str, str]) -> int:
    """Write the items of all that was chosen to `path`, line by line; returns how many."""
    n_items = 0
    with replacing(path) as file:
        for found in _groups(chosen, texts):
            file.write(json.dumps(item_of(str(n_items), found, speaker)).encode("ascii") + b"\n")
            n_items += 1
    return n_items


def _groups(chosen: Sequence[Path], texts: Mapping[str, str]) -> Iterator[list[Found]]:
    """What belongs to one sound file; each problem is alone."""
    for path in chosen:
        places = (_texted(found, texts) for found in search(path))
        for (_, problem), group in groupby(places, key=lambda found: (found.audio, bool(found.problem))):
            together = list(group)
            yield from ([found] for found in together) if problem else [together]


def _texted(found: Found, texts: Mapping[str, str]) -> Found:
    """What was said according to the person counts more than any file; it is about the whole sound."""
    if found.problem or found.audio.name not in texts:
        return found
    return Found(found.audio, " ".join(texts[found.audio.name].split()), (), found.speaker, found.language)


def item_of(name: str, found: Sequence[Found], speaker: str) -> Item:
    """One item: {id, name, audio, parts}, with `inline` for a sound in base64 that no file holds, or {id,
    name, error}. `speaker` is for parts that name none."""
    first = found[0]
    about: Item = {"id": name, "name": printable(first.audio.name)}
    if first.problem:
        return {**about, "error": first.problem}
    parts = list({(part.start, part.end): _part(part, speaker) for part in found}.values())
    inline = {"inline": first.inline} if first.inline else {}
    return {**about, "audio": os.path.abspath(first.audio), "parts": parts, **inline}


def _part(found: Found, speaker: str) -> Item:
    return {
        "start": found.start,
        "end": found.end,
        "text": found.text,
        "words": [[word.text, word.start, word.end, word.score] for word in found.words],
        "speaker": speaker_name(found.speaker) or speaker,
        "language": found.language,
    }


def speaker_name(name: str) -> str:
    """A name from a table as the library takes it: what cannot stand in one becomes a dash; "" for none."""
    for written in (name[:60], re.sub(r"[^\w -]+", "-", name)[:60].strip("-_ ")):
        try:
            return safe_name(written, "speaker's name")
        except BadInput:
            continue
    return ""
