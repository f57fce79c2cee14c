"""What a training run looks like as HTML: its state, samples, verdict, failure, and the list of all runs."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.evaluation.bootstrap import Interval
from core.evaluation.verdict import Figures, Verdict
from core.run_dir import RunDir, without_superseded
from core.runs.listing import RunCard
from core.steps.verdict import Shown
from ui import view as show

LOG_LINES = 40
RATES = {"wer": "Word error rate", "cer": "Character error rate", "digit_error_rate": "Wrong digits",
         "number_error_rate": "Numbers with a wrong digit", "no_digit_share": "Outputs without digits"}
HIGHER_IS_BETTER = ("no_digit_share",)
JUDGEMENTS = {"better": "ok", "no clear change": "warn", "worse": "bad"}
NO_RUN = "No run yet. Choose a preset above and press Start; the loss, samples and the verdict appear here."


def title(card: RunCard) -> str:
    """One line that names a run: when, which preset, which family, which dataset."""
    order = card.order
    parts = [order.get("preset") or card.kind, order.get("family"), order.get("dataset_name")]
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
        return show.note(NO_RUN)
    head = f'<div class="vw-headline"><b>{show.text_of(title(card))}</b></div>'
    if card.state in ("failed", "lost"):
        return head + show.failure(card, log_tail(card.run))
    again = show.note("Resume goes on exactly where it stopped.") if card.state == "stopped" else ""
    # the verdict has a card of its own, so its sentence is not said twice
    message = f"{card.figures['step']} steps" if card.state == "done" and "sentence" in card.figures else None
    return head + show.progress(card, message) + again


def warnings(rows: Sequence[dict[str, Any]]) -> str:
    """What the run warned about, each sentence once."""
    said = dict.fromkeys(row["sentence"] for row in rows if row["kind"] == "warning")
    return "".join(show.note(sentence, "warn") for sentence in said)


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
        lines.append([reference, prediction or "<i>nothing</i>", f'<span class="vw-quiet">{early}</span>'])
    heads = ["What was said", f"What the model writes at step {newest}", f"What it wrote at step {begun}"]
    if begun == newest:
        heads, lines = heads[:2], [line[:2] for line in lines]
    return show.table(heads, lines, "Samples from the validation part", "vw-samples")


# --- verdict

def verdict(found: Shown | None) -> str:
    """The sentence first; then the figures with their intervals, ordinary speech, and the items."""
    if found is None:
        return ""
    ruling = found.verdict
    kind = JUDGEMENTS[ruling.judgement]
    words = f'<p class="vw-verdict vw-{kind}">{show.text_of(ruling.sentence)}</p>'
    tables = _figures(ruling) + _items(found)
    return f'<section class="vw-card" aria-label="Verdict">{words}{tables}</section>'


def _figures(ruling: Verdict) -> str:
    rows = [_line(name, ruling.base, ruling.tuned, ruling.intervals.get(key), key)
            for key, name in RATES.items() if _was_measured(ruling, key)]
    ordinary = "Word error rate, ordinary speech"
    if ruling.regression_base and ruling.regression_tuned:
        words = show.count(ruling.regression_base.n_words, "word")
        interval = ruling.intervals.get("regression_wer")
        rows.append(_line(f"{ordinary} <small>{words}</small>", ruling.regression_base,
                          ruling.regression_tuned, interval, "wer"))
    else:
        rows.append([ordinary, "not measured", "not measured", ""])
    items = show.count(ruling.n_items, "held-out take")
    heads = [f"On {items}", "Base", "Tuned", "Change, with 95 % confidence"]
    return show.table(heads, rows, "Base against tuned", "vw-figures-table")


def _was_measured(ruling: Verdict, key: str) -> bool:
    return not key.startswith(("digit", "number")) or ruling.base.n_digits > 0


def _line(name: str, base: Figures, tuned: Figures, interval: Interval | None, key: str) -> list[str]:
    return [name, show.percent(getattr(base, key)), f"<b>{show.percent(getattr(tuned, key))}</b>",
            change(interval, key in HIGHER_IS_BETTER)]


def change(interval: Interval | None, is_higher_better: bool = False) -> str:
    """The difference in points with its interval, coloured when the interval leaves zero out."""
    if interval is None:
        return ""
    bounds = f"{_signed(interval.low)} to {_signed(interval.high)}"
    points = f"{_signed(interval.difference)} points <small>({bounds})</small>"
    if interval.low <= 0 <= interval.high:
        return points
    is_good = (interval.low > 0) == is_higher_better
    return f'<span class="vw-{"ok" if is_good else "bad"}-text">{points}</span>'


def _signed(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", "−")


def _items(found: Shown) -> str:
    lines = []
    for item in [*found.items, *found.regression_items]:
        reference, tuned = show.marked(item["reference"], item["tuned"])
        base = show.marked(item["reference"], item["base"])[1]
        lines.append([reference, base or "<i>nothing</i>", tuned or "<i>nothing</i>"])
    if not lines:
        return ""
    listed = show.table(["What was said", "Base", "Tuned"], lines, "Every item of the verdict", "vw-samples")
    return f"<details><summary>All {len(lines)} items, side by side</summary>{listed}</details>"


# --- history and merge

def history(cards: Sequence[RunCard], chosen: str) -> str:
    """All training runs of the project with their states and buttons."""
    if not cards:
        return show.note("No run yet.")
    rows = [[show.when(card.started), show.text_of(card.order.get("preset", "")),
             show.text_of(card.order.get("dataset_name", "")), show.chip(show.STATES[card.state], card.state),
             _outcome(card), _buttons(card, chosen)] for card in cards]
    heads = ["Started", "Preset", "Dataset", "State", "Outcome", "What to do"]
    return show.table(heads, rows, "Training runs of this project", "vw-history")


def _outcome(card: RunCard) -> str:
    base, tuned = card.figures.get("base"), card.figures.get("tuned")
    if isinstance(base, dict) and isinstance(tuned, dict):
        return f"WER {show.percent(base.get('wer'))} → <b>{show.percent(tuned.get('wer'))}</b>"
    return show.text_of(card.message)


def _buttons(card: RunCard, chosen: str) -> str:
    offers = {"show": True, "stop": card.state in ("running", "queued"),
              "resume": card.state in ("stopped", "failed", "lost")}
    pressed = {"show": f' aria-pressed="{str(card.id == chosen).lower()}"'}
    name = show.text_of(card.id)
    made = [f'<button type="button" data-do="{what}" data-run="{name}"{pressed.get(what, "")}>'
            f"{what.capitalize()}</button>" for what, is_offered in offers.items() if is_offered]
    return f'<span class="vw-actions">{"".join(made)}</span>'


def merged(card: RunCard | None) -> str:
    """What a merge run came to, as a sentence."""
    if card is None:
        return ""
    return show.failure(card, log_tail(card.run)) if card.state in ("failed", "lost") else show.progress(card)
