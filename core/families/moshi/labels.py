"""What a run learned about its data, and a clip as its streams: the codes of both sounds, and the words of
the left one as pieces on frames."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput, NotFound
from core.families.base import Example, Prepared
from core.families.moshi import folder as folders
from core.families.moshi.folder import Source
from core.families.moshi.options import MoshiOptions
from core.modelling.kyutai import tokens as vocabularies
from core.modelling.kyutai.stream import FIRST_PIECE, FRAME_RATE, Laid, Rule, Timed, lay, pieces_of
from core.types import Row, Word

Codes = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Talk(Example):
    """An example whose `features` are codes (frames, 2 * codebooks) uint16 of the left sound and the right
    one, and whose `labels` are the text of each frame. `words` with their times and their `pieces` (words,);
    a clip without any has a text of padding, from which nothing is learned."""

    words: tuple[Word, ...] = ()
    pieces: tuple[tuple[int, ...], ...] = ()
    teaches_text: bool = False


def prepared_for(source: Source, options: MoshiOptions) -> Prepared:
    """Vocabulary, sizes and weights of a run, as they go into every checkpoint."""
    known: dict[str, Any] = {
        "tokenizer": str(source.tokenizer.resolve()),
        "tokenizer_id": folders.tokenizer_id(source.tokenizer),
        "codebooks": source.codebooks,
        "audio": source.audio,
        "text": source.text,
        "pad": source.pad,
        "hears_user": options.hears_user,
        "text_weight": options.text_weight,
        "padding_weight": options.padding_weight,
        "first_codebook_weight": options.first_codebook_weight,
        "window": frames_read(options),
        "encoder_id": source.encoder_id(),
    }
    return Prepared({}, "spaces", known)


def frames_read(options: MoshiOptions) -> int:
    """The longest part of a clip that is read at once."""
    return round(options.window_seconds * FRAME_RATE)


def rule_of(prepared: Prepared) -> Rule:
    """How words are laid on frames: at the frame in which they begin."""
    return Rule(0.0, pad=int(prepared.extra["pad"]))


def vocabulary(prepared: Prepared) -> vocabularies.Writing:
    """The vocabulary of a run. NotFound when its file is gone, BadInput when it is another one now."""
    path = Path(prepared.extra["tokenizer"])
    if not path.is_file():
        raise NotFound(f"The vocabulary {path} is gone; put it back.")
    if folders.tokenizer_id(path) != prepared.extra["tokenizer_id"]:
        raise BadInput(f"The vocabulary {path} is not the one that this run began with; put that one back.")
    return vocabularies.writing(path)


def normalise(text: str) -> str:
    """`text` with composed letters and single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def words_of(row: Row) -> tuple[Word, ...]:
    """The words of a row with times, in the order of their starts."""
    timed = sorted(row.words, key=lambda word: word.start)
    return tuple(replace(word, text=normalise(word.text)) for word in timed if normalise(word.text))


def spelled(words: Sequence[Word], prepared: Prepared) -> tuple[tuple[int, ...], ...]:
    """The pieces of each word. BadInput for one that the vocabulary cannot write."""
    known = vocabulary(prepared)
    found = tuple(tuple(known.encode(word.text)) for word in words)
    for word, these in zip(words, found, strict=True):
        if not these or min(these) < FIRST_PIECE:
            raise BadInput(f"The vocabulary cannot write “{word.text}”; spell it out.")
    return found


def laid(words: Sequence[Word], pieces: Sequence[tuple[int, ...]], begin: float, n: int, rule: Rule) -> Laid:
    """The text of `words` over `n` frames, of which the first is at `begin` seconds."""
    timed = [Timed(word.start - begin, these) for word, these in zip(words, pieces, strict=True)]
    return lay(timed, n, rule)


def example(row: Row, codes: Codes, prepared: Prepared) -> Talk:
    """Codes and text of one row; all padding where its words have no times."""
    words = words_of(row)
    pieces = spelled(words, prepared)
    stream = laid(words, pieces, 0.0, len(codes), rule_of(prepared))
    text = " ".join(word.text for word in words)
    return Talk(row.id, codes, stream.tokens, text, row.seconds, words, pieces, bool(words))


def window(one: Talk, prepared: Prepared, seed: int, epoch: int) -> Talk:
    """`one`, or a part of it as long as a run reads, drawn from (seed, epoch, id); with the words that begin
    in it."""
    n, most = len(one.features), int(prepared.extra["window"])
    if n <= most:
        return one
    digest = hashlib.sha256(one.id.encode("utf-8")).digest()
    first = int(np.random.default_rng([seed, 3, epoch, *digest[:8]]).integers(0, n - most + 1))
    return part(one, first, most, prepared)


def part(one: Talk, first: int, n: int, prepared: Prepared) -> Talk:
    """The `n` frames of `one` from `first` on, with the words that begin in them."""
    rule = rule_of(prepared)
    begin, end = first / rule.rate, (first + n) / rule.rate
    inside = [i for i, word in enumerate(one.words) if begin <= word.start < end]
    words, pieces = tuple(one.words[i] for i in inside), tuple(one.pieces[i] for i in inside)
    stream = laid(words, pieces, begin, n, rule)
    return replace(one, features=one.features[first : first + n], labels=stream.tokens, words=words,
                   pieces=pieces, text=" ".join(word.text for word in words), seconds=n / rule.rate)


def decode(written: Sequence[int], prepared: Prepared) -> str:
    """The text that a stream writes."""
    return vocabulary(prepared).decode([piece for _, piece in pieces_of(written)])
