"""Texts as token ids and back, the vocabulary of a model that has none yet, and what in a dataset could not
be learned."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from core.alignment.viterbi import frames_needed
from core.errors import BadInput
from core.families.base import Prepared
from core.modelling.ctc_decoding import Alphabet
from core.types import Row

BLANK, GAP, UNKNOWN = "<blank>", "|", "<unk>"
MARKED = (BLANK, GAP, UNKNOWN)
"""Ids 0, 1 and 2 of every vocabulary that is made here."""
NORMALISER = "lower"
APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"})
KEPT = "'%&@#"
"""Marks that are said; all others are left out."""


def normalise(text: str) -> str:
    """`text` in lower case and composed letters, without punctuation, with single spaces."""
    plain = unicodedata.normalize("NFC", text).translate(APOSTROPHES).lower()
    kept = (c if c in KEPT or not unicodedata.category(c).startswith("P") else " " if c in "-–—/" else ""
            for c in plain)
    return re.sub(r"\s+", " ", "".join(kept)).strip()


def vocabulary_of(rows: Iterable[Row]) -> dict[str, int]:
    """The marked tokens and every letter of the texts of `rows`, in the order of their code points."""
    letters = sorted({c for row in rows for c in normalise(row.text)} - {" ", *MARKED})
    return {token: i for i, token in enumerate([*MARKED, *letters])}


def outside(text: str, vocabulary: dict[str, int]) -> set[str]:
    """Letters of `text` that the vocabulary cannot write."""
    return {c for c in normalise(text) if c != " " and c not in vocabulary}


def encode(text: str, vocabulary: dict[str, int]) -> tuple[int, ...]:
    """Token ids of `text`; a letter that the vocabulary lacks is `UNKNOWN`. BadInput for a text of which
    nothing remains."""
    said = normalise(text)
    if not said:
        raise BadInput(f"“{text[:60]}” holds nothing to write; put down what is said, or leave the clip out.")
    known = {**vocabulary, " ": vocabulary[GAP]}
    return tuple(known.get(c, vocabulary[UNKNOWN]) for c in said)


def decode(labels: Sequence[int], vocabulary: dict[str, int]) -> str:
    """The text that `labels` (not collapsed) spell."""
    token = {i: t for t, i in vocabulary.items()}
    return "".join(" " if token[i] == GAP else token[i] for i in labels if token[i] != BLANK).strip()


def room_needed(text: str, vocabulary: dict[str, int]) -> int:
    """The fewest frames on which CTC can write `text`."""
    return frames_needed(encode(text, vocabulary))


def alphabet(prepared: Prepared) -> Alphabet:
    """How to read the columns of the logits."""
    ids = prepared.vocabulary
    silent = frozenset({ids[BLANK], ids[UNKNOWN]})
    return Alphabet({i: t for t, i in ids.items()}, ids[BLANK], ids[GAP], silent)
