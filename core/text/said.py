"""Was the prompt said? What a recogniser heard, against this prompt and all the others of the script.

A recogniser that never met a voice is wrong all the time and for every take alike, so a take is doubted only
when another prompt fits better, or when it fits much worse than this person's takes usually do.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rapidfuzz import fuzz, process

from core.text.normalise import for_scoring

ENOUGH = 5  # takes before "usually" means something
WORSE = 0.3  # below one's usual likeness
UNLIKE = 0.45  # without a usual one; two sentences that have nothing to do with each other share so much
OTHER, LIKE = 0.15, 0.6  # another prompt fits by so much better, and well enough by itself


@dataclass(frozen=True)
class Said:
    """`likeness` of prompt and heard text, 0..1 (letters in common); `doubt` is a sentence, "" for none."""

    likeness: float
    doubt: str


def likeness(prompt: str, heard: str) -> float:
    """Letters in common, 0..1, in the form in which texts are scored."""
    return fuzz.ratio(for_scoring(prompt), for_scoring(heard)) / 100


def usual(likenesses: Sequence[float]) -> float | None:
    """What a speaker's takes mostly have in common with their prompts; None for too few of them."""
    return median(likenesses) if len(likenesses) >= ENOUGH else None


def said(prompt: str, heard: str, others: Sequence[str] = (), usually: float | None = None) -> Said:
    """Judge one take; `others` are the prompts beside it, `usually` is what `usual` says of the speaker."""
    found = likeness(prompt, heard)
    if not for_scoring(heard):
        return Said(found, "The recogniser heard no words: say it again, a little louder.")
    best = process.extractOne(heard, others, scorer=fuzz.ratio, processor=for_scoring)
    if best and best[1] / 100 >= max(LIKE, found + OTHER):
        return Said(found, f"This sounds like another prompt: “{best[0]}”.")
    least = UNLIKE if usually is None else usually - WORSE
    if found < least:
        return Said(found, f"Other words were heard: “{heard}”. Listen to it, or say it again.")
    return Said(found, "")
