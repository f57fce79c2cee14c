"""A blind second review: another person decides on a sample of decided clips without seeing what the first
one said; the clips stay as they are."""
from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import BadInput, NotFound, Refused
from core.evaluation.agreement import Agreement, kappa
from core.library import Library, Project, Second, View
from core.library.second_reviews import Drawn
from core.text.difference import same

DECISIONS = ("accepted", "rejected", "")


@dataclass(frozen=True)
class Difference:
    """A clip of which two people think differently; `text`: the second wrote something else. `now` is the
    clip's decision as it stands."""

    clip_id: str
    name: str
    first: str
    second: str
    now: str
    text: str
    is_settled: bool


@dataclass(frozen=True)
class Standing:
    """How far a second review has come; `agreement` is None before its first decision."""

    n: int
    n_done: int
    agreement: Agreement | None
    differences: tuple[Difference, ...]


def start(lib: Library, project: Project, n: int, who: str, seed: int = 1) -> list[Second]:
    """Draw `n` clips for `who`, by chance among those that somebody else has decided; fewer where there are
    no more. The same seed draws the same clips of the same project."""
    if n < 1:
        raise BadInput(f"A second review needs at least 1 clip, not {n}.")
    decided = [(v, by) for v in lib.clips.views(project.id, role="target")
               if v.clip.decision != "todo" and (by := _decider(lib, v)) != who]
    if not decided:
        raise Refused("There is no clip that somebody else has decided, so there is nothing to review a "
                      "second time: a second person does that, in a browser of their own.")
    chosen = random.Random(seed).sample(decided, min(n, len(decided)))
    drawn = [Drawn(v.clip.id, v.clip.decision, by, v.text or "") for v, by in chosen]
    draw = uuid.uuid4().hex
    lib.second_reviews.draw(project.id, draw, drawn, who)
    return lib.second_reviews.of(project.id, draw)


def _decider(lib: Library, view: View) -> str:
    """Who made the clip's decision what it is."""
    made = [change["who"] for change in lib.changes.of(view.clip.id) if change["field"] == "decision"]
    return str(made[-1]) if made else ""


def following(lib: Library, project: Project) -> Second | None:
    """The next clip of the newest second review without a decision; None when it is done."""
    gone = {v.clip.id for v in lib.clips.views(project.id, trashed=True)}
    return next((one for one in lib.second_reviews.of(project.id)
                 if not one.decision and one.clip_id not in gone), None)


def decide(lib: Library, project: Project, second_id: int, decision: str, who: str, text: str = "") -> None:
    """Keep what the second reviewer says (`text`: what they hear, where it is something else); "" takes it
    back. The clip itself is not touched."""
    if decision not in DECISIONS:
        raise BadInput(f"“{decision}” is no decision; choose accepted or rejected.")
    found = next((one for one in lib.second_reviews.of(project.id) if one.id == second_id), None)
    if found is None:
        raise NotFound("This clip belongs to an older second review; reload the page.")
    if found.first_who == who:
        raise Refused("You decided on this clip first; its second review is for somebody else.")
    before = found.decision if not decision else ""
    lib.second_reviews.give(second_id, decision, " ".join(text.split()), before, who)


def take_back(lib: Library, project: Project, who: str) -> bool:
    """Take back what this person said last; False where they have said nothing."""
    said = [one for one in lib.second_reviews.of(project.id) if one.decision and one.who == who]
    if said:
        last = max(said, key=lambda one: (one.at, one.id))
        lib.second_reviews.give(last.id, "", "", last.decision, who)
    return bool(said)


def standing(lib: Library, project: Project) -> Standing:
    """The agreement so far, and where the two differ."""
    drawn = lib.second_reviews.of(project.id)
    done = [one for one in drawn if one.decision]
    agreed = kappa([one.first for one in done], [one.decision for one in done]) if done else None
    return Standing(len(drawn), len(done), agreed, tuple(_differences(lib, done)))


def _differences(lib: Library, done: Sequence[Second]) -> list[Difference]:
    made = []
    for one in done:
        other_text = one.text if one.text and not same(one.text, one.first_text) else ""
        if one.first != one.decision or other_text:
            view = lib.clips.view(one.clip_id)
            now, changes = view.clip.decision, lib.changes.of(one.clip_id)
            is_settled = any(change["at"] > one.at and change["field"] in ("decision", "transcript_id")
                             for change in changes)  # somebody looked and decided anew
            made.append(Difference(one.clip_id, view.clip.name, one.first, one.decision, now, other_text,
                                   is_settled or (now == one.decision and not other_text)))
    return made
