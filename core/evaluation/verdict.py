"""The verdict: is the tuned model better than its base on held-out items, and is ordinary speech unharmed."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.errors import BadInput
from core.evaluation.bootstrap import METRICS, Interval, paired, ratio, share_interval
from core.evaluation.rates import ItemScore

Judgement = Literal["better", "no clear change", "worse"]
FEW = 10
# Below six items even six wins out of six could be luck (two-sided, 95 %).
FEWEST = 6
HARM = 0.02  # more than this is no small price, in digits or in ordinary speech
# Fewer words of ordinary speech than this show harm only when it is gross.
FEW_ORDINARY_WORDS = 100


@dataclass(frozen=True)
class Figures:
    """One model's rates on one set; `no_digit_low`/`no_digit_high` bound its share of outputs without
    digits (95 %).
    """

    n_items: int
    n_words: int
    n_digits: int
    wer: float
    cer: float
    digit_error_rate: float
    number_error_rate: float
    no_digit_share: float
    no_digit_low: float
    no_digit_high: float


@dataclass(frozen=True)
class Verdict:
    """Base against tuned. `intervals` are of tuned - base: the metrics of held-out items, and
    "regression_wer".
    """

    base: Figures
    tuned: Figures
    regression_base: Figures | None
    regression_tuned: Figures | None
    intervals: dict[str, Interval]
    judgement: Judgement
    warnings: tuple[str, ...]
    sentence: str
    n_items: int


def figures(items: Sequence[ItemScore]) -> Figures:
    """The rates of one model over `items`."""
    clean = sum(not item.has_digits and not item.is_empty for item in items)
    low, high = share_interval(clean, len(items))
    return Figures(
        len(items),
        sum(item.n_words for item in items),
        sum(item.n_digits for item in items),
        ratio(items, "wer"),
        ratio(items, "cer"),
        ratio(items, "digit_error_rate"),
        ratio(items, "number_error_rate"),
        ratio(items, "no_digit_share"),
        low,
        high,
    )


def judge(
    base_items: Sequence[ItemScore],
    tuned_items: Sequence[ItemScore],
    regression_base: Sequence[ItemScore] | None = None,
    regression_tuned: Sequence[ItemScore] | None = None,
    seed: int = 0,
) -> Verdict:
    """The verdict on the same items scored for both models; Refused when there is none or the items differ.

    It is the word error rate that decides, by its paired interval; digits that surely got worse by more
    than two points, or fewer than six items, leave it at "no clear change", and digits that got a little
    worse are said beside a "better". Ordinary speech is judged when both regression sets are
    given.
    """
    base, tuned = figures(base_items), figures(tuned_items)
    intervals: dict[str, Interval] = {
        metric: paired(base_items, tuned_items, metric, seed=seed) for metric in METRICS
    }
    ordinary: tuple[Figures, Figures] | None = None
    if regression_base and regression_tuned:
        ordinary = figures(regression_base), figures(regression_tuned)
        intervals["regression_wer"] = paired(regression_base, regression_tuned, "wer", seed=seed)
    judgement = _judgement(intervals, base.n_items)
    warnings = tuple(_warnings(base.n_items, intervals, ordinary))
    sentence = _sentence(judgement, base, tuned, intervals["wer"], ordinary, warnings)
    was, now = ordinary or (None, None)
    return Verdict(base, tuned, was, now, intervals, judgement, warnings, sentence, base.n_items)


def _judgement(intervals: dict[str, Interval], n_items: int) -> Judgement:
    words, digits = intervals["wer"], intervals["digit_error_rate"]
    if n_items < FEWEST:
        return "no clear change"
    if words.high < 0 and digits.low <= HARM:
        return "better"
    return "worse" if words.low > 0 else "no clear change"


def _warnings(
    n_items: int, intervals: dict[str, Interval], ordinary: tuple[Figures, Figures] | None
) -> list[str]:
    """What must be said beside the judgement, each as a clause."""
    said = []
    if intervals["digit_error_rate"].low > 0:
        said.append(
            f"digits are recognised worse than before ({_points(intervals['digit_error_rate'].difference)})"
        )
    if ordinary and ordinary[1].wer - ordinary[0].wer > HARM:
        said.append(
            f"warning: ordinary speech got worse by {_points(ordinary[1].wer - ordinary[0].wer)} of WER"
        )
    if ordinary and ordinary[0].n_words < FEW_ORDINARY_WORDS:
        said.append(f"ordinary speech was measured on {ordinary[0].n_words} words only")
    if n_items < FEW:
        said.append(
            f"{n_items} held-out item{'s prove' if n_items > 1 else ' proves'} little, so record more"
        )
    return said


def _sentence(
    judgement: Judgement,
    base: Figures,
    tuned: Figures,
    words: Interval,
    ordinary: tuple[Figures, Figures] | None,
    warnings: tuple[str, ...],
) -> str:
    """One sentence with every figure that the judgement rests on."""
    opening = {"better": "Better", "worse": "Worse", "no clear change": "No clear change"}[judgement]
    opening += ", but with a reservation" if warnings and judgement == "better" else ""
    clauses = [
        f"on {base.n_items} held-out item{'s' if base.n_items > 1 else ''} the word error rate went "
        f"from {_percent(base.wer)} "
        f"to {_percent(tuned.wer)} ({_change(words)})",
        f"outputs without digits from {_percent(base.no_digit_share)} to {_percent(tuned.no_digit_share)} "
        f"(with 95 % confidence at least {_percent(tuned.no_digit_low)})",
    ]
    if base.n_digits:
        clauses.append(
            f"wrong digits from {_percent(base.digit_error_rate)} to {_percent(tuned.digit_error_rate)}"
        )
    clauses.append(_ordinary(ordinary))
    return f"{opening}: {', '.join(clauses)}{''.join('; ' + warning for warning in warnings)}."


def _ordinary(ordinary: tuple[Figures, Figures] | None) -> str:
    if ordinary is None:
        return "and ordinary speech was not measured"
    was, now = ordinary
    fate = "changed" if now.wer - was.wer > HARM else "is unharmed"
    rates = f"word error rate {_percent(was.wer)} before, {_percent(now.wer)} now, {was.n_words} words"
    return f"and ordinary speech {fate} ({rates})"


def _change(interval: Interval) -> str:
    low, high = sorted((abs(interval.low), abs(interval.high)))
    if interval.high < 0 or interval.low > 0:
        return f"95 % sure: {_figure(low)} to {_points(high)} {'lower' if interval.high < 0 else 'higher'}"
    return (
        f"95 % sure: between {_figure(abs(interval.low))} points lower and "
        f"{_points(abs(interval.high))} higher"
    )


def _figure(value: float) -> str:
    return f"{100 * value:.1f}"


def _points(value: float) -> str:
    return f"{_figure(value)} points"


def _percent(value: float) -> str:
    return f"{_figure(value)} %"


def to_json(verdict: Verdict) -> dict[str, Any]:
    """`verdict` as plain JSON values."""
    return asdict(verdict) | {"warnings": list(verdict.warnings)}


def from_json(value: dict[str, Any]) -> Verdict:
    """The verdict that `to_json` wrote; BadInput when parts are missing or strange."""
    try:
        was, now = (_maybe(value[name]) for name in ("regression_base", "regression_tuned"))
        intervals = {name: Interval(**interval) for name, interval in value["intervals"].items()}
        base, tuned = Figures(**value["base"]), Figures(**value["tuned"])
        judgement, sentence, n_items = (value[name] for name in ("judgement", "sentence", "n_items"))
        warnings = tuple(value["warnings"])
        return Verdict(base, tuned, was, now, intervals, judgement, warnings, sentence, n_items)
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"This verdict cannot be read ({error}): run the evaluation again to write a new one."
        ) from error


def _maybe(value: dict[str, Any] | None) -> Figures | None:
    return None if value is None else Figures(**value)
