"""Where a page is in the list of takes to review, and what it shows there. Nothing here writes."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import NotFound
from core.library import Brief, Library, Project, View, WordTimes
from core.quality.risk import Risk
from core.steps.desk import Choice, Desk, desk
from core.steps.risk import ranked

Seat = dict[str, Any]
"""Project, what was asked for, clip, its place in the list, and what of it was seen: plain JSON, kept in the
browser."""
NEW: Seat = {"project": "", "which": "todo", "query": "", "flag": "", "speaker": "", "sort": "oldest",
             "clip": "", "place": 0, "listed": False, "decision": "", "version": None}
PATIENCE = 60.0
"""Seconds for which an order of risk stays as it is."""
ASKED = ("which", "query", "flag", "speaker", "sort")


@dataclass(frozen=True)
class Picture:
    """What the page shows for a seat; `view` is None where nothing fits, `n` counts the takes that do."""

    seat: Seat
    view: View | None = None
    following: Brief | None = None
    n: int = 0
    desk: Desk = field(default_factory=lambda: Desk([], {}))
    times: WordTimes | None = None
    risk: Risk | None = None

    @property
    def listed(self) -> bool:
        """Whether the clip (still) belongs to the list."""
        return bool(self.view and self.seat["listed"])

    @property
    def counts(self) -> dict[str, int]:
        """How many takes each filter holds."""
        return self.desk.counts


def choice(seat: Seat) -> Choice:
    """What was asked for; a seat from an older page asks for less."""
    return Choice(**{name: str(seat.get(name, NEW[name])) for name in ASKED})


def picture(lib: Library, project: Project | None, seat: Seat, step: int = 0, stay: bool = False) -> Picture:
    """The clip `step` places on; with `stay` the seat's clip is shown even when the list lost it."""
    if project is None:
        return Picture({**NEW})
    if seat.get("project") != project.slug:
        seat = {**NEW, "project": project.slug}
    wanted = choice(seat)
    risks = ranked(lib, project, PATIENCE) if wanted.sort == "risk" else {}
    found = desk(lib, project, wanted, {name: risk.score for name, risk in risks.items()})
    ids = [row.id for row in found.rows]
    kept = _there(lib, seat["clip"]) if stay and seat["clip"] not in ids else None
    place = settle(ids, seat["clip"], seat["place"], step)
    view = kept or (lib.clips.view(ids[place]) if place is not None else None)
    after = None if place is None else place + (kept is None)
    following = found.rows[after] if after is not None and after < len(ids) else None
    times = lib.word_times.of(view.clip.transcript_id) if view else None
    return Picture(_seen(seat, view, place or 0, kept is None), view, following, len(ids), found, times,
                   risks.get(view.clip.id) if view else None)


def settle(ids: Sequence[str], clip: str, place: int, step: int) -> int | None:
    """The place to show, None in an empty list.

    A clip that left the list hands its place on; after the last take comes the first.
    """
    if not ids:
        return None
    if clip in ids:
        return max(0, ids.index(clip) + step) % len(ids)
    return max(0, place + min(step, 0)) % len(ids)


def _there(lib: Library, clip_id: str) -> View | None:
    """A clip, if it is still there."""
    try:
        view = lib.clips.view(clip_id)
    except NotFound:
        return None
    return None if view.clip.trashed else view


def _seen(seat: Seat, view: View | None, place: int, listed: bool) -> Seat:
    clip = view.clip if view else None
    return {**{name: seat.get(name, NEW[name]) for name in ("project", *ASKED)}, "place": place,
            "listed": listed, "clip": clip.id if clip else "", "decision": clip.decision if clip else "",
            "version": clip.transcript_id if clip else None}
