"""What a verdict looks like as HTML: the sentence, the figures with their intervals, the items."""
from __future__ import annotations

from core.evaluation.bootstrap import Interval
from core.evaluation.verdict import Figures, Verdict
from core.steps.verdict import Shown
from ui import view as show
from ui.texts import figure, language, say
from ui.texts.retold import retold

RATES = ("wer", "cer", "digit_error_rate", "number_error_rate", "no_digit_share")
HIGHER_IS_BETTER = ("no_digit_share",)
JUDGEMENTS = {"better": "ok", "no clear change": "warn", "worse": "bad"}


def verdict(found: Shown | None) -> str:
    """The sentence first; then the figures with their intervals, ordinary speech, and the items."""
    if found is None:
        return ""
    ruling = found.verdict
    kind = JUDGEMENTS[ruling.judgement]
    words = f'<p class="vw-verdict vw-{kind}">{show.text_of(retold(ruling.sentence))}</p>'
    tables = _figures(ruling) + _items(found)
    named = show.words("run.verdict")
    return f'<section class="vw-card" aria-label="{named}">{words}{tables}</section>'


def _figures(ruling: Verdict) -> str:
    rows = [_line(show.words(f"run.rate.{key}"), ruling.base, ruling.tuned, ruling.intervals.get(key), key)
            for key in RATES if _was_measured(ruling, key)]
    ordinary = show.words("run.rate.ordinary")
    if ruling.regression_base and ruling.regression_tuned:
        words = show.words("data.words", n=ruling.regression_base.n_words)
        interval = ruling.intervals.get("regression_wer")
        rows.append(_line(f"{ordinary} <small>{words}</small>", ruling.regression_base,
                          ruling.regression_tuned, interval, "wer"))
    else:
        rows.append([ordinary, show.words("run.not_measured"), show.words("run.not_measured"), ""])
    heads = [say("run.on", n=ruling.n_items), say("run.base"), say("run.tuned"), say("run.change")]
    return show.table(heads, rows, say("run.against"), "vw-figures-table")


def _was_measured(ruling: Verdict, key: str) -> bool:
    return not key.startswith(("digit", "number")) or ruling.base.n_digits > 0


def _line(name: str, base: Figures, tuned: Figures, interval: Interval | None, key: str) -> list[str]:
    return [name, show.percent(getattr(base, key)), f"<b>{show.percent(getattr(tuned, key))}</b>",
            change(interval, key in HIGHER_IS_BETTER)]


def change(interval: Interval | None, is_higher_better: bool = False) -> str:
    """The difference in points with its interval, coloured when the interval leaves zero out."""
    if interval is None:
        return ""
    bounds = show.words("run.bounds", low=_signed(interval.low), high=_signed(interval.high))
    change = show.words("run.points", change=_signed(interval.difference))
    points = f"{change} <small>({bounds})</small>"
    if interval.low <= 0 <= interval.high:
        return points
    is_good = (interval.low > 0) == is_higher_better
    return f'<span class="vw-{"ok" if is_good else "bad"}-text">{points}</span>'


def _signed(value: float) -> str:
    return figure(f"{100 * value:+.1f}", language()).replace("-", "−")


def _items(found: Shown) -> str:
    lines, nothing = [], show.nothing("view.nothing")
    for item in [*found.items, *found.regression_items]:
        reference, tuned = show.marked(item["reference"], item["tuned"])
        base = show.marked(item["reference"], item["base"])[1]
        lines.append([reference, base or nothing, tuned or nothing])
    if not lines:
        return ""
    heads = [say("run.said"), say("run.base"), say("run.tuned")]
    listed = show.table(heads, lines, say("run.every"), "vw-samples")
    return f"<details><summary>{show.words('run.all', n=len(lines))}</summary>{listed}</details>"
