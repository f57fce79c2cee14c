"""Error rates: words, characters and spoken digits, over a set and for one item."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq, Levenshtein

from core.text.normalise import for_scoring
from core.text.spoken import digit_strings


@dataclass(frozen=True)
class Rate:
    """`errors` among `total` units of the reference."""

    errors: int
    total: int

    @property
    def rate(self) -> float:
        """errors / total; without a unit in the reference every error counts as a whole one (0.0 when there
        is none).
        """
        return self.errors / max(self.total, 1)


@dataclass(frozen=True)
class ItemScore:
    """Counts for one item: errors and units of the reference in words, characters and digits.

    `has_digits` says whether the hypothesis holds a written digit, `is_empty` whether it holds no word at
    all.
    """

    id: str
    reference: str
    hypothesis: str
    word_errors: int
    n_words: int
    char_errors: int
    n_chars: int
    digit_errors: int
    n_digits: int
    number_errors: int
    n_numbers: int
    has_digits: bool
    is_empty: bool


def wer(refs: Sequence[str], hyps: Sequence[str]) -> Rate:
    """Word error rate on scoring-normalised texts, as written: "1296803" for seven words counts as seven
    errors.
    """
    import jiwer

    if not refs and not hyps:
        return Rate(0, 0)
    out = jiwer.process_words(_scored(refs, hyps), _scored(hyps, refs))
    return Rate(
        out.substitutions + out.deletions + out.insertions, out.hits + out.substitutions + out.deletions
    )


def cer(refs: Sequence[str], hyps: Sequence[str]) -> Rate:
    """Character error rate on scoring-normalised texts, single spaces counted."""
    import jiwer

    if not refs and not hyps:
        return Rate(0, 0)
    out = jiwer.process_characters(_scored(refs, hyps), _scored(hyps, refs))
    return Rate(
        out.substitutions + out.deletions + out.insertions, out.hits + out.substitutions + out.deletions
    )


def _scored(texts: Sequence[str], others: Sequence[str]) -> list[str]:
    if len(texts) != len(others):
        raise ValueError(f"{len(texts)} texts against {len(others)}")
    return [for_scoring(text) for text in texts]


def digit_errors(
    refs: Sequence[str], hyps: Sequence[str], language: str = "en", digits: Sequence[str] | None = None
) -> Rate:
    """Edit distance over the digits said or written in each item, zero = oh = o, double and triple expanded.

    Where a string of digits ends does not matter; inserted digits count.
    """
    return _summed([_digit_errors(ref, hyp, language, digits) for ref, hyp in zip(refs, hyps, strict=True)])


def exact_numbers(
    refs: Sequence[str], hyps: Sequence[str], language: str = "en", digits: Sequence[str] | None = None
) -> Rate:
    """Digit strings of the references that do not stand whole, in order and with all leading zeros in the
    hypotheses.
    """
    return _summed([_exact(ref, hyp, language, digits) for ref, hyp in zip(refs, hyps, strict=True)])


def no_digit_share(hyps: Sequence[str]) -> float:
    """Share of outputs that contain words and no written digit, 0..1; an output without any word is no
    success.
    """
    clean = sum(1 for hyp in hyps if for_scoring(hyp) and not has_digit(hyp))
    return clean / len(hyps) if hyps else 0.0


def has_digit(text: str) -> bool:
    """Whether `text` holds a digit of any script."""
    return any(char.isdigit() for char in text)


def score_item(
    id: str, reference: str, hypothesis: str, language: str = "en", digits: Sequence[str] | None = None
) -> ItemScore:
    """All counts for one item; `digits` are ten words in a language whose numbers have no names here."""
    words, chars = wer([reference], [hypothesis]), cer([reference], [hypothesis])
    said = _digit_errors(reference, hypothesis, language, digits)
    numbers = _exact(reference, hypothesis, language, digits)
    return ItemScore(
        id,
        reference,
        hypothesis,
        words.errors,
        words.total,
        chars.errors,
        chars.total,
        said.errors,
        said.total,
        numbers.errors,
        numbers.total,
        has_digit(hypothesis),
        not for_scoring(hypothesis),
    )


def _summed(rates: Sequence[Rate]) -> Rate:
    return Rate(sum(rate.errors for rate in rates), sum(rate.total for rate in rates))


def _digit_errors(reference: str, hypothesis: str, language: str, digits: Sequence[str] | None) -> Rate:
    wanted, got = ("".join(digit_strings(text, language, digits)) for text in (reference, hypothesis))
    return Rate(Levenshtein.distance(wanted, got), len(wanted))


def _exact(reference: str, hypothesis: str, language: str, digits: Sequence[str] | None) -> Rate:
    wanted, got = digit_strings(reference, language, digits), digit_strings(hypothesis, language, digits)
    return Rate(len(wanted) - LCSseq.similarity(wanted, got), len(wanted))
