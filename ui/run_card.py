"""What a training run looks like as HTML: its state, samples, verdict, failure, and the list of all runs."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.evaluation.bootstrap import Interval
from core.evaluation.verdict import Figures, Verdict
from core.modelling import licences
from core.run_dir import RunDir, without_superseded
from core.runs.listing import RunCard
from core.steps.verdict import Shown
from ui import run_notes
from ui import view as show
from ui.texts import figure, language, say
from ui.texts.retold import retold
from ui.train_form import preset_name

LOG_LINES = 40
HEADS = ("started", "preset", "dataset", "state", "outcome", "action")
RATES = ("wer", "cer", "digit_error_rate", "number_error_rate", "no_digit_share")
HIGHER_IS_BETTER = ("no_digit_share",)
JUDGEMENTS = {"better": "ok", "no clear change": "warn", "worse": "bad"}


def title(card: RunCard) -> str:
    """One line that names a run: when, which preset, which family, which dataset."""
    order = card.order
    parts = [preset_name(order.get("preset") or card.kind), order.get("family"), order.get("dataset_name")]
    return " · ".join(part for part in [show.when(card.started), *parts] if part)


def log_tail(run: RunDir, n_lines: int = LOG_LINES) -> list[str]:
    """The last lines of a run's log; bytes that are no text are replaced."""
    if not run.log.exists():
        return []
    with open(run.log, "rb") as file:
        file.seek(max(run.log.stat().st_size - 40_000, 0))
        return file.read().decode("utf-8", errors="replace").splitlines()[-n_lines:]


def state(card: RunCard | None) -> str:
    """The run as a sentence; a failed or lost one as a card with the end of its log."""
    if card is None:
        return show.note(say("run.none_yet"))
    head = f'<div class="vw-headline"><b>{show.text_of(title(card))}</b></div>'
    if card.state in ("failed", "lost"):
        return head + show.failure(card, log_tail(card.run))
    again = show.note(say("run.again")) if card.state == "stopped" else ""
    # the verdict has a card of its own, so its sentence is not said twice
    has_verdict = card.state == "done" and "sentence" in card.figures
    message = say("run.steps", n=card.figures["step"]) if has_verdict else None
    base, held = Path(card.order.get("base") or "").name, card.order.get("licence") or ""
    return head + show.progress(card, message) + again + show.note(retold(licences.sentence(base, held)))


def warnings(rows: Sequence[dict[str, Any]]) -> str:
    """What the run warned about, each sentence once."""
    said = dict.fromkeys(row["sentence"] for row in rows if row["kind"] == "warning")
    return "".join(show.note(retold(sentence), "warn") for sentence in said)


def samples(rows: Sequence[dict[str, Any]]) -> str:
    """The newest samples: what was said against what the model writes now, and what it wrote at first."""
    found = [row for row in without_superseded(list(rows)) if row["kind"] == "sample"]
    if not found:
        return ""
    first = {row["id"]: row for row in reversed(found)}
    last = {row["id"]: row for row in found}
    begun, newest = min(row["step"] for row in found), max(row["step"] for row in found)
    lines = []
    for name, row in last.items():
        reference, prediction = show.marked(row["reference"], row["prediction"])
        early = show.text_of(first[name]["prediction"]) if begun != newest else ""
        now = prediction or show.nothing("view.nothing")
        lines.append([reference, now, f'<span class="vw-quiet">{early}</span>'])
    heads = [say("run.said"), say("run.writes", step=newest), say("run.wrote", step=begun)]
    if begun == newest:
        heads, lines = heads[:2], [line[:2] for line in lines]
    return show.table(heads, lines, say("run.samples"), "vw-samples")


# --- verdict

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


# --- history and merge

def history(cards: Sequence[RunCard], chosen: str) -> str:
    """All training runs of the project with their states and buttons."""
    if not cards:
        return show.note(say("run.none"))
    rows = [[show.when(card.started), show.text_of(preset_name(card.order.get("preset", ""))),
             show.text_of(card.order.get("dataset_name", "")),
             show.chip(say(f"state.{card.state}"), card.state), _outcome(card), _buttons(card, chosen)]
            for card in cards]
    heads = [say(f"run.head.{head}") for head in HEADS]
    return run_notes.tag_filter(cards) + show.table(heads, rows, say("run.table"), "vw-history")


def _outcome(card: RunCard) -> str:
    return _result(card) + run_notes.line(card.run)


def _result(card: RunCard) -> str:
    base, tuned = card.figures.get("base"), card.figures.get("tuned")
    if isinstance(base, dict) and isinstance(tuned, dict):
        return f"WER {show.percent(base.get('wer'))} → <b>{show.percent(tuned.get('wer'))}</b>"
    return show.text_of(retold(card.message))


def _buttons(card: RunCard, chosen: str) -> str:
    offers = {"show": True, "stop": card.state in ("running", "queued"),
              "resume": card.state in ("stopped", "failed", "lost")}
    pressed = {"show": f' aria-pressed="{str(card.id == chosen).lower()}"'}
    name = show.text_of(card.id)
    made = [f'<button type="button" data-do="{what}" data-run="{name}"{pressed.get(what, "")}>'
            f"{show.words(f'run.do.{what}')}</button>" for what, is_offered in offers.items() if is_offered]
    return f'<span class="vw-actions">{"".join(made)}</span>'


def merged(card: RunCard | None) -> str:
    """What a merge run came to, as a sentence."""
    if card is None:
        return ""
    return show.failure(card, log_tail(card.run)) if card.state in ("failed", "lost") else show.progress(card)
