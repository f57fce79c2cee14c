"""Where a page is in the spot-check: which clips it goes through, in what order, and which is shown."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.library import Check, Library, Project, View, WordTimes
from core.quality.risk import Risk
from core.steps import sample
from core.steps.risk import ranked
from core.steps.sample import Sample, Standing
from core.steps.spot_check import DRAWN, OLDEST, PATIENCE, RISK, Checks, checks, fitting, ordered

Seat = dict[str, Any]
"""`view`: which clips (VIEWS); `sort` and `down`: their order; `only` and `label`: a filter and what it is
called on its chip; then the clip, its place, and what of it was seen."""
VIEWS = {"sample": DRAWN, "risk": RISK, "all": OLDEST}
"""The order that each set of clips begins with."""
NEW: Seat = {"project": "", "view": "", "sort": "", "down": False, "only": {}, "label": "", "clip": "",
             "place": 0, "mark": "", "version": None}


@dataclass(frozen=True)
class Picture:
    """What the page shows for a seat; `view` is None where no clip fits. `n_all` clips could be checked."""

    seat: Seat
    found: Checks
    n_all: int = 0
    drawn: Sample | None = None
    standing: Standing | None = None
    check: Check | None = None
    view: View | None = None
    following: Check | None = None
    times: WordTimes | None = None
    marks: dict[str, str] = field(default_factory=dict)
    risk: Risk | None = None


def picture(lib: Library, project: Project, seat: Seat, step: int = 0) -> Picture:
    """The clip `step` places on in what the seat goes through."""
    if seat.get("project") not in ("", project.slug):
        seat = NEW
    seat = {**NEW, **seat, "project": project.slug}
    whole, drawn = checks(lib, project), sample.newest(lib, project)
    standing = sample.standing(lib, project, drawn) if drawn else None
    seat = _begun(seat, drawn)
    found = chosen(lib, whole, seat, drawn)
    ids = [clip.id for clip in found.clips]
    marks = dict(standing.marks) if standing and seat["view"] == "sample" else {
        clip.id: clip.mark for clip in found.clips}
    if not ids:
        nowhere = {**seat, "clip": "", "place": 0}
        return Picture(nowhere, found, len(whole.clips), drawn, standing, marks=marks)
    place = ids.index(seat["clip"]) if seat["clip"] in ids else seat["place"]
    place = min(max(place + step, 0), len(ids) - 1)
    one = found.clips[place]
    seat = {**seat, "clip": one.id, "place": place, "mark": one.mark, "version": one.transcript_id}
    after = found.clips[place + 1] if place + 1 < len(ids) else None
    return Picture(seat, found, len(whole.clips), drawn, standing, one, lib.clips.view(one.id), after,
                   lib.word_times.of(one.transcript_id), marks,
                   ranked(lib, project, PATIENCE).get(one.id) if seat["sort"] == RISK else None)


def _begun(seat: Seat, drawn: Sample | None) -> Seat:
    """A page that comes for the first time goes through the sample, where one is drawn; else by risk."""
    view = seat["view"] or ("sample" if drawn else "risk")
    view = "all" if view == "sample" and drawn is None else view
    return {**seat, "view": view, "sort": seat["sort"] or VIEWS[view]}


def chosen(lib: Library, whole: Checks, seat: Seat, drawn: Sample | None) -> Checks:
    """The clips that a seat goes through, in its order."""
    own = sample.within(whole, drawn) if drawn and seat["view"] == "sample" else whole
    return ordered(lib, fitting(own, seat["only"]), seat["sort"], seat["down"])


def looking_at(seat: Seat, only: dict[str, Any], label: str) -> Seat:
    """The seat at the beginning of all clips that a filter leaves."""
    return {**seat, "view": "all", "sort": OLDEST, "down": False, "only": only, "label": label, "clip": "",
            "place": 0}


def seen_as(seat: Seat, view: str) -> Seat:
    """The seat at the beginning of another set of clips."""
    return {**seat, "view": view, "sort": VIEWS[view], "down": False, "only": {}, "label": "", "clip": "",
            "place": 0}


def next_unmarked(seen: Picture) -> int:
    """Places to the first clip of the sample that nobody has judged; 0 where there is none."""
    if seen.drawn is None or seen.seat["view"] != "sample":
        return 0
    places = [at for at, clip in enumerate(seen.found.clips) if clip.id not in seen.marks]
    return (places[0] - seen.seat["place"]) if places else 0
