"""The HTML of the Spot-check tab: which clips, the sortable table page by page, and the details of one."""
from __future__ import annotations

from typing import Any

from core.library import Check
from core.quality.figures import METRICS
from core.steps.sample import Sample, Standing
from core.steps.spot_check import Checks
from ui import view as show
from ui.check_seat import VIEWS, Picture
from ui.texts import say
from ui.texts.retold import retold

PAGE_ROWS = 25
COLUMNS = tuple(name for name in METRICS if name not in ("rms_dbfs", "peak_dbfs"))
PLACES = {"clipped_ratio": 2, "silence_ratio": 0, "lead": 2, "trail": 2, "longest_silence": 2, "edge_cer": 0,
          "flatness": 2, "dc_offset": 3}
SHARES = ("clipped_ratio", "silence_ratio", "edge_cer")
UNITS = {"seconds": "s", "snr_db": "dB", "speech_dbfs": "dBFS", "loudness_lufs": "LUFS", "lead": "s",
         "trail": "s", "longest_silence": "s", "bandwidth_hz": "kHz", "centroid_hz": "kHz",
         "rolloff_hz": "kHz", "dynamic_range_db": "dB"}
IN_KHZ = ("bandwidth_hz", "centroid_hz", "rolloff_hz")
FLAGS = {"warn": "⚠", "refuse": "✗"}


def value_of(value: float | None, name: str) -> str:
    """A figure as the table shows it; a dash where it was not measured."""
    if value is None:
        return "–"
    if name in IN_KHZ:
        return show.decimal(value / 1000, 1)
    return show.percent(value, PLACES[name]) if name in SHARES else show.decimal(value, PLACES.get(name, 1))


# --- which clips

def views(seen: Picture) -> str:
    """The sets of clips as buttons with their counts, and the chip of a filter."""
    made = []
    for name in VIEWS:
        if name == "sample" and seen.drawn is None:
            continue
        counted = show.text_of(_counted(name, seen))
        is_on = str(seen.seat["view"] == name and seen.seat["sort"] == VIEWS[name]
                    and not seen.seat["only"]).lower()
        label = f"{show.words(f'check.view.{name}')} <b>{counted}</b>"
        made.append(f'<button type="button" data-view="{name}" aria-pressed="{is_on}">{label}</button>')
    if seen.seat["only"]:
        label = show.words("check.only", what=seen.seat["label"], n=len(seen.found.clips))
        made.append(f'<button type="button" class="vw-only" data-view="all" '
                    f'title="{show.words("check.clear")}"><bdi>{label}</bdi> '
                    f'<span aria-hidden="true">×</span><span class="vw-sr">{show.words("check.clear")}</span>'
                    "</button>")
    named = show.words("check.views")
    return f'<div class="vw-filters" role="group" aria-label="{named}">{"".join(made)}</div>'


def _counted(name: str, seen: Picture) -> str:
    if name == "sample" and seen.standing and seen.drawn:
        return f"{seen.standing.n_done} / {len(seen.drawn.clips)}"
    return "" if name == "risk" else say("view.number", n=seen.n_all)


def proof_of(drawn: Sample, standing: Standing, is_shown: bool) -> str:
    """How far a sample has come, and what that proves."""
    n = len(drawn.clips)
    key = "check.sample_done" if standing.n_done >= n else "check.sample"
    head = say(key, n=n, total=drawn.n_total, done=standing.n_done, seed=drawn.seed)
    said = f"{head} {retold(standing.sentence)}"
    if standing.n_done and not standing.is_prefix and standing.n_done < n:
        said += " " + say("spot.sorted")
    elif not is_shown:
        said += " " + say("check.not_sample")
    return show.note(said, "ok" if standing.n_done >= n and not standing.n_bad else "info")


# --- the table

def listing(seen: Picture) -> str:
    """The page of the table that holds the chosen clip; heads sort, names choose."""
    seat, found = seen.seat, seen.found
    first = seat["place"] // PAGE_ROWS * PAGE_ROWS
    heads = "".join(_head(name, seat) for name in COLUMNS)
    page = found.clips[first:first + PAGE_ROWS]
    body = "".join(_row(found, clip, first + i, seen) for i, clip in enumerate(page))
    named, marked, take = (show.words(f"check.{name}") for name in ("table", "marked", "take"))
    return (f'<div class="vw-table vw-pick" tabindex="0" role="region" aria-label="{named}">'
            f'<table><thead><tr><th scope="col">{take}</th><th scope="col">{marked}</th>{heads}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>{_pager(first, len(found.clips))}")


def _head(name: str, seat: dict[str, Any]) -> str:
    state = arrow = ""
    if seat["sort"] == name:
        state = f' aria-sort="{"descending" if seat["down"] else "ascending"}"'
        arrow = " ▾" if seat["down"] else " ▴"
    hint = show.words(f"metric.{name}")
    return (f'<th scope="col"{state}><button type="button" data-sort="{name}" title="{hint}">'
            f"{show.words(f'check.column.{name}')}{arrow}</button></th>")


def _row(found: Checks, clip: Check, place: int, seen: Picture) -> str:
    levels = {finding.level for finding in found.findings(clip)}
    worst = next((level for level in ("refuse", "warn") if level in levels), "ok")
    cells = "".join(f"<td>{value_of(found.figure(clip, name), name)}</td>" for name in COLUMNS)
    name = show.text_of(clip.text or clip.prompt or clip.name)
    chosen = ' aria-current="true"' if clip.id == seen.seat["clip"] else ""
    choose = f'<button type="button" data-place="{place}" dir="auto" title="{name}">{name}</button>'
    mark = seen.marks.get(clip.id, "")
    return (f'<tr{chosen} class="vw-row-{worst}"><td>{_flag(worst)}{choose}</td>'
            f'<td class="vw-mark-{mark}">{_mark(mark)}</td>{cells}</tr>')


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


# --- one clip

def detail(seen: Picture) -> str:
    """What was said and measured of one clip, and what was noticed."""
    if seen.view is None or seen.check is None:
        return ""
    prompt, text = show.marked(seen.view.prompt, seen.view.text)
    mark = seen.marks.get(seen.check.id, "")
    marked = show.chip(say(f"check.mark.{mark}"), mark) if mark else ""
    why = show.reasons(seen.risk)
    noticed = show.findings(seen.found.findings(seen.check))
    noticed = noticed or ("" if why else show.note(say("check.good"), "ok"))
    differs = bool(prompt) and prompt != text
    words = f'<p class="vw-words" dir="auto">{text or show.nothing("review.no_transcript")}</p>'
    words = "" if seen.times and not differs else words  # the words of the player say it already
    asked = (f'<p class="vw-heard"><b>{show.words("review.prompt")}</b> <bdi>{prompt}</bdi></p>'
             if differs else "")
    wrote = show.wrote(seen.check.heard, seen.check.text) if seen.check else ""
    head = show.headline(seen.view, seen.seat["place"], len(seen.found.clips), marked)
    return f"{head}{words}{asked}{wrote}{why}{noticed}{_figures(seen)}"


def _figures(seen: Picture) -> str:
    """Every figure of the clip with its unit, folded away: what is odd about them stands above."""
    listed = "".join(f"<div><dt>{show.text_of(title)}</dt><dd>{show.text_of(value)}</dd></div>"
                     for title, value in figures(seen))
    return (f'<details class="vw-all-figures"><summary>{show.words("check.figures")}</summary>'
            f'<dl class="vw-figures">{listed}</dl></details>')


def figures(seen: Picture) -> list[tuple[str, str]]:
    """(what, figure with its unit) of the clip that is shown."""
    if seen.check is None or seen.view is None:
        return []
    found = [(say(f"check.figure.{name}"), f"{value_of(seen.found.figure(seen.check, name), name)} "
              f"{UNITS.get(name, '')}".strip()) for name in COLUMNS]
    rate = say("view.number", n=seen.view.clip.sample_rate) + " Hz"
    return [*found, (say("check.figure.rate"), rate)]
