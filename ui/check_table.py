"""The HTML of the Spot-check tab: the sortable table of takes, page by page, and the details of one take."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.quality.clip import ClipQuality
from core.steps.spot_check import CheckRow
from ui import view as show
from ui.texts import say

PAGE_ROWS = 25
RANDOM = "random"
COLUMNS = ("seconds", "snr_db", "rms_dbfs", "clipped_ratio", "lead", "trail", "longest_silence",
           "silence_ratio", "words_per_second")
PLACES = {"clipped_ratio": 2, "silence_ratio": 0, "lead": 2, "trail": 2, "longest_silence": 2}
FLAGS = {"warn": "⚠", "refuse": "✗"}
SHARES = ("clipped_ratio", "silence_ratio")


def value_of(quality: ClipQuality, name: str) -> str:
    """A figure of a clip as the table shows it; a dash where it was not measured."""
    value = getattr(quality, name)
    if value is None:
        return "–"
    return show.percent(value, PLACES[name]) if name in SHARES else show.decimal(value, PLACES.get(name, 1))


def listing(rows: Sequence[CheckRow], seat: dict[str, Any]) -> str:
    """The page of the table that holds the chosen clip; heads sort, names choose."""
    first = seat["place"] // PAGE_ROWS * PAGE_ROWS
    heads = "".join(_head(name, seat) for name in (RANDOM, *COLUMNS))
    page = rows[first:first + PAGE_ROWS]
    body = "".join(_row(row, first + i, seat) for i, row in enumerate(page))
    named, marked = show.words("check.table"), show.words("check.marked")
    return (f'<div class="vw-table vw-pick" tabindex="0" role="region" aria-label="{named}">'
            f'<table><thead><tr>{heads}<th scope="col">{marked}</th></tr></thead>'
            f"<tbody>{body}</tbody></table></div>{_pager(first, len(rows))}")


def _head(name: str, seat: dict[str, Any]) -> str:
    state = arrow = ""
    if seat["sort"] == name and name != RANDOM:
        state = f' aria-sort="{"descending" if seat["down"] else "ascending"}"'
        arrow = " ▾" if seat["down"] else " ▴"
    hint = say("check.random") if name == RANDOM else say(f"metric.{name}")
    return (f'<th scope="col"{state}><button type="button" data-sort="{name}" title="{show.text_of(hint)}">'
            f"{show.words(f'check.column.{name}')}{arrow}</button></th>")


def _row(row: CheckRow, place: int, seat: dict[str, Any]) -> str:
    clip = row.view.clip
    levels = {finding.level for finding in row.findings}
    worst = next((level for level in ("refuse", "warn") if level in levels), "ok")
    cells = "".join(f"<td>{value_of(row.quality, name)}</td>" for name in COLUMNS)
    name = show.text_of(row.view.prompt or row.view.text or clip.name)
    chosen = ' aria-current="true"' if clip.id == seat["clip"] else ""
    choose = f'<button type="button" data-place="{place}" dir="auto">{name}</button>'
    return (f'<tr{chosen} class="vw-row-{worst}"><td>{_flag(worst)}{choose}</td>{cells}'
            f'<td class="vw-mark-{clip.mark}">{_mark(clip.mark)}</td></tr>')


def _mark(mark: str) -> str:
    return show.words(f"check.mark.{mark}") if mark else ""


def _flag(worst: str) -> str:
    """A sign beside the colour of a row; nothing for a good one."""
    if worst not in FLAGS:
        return ""
    said = show.words(f"check.flag.{worst}")
    return f'<span role="img" aria-label="{said}" title="{said}">{FLAGS[worst]}</span> '


def _pager(first: int, n: int) -> str:
    if n <= PAGE_ROWS:
        return ""
    last, following = min(first + PAGE_ROWS, n), show.words("view.page_after")
    where = show.words("view.rows", first=first + 1, last=last, n=n)
    before, after = (" disabled" if is_end else "" for is_end in (first == 0, last >= n))
    return (f'<div class="vw-pager"><button type="button" data-place="{max(first - PAGE_ROWS, 0)}"{before}>'
            f"{show.words('view.page_before')}</button><span>{where}</span>"
            f'<button type="button" data-place="{last}"{after}>{following}</button></div>')


def detail(row: CheckRow, n: int, place: int) -> str:
    """What was said and measured of one clip, and what was noticed."""
    prompt, text = show.marked(row.view.prompt, row.view.text)
    mark = row.view.clip.mark
    marked = f' {show.chip(say(f"check.mark.{mark}"), mark)}' if mark else ""
    listed = "".join(f"<div><dt>{show.text_of(title)}</dt><dd>{show.text_of(value)}</dd></div>"
                     for title, value in figures(row))
    noticed = show.findings(row.findings) or show.note(say("check.good"), "ok")
    words = f'<p class="vw-words" dir="auto">{text or show.nothing("review.no_transcript")}</p>'
    wanted = prompt or show.words("check.none")
    asked = f'<p class="vw-heard"><b>{show.words("review.prompt")}</b> <bdi>{wanted}</bdi></p>'
    return (f"{show.headline(row.view, place, n)}{marked}{words}{asked}{noticed}"
            f'<dl class="vw-figures">{listed}</dl>')


def figures(row: CheckRow) -> list[tuple[str, str]]:
    """(what, figure with its unit) of one clip."""
    q = row.quality
    rate = "–" if q.words_per_second is None else say("check.a_second", rate=q.words_per_second)
    found = {"length": show.decimal(q.seconds, 1) + " s", "voice": show.decimal(q.speech_dbfs, 0) + " dBFS",
             "above": show.decimal(q.snr_db, 0) + " dB", "clipped": show.percent(q.clipped_ratio, 2),
             "before": show.decimal(q.lead, 2) + " s", "after": show.decimal(q.trail, 2) + " s",
             "pause": show.decimal(q.longest_silence, 2) + " s", "silence": show.percent(q.silence_ratio, 0),
             "words": rate, "rate": say("view.number", n=row.view.clip.sample_rate) + " Hz"}
    return [(say(f"check.figure.{name}"), value) for name, value in found.items()]
