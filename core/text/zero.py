"""Zero, oh and o: one digit, when it is spoken among digits."""
from __future__ import annotations

from collections.abc import Sequence

DIGITS = {
    name: str(value) for value, name in enumerate("zero one two three four five six seven eight nine".split())
}
OTHER_ZEROS = frozenset(("oh", "o"))
_TEENS_AND_TENS = (
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety hundred double triple treble"
)
NEIGHBOURS = frozenset((*DIGITS, *_TEENS_AND_TENS.split()))


def zero_folded(words: Sequence[str]) -> list[str]:
    """Scored `words` with "oh" and "o" as "zero" where a number word or another oh stands beside them ("oh
    four", not "oh dear").
    """
    folded = list(words)
    if OTHER_ZEROS.isdisjoint(folded):
        return folded
    for places in (range(len(folded)), reversed(range(len(folded)))):
        for at in places:
            if folded[at] in OTHER_ZEROS and is_number(folded, at - 1) | is_number(folded, at + 1):
                folded[at] = "zero"
    return folded


def is_number(words: Sequence[str], at: int) -> bool:
    """Whether the word at `at` is there and is a number word or a run of digits."""
    return 0 <= at < len(words) and (words[at] in NEIGHBOURS or words[at].isdigit())
