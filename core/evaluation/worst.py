"""The sentences that got worse: the first thing to hear when a model is said to be better."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.evaluation.rates import ItemScore

MOST = 10


@dataclass(frozen=True)
class Worse:
    """An item that the tuned model writes worse than its base: so many more words and characters wrong.

    `is_ordinary`: it is ordinary speech, not a held-out item.
    """

    id: str
    reference: str
    base: str
    tuned: str
    more_words: int
    more_chars: int
    is_ordinary: bool = False


def got_worse(base: Sequence[ItemScore], tuned: Sequence[ItemScore], ordinary_base: Sequence[ItemScore] = (),
              ordinary_tuned: Sequence[ItemScore] = (), most: int = MOST) -> tuple[Worse, ...]:
    """The items that lost most, by word errors and then by characters; both models' are matched by id."""
    found = [*_compared(base, tuned, False), *_compared(ordinary_base, ordinary_tuned, True)]
    lost = [each for each in found if (each.more_words, each.more_chars) > (0, 0)]
    return tuple(sorted(lost, key=lambda each: (-each.more_words, -each.more_chars, each.id))[:most])


def _compared(base: Sequence[ItemScore], tuned: Sequence[ItemScore], is_ordinary: bool) -> list[Worse]:
    after = {item.id: item for item in tuned}
    return [Worse(was.id, was.reference, was.hypothesis, now.hypothesis, now.word_errors - was.word_errors,
                  now.char_errors - was.char_errors, is_ordinary)
            for was in base for now in [after[was.id]]]
