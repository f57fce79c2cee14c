"""Texts as labels and back: what a run learned about its data, the words of a clip as pieces on frames, and
the frames as a person looks at them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput, NotFound
from core.families.base import Example, Prepared
from core.families.base.sharing import Frame
from core.families.kyutai import frames
from core.families.kyutai.frames import FRONT
from core.families.kyutai.layouts import Source
from core.families.kyutai.options import KyutaiOptions
from core.files import sha256_of
from core.modelling.kyutai import tokens as vocabularies
from core.modelling.kyutai.stream import FIRST_PIECE, Laid, Rule, Timed, lay, pieces_of
from core.types import Row, Word

Codes = npt.NDArray[np.uint16]
LAST = 0.5  # seconds that a word may last after its last piece
MARKS = {0: "EPAD", 3: "PAD"}
"""How the two marks are shown."""


@dataclass(frozen=True)
class Spoken(Example):
    """An example whose `features` are codes (frames, n_q) uint16 with silence around the clip, and whose
    `labels` are the token of each frame. `words` with their times in the clip and their `pieces` (words,), so
    that a part of it can be laid anew."""

    words: tuple[Word, ...] = ()
    pieces: tuple[tuple[int, ...], ...] = ()


def prepared_for(source: Source, options: KyutaiOptions) -> Prepared:
    """Vocabulary, times and weights of a run, as they go into every checkpoint."""
    known: dict[str, Any] = {
        "tokenizer": str(source.tokenizer.resolve()),
        "tokenizer_id": sha256_of(source.tokenizer)[:16],
        "delay": source.delay,
        "n_q": source.shape.codebooks,
        "audio_card": source.shape.audio,
        "text_card": source.shape.text,
        "context": source.shape.context,
        "nothing": source.shape.rows - 1,
        "tail": frames.tail(source),
        "padding_weight": options.padding_weight,
        "hold_heads": options.hold_heads,
        "encoder_id": frames.encoder_id(source),
    }
    return Prepared({}, "spaces", known)


def rule_of(prepared: Prepared) -> Rule:
    """How words are laid on frames."""
    return Rule(float(prepared.extra["delay"]))


def vocabulary(prepared: Prepared) -> vocabularies.Writing:
    """The vocabulary of a run. NotFound when its file is gone, BadInput when it is another one now."""
    path = Path(prepared.extra["tokenizer"])
    if not path.is_file():
        raise NotFound(f"The vocabulary {path} is gone; put it back.")
    stat = path.stat()
    if _identity(path, stat.st_mtime_ns, stat.st_size) != prepared.extra["tokenizer_id"]:
        raise BadInput(f"The vocabulary {path} is not the one that this run began with; put that one back.")
    return vocabularies.writing(path)


@lru_cache(maxsize=8)
def _identity(path: Path, _time: int, _size: int) -> str:
    return sha256_of(path)[:16]


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


def laid(words: Sequence[Word], spelled: Sequence[tuple[int, ...]], begin: float, n: int, rule: Rule
         ) -> Laid:
    """The stream of `words` over `n` frames, of which the first is at `begin` seconds of the clip (below zero
    where silence stands before it)."""
    timed = [Timed(word.start - begin, these) for word, these in zip(words, spelled, strict=True)]
    return lay(timed, n, rule)


def whole(row: Row, prepared: Prepared) -> tuple[tuple[Word, ...], tuple[tuple[int, ...], ...], Laid]:
    """Words, their pieces and the stream of a row with all the silence around it. BadInput for a text that
    the vocabulary cannot write, or without word times."""
    words, known, rule = words_of(row), vocabulary(prepared), rule_of(prepared)
    if not words and normalise(row.text):
        raise BadInput(f"Clip {row.id} has no word times; align it first.")
    spelled = tuple(tuple(known.encode(word.text)) for word in words)
    if odd := [word.text for word, these in zip(words, spelled, strict=True) if not can_write(these)]:
        raise BadInput(f"The vocabulary cannot write “{odd[0]}” of clip {row.id}; spell it out.")
    n = FRONT + n_frames(row.seconds, rule) + int(prepared.extra["tail"])
    return words, spelled, laid(words, spelled, -FRONT / rule.rate, n, rule)


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
        Frame(round((frame - FRONT) / rule.rate, 3), known.piece(token) or MARKS.get(token, ""),
              one.words[owner].text if owner >= 0 else "", float(energy))
        for frame, (token, owner, energy) in enumerate(
            zip(one.labels, stream.owners, energies, strict=True))
    ]


def score(tokens: Sequence[int], logprobs: Sequence[float]) -> float | None:
    """0..1: the probability of a piece, as a geometric mean; None for a stream without text."""
    chosen = [logprobs[frame] for frame, _ in pieces_of(tokens)]
    return round(math.exp(sum(chosen) / len(chosen)), 4) if chosen else None


def words_in(tokens: Sequence[int], logprobs: Sequence[float], prepared: Prepared, seconds: float
             ) -> tuple[Word, ...]:
    """The words that a stream writes with the silence in front, in seconds of a clip that lasts `seconds`.

    The model tells no ends: a word ends where the next begins, and at most half a second after its last
    piece.
    """
    known, rule = vocabulary(prepared), rule_of(prepared)
    groups = grouped(tokens, known)
    found: list[Word] = []
    for number, group in enumerate(groups):
        after = groups[number + 1][0][0] if number + 1 < len(groups) else len(tokens)
        last = min(after, group[-1][0] + 1 + round(LAST * rule.rate))
        start, end = (min(max(0.0, rule.seconds(frame - FRONT)), seconds) for frame in (group[0][0], last))
        text = known.decode([piece for _, piece in group])
        chosen = score([piece for _, piece in group], [logprobs[frame] for frame, _ in group])
        if text:
            found.append(Word(text, round(start, 3), round(max(start, end), 3), chosen))
    return tuple(found)


def grouped(tokens: Sequence[int], known: vocabularies.Writing) -> list[list[tuple[int, int]]]:
    """(frame, piece) of each word of a stream."""
    found: list[list[tuple[int, int]]] = []
    for frame, piece in pieces_of(tokens):
        if known.begins_word(piece) or not found:
            found.append([])
        found[-1].append((frame, piece))
    return found
