"""Core objects as HTML: differences, tables, small cards. What people and models write is escaped here."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

from core.library import View
from core.quality.risk import Risk
from core.runs.listing import RunCard
from core.text.difference import words_differ
from core.types import Finding
from ui.texts import figure, language, say
from ui.texts.retold import retold

SOURCES = ("numbers", "person", "prompt", "import")


def text_of(value: Any) -> str:
    """Anything as text that HTML shows and never runs."""
    return escape(str(value), quote=True)


def words(key: str, **values: Any) -> str:
    """A text of ui/texts as HTML, in the language of whoever is being answered."""
    return text_of(say(key, **values))


def nothing(key: str) -> str:
    """A text where there is nothing to show, as HTML."""
    return f"<i>{words(key)}</i>"


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


def heading(title: str) -> str:
    """A heading between parts of a tab."""
    return f'<h2 class="vw-h">{text_of(title)}</h2>'


def chip(word: str, kind: str = "") -> str:
    """A state as a small label."""
    return f'<span class="vw-chip vw-{text_of(kind or word)}">{text_of(word)}</span>'


def wrote(heard: str | None, text: str | None) -> str:
    """What the machine wrote, where that is not what stands there now."""
    if not heard or heard == text:
        return ""
    return f'<p class="vw-heard"><b>{words("review.wrote")}</b> <bdi>{text_of(heard)}</bdi></p>'


def reasons(risk: Risk | None) -> str:
    """Why a clip comes so early in the order of risk."""
    if risk is None or not risk.reasons:
        return ""
    told = "".join(f"<li>{text_of(retold(reason.sentence))}</li>" for reason in risk.reasons)
    return f'<ul class="vw-reasons" aria-label="{words("review.reasons")}">{told}</ul>'


def findings(found: Sequence[Finding]) -> str:
    """Findings as a list, the worst kind first; nothing for none."""
    order = sorted(found, key=lambda f: ("refuse", "warn", "ok").index(f.level))
    lines = [f'<li class="vw-{f.level}">{text_of(retold(f.sentence))}</li>' for f in order]
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
    return "–" if share is None else say(f"view.percent.{digits}", share=100 * share)


def decimal(value: float, digits: int) -> str:
    """A number with so many places, in the signs of the language."""
    return figure(f"{value:.{digits}f}", language())


def duration(seconds: float | None) -> str:
    """Seconds as a person says them: "40 s", "3 min", "2 h 5 min"."""
    if seconds is None:
        return ""
    if seconds < 90:
        return say("view.seconds", seconds=seconds)
    minutes = round(seconds / 60)
    if minutes < 90:
        return say("view.minutes", minutes=minutes)
    return say("view.hours", hours=minutes // 60, minutes=minutes % 60)


def when(at: float) -> str:
    """A moment in this machine's time."""
    return datetime.fromtimestamp(at).strftime(say("view.when")) if at else ""


# --- clips

def headline(view: View, place: int | None, n: int, more: str = "") -> str:
    """One line about a clip: where it stands in the list, who spoke, how long, what was decided, and `more`,
    which is HTML already."""
    clip = view.clip
    where = say("view.not_listed") if place is None else say("view.place", place=place + 1, n=n)
    parts = [f"<b>{text_of(where)}</b>"]
    parts += [f"<span>{text_of(view.speaker)}</span>"] if view.speaker else []
    parts.append(f"<span>{words('view.length', seconds=clip.end - clip.start)}</span>")
    parts.append(f'<span class="vw-name">{text_of(clip.name)}</span>')
    parts.append(chip(say(f"decision.{clip.decision}"), clip.decision))
    return f'<div class="vw-headline">{"".join(parts)}{more}</div>'


def source_of(view: View) -> str:
    """Where the current text comes from, in words."""
    if not view.source:
        return ""
    kind, _, name = view.source.partition(":")
    if kind == "model":
        return say("source.model", name=name)
    return say(f"source.{kind}") if kind in SOURCES else kind


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
        shown = text_of(retold(reading["name"]))
        state = " selected" if reading["name"] == chosen else ""
        options += f'<option value="{name}"{state}>{shown}: {said}</option>'
    read_as, named = words("view.read_as"), words("view.how_read", number=item["written"])
    return (f'<label class="vw-reading"><b>{written}</b> <span>{read_as}</span> '
            f'<select data-index="{index}" aria-label="{named}">{options}</select>'
            f"<small>{text_of(retold(item['reason']))}</small></label>")


# --- runs

def progress(card: RunCard, message: str | None = None, has_bar: bool = True) -> str:
    """A run's state as a sentence, with a bar while it works where its end is known."""
    is_working = card.state in ("running", "queued")
    has_time = card.seconds_left and card.state == "running"
    left = " · " + words("view.left", time=duration(card.seconds_left)) if has_time else ""
    said = text_of(retold(card.message) if message is None else message)
    bar = _bar(card.progress) if is_working and has_bar else ""
    return f'<div class="vw-run">{chip(say(f"state.{card.state}"), card.state)} {said}{left}{bar}</div>'


def _bar(share: float) -> str:
    done = 100 * min(max(share, 0.0), 1.0)
    named = words("view.progress")
    return (f'<div class="vw-bar" role="progressbar" aria-label="{named}" aria-valuemin="0" '
            f'aria-valuemax="100" aria-valuenow="{done:.0f}"><i style="width:{done:.1f}%"></i></div>')


def failure(card: RunCard, log_lines: Sequence[str]) -> str:
    """A run that failed: one plain sentence, and the end of its log for whoever helps."""
    log = text_of("\n".join(log_lines))
    title = words("view.log", n=len(log_lines))
    lines = f'<pre tabindex="0" role="region" aria-label="{title}">{log}</pre>'
    tail = f"<details><summary>{title}</summary>{lines}</details>" if log_lines else ""
    return f'<div class="vw-failure" role="alert"><p>{text_of(retold(card.message))}</p>{tail}</div>'


def project_missing() -> str:
    """What to do where no project is open."""
    return note(say("page.no_project_yet"))
