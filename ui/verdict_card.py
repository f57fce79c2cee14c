"""What a verdict looks like as HTML: the sentences, the figures with their intervals, groups and items."""
from __future__ import annotations

from core.evaluation.bootstrap import Interval
from core.evaluation.groups import NOTE, Group
from core.evaluation.pace import Pace, Spread, in_words
from core.evaluation.verdict import Figures, Verdict
from core.evaluation.worst import Worse
from core.steps.verdict import Shown
from ui import view as show
from ui.texts import figure, language, say
from ui.texts.retold import retold

RATES = ("wer", "cer", "digit_error_rate", "number_error_rate", "no_digit_share")
HIGHER_IS_BETTER = ("no_digit_share",)
JUDGEMENTS = {"better": "ok", "no clear change": "warn", "worse": "bad"}


def verdict(found: Shown | None) -> str:
    """The card of a run's own verdict, and one for each fresh test of it."""
    if found is None:
        return ""
    own = card(found, show.words("run.verdict"))
    return own + "".join(fresh(each) for each in found.fresh)


def fresh(found: Shown) -> str:
    """The card of a verdict on fresh prompts, which says that it is one."""
    title = show.words("verdict.fresh", n=found.verdict.n_items)
    return card(found, title, f"<h2>{title}</h2>")


def card(found: Shown, named: str, head: str = "") -> str:
    """The sentence for everybody first, then the one with all figures, then what these rest on."""
    ruling, seen = found.verdict, found.closer
    first = retold(seen.plain if seen else ruling.sentence)
    words = f'<p class="vw-verdict vw-{JUDGEMENTS[ruling.judgement]}">{show.text_of(first)}</p>'
    if seen:
        words += show.note(retold(ruling.sentence))
        words += "".join(show.note(retold(sentence), "warn") for sentence in seen.lagging)
    if found.turns:
        words += show.note(retold(found.turns.sentence))
    parts = [words, _figures(ruling)]
    if seen:
        parts += [_pace(seen.pace), _groups(seen.groups), _worst(seen.worst)]
    return f'<section class="vw-card" aria-label="{named}">{head}{"".join(parts)}{_items(found)}</section>'


# --- figures

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


# --- speed

def _pace(found: Pace | None) -> str:
    """Both speeds side by side, folded away, and what they mean in words."""
    if found is None:
        return ""
    rows = [[show.words("verdict.factor"), _spread(found.base_factor), _spread(found.tuned_factor)],
            [show.words("verdict.delay"), _spread(found.base_delay), _spread(found.tuned_delay)]]
    heads = [say("verdict.middle"), say("run.base"), say("run.tuned")]
    table = show.table(heads, rows, say("verdict.pace"), "vw-figures-table")
    return _folded(show.words("verdict.pace"), show.note(retold(in_words(found))) + table)


def _spread(found: Spread) -> str:
    low, high = (show.decimal(value, 3) for value in (found.low, found.high))
    return f"{show.decimal(found.median, 3)} <small>({show.words('run.bounds', low=low, high=high)})</small>"


# --- groups

def _groups(found: tuple[Group, ...]) -> str:
    if not found:
        return ""
    rows = [[_named(group), str(group.n), show.percent(group.base), f"<b>{show.percent(group.tuned)}</b>",
             change(group.interval) or show.words("verdict.too_few")] for group in found]
    heads = [say("verdict.group"), say("verdict.n"), say("run.base"), say("run.tuned"), say("run.change")]
    table = show.table(heads, rows, say("verdict.groups"), "vw-figures-table")
    return _folded(show.words("verdict.groups"), show.note(retold(NOTE)) + table)


def _named(group: Group) -> str:
    """What a group is called; a length with its bounds in seconds."""
    if group.by == "length":
        bounds = {"above": group.above or 0.0, "up_to": group.up_to or 0.0}
        return show.words(f"verdict.length.{group.name}", **bounds)
    return show.words(f"verdict.by.{group.by}", name=group.name)


# --- sentences

def _worst(found: tuple[Worse, ...]) -> str:
    """What got worse, each with its sound."""
    rows = []
    for each in found:
        reference, tuned = show.marked(each.reference, each.tuned)
        base = show.marked(each.reference, each.base)[1]
        kind = f" <small>{show.words('verdict.ordinary')}</small>" if each.is_ordinary else ""
        nothing = show.nothing("view.nothing")
        rows.append([f"{_sound(each)}{reference}{kind}", base or nothing, tuned or nothing,
                     f"{each.more_words:+d}".replace("-", "−")])
    if not rows:
        return ""
    heads = [say("run.said"), say("run.base"), say("run.tuned"), say("verdict.more")]
    listed = show.table(heads, rows, say("verdict.worst", n=len(rows)), "vw-samples vw-worst")
    return _folded(show.words("verdict.worst", n=len(rows)), listed)


def _sound(each: Worse) -> str:
    named = show.words("verdict.play", text=each.reference)
    return f'<audio controls preload="none" src="audio/{show.text_of(each.id)}" aria-label="{named}"></audio>'


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
    return _folded(show.words("run.all", n=len(lines)), listed)


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{title}</summary>{content}</details>"
