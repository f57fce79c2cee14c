"""Texts as token ids and back, and what in a dataset could not be written with a vocabulary."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

from core.alignment.viterbi import frames_needed
from core.errors import BadInput
from core.families.base import LEFT_OUT, Prepared
from core.families.ctc.folder import Folder
from core.modelling.ctc_decoding import Alphabet
from core.types import Finding, Row

QUOTES = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"}
)  # typed apostrophes of all kinds


def case_of(vocabulary: Iterable[str]) -> str:
    """upper or lower where its letters know one case only, else "as is"."""
    letters = [t for t in vocabulary if len(t) == 1 and t.lower() != t.upper()]
    upper, lower = any(t.isupper() for t in letters), any(t.islower() for t in letters)
    return "upper" if upper and not lower else "lower" if lower and not upper else "as is"


def prepared_from(folder: Folder) -> Prepared:
    """Vocabulary, letter case and frame settings of a base, as they go into every checkpoint."""
    language = {"language": folder.language} if folder.language else {}
    adapter = {"adapter": folder.adapter_id()} if folder.adapter else {}
    return Prepared(
        folder.vocabulary,
        case_of(folder.vocabulary),
        {
            **language,
            **adapter,
            "blank": folder.blank,
            "delimiter": folder.delimiter,
            "silent": folder.silent,
            "architecture": folder.architecture,
            "stride": folder.stride,
            "rate": folder.rate,
            "seconds_per_frame": folder.seconds_per_frame(),
            "one_by_one": folder.depends_on_padding,
            "features": folder.features,
            "encoder_id": folder.encoder_id(),
        },
    )


def alphabet(prepared: Prepared) -> Alphabet:
    """How to read the columns of the logits; models that know one case only write in lower case."""
    fold = str.lower if prepared.normaliser == "upper" else str
    return Alphabet(
        {i: fold(t) for t, i in prepared.vocabulary.items()},
        int(prepared.extra["blank"]),
        int(prepared.extra["delimiter"]),
        frozenset(prepared.extra["silent"]),
    )


def normalise(text: str, prepared: Prepared) -> str:
    """`text` in the case of the vocabulary, apostrophes made plain, marks that it cannot write
    left out, single spaces."""
    text = in_case(plain(text, prepared.vocabulary), prepared.normaliser)
    kept = (
        c if c in prepared.vocabulary or not _is_mark(c) else " " if c in "-\u2013\u2014/" else ""
        for c in text
    )
    return re.sub(r"\s+", " ", "".join(kept)).strip()


def plain(text: str, written: Container[str]) -> str:
    """`text` with composed letters and typewriter apostrophes, but for those of other kinds that are
    `written`: some languages have one as a letter."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(c if c in written else c.translate(QUOTES) for c in composed)


def in_case(text: str, normaliser: str) -> str:
    """`text` in upper or lower case, or as it is."""
    return text.upper() if normaliser == "upper" else text.lower() if normaliser == "lower" else text


def _is_mark(char: str) -> bool:
    """Punctuation, which a label may lose; letters, digits and signs such as % or $ may not."""
    return unicodedata.category(char).startswith("P") and char not in "%&@#"


def outside(text: str, prepared: Prepared) -> set[str]:
    """Characters of the normalised `text` that the vocabulary cannot write."""
    return {
        c for c in _pieces(normalise(text, prepared), prepared) if c != " " and c not in prepared.vocabulary
    }


def _pieces(text: str, prepared: Prepared) -> list[str]:
    silent = set(prepared.extra["silent"])
    several = sorted(
        (t for t, i in prepared.vocabulary.items() if len(t) > 1 and i not in silent), key=len, reverse=True
    )
    return re.findall("|".join([*map(re.escape, several), "."]), text)


def encode(text: str, prepared: Prepared, unknown: int | None = None) -> tuple[int, ...]:
    """Token ids of `text`. Raises BadInput naming the characters that the vocabulary lacks, unless `unknown`
    is to stand for them."""
    missing = outside(text, prepared)
    if missing and unknown is None:
        raise BadInput(
            f"The model's vocabulary cannot write {listed(missing)} in “{text[:60]}”; spell it out in the"
            " transcript."
        )
    delimiter = int(prepared.extra["delimiter"])
    known: dict[str, int | None] = {**prepared.vocabulary, " ": delimiter}
    found = (known.get(piece, unknown) for piece in _pieces(normalise(text, prepared), prepared))
    return tuple(token for token in found if token is not None)


def decode(labels: Sequence[int], prepared: Prepared) -> str:
    """The text that `labels` (not collapsed) spell."""
    letters = alphabet(prepared)
    return "".join(
        " " if i == letters.delimiter else letters.tokens[i] for i in labels if i not in letters.silent
    ).strip()


def findings(
    rows: Sequence[Row], folder: Folder, prepared: Prepared | None = None, leave_out: bool = False
) -> list[Finding]:
    """Rows that would spoil a run: no text, letters outside the vocabulary, more letters than frames. Those
    last are refused, too, or left out; held-out letters of a language that is taught are no reason to."""
    prepared, named = prepared or prepared_from(folder), defaultdict(list)
    unknown, missing = prepared.extra.get("unknown"), defaultdict[str, set[str]](set)
    for row in rows:
        odd, is_held_out = outside(row.text, prepared), row.split != "train"
        if not normalise(row.text, prepared):
            named["text_empty"].append(row.id)
        elif odd:
            code = "letters_unheard" if unknown is not None and is_held_out else "letters_outside_vocabulary"
            named[code].append(row.id)
            missing[code] |= odd
        elif frames_needed(encode(row.text, prepared)) > folder.n_frames(row.seconds):
            named[LEFT_OUT if leave_out else "label_longer_than_audio"].append(row.id)
    return [
        Finding(
            code,
            "warn" if code in (LEFT_OUT, "letters_unheard") else "refuse",
            f"{len(ids)} of {len(rows)} clips {_fault(code, missing[code])}: {_some(ids)}.",
            float(len(ids)),
            tuple(ids),
        )
        for code, ids in named.items()
    ]


def _fault(code: str, missing: set[str]) -> str:
    """What is wrong with clips, and what to do."""
    return {
        "text_empty": "have no text to learn; write what is said, or leave them out",
        "letters_outside_vocabulary":
            f"hold characters that the model cannot write ({listed(missing)}); spell them out",
        "letters_unheard":
            f"hold characters that no training clip has ({listed(missing)}); the model will get them wrong",
        "label_longer_than_audio":
            "have more letters than their audio has room for; the text or the cut is wrong",
        LEFT_OUT:
            "have more letters than their audio has room for, and are left out; the text or the cut is wrong",
    }[code]


def listed(chars: Iterable[str]) -> str:
    """The first dozen of them, quoted."""
    return ", ".join(f"“{c}”" for c in sorted(chars)[:12])


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
