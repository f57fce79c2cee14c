"""One training example as the model reads it: a conversation of text ids with the columns of its sounds, of
which the last alone is learned. The prompt of production is made by the same function."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import BadInput
from core.families.base import Example, Prepared
from core.families.higgs import folder as folders
from core.modelling.delay import Codes, delayed, undelayed
from core.modelling.higgs import tokens
from core.types import Row

NOT_LEARNED = -100
"""The label of a code that is not learned."""


@dataclass(frozen=True)
class Take(Example):
    """One encoded take: `features` are its codes (frames, codebooks), `labels` the ids of its text. With a
    `reference`, another take of the same speaker, it is a pair."""

    reference: Take | None = None
    speaker: str = ""


@dataclass(frozen=True)
class Sample:
    """What the model reads: `ids` (places,), and `columns` (n, codebooks) of all sounds in it, one after
    another, at the places that hold a sound. `labels` (n, codebooks) stand at their own columns: the model
    is to say a column at the place before it."""

    ids: Codes
    columns: Codes
    labels: Codes


def normalise(text: str) -> str:
    """A text as it is said to the model: its white space is one space each."""
    return " ".join(text.split())


def prepared_for(source: folders.Folder) -> Prepared:
    """What a run, or a voice, knows of its folder."""
    return Prepared({}, "", {
        "folder": str(source.path), "tokenizer": source.tokenizer_id(), "codebooks": source.codebooks,
        "rows": source.rows, "begin": source.begin, "end": source.end,
        "sound": [source.ids[tokens.AUDIO], source.ids[tokens.DELAY]],
        "pad": int(source.config.get("pad_token_id") or source.ids.get(tokens.PAD, 0)),
    })


def encode(text: str, prepared: Prepared) -> Codes:
    """Ids (places,) of a conversation; its marks are read as marks."""
    return np.asarray(_tokenizer(prepared).encode(text, add_special_tokens=False).ids, np.int64)


def of_text(text: str, prepared: Prepared) -> tuple[int, ...]:
    """Ids of what is to be said. BadInput for a text that holds marks of the conversation."""
    said = normalise(text)
    if "<|" in said:
        raise BadInput(f"The text “{said[:60]}” holds marks that the model reads as turns (an angle bracket"
                       " and a bar); take them out.")
    return tuple(int(i) for i in encode(said, prepared))


def decode(ids: tuple[int, ...] | list[int], prepared: Prepared) -> str:
    """The text of ids, without marks."""
    return str(_tokenizer(prepared).decode(list(ids), skip_special_tokens=True))


def _tokenizer(prepared: Prepared) -> Any:
    path = Path(prepared.extra["folder"]) / "tokenizer.json"
    return _opened(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _opened(path: Path, _changed: int) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(path))


def take(row: Row, codes: Codes, prepared: Prepared) -> Take:
    """The example of one row, without a reference."""
    ids = of_text(row.text, prepared)
    return Take(row.id, codes, ids, normalise(row.text), row.seconds, speaker=row.speaker)


def in_stream(codes: Codes, prepared: Prepared) -> Codes:
    """Columns (frames + 2 + codebooks - 1, codebooks) of codes (frames, codebooks): a beginning before and an
    end behind each codebook, delayed."""
    held = prepared.extra
    begin, end = (np.full((1, codes.shape[1]), int(held[mark]), np.int64) for mark in ("begin", "end"))
    return delayed(np.concatenate([begin, codes.astype(np.int64), end]), int(held["begin"]), int(held["end"]))


def labels_of(codes: Codes, prepared: Prepared) -> Codes:
    """The labels (frames + 2 + codebooks - 1, codebooks) of such columns: every code, and the end of each
    codebook once. The beginnings, and what is filled up behind an end, come with the pattern."""
    nothing = np.full((1, codes.shape[1]), NOT_LEARNED, np.int64)
    end = np.full((1, codes.shape[1]), int(prepared.extra["end"]), np.int64)
    return delayed(np.concatenate([nothing, codes.astype(np.int64), end]), NOT_LEARNED, NOT_LEARNED)


def codes_in(labels: Codes, prepared: Prepared) -> Codes:
    """The codes (frames, codebooks) that labels (n, codebooks) teach: the inverse of `labels_of`, wherever
    they stand among places that are not learned. BadInput for labels that teach no sound with an end."""
    learned = np.flatnonzero((labels != NOT_LEARNED).any(axis=1))
    if not len(learned):
        raise BadInput("These labels teach nothing.")
    frames = undelayed(labels[learned[0] : learned[-1] + 1])
    if not len(frames) or not (frames[-1] == int(prepared.extra["end"])).all():
        raise BadInput("These labels do not teach the model to stop.")
    return frames[:-1]


def prompt(text: str, reference: tuple[Codes, str] | None, prepared: Prepared) -> tuple[Codes, Codes]:
    """(ids, columns) up to where the sound of `text` begins, in the voice of `reference` (codes, text)."""
    codebooks = int(prepared.extra["codebooks"])
    written, columns = tokens.opening(), np.zeros((0, codebooks), np.int64)
    if reference is not None:
        columns = in_stream(reference[0], prepared)
        written += tokens.said(reference[1]) + tokens.sound(len(columns), codebooks) + tokens.closing()
    return encode(written + tokens.said(text), prepared), columns


def prompt_of(one: Take, prepared: Prepared) -> tuple[Codes, Codes]:
    """The prompt that asks for a take."""
    reference = one.reference
    return prompt(one.text, (reference.features, reference.text) if reference else None, prepared)


def sample(one: Take, prepared: Prepared) -> Sample:
    """The prompt of a take and the take itself, which alone is learned."""
    ids, before = prompt_of(one, prepared)
    columns = in_stream(one.features, prepared)
    behind = encode(tokens.sound(len(columns), int(prepared.extra["codebooks"])) + tokens.closing(), prepared)
    labels = np.concatenate([np.full_like(before, NOT_LEARNED), labels_of(one.features, prepared)])
    return Sample(np.concatenate([ids, behind]), np.concatenate([before, columns]), labels)
