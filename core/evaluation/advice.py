"""Advice in words from the curves of a training run: what they show, and which option to change for the next.

Nothing is said before there is evidence; how much is asked for stands at each threshold. The means of ten
equal parts of the steps (`_Parts`) stand for the curve: the noise of single steps is not taken for it.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.evaluation.course import Course, Numbers

N_PARTS = 10
FEWEST_STEPS = 40
"""After the warm-up: a part then has four steps at least."""
FEWEST_LOOKS = 4
MOST = 3
"""Pieces of advice at once: who changes everything learns nothing from it."""
LEARNED = 0.1
"""A loss below this share of its beginning has no room left: what it does there is no sign of anything."""


@dataclass(frozen=True)
class Advice:
    """One thing that the curves show: a stable code, a sentence, and what to try, by the options' names
    (nothing where no option helps)."""

    code: str
    sentence: str
    change: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Parts:
    """Ten equal parts of the losses after the warm-up: their means, the standard errors of these, the step
    at which each ends; `begin` is the loss of the run's first steps, `losses` are all after the warm-up."""

    means: Numbers
    errors: Numbers
    ends: Numbers
    begin: float
    losses: Numbers

    def fall(self, one: int, other: int) -> float:
        """By which share of its mean the loss fell from one part to another."""
        return float((self.means[one] - self.means[other]) / max(self.means[one], 1e-9))

    def is_clear(self, one: int, other: int, times: float = 2.0) -> bool:
        """Whether two parts differ by more than so many times the noise of their means."""
        noise = float(np.hypot(self.errors[one], self.errors[other]))
        return bool(abs(self.means[one] - self.means[other]) > times * noise)


def advise(course: Course) -> tuple[Advice, ...]:
    """What the course of a run suggests, the most urgent first; nothing for a healthy one or a short one."""
    found: dict[str, Advice] = {}
    parts = _parts(course)
    if parts is not None:
        for code, look in LOOKS.items():
            if not found.keys() & EXCLUDED.get(code, ()) and (advice := look(course, parts)):
                found[code] = advice
    if slow := lagging(course):
        found[slow.code] = slow
    return tuple(found.values())[:MOST]


def _parts(course: Course) -> _Parts | None:
    since = course.first + int(course.options.get("warmup_steps") or 0)
    after = course.steps > since
    steps, losses = course.steps[after], course.loss[after]
    if len(losses) < FEWEST_STEPS:
        return None
    pieces = np.array_split(losses, N_PARTS)
    ends = np.array([piece[-1] for piece in np.array_split(steps, N_PARTS)])
    means = np.array([piece.mean() for piece in pieces])
    errors = np.array([piece.std() / np.sqrt(len(piece)) for piece in pieces])
    begin = float(course.loss[course.steps > course.first][:3].mean())
    return _Parts(means, errors, ends, begin, losses)


def too_soon(course: Course, parts: _Parts) -> Advice | None:
    """The loss is next to nothing in the first fifth of the run, and what the model writes is not right: it
    copies what it should learn, or has the clips by heart."""
    near = np.flatnonzero(course.loss < max(0.01 * parts.begin, 1e-6))
    lasting = [int(n) for n in near[:1] if np.median(course.loss[n:]) < LEARNED * parts.begin]
    if not lasting or not course.planned or course.steps[lasting[0]] > 0.2 * course.planned:
        return None
    # a model that writes what was said has simply learned; without a look only the first epoch is suspicious
    is_fine = course.wer[-1] <= 0.2 if len(course.wer) else course.epochs[lasting[0]] > 0
    if is_fine:
        return None
    step, loss = int(course.steps[lasting[0]]), float(course.loss[lasting[0]])
    rate, slower = _rate(course), _slower(course)
    said = (f"The loss is next to nothing ({loss:.2g}) at step {step} already, too soon for speech that was "
            "learned: read the samples and the texts of the clips. If they are right, try a learning rate of "
            f"{slower['lr']:g} instead of {rate:g}.")
    return Advice("too_soon", said, slower)


def too_fast(course: Course, parts: _Parts) -> Advice | None:
    """The loss rose by half from its lowest part and stays there, or gradients were no numbers twice."""
    low = int(np.argmin(parts.means))
    # of ten parts the lowest is so by chance, too: hence the last two, and three times their noise
    rose = parts.means[-2:].min() > 1.5 * parts.means[low] and parts.is_clear(low, -1, 3)
    rose = rose and parts.means[-1] - parts.means[low] > LEARNED * parts.begin
    rate, slower = _rate(course), _slower(course)
    if not rose and course.n_broken < 2:
        return None
    said = (f"{course.n_broken} steps were left out because the gradient was no number: the learning rate is "
            f"probably too high. Try {slower['lr']:g} instead of {rate:g}.")
    if rose:
        said = (f"The loss rose from {parts.means[low]:.3g} around step {parts.ends[low]:.0f} to "
                f"{parts.means[-1]:.3g}: the learning rate is probably too high. Try {slower['lr']:g} "
                f"instead of {rate:g}.")
    return Advice("too_fast", said, slower)


def overfitting(course: Course, parts: _Parts) -> Advice | None:
    """The validation loss rose by a tenth from its lowest, over three looks, while the training loss fell and
    the words got no better."""
    looks, loss, wer = _in_phase(course)
    if len(loss) < FEWEST_LOOKS or (best := int(np.argmin(loss))) > len(loss) - 4:
        return None
    has_risen = loss[-3:].min() > 1.1 * loss[best] and wer[best + 1:].min() >= wer[best] - 0.005
    then = int(np.searchsorted(parts.ends, looks[best]))
    if not has_risen or then >= N_PARTS - 1 or not parts.means[-1] < parts.means[then]:
        return None
    patience = int(course.options.get("patience") or 0)
    said = (f"The validation loss was lowest at step {looks[best]:.0f} ({loss[best]:.3g}) and is "
            f"{loss[-1]:.3g} now, while the training loss went on falling: the model learns its clips by "
            "heart. ")
    if patience == 0 or patience > 3:
        return Advice("overfitting", said + "Stop after 3 looks without gain, or record more clips.",
                      {"patience": 3})
    return Advice("overfitting", said + f"Train {looks[best]:.0f} steps, or record more clips.",
                  {"steps": int(looks[best])})


def oscillation(course: Course, parts: _Parts) -> Advice | None:
    """In its second half the loss swings by over half of its mean from step to step, and falls no more."""
    half = parts.losses[len(parts.losses) // 2:]
    swing = float(np.std(np.diff(half)) / np.sqrt(2) / max(half.mean(), 1e-9))  # a trend adds nothing to it
    falls = parts.fall(5, 9) > 0.05 and parts.is_clear(5, 9)
    if swing < 0.5 or half.mean() < LEARNED * parts.begin or falls:
        return None
    gathered = int(course.options.get("accumulation") or 1)
    more = min(256, 2 * gathered)
    said = (f"The loss swings by {100 * swing:.0f} % from step to step and no longer falls: gather more "
            f"clips before each change of the weights. Try {more} batches instead of {gathered}.")
    return Advice("oscillation", said, {"accumulation": more})


def plateau(course: Course, parts: _Parts) -> Advice | None:
    """Less than 2 % were gained in the second half, in training and in validation, and there is room left."""
    flat = abs(float(parts.means[4:6].mean() - parts.means[8:].mean())) < 0.02 * parts.means[4:6].mean()
    is_early = len(parts.losses) < 2 * FEWEST_STEPS or course.steps[-1] < 0.4 * course.planned
    if is_early or not flat or parts.means[-1] < LEARNED * parts.begin or _still_gains(course):
        return None
    rate = _rate(course)
    if parts.means[-1] > 0.7 * parts.begin:
        faster = {"lr": _round(min(1.0, 3 * rate))}
        moved = (f"The loss hardly moved, from {parts.begin:.3g} to {parts.means[-1]:.3g}: the learning rate "
                 f"is probably too low. Try {faster['lr']:g} instead of {rate:g}.")
        return Advice("plateau", moved, faster)
    said = f"Since about step {parts.ends[4]:.0f} nothing was gained, in training or in validation. "
    if not course.options.get("patience"):
        return Advice("plateau", said + "Let the run stop by itself after 4 looks without gain.",
                      {"patience": 4})
    slower = _slower(course)
    return Advice("plateau", said + f"Try a learning rate of {slower['lr']:g} instead of {rate:g}.", slower)


def underfitting(course: Course, parts: _Parts) -> Advice | None:
    """The run has ended, and in its last tenth the loss still fell by 3 % and more than its noise."""
    has_ended = course.is_over and course.planned and course.steps[-1] >= 0.95 * course.planned
    if not has_ended or parts.fall(8, 9) < 0.03 or not parts.is_clear(8, 9):
        return None
    _, loss, wer = _in_phase(course)
    # what is nearly right, or has begun to be learned by heart, needs no more of the same
    if len(wer) and (wer[-1] <= 0.1 or loss[-1] > loss.min()):
        return None
    name = "adapter_epochs" if course.options.get("tune") == "language" else "steps"
    n = int(course.options.get(name) or course.planned)
    more = {name: 2 * n}
    said = "The loss was still falling when the run ended: it learned too little for its clips. "
    return Advice("underfitting", said + (f"Try {2 * n} epochs instead of {n}." if name != "steps" else
                                          f"Try {2 * n} steps instead of {n}."), more)


def lagging(course: Course) -> Advice | None:
    """One speaker's words are wrong far more often than the others', in each of the last two looks."""
    if len(course.speakers) < 2:
        return None
    behind = [_behind(look) for look in course.speakers[-2:]]
    for name in sorted(behind[0].keys() & behind[1].keys()):
        own, others = behind[1][name]
        return Advice("speaker", f"Of the words of {name} {100 * own:.0f} % are wrong, of the others' "
                      f"{100 * others:.0f} %: record more of this voice.")
    return None


def _behind(look: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """By speaker the own rate and that of all others, where it is ten points, half as much again and twice
    the noise above: on fewer than 20 words nobody is judged."""
    found = {}
    wrong, total = (sum(pair[n] for pair in look.values()) for n in (0, 1))
    for name, (own_wrong, own_words) in look.items():
        rest = total - own_words
        if own_words < 20 or rest < 20:
            continue
        own, others = own_wrong / own_words, (wrong - own_wrong) / rest
        noise = np.sqrt(_variance(own, own_words) + _variance(others, rest))
        if own > others + max(0.1, 2 * noise) and own > 1.5 * others:
            found[name] = own, others
    return found


def _variance(rate: float, n_words: float) -> float:
    return min(rate, 1.0) * max(1 - rate, 0.01) / n_words


def _in_phase(course: Course) -> tuple[Numbers, Numbers, Numbers]:
    here = course.looks > course.first
    return course.looks[here], course.val_loss[here], course.wer[here]


def _still_gains(course: Course) -> bool:
    """Whether the better half of the looks is the second one; no, where there are too few to tell."""
    _, loss, wer = _in_phase(course)
    half = len(loss) // 2
    if len(loss) < FEWEST_LOOKS:
        return False
    fewer_wrong = wer[half:].min() < wer[:half].min() - 0.005
    return bool(loss[half:].min() < 0.98 * loss[:half].min() or fewer_wrong)


def _rate(course: Course) -> float:
    return float(course.options.get("lr") or 1e-3)


def _slower(course: Course) -> dict[str, float]:
    return {"lr": _round(_rate(course) / 3)}


def _round(rate: float) -> float:
    """With one figure, as people write learning rates."""
    return float(f"{rate:.1g}")


LOOKS: dict[str, Callable[[Course, _Parts], Advice | None]] = {
    "too_soon": too_soon, "too_fast": too_fast, "overfitting": overfitting, "oscillation": oscillation,
    "plateau": plateau, "underfitting": underfitting}
EXCLUDED: dict[str, Sequence[str]] = {
    "too_fast": ("too_soon",),
    "overfitting": ("too_fast", "too_soon"),
    "oscillation": ("too_fast", "too_soon"),
    "plateau": ("too_fast", "too_soon", "overfitting", "oscillation"),
    "underfitting": ("too_fast", "too_soon", "overfitting", "oscillation", "plateau")}
"""What need not be said after what."""
