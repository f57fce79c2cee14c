"""ChatML rows of {messages, start_index, speaker, misc}: somebody is heard, and then says the next text."""
from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from core.datasets.formats import chatml_rows
from core.datasets.formats.base import Found, known, length_of, name_in, seconds, tables, within
from core.datasets.formats.texts import clean, write_json_lines
from core.errors import BadInput
from core.types import Word

NAME = "chatml.jsonl"
SYSTEM = "Generate audio following instruction."
"""The instruction that Higgs Audio was trained with."""
SEED = 7
_HEADS = {b"RIFF": ".wav", b"fLaC": ".flac", b"OggS": ".ogg"}
_Key = tuple[Path, float, float | None]


def claims(path: Path) -> bool:
    """A .jsonl of messages with sounds, or a folder that holds one."""
    return bool(_tables(path))


def read(path: Path, root: Path) -> Iterator[Found]:
    """Each sound once, those that are learned first, then those that are only examples of a voice."""
    for table in _tables(path):
        seen: set[_Key] = set()
        examples: list[Found] = []
        for talk in chatml_rows.read(table):
            if talk.problem:
                yield Found(table, problem=talk.problem)
            for sound in talk.sounds:
                found = _found(table, root, talk, sound)
                if found.problem:
                    yield found
                elif sound.role == "assistant" and not sound.is_learned:
                    examples.append(found)
                elif _key(found) not in seen:
                    seen.add(_key(found))
                    yield found
        for key, found in {_key(one): one for one in examples}.items():
            if key not in seen:
                yield found


def _tables(path: Path) -> list[Path]:
    return tables(path, ("*.jsonl",), lambda file: chatml_rows.claims(file) and chatml_rows.has_sound(file))


def _key(found: Found) -> _Key:
    return found.audio, found.start, found.end


def _found(table: Path, root: Path, talk: chatml_rows.Talk, sound: chatml_rows.Sound) -> Found:
    where = f"Line {talk.line} of {table.name}"
    try:
        audio = _named(table, sound.inline) if sound.inline else within(root, table, sound.name)
        words = _words(talk.misc.get("words"), where) if sound.is_learned else ()
        return Found(audio, clean(sound.text, where), words, talk.speaker, known(talk.misc.get("language")),
                     sound.start, sound.end, inline=sound.inline)
    except BadInput as error:
        return Found(table, problem=str(error))


def _named(table: Path, inline: str) -> Path:
    """The name of a sound that stands in a line: the same sound has the same name in all of them."""
    sound = base64.b64decode(inline)
    ending = next((ending for head, ending in _HEADS.items() if sound.startswith(head)), ".mp3")
    return table.with_name(f"{table.stem}-{hashlib.sha256(sound).hexdigest()[:12]}{ending}")


def _words(rows: Any, where: str) -> tuple[Word, ...]:
    """The words of `misc`, [word, start, end, score] each; scores may be missing."""
    try:
        return tuple(Word(clean(text, where), seconds(start, "start of a word", where),
                          seconds(end, "end of a word", where), score[0] if score else None)
                     for text, start, end, *score in rows or ())
    except (TypeError, ValueError) as error:
        raise BadInput(f"{where} has words that are not [word, start, end]: export them again.") from error


# --- out

def write(folder: Path, found: Iterable[Found]) -> None:
    """chatml.jsonl: each clip is said once, after another one of the same speaker as the example.

    Who is the example of whom is drawn, the same for the same clips; where a speaker has one clip, or none is
    named, there is no example. Every clip has a text.
    """
    kept = list(found)
    examples = _examples(kept)
    write_json_lines(folder / NAME, (_row(folder, one, examples.get(at)) for at, one in enumerate(kept)))


def _examples(found: Sequence[Found]) -> Mapping[int, Found]:
    """By the place of a clip its example: the clips of a speaker in a ring, so that each serves once and none
    for itself."""
    by_speaker: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(found):
        if one.speaker:
            by_speaker[one.speaker].append(place)
    made: dict[int, Found] = {}
    for speaker, places in sorted(by_speaker.items()):
        Random(f"{SEED} {speaker}").shuffle(places)
        ring = zip(places, [*places[1:], places[0]], strict=True)
        made.update((target, found[example]) for target, example in ring if _key(found[example])
                    != _key(found[target]))
    return made


def _row(folder: Path, one: Found, example: Found | None) -> dict[str, Any]:
    spoken = partial(_spoken, folder)
    messages = [{"role": "system", "content": SYSTEM}, *(spoken(example) if example else ()), *spoken(one)]
    words = [[word.text, word.start, word.end, word.score] for word in one.words]
    misc = {"language": one.language, "words": words}
    return {"messages": messages, "start_index": len(messages) - 1, "speaker": one.speaker,
            "misc": {name: value for name, value in misc.items() if value}}


def _spoken(folder: Path, one: Found) -> list[dict[str, Any]]:
    """A text, and the sound in which it is said."""
    sound: dict[str, Any] = {"type": "audio", "audio_url": name_in(folder, one.audio),
                             "duration": round(length_of(one), 6)}
    if one.end is not None:
        sound["offset"] = one.start
    return [{"role": "user", "content": one.text}, {"role": "assistant", "content": sound}]
