"""Whether callers are cut off: when a client that reads a model's pause heads would end the turn, against
when the caller had finished. Base against tuned, number utterances apart from ordinary ones. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput, Refused
from core.evaluation.bootstrap import share_interval
from core.evaluation.sign_test import SURE, sign_test
from core.text.spoken import digit_strings

NUMBER_DIGITS = 3
"""So many digits make a number utterance: within fewer there is hardly a pause."""
SLACK = 0.1
"""Seconds: a turn that ends so shortly before the last word does cuts off nothing, as far as word times can
tell."""
Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Rule:
    """When a client ends the turn: head `head` (0 to 3: a pause of 0.5, 1, 2, 3 s) has been above `threshold`
    for `hold` frames, the first `ignored` frames of the stream apart, and at least `words` words of the turn
    were written."""

    head: int = 2
    threshold: float = 0.6
    hold: int = 3
    ignored: int = 12
    words: int = 1


@dataclass(frozen=True)
class Heard:
    """One utterance as one model heard it: `probabilities` (frames, heads) of `rate` frames a second, the
    frames at which words were written, `front` frames of silence before the clip, and when its speaker had
    finished, in seconds of the clip."""

    id: str
    probabilities: Array
    word_frames: tuple[int, ...]
    rate: float
    front: int
    finished: float
    is_number: bool


@dataclass(frozen=True)
class Utterance:
    """What a client would have done: the times (seconds of the clip) at which it cut the speaker off, and
    whether it ended the turn after they had finished."""

    id: str
    is_number: bool
    early: tuple[float, ...]
    is_ended: bool


@dataclass(frozen=True)
class Tally:
    """Of `n` utterances so many were `cut` off at least once, `ends` times in all, and `ended` were ended
    after their speaker had finished; `low` and `high` bound the share cut off (95 %, exact)."""

    n: int
    cut: int
    ends: int
    ended: int
    low: float
    high: float


@dataclass(frozen=True)
class Group:
    """Number utterances or ordinary ones: `base` is None where one model was probed alone. `p` is that of the
    exact sign test over the utterances that only one of both cut off."""

    tuned: Tally
    base: Tally | None = None
    p: float | None = None


@dataclass(frozen=True)
class Turns:
    """The table of both groups, None for one without utterances, and its sentence."""

    numbers: Group | None
    ordinary: Group | None
    rule: Rule
    sentence: str
    cut: tuple[str, ...] = field(default=())
    """Ids that the (tuned) model still cuts off."""


def is_number(text: str, language: str = "en", digits: Sequence[str] | None = None) -> bool:
    """Whether a number is said in `text`, in words or in digits."""
    return sum(map(len, digit_strings(text, language, digits))) >= NUMBER_DIGITS


def ends(probabilities: Array, word_frames: Sequence[int], rule: Rule) -> list[int]:
    """The frames at which a client ends the turn. After each end the head has to fall below the threshold,
    and a new word has to come, before there is another."""
    if not 0 <= rule.head < probabilities.shape[1]:
        raise BadInput(f"There is no pause head {rule.head}; choose 0 to {probabilities.shape[1] - 1}.")
    found: list[int] = []
    above, begun, is_armed = 0, 0, True
    for frame, is_above in enumerate(probabilities[:, rule.head] > rule.threshold):
        is_armed = is_armed or not is_above
        above = above + 1 if is_above and is_armed and frame >= rule.ignored else 0
        if above >= rule.hold and sum(begun <= word <= frame for word in word_frames) >= rule.words:
            found.append(frame)
            begun, is_armed = frame + 1, False
    return found


def judged(heard: Heard, rule: Rule) -> Utterance:
    """The ends of one utterance, those before its speaker had finished apart."""
    frames = ends(heard.probabilities, heard.word_frames, rule)
    times = [(frame - heard.front) / heard.rate for frame in frames]
    early = tuple(round(time, 3) for time in times if time < heard.finished - SLACK)
    return Utterance(heard.id, heard.is_number, early, len(early) < len(times))


def tally(found: Sequence[Utterance]) -> Tally:
    """Sums over utterances."""
    cut = sum(bool(each.early) for each in found)
    return Tally(len(found), cut, sum(len(each.early) for each in found),
                 sum(each.is_ended for each in found), *share_interval(cut, len(found)))


def compare(tuned: Sequence[Heard], base: Sequence[Heard] | None = None, rule: Rule | None = None) -> Turns:
    """The table for one model, or for two on the same utterances. Refused when there are none, or others."""
    chosen = rule or Rule()
    if not tuned:
        raise Refused("There are no utterances to probe; choose a folder or a project with recordings.")
    if base is not None and [each.id for each in base] != [each.id for each in tuned]:
        raise Refused("The two models were not probed on the same utterances; probe them again.")
    now = [judged(each, chosen) for each in tuned]
    was = [judged(each, chosen) for each in base] if base is not None else None
    numbers, ordinary = (_group(now, was, kind) for kind in (True, False))
    still = tuple(each.id for each in now if each.early)
    return Turns(numbers, ordinary, chosen, _sentence(numbers, ordinary), still)


def _group(now: Sequence[Utterance], was: Sequence[Utterance] | None, is_number: bool) -> Group | None:
    places = [i for i, each in enumerate(now) if each.is_number == is_number]
    if not places:
        return None
    after = [now[i] for i in places]
    if was is None:
        return Group(tally(after))
    before = [was[i] for i in places]
    pairs = [(bool(one.early), bool(other.early)) for one, other in zip(before, after, strict=True)]
    p = sign_test(pairs.count((True, False)), pairs.count((False, True)))
    return Group(tally(after), tally(before), p)


def _sentence(numbers: Group | None, ordinary: Group | None) -> str:
    groups = (("in mid-number", numbers), ("in ordinary speech", ordinary))
    return " ".join(_of_group(place, group) for place, group in groups if group)


def _of_group(place: str, group: Group) -> str:
    """“Callers cut off in mid-number: 14 of 30 → 1 of 30 (fewer, p = 0.001, turns ended ...: 30 → 29).”"""
    now, was = group.tuned, group.base
    if was is None or group.p is None:
        return (f"Callers cut off {place}: {now.cut} of {now.n} (with 95 % certainty {100 * now.low:.0f} to"
                f" {100 * now.high:.0f} %, turns ended when they had finished: {now.ended}).")
    fate = "no difference that could be shown"
    if group.p < SURE:
        fate = "fewer" if now.cut < was.cut else "more"
    return (f"Callers cut off {place}: {was.cut} of {was.n} → {now.cut} of {now.n} ({fate}, p ="
            f" {group.p:.2g}, turns ended when they had finished: {was.ended} → {now.ended}).")


def to_json(turns: Turns) -> dict[str, Any]:
    """`turns` as plain JSON values."""
    return asdict(turns)


def from_json(value: dict[str, Any] | None) -> Turns | None:
    """What `to_json` wrote; None for a verdict without. BadInput when parts are strange."""
    if value is None:
        return None
    try:
        numbers, ordinary = (_read_group(value[name]) for name in ("numbers", "ordinary"))
        return Turns(numbers, ordinary, Rule(**value["rule"]), value["sentence"], tuple(value["cut"]))
    except (KeyError, TypeError) as error:
        raise BadInput(
            f"This verdict cannot be read ({error}): run the evaluation again to write a new one."
        ) from error


def _read_group(value: dict[str, Any] | None) -> Group | None:
    if value is None:
        return None
    base = Tally(**value["base"]) if value["base"] else None
    return Group(Tally(**value["tuned"]), base, value["p"])
