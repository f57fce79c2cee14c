"""Where a page is in the list of takes to review, and what it shows there. Nothing here writes."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import NotFound
from core.library import Library, Project, View
from core.steps import convert, review

Seat = dict[str, Any]
"""Project, filter, clip, its place in the list, and what of it was seen: plain JSON, kept in the browser."""
NEW: Seat = {"project": "", "which": "todo", "clip": "", "place": 0, "listed": False, "decision": "",
             "version": None}


@dataclass(frozen=True)
class Picture:
    """What the page shows for a seat; `view` is None where the filter is empty, `n` counts its takes."""

    seat: Seat
    view: View | None = None
    following: View | None = None
    n: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    n_matching: int = 0

    @property
    def listed(self) -> bool:
        """Whether the clip (still) belongs to the filter."""
        return bool(self.view and self.seat["listed"])


def picture(lib: Library, project: Project | None, seat: Seat, step: int = 0, stay: bool = False) -> Picture:
    """The clip `step` places on; with `stay` the seat's clip is shown even when its filter lost it."""
    if project is None:
        return Picture({**NEW})
    if seat.get("project") != project.slug:
        seat = {**NEW, "project": project.slug}
    desk = review.desk(lib, project, seat["which"])
    ids = [view.clip.id for view in desk.views]
    kept = _kept(lib, seat) if stay and seat["clip"] not in ids else None
    place = settle(ids, seat["clip"], seat["place"], step)
    view = kept or (desk.views[place] if place is not None else None)
    after = None if place is None else place + (kept is None)
    following = desk.views[after] if after is not None and after < len(desk.views) else None
    seen = _seen(seat, view, place or 0, kept is None)
    return Picture(seen, view, following, len(ids), desk.counts, len(convert.matching(lib, project)))


def settle(ids: Sequence[str], clip: str, place: int, step: int) -> int | None:
    """The place to show, None in an empty list.

    A clip that left the list hands its place on; after the last take comes the first.
    """
    if not ids:
        return None
    if clip in ids:
        return max(0, ids.index(clip) + step) % len(ids)
    return max(0, place + min(step, 0)) % len(ids)


def _kept(lib: Library, seat: Seat) -> View | None:
    """The seat's clip, if it is still there."""
    try:
        view = lib.clips.view(seat["clip"])
    except NotFound:
        return None
    return None if view.clip.trashed else view


def _seen(seat: Seat, view: View | None, place: int, listed: bool) -> Seat:
    clip = view.clip if view else None
    return {"project": seat["project"], "which": seat["which"], "place": place, "listed": listed,
            "clip": clip.id if clip else "", "decision": clip.decision if clip else "",
            "version": clip.transcript_id if clip else None}
