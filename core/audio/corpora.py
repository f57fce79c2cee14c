"""Which corpus a folder of sounds belongs to: told by its structure and by what lies beside a sound."""
from __future__ import annotations

import json
import os
from typing import NamedTuple

LIBRISPEECH, LIBRI_LIGHT, DAILYTALK, PLAIN = "LibriSpeech", "Libri-Light", "DailyTalkContiguous", "plain"

WHY = {
    LIBRISPEECH: "folders SPEAKER/CHAPTER with SPEAKER-CHAPTER.trans.txt beside the sounds",
    LIBRI_LIGHT: "folders SPEAKER/BOOK, and beside each .flac a .json with its speaker and voice activity",
    DAILYTALK: "beside each .wav a .json with the times of its words (alignments), and a .jsonl of all",
    PLAIN: "sounds without the structure of a known corpus",
}
"""What each layout is recognised by, in words."""

_MOST_BYTES = 64 << 20
"""Of a .json that is looked into; the times of a day of words are a few million bytes."""


class Place(NamedTuple):
    """What the path and the neighbours of a folder say: its layout, and its speaker ("": none is told)."""

    layout: str
    speaker: str = ""


class Recogniser:
    """Folder by folder. One .json a corpus is opened to make sure; after that its being there is enough."""

    def __init__(self) -> None:
        self._looked_into: dict[tuple[str, str], bool] = {}

    def place(self, folder: str, example: str) -> Place:
        """The place of `folder` (absolute), in which lies a sound that is called `example`."""
        above, own = os.path.split(folder)
        speaker = os.path.basename(above)
        stem, ending = os.path.splitext(example)
        if stem.startswith(f"{speaker}-{own}-") and os.path.isfile(f"{folder}/{speaker}-{own}.trans.txt"):
            return Place(LIBRISPEECH, speaker)
        beside = f"{folder}/{stem}.json"
        if ending.lower() == ".flac" and self._tells(os.path.dirname(above), beside, "voice_activity"):
            return Place(LIBRI_LIGHT, speaker)
        if ending.lower() == ".wav" and self._tells(folder, beside, "alignments") and _listed(folder, above):
            return Place(DAILYTALK)
        return Place(PLAIN)

    def _tells(self, corpus: str, path: str, key: str) -> bool:
        """Whether `path` is there, and the first one of its corpus is an object with `key`."""
        if not os.path.isfile(path):
            return False
        if (corpus, key) not in self._looked_into:
            self._looked_into[corpus, key] = key in _object_in(path)
        return self._looked_into[corpus, key]


def _object_in(path: str) -> dict[str, object]:
    """A JSON object; an empty one for whatever else a stranger's file holds."""
    try:
        if os.path.getsize(path) > _MOST_BYTES:
            return {}
        with open(path, "rb") as file:
            found = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _listed(*folders: str) -> bool:
    """Whether one of them holds a .jsonl: the list of the corpus lies beside its sounds or above them."""
    try:
        return any(name.endswith(".jsonl") for folder in folders for name in os.listdir(folder))
    except OSError:
        return False
