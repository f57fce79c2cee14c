"""Labels of models that write one token after another: shifted once, ended once, the target alone
supervised. Rows 1 to 3 of the table; plain lists of token ids, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.training.checks import IGNORE, Check, passed, refused

REACH = 3  # shifts that are looked for, to say what is wrong


def shifted(heard: Sequence[int], labels: Sequence[int], ignore: int = IGNORE) -> Check:
    """`labels[t]` has to be the token after `heard[t]`.

    `heard` (time,) is what the model reads, `labels` (time,) what its output at that place is compared with,
    *after* every shift that its class makes itself. One stream at a time, without its delay.
    """
    agree = {by: _agreement(heard, labels, by, ignore) for by in (1, *range(-1, REACH + 1))}
    share, likely = agree[1], max(agree, key=lambda by: agree[by])
    if share == 1:
        return passed("shift", "The labels are shifted by one: each output is compared with what comes next.",
                      share=share)
    if likely == 0:
        why = "The labels are not shifted, so the model would learn to copy what it reads."
    elif agree[likely] == 1:
        why = (f"The labels are shifted by {likely} instead of 1, so the model would learn to leave tokens"
               " out.")
    else:
        why = f"Only {100 * share:.0f} % of the labels are what comes next in what the model reads."
    return refused("shift", why, share=share, shift=likely)


def _agreement(heard: Sequence[int], labels: Sequence[int], by: int, ignore: int) -> float:
    """Share of the supervised places whose label stands `by` places further on in what is heard."""
    places = [t for t, label in enumerate(labels) if label != ignore and 0 <= t + by < len(heard)]
    return sum(labels[t] == heard[t + by] for t in places) / len(places) if places else 0.0


def ended(streams: Sequence[Sequence[int]], end: int, ignore: int = IGNORE) -> Check:
    """Each stream of labels has to say its end, `end`, once, and nothing after it."""
    said = [[label for label in stream if label != ignore] for stream in streams]
    without = sum(end not in stream for stream in said)
    more = sum(stream.count(end) > 1 or (end in stream and stream[-1] != end) for stream in said)
    figures: dict[str, Any] = {"n_streams": len(said), "n_without": without, "n_wrong": more}
    if without:
        return refused("end", f"{without} of {len(said)} streams of labels have no end that is learned, so"
                       " the model would go on to the length limit.", **figures)
    if more:
        return refused("end", f"{more} of {len(said)} streams of labels go on after their end, or end twice.",
                       **figures)
    return passed("end", "Every stream of labels says its end once, and last.", **figures)


def supervised(labels: Sequence[int], target: range, ignore: int = IGNORE) -> Check:
    """Labels have to stand at every place of `target`, and at no other: not at the prompt, the reference or
    the padding."""
    outside = sum(label != ignore for t, label in enumerate(labels) if t not in target)
    missing = sum(not 0 <= t < len(labels) or labels[t] == ignore for t in target)
    figures: dict[str, Any] = {"n_target": len(target), "n_outside": outside, "n_missing": missing}
    if outside:
        return refused("span", f"{outside} labels stand outside of the target, so the model would learn the"
                       " prompt, the reference or the padding.", **figures)
    if missing or not len(target):
        return refused("span", f"{missing} of {len(target)} places of the target have no label, so the model"
                       " would not learn them.", **figures)
    return passed("span", "Labels stand at every place of the target, and nowhere else.", **figures)
