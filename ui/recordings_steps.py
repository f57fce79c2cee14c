"""The pipeline card: each step of the recordings with its state, counts, time and settings."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.alignment.anchors import HAND
from core.steps.pipeline import Setting, Step
from ui import view as show
from ui.texts import say
from ui.texts.retold import retold

STATES = {"running": "running", "waiting": "", "done": "done", "queued": "queued", "stopped": "lost",
          "failed": "failed", "lost": "lost"}


def card(steps: Sequence[Step]) -> str:
    """All steps as a list of small cards."""
    made = "".join(_step(number, step) for number, step in enumerate(steps, 1))
    return f'<ol class="vw-steps" aria-label="{show.words("long.steps")}">{made}</ol>'


def _step(number: int, step: Step) -> str:
    chip = show.chip(say(f"long.state.{step.state}"), STATES[step.state] or "waiting")
    title = f"<h3><span>{number}. {show.words(f'long.step.{step.name}')}</span>{chip}</h3>"
    took = [] if step.seconds is None else [say("long.took", time=show.duration(step.seconds))]
    counted = f"<span>{show.text_of(' · '.join([counts(step), *took]))}</span>"
    listener = show.words("long.listener", name=Path(step.model).name) if step.model else ""
    rows = [listener] if listener else []
    rows += [_source(name, n) for name, n in step.sources.items()]
    rows += [_setting(setting) for setting in step.settings]
    listed = "".join(f"<li{_css(row)}>{row}</li>" for row in rows)
    settings = f'<ul class="vw-settings-list">{listed}</ul>' if rows else ""
    return f"<li>{title}{counted}{settings}</li>"


def _source(name: str, n: int) -> str:
    return show.words("long.by_hand", n=n) if name == HAND else show.words("long.heard_by", n=n, name=name)


def _css(row: str) -> str:
    return ' class="vw-changed"' if row.startswith("●") else ""


def _setting(setting: Setting) -> str:
    """Name and value; one that differs from its default begins with a dot and names the default."""
    name = retold(setting.name.replace("_", " ").capitalize())
    said = show.words("long.setting", name=name, value=short(setting.value))
    usual = show.words("long.default", value=short(setting.default))
    return f"● {said} {usual}" if setting.is_changed else said


def short(value: float) -> str:
    """A setting without a tail of zeros."""
    text = show.decimal(value, 2)
    return text.rstrip("0").rstrip(".,") if text[-1] == "0" else text


def counts(step: Step) -> str:
    """What a step counts, in words."""
    n = step.counts
    if step.name == "heard":
        return say("long.count.heard", done=show.duration(n["seconds"]), total=show.duration(n["total"]))
    if step.name == "matched":
        return say("long.count.matched", n=int(n["anchors"]), chains=int(n["chains"]))
    if step.name == "aligned":
        return say("long.count.aligned", n=int(n["words"]), total=int(n["of"]),
                   covered=show.duration(n["covered"]), speech=show.duration(n["speech"]))
    if step.name == "segments":
        return say("long.count.segments", n=int(n["n"]), sure=int(n["sure"]), uncertain=int(n["uncertain"]))
    if step.name == "reviewed":
        return say("long.count.reviewed", n=int(n["n"]), total=int(n["of"]), accepted=int(n["accepted"]),
                   rejected=int(n["rejected"]))
    return say("long.count.checked", n=int(n["n"]), total=int(n["of"]), right=int(n["right"]),
               wrong=int(n["wrong"]))
