"""What a training run looks like as HTML: its state, samples, failure, and the list of all runs."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.modelling import licences
from core.run_dir import RunDir, without_superseded
from core.runs.listing import RunCard
from ui import run_notes, sample_table
from ui import view as show
from ui.texts import say
from ui.texts.retold import retold
from ui.train_form import preset_name

LOG_LINES = 40
HEADS = ("started", "preset", "dataset", "state", "outcome", "action")


def title(card: RunCard) -> str:
    """One line that names a run: when, which preset, which family, which dataset."""
    order = card.order
    parts = [_preset(card) or preset_name(card.kind), order.get("family"), order.get("dataset_name")]
    return " · ".join(part for part in [show.when(card.started), *parts] if part)


def _preset(card: RunCard) -> str:
    """What the run was made by: a preset, or a trainer elsewhere."""
    return say("run.brought") if card.order.get("adapter") else preset_name(card.order.get("preset") or "")


def _done(card: RunCard) -> str:
    """What a run has done, beside its verdict."""
    return say("run.taken_in") if card.order.get("adapter") else say("run.steps", n=card.figures["step"])


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
    message = _done(card) if has_verdict else None
    base, held = Path(card.order.get("base") or "").name, card.order.get("licence") or ""
    return head + show.progress(card, message) + again + show.note(retold(licences.sentence(base, held)))


def warnings(rows: Sequence[dict[str, Any]]) -> str:
    """What the run warned about, each sentence once."""
    said = dict.fromkeys(row["sentence"] for row in rows if row["kind"] == "warning")
    return "".join(show.note(retold(sentence), "warn") for sentence in said)


def samples(rows: Sequence[dict[str, Any]], run_id: str = "") -> str:
    """The newest samples: what was said against what the model writes now, and what it wrote at first. What a
    model of `run_id` said itself can be heard, with its figures and what the recogniser wrote of it."""
    found = [row for row in without_superseded(list(rows)) if row["kind"] == "sample"]
    if not found:
        return ""
    first = {row["id"]: row for row in reversed(found)}
    last = {row["id"]: row for row in found}
    begun, newest = min(row["step"] for row in found), max(row["step"] for row in found)
    lines = []
    for name, row in last.items():
        reference, prediction = show.marked(row["reference"], row["prediction"])
        now = (prediction or show.nothing("view.nothing")) + sample_table.spoken(run_id, row)
        lines.append([reference, now, _at_first(first[name], run_id)])
    is_speech = any(row.get("audio") for row in found)
    now_head, then_head = ("run.says", "run.was_heard") if is_speech else ("run.writes", "run.wrote")
    heads = [say("run.said"), say(now_head, step=newest), say(then_head, step=begun)]
    if begun == newest:
        heads, lines = heads[:2], [line[:2] for line in lines]
    return show.table(heads, lines, say("run.samples"), "vw-samples")


def _at_first(row: dict[str, Any], run_id: str) -> str:
    said = f'<span class="vw-quiet">{show.text_of(row["prediction"])}</span>'
    return said + sample_table.spoken(run_id, row)


# --- history and merge

def history(cards: Sequence[RunCard], chosen: str) -> str:
    """All training runs of the project with their states and buttons."""
    if not cards:
        return show.note(say("run.none"))
    rows = [[show.when(card.started), show.text_of(_preset(card)),
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
    said = card.figures.get("plain") if card.state == "done" else None  # the message has every figure
    return show.text_of(retold(said or card.message))


def _buttons(card: RunCard, chosen: str) -> str:
    offers = {"show": True, "stop": card.state in ("running", "queued"),
              "resume": card.state in ("stopped", "failed", "lost"),
              "go_on": (card.path / "checkpoints" / "manifest.json").exists()}
    pressed = {"show": f' aria-pressed="{str(card.id == chosen).lower()}"'}
    name = show.text_of(card.id)
    texts = {"stop": stop_key(card)}
    made = [f'<button type="button" data-do="{what}" data-run="{name}"{pressed.get(what, "")}>'
            f"{show.words(f'run.do.{texts.get(what, what)}')}</button>"
            for what, is_offered in offers.items() if is_offered]
    return f'<span class="vw-actions">{"".join(made)}</span>'


def stop_key(card: RunCard) -> str:
    """What stopping is called: a run that has not begun is taken out of the queue."""
    return "take_out" if card.state == "queued" else "stop"


def merged(card: RunCard) -> str:
    """What a merge run came to, as a sentence."""
    return show.failure(card, log_tail(card.run)) if card.state in ("failed", "lost") else show.progress(card)
