"""Core objects as HTML: differences, tables, small cards. What people and models write is escaped here."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

from core.library import View
from core.runs.listing import RunCard
from core.text.difference import words_differ
from core.types import Finding

STATES = {"queued": "waiting", "running": "running", "done": "done", "failed": "failed",
          "stopped": "stopped by you", "lost": "lost"}
SOURCES = {"numbers": "numbers to words", "person": "edited by hand", "prompt": "the prompt's text",
           "import": "came with the file"}
DECISIONS = {"todo": "to do", "accepted": "accepted", "rejected": "rejected"}


def text_of(value: Any) -> str:
    """Anything as text that HTML shows and never runs."""
    return escape(str(value), quote=True)


# --- differences

def marked(reference: str | None, text: str | None) -> tuple[str, str]:
    """(reference, text) as HTML, with <del> around what only the reference says, <ins> the opposite."""
    if not reference or not text:
        return text_of(reference or ""), text_of(text or "")
    changes = words_differ(reference, text)
    return (_joined((tag == "equal", left, "del") for tag, left, _ in changes),
            _joined((tag == "equal", right, "ins") for tag, _, right in changes))


def _joined(parts: Iterable[tuple[bool, str, str]]) -> str:
    shown = [(equal, text_of(words), tag) for equal, words, tag in parts if words]
    return " ".join(words if equal else f"<{tag}>{words}</{tag}>" for equal, words, tag in shown)


# --- small things

def note(sentence: str, kind: str = "info") -> str:
    """One sentence in a quiet box; `kind` is info, ok, warn or bad."""
    return f'<p class="vw-note vw-{kind}">{text_of(sentence)}</p>' if sentence else ""


def chip(word: str, kind: str = "") -> str:
    """A state as a small label."""
    return f'<span class="vw-chip vw-{text_of(kind or word)}">{text_of(word)}</span>'


def findings(found: Sequence[Finding]) -> str:
    """Findings as a list, the worst kind first; nothing for none."""
    order = sorted(found, key=lambda f: ("refuse", "warn", "ok").index(f.level))
    lines = [f'<li class="vw-{f.level}">{text_of(f.sentence)}</li>' for f in order]
    return f'<ul class="vw-findings">{"".join(lines)}</ul>' if lines else ""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str, css: str = "") -> str:
    """A table of cells that are HTML already; `caption` is read out by screen readers."""
    top = "".join(f'<th scope="col">{text_of(h)}</th>' for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    said = text_of(caption)
    return (f'<div class="vw-table {css}" tabindex="0" role="region" aria-label="{said}"><table>'
            f'<caption class="vw-sr">{said}</caption><thead><tr>{top}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>")


def percent(share: float | None, digits: int = 1) -> str:
    """A share as "12.5 %"; a dash where nothing was measured."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def duration(seconds: float | None) -> str:
    """Seconds as a person says them: "40 s", "3 min", "2 h 5 min"."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def count(n: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 take", "12 takes"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def when(at: float) -> str:
    """A moment in this machine's time."""
    return datetime.fromtimestamp(at).strftime("%d %b %H:%M") if at else ""


# --- clips

def headline(view: View, place: int | None, n: int) -> str:
    """One line about a clip: where it stands in the list, who spoke, how long, what was decided."""
    clip = view.clip
    parts = ["<b>not in this list any more</b>" if place is None else f"<b>{place + 1} of {n:,}</b>"]
    parts += [f"<span>{text_of(view.speaker)}</span>"] if view.speaker else []
    parts.append(f"<span>{clip.end - clip.start:.1f} s</span>")
    parts.append(f'<span class="vw-name">{text_of(clip.name)}</span>')
    parts.append(chip(DECISIONS.get(clip.decision, clip.decision), clip.decision))
    return f'<div class="vw-headline">{"".join(parts)}</div>'


def source_of(view: View) -> str:
    """Where the current text comes from, in words."""
    if not view.source:
        return ""
    kind, _, name = view.source.partition(":")
    return f"heard by {name}" if kind == "model" else SOURCES.get(kind, kind)


def readings(view: View) -> str:
    """A line for each number of the text: what was written, the reading's name, the others to choose from."""
    items = enumerate(view.details.get("items", []))
    lines = "".join(_reading(index, item) for index, item in items)
    return f'<div class="vw-readings">{lines}</div>' if lines else ""


def _reading(index: int, item: dict[str, Any]) -> str:
    written, chosen = text_of(item["written"]), item["chosen"]["name"]
    options = ""
    for reading in item["readings"]:
        name, said = text_of(reading["name"]), text_of(reading["text"])
        state = " selected" if reading["name"] == chosen else ""
        options += f'<option value="{name}"{state}>{name}: {said}</option>'
    return (f'<label class="vw-reading"><b>{written}</b> <span>read as</span> '
            f'<select data-index="{index}" aria-label="How {written} is read">{options}</select>'
            f"<small>{text_of(item['reason'])}</small></label>")


# --- runs

def progress(card: RunCard, message: str | None = None) -> str:
    """A run's state as a sentence with a bar while it works."""
    is_working = card.state in ("running", "queued")
    has_time = card.seconds_left and card.state == "running"
    left = f" · about {duration(card.seconds_left)} left" if has_time else ""
    said = text_of(card.message if message is None else message)
    bar = _bar(card.progress) if is_working else ""
    return f'<div class="vw-run">{chip(STATES[card.state], card.state)} {said}{left}{bar}</div>'


def _bar(share: float) -> str:
    done = 100 * min(max(share, 0.0), 1.0)
    return ('<div class="vw-bar" role="progressbar" aria-label="Progress" aria-valuemin="0" '
            f'aria-valuemax="100" aria-valuenow="{done:.0f}"><i style="width:{done:.1f}%"></i></div>')


def failure(card: RunCard, log_lines: Sequence[str]) -> str:
    """A run that failed: one plain sentence, and the end of its log for whoever helps."""
    log = text_of("\n".join(log_lines))
    title = f"The last {len(log_lines)} lines of its log"
    lines = f'<pre tabindex="0" role="region" aria-label="{title}">{log}</pre>'
    tail = f"<details><summary>{title}</summary>{lines}</details>" if log_lines else ""
    return f'<div class="vw-failure" role="alert"><p>{text_of(card.message)}</p>{tail}</div>'


def project_missing() -> str:
    """What to do where no project is open."""
    return note("No project is open yet: open one on the Project tab, which also has a sample to try.")
