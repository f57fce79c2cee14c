"""The HTML of the Spot-check tab: the sortable table of takes, page by page, and the details of one take."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.quality.clip import ClipQuality
from core.steps import spot_check
from core.steps.spot_check import CheckRow
from ui import view as show

PAGE_ROWS = 25
RANDOM = "random"
COLUMNS = {"seconds": "length s", "snr_db": "SNR dB", "rms_dbfs": "level dBFS", "clipped_ratio": "clipped",
           "lead": "before s", "trail": "after s", "longest_silence": "pause s", "silence_ratio": "silence",
           "words_per_second": "words/s"}
PLACES = {"clipped_ratio": 2, "silence_ratio": 0, "lead": 2, "trail": 2, "longest_silence": 2}
FLAGS = {"ok": "", "warn": '<span role="img" aria-label="look at it" title="look at it">⚠</span> ',
         "refuse": '<span role="img" aria-label="not good enough" title="not good enough">✗</span> '}
SHARES = ("clipped_ratio", "silence_ratio")
MARKS = {"right": "✓ right", "wrong": "✗ wrong", "skip": "skipped", "": ""}
GOOD = "Nothing to complain about: level, noise, silence and rate are as they should be."


def value_of(quality: ClipQuality, name: str) -> str:
    """A figure of a clip as the table shows it; a dash where it was not measured."""
    value = getattr(quality, name)
    if value is None:
        return "–"
    return show.percent(value, PLACES[name]) if name in SHARES else f"{value:.{PLACES.get(name, 1)}f}"


def listing(rows: Sequence[CheckRow], seat: dict[str, Any]) -> str:
    """The page of the table that holds the chosen clip; heads sort, names choose."""
    first = seat["place"] // PAGE_ROWS * PAGE_ROWS
    heads = "".join(_head(title, name, seat) for name, title in {RANDOM: "take", **COLUMNS}.items())
    page = rows[first:first + PAGE_ROWS]
    body = "".join(_row(row, first + i, seat) for i, row in enumerate(page))
    return ('<div class="vw-table vw-pick" tabindex="0" role="region" aria-label="Takes with their figures">'
            f'<table><thead><tr>{heads}<th scope="col">marked</th></tr></thead><tbody>{body}</tbody></table>'
            f"</div>{_pager(first, len(rows))}")


def _head(title: str, name: str, seat: dict[str, Any]) -> str:
    state = arrow = ""
    if seat["sort"] == name and name != RANDOM:
        state = f' aria-sort="{"descending" if seat["down"] else "ascending"}"'
        arrow = " ▾" if seat["down"] else " ▴"
    hint = "In random order" if name == RANDOM else spot_check.METRICS[name]
    return (f'<th scope="col"{state}><button type="button" data-sort="{name}" title="{show.text_of(hint)}">'
            f"{title}{arrow}</button></th>")


def _row(row: CheckRow, place: int, seat: dict[str, Any]) -> str:
    clip = row.view.clip
    levels = {finding.level for finding in row.findings}
    worst = next((level for level in ("refuse", "warn") if level in levels), "ok")
    cells = "".join(f"<td>{value_of(row.quality, name)}</td>" for name in COLUMNS)
    name = show.text_of(row.view.prompt or row.view.text or clip.name)
    chosen = ' aria-current="true"' if clip.id == seat["clip"] else ""
    choose = f'<button type="button" data-place="{place}" dir="auto">{name}</button>'
    return (f'<tr{chosen} class="vw-row-{worst}"><td>{FLAGS[worst]}{choose}</td>{cells}'
            f'<td class="vw-mark-{clip.mark}">{MARKS.get(clip.mark, "")}</td></tr>')


def _pager(first: int, n: int) -> str:
    if n <= PAGE_ROWS:
        return ""
    last = min(first + PAGE_ROWS, n)
    before, after = (" disabled" if is_end else "" for is_end in (first == 0, last >= n))
    return (f'<div class="vw-pager"><button type="button" data-place="{max(first - PAGE_ROWS, 0)}"{before}>'
            f"← Page before</button><span>{first + 1} to {last} of {n:,}</span>"
            f'<button type="button" data-place="{last}"{after}>Next page →</button></div>')


def detail(row: CheckRow, n: int, place: int) -> str:
    """What was said and measured of one clip, and what was noticed."""
    prompt, text = show.marked(row.view.prompt, row.view.text)
    mark = row.view.clip.mark
    marked = f' {show.chip(MARKS[mark], mark)}' if mark else ""
    listed = "".join(f"<div><dt>{title}</dt><dd>{value}</dd></div>" for title, value in figures(row))
    noticed = show.findings(row.findings) or show.note(GOOD, "ok")
    words = f'<p class="vw-words" dir="auto">{text or "<i>no transcript yet</i>"}</p>'
    asked = f'<p class="vw-heard"><b>Prompt</b> <bdi>{prompt or "none"}</bdi></p>'
    return (f"{show.headline(row.view, place, n)}{marked}{words}{asked}{noticed}"
            f'<dl class="vw-figures">{listed}</dl>')


def figures(row: CheckRow) -> list[tuple[str, str]]:
    """(what, figure with its unit) of one clip."""
    q = row.quality
    rate = "–" if q.words_per_second is None else f"{q.words_per_second:.1f} a second"
    return [("Length", f"{q.seconds:.1f} s"), ("Level of the voice", f"{q.speech_dbfs:.0f} dBFS"),
            ("Voice above noise", f"{q.snr_db:.0f} dB"), ("Clipped", show.percent(q.clipped_ratio, 2)),
            ("Silence before", f"{q.lead:.2f} s"), ("Silence after", f"{q.trail:.2f} s"),
            ("Longest pause", f"{q.longest_silence:.2f} s"),
            ("Silence in all", show.percent(q.silence_ratio, 0)), ("Words", rate),
            ("Sample rate", f"{row.view.clip.sample_rate:,} Hz")]
