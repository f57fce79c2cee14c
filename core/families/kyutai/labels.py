"""Texts as labels and back: what a run learned about its data, the words of a clip as pieces on frames, and
the frames as a person looks at them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput
from core.families.base import Example, Prepared
from core.families.kyutai import pieces
from core.families.kyutai.folder import FRONT, Folder
from core.families.kyutai.options import KyutaiOptions
from core.modelling.kyutai.stream import FIRST_PIECE, Laid, Rule, Timed, lay, pieces_of
from core.types import Row, Word

Codes = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Spoken(Example):
    """An example whose `features` are codes (frames, n_q) uint16 with silence around the clip, and whose
    `labels` are the token of each frame. `words` with their times in the clip and their `pieces` (words,), so
    that a part of it can be laid anew."""

    words: tuple[Word, ...] = ()
    pieces: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Frame:
    """One frame as it is shown: `time` in seconds of the clip, the text `token` as it is written in the
    vocabulary, the `word` that it belongs to, and how strong the coded sound is."""

    time: float
    token: str
    word: str
    energy: float


def prepared_for(folder: Folder, options: KyutaiOptions) -> Prepared:
    """Vocabulary, times and weights of a run, as they go into every checkpoint."""
    known: dict[str, Any] = {
        "tokenizer": str(folder.path.resolve()),
        "tokenizer_id": pieces.identity(folder.path),
        "delay": folder.delay,
        "n_q": folder.n_q,
        "audio_card": folder.audio_card,
        "text_card": folder.text_card,
        "context": folder.context,
        "tail": folder.tail,
        "padding_weight": options.padding_weight,
        "hold_heads": options.hold_heads,
        "encoder_id": folder.encoder_id(),
    }
    return Prepared({}, "spaces", known)


def rule_of(prepared: Prepared) -> Rule:
    """How words are laid on frames."""
    return Rule(float(prepared.extra["delay"]))


def vocabulary(prepared: Prepared) -> pieces.Pieces:
    """The vocabulary of a run."""
    return pieces.read(Path(prepared.extra["tokenizer"]), str(prepared.extra["tokenizer_id"]))


def normalise(text: str) -> str:
    """`text` with composed letters and single spaces; case and punctuation are what the model writes too."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def words_of(row: Row) -> tuple[Word, ...]:
    """The words of a row in the order of their starts: the spelling of the text where it has as many words as
    there are times, else what the times name."""
    said = normalise(row.text).split()
    timed = sorted(row.words, key=lambda word: word.start)
    named = said if len(said) == len(timed) else [normalise(word.text) for word in timed]
    return tuple(Word(text, word.start, word.end, word.score)
                 for text, word in zip(named, timed, strict=True) if text)


def n_frames(seconds: float, rule: Rule) -> int:
    """Frames of a clip without the silence around it."""
    return math.ceil(seconds * rule.rate - 1e-6)


def laid(words: Sequence[Word], spelled: Sequence[tuple[int, ...]], begin: float, frames: int, rule: Rule
         ) -> Laid:
    """The stream of `words` over `frames`, of which the first is at `begin` seconds of the clip (below zero
    where silence stands before it)."""
    timed = [Timed(word.start - begin, these) for word, these in zip(words, spelled, strict=True)]
    return lay(timed, frames, rule)


def whole(row: Row, prepared: Prepared) -> tuple[tuple[Word, ...], tuple[tuple[int, ...], ...], Laid]:
    """Words, their pieces and the stream of a row with all the silence around it. BadInput for a text that the
    vocabulary cannot write, or without word times."""
    words, known, rule = words_of(row), vocabulary(prepared), rule_of(prepared)
    if not words and normalise(row.text):
        raise BadInput(f"Clip {row.id} has no word times; align it first.")
    spelled = tuple(known.encode(word.text) for word in words)
    if odd := [word.text for word, these in zip(words, spelled, strict=True) if not can_write(these)]:
        raise BadInput(f"The vocabulary cannot write “{odd[0]}” of clip {row.id}; spell it out.")
    frames = FRONT + n_frames(row.seconds, rule) + int(prepared.extra["tail"])
    return words, spelled, laid(words, spelled, -FRONT / rule.rate, frames, rule)


def can_write(spelled: Sequence[int]) -> bool:
    """Whether the vocabulary has all the letters of a word: an unknown one would be learned as a mark."""
    return bool(spelled) and min(spelled) >= FIRST_PIECE


def example(row: Row, codes: Codes, prepared: Prepared) -> Spoken:
    """Codes and labels of one row, over the frames that `codes` has."""
    words, spelled, _ = whole(row, prepared)
    rule = rule_of(prepared)
    stream = laid(words, spelled, -FRONT / rule.rate, len(codes), rule)
    return Spoken(row.id, codes, stream.tokens, normalise(row.text), row.seconds, words, spelled)


def decode(tokens: Sequence[int], prepared: Prepared) -> str:
    """The text that a stream writes."""
    return vocabulary(prepared).decode([piece for _, piece in pieces_of(tokens)])


def frames_view(one: Spoken, energies: Sequence[float], prepared: Prepared) -> list[Frame]:
    """Every frame of an example: its time, token, word and the energy (frames,) of its codes."""
    rule, known = rule_of(prepared), vocabulary(prepared)
    stream = laid(one.words, one.pieces, -FRONT / rule.rate, len(one.labels), rule)
    return [
        Frame(round((frame - FRONT) / rule.rate, 3), known.name(token),
              one.words[owner].text if owner >= 0 else "", float(energy))
        for frame, (token, owner, energy) in enumerate(
            zip(one.labels, stream.owners, energies, strict=True))
    ]
