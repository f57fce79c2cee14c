"""Numbers to words: a proposal on each transcript, as a new version; one click changes a reading, one undoes
it."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import NotFound, Stale
from core.library import Change, Library, Project, View
from core.library.transcripts import Draft
from core.text.convert import Conversion, Item, choose, leftovers, to_words
from core.text.difference import same

Scores = Mapping[int, Mapping[str, float]]
"""By number, how well each reading fits the sound."""
BY_HAND = "chosen by hand"
"""The reason that `choose` gives to an item."""


@dataclass(frozen=True)
class Converted:
    """One conversion, shown or made."""

    clip_id: str
    name: str
    before: str
    after: str
    items: tuple[Item, ...]


def proposal(text: str, language: str, prompt: str | None,
             scores: Scores | None = None) -> tuple[str, dict[str, Any]] | None:
    """The text in words and its details for the page, or None where there is nothing to convert. `scores`: by
    number, how well each reading fits the sound."""
    conversion = to_words(text, language=language, prompt=prompt, undash=True, scores=scores)
    if not conversion.changed:
        return None
    return conversion.text, _details(text, conversion, scores)


def _details(original: str, conversion: Conversion, scores: Scores | None = None) -> dict[str, Any]:
    items = [asdict(item) for item in conversion.items]
    return {"from": original, "items": items, **({"scores": scores} if scores else {})}


def by_number(scores: Mapping[str, Mapping[str, float]] | None) -> Scores:
    """Scores of readings as they are kept (JSON), by the index of the number."""
    return {int(number): found for number, found in (scores or {}).items()}


def convert_all(lib: Library, project: Project, who: str, dry_run: bool = False) -> list[Converted]:
    """Convert every current transcript that still holds numbers; one batch, one undo. `dry_run` only
    shows."""
    made, drafts = [], []
    for view in lib.clips.views(project.id):
        if view.text is None or view.clip.decision == "rejected":
            continue
        conversion = to_words(view.text, language=project.language, prompt=view.prompt, undash=True)
        if conversion.changed:
            made.append(Converted(view.clip.id, view.clip.name, view.text, conversion.text, conversion.items))
            details = _details(view.text, conversion)
            drafts.append(Draft(view.clip.id, conversion.text, "numbers", view.clip.transcript_id,
                                details=details))
    if drafts and not dry_run:
        lib.transcripts.append(project.id, drafts, who)
    return made


def choose_reading(lib: Library, project: Project, clip_id: str, index: int, reading_name: str,
                   expected_transcript_id: int | None, who: str) -> str:
    """Say number `index` of a converted take in another way; returns the new text."""
    view = lib.clips.view(clip_id)
    if view.clip.transcript_id != expected_transcript_id:
        raise Stale("Somebody else changed this transcript in the meantime; nothing was overwritten. Look at "
                    "it again.")
    if "from" not in view.details:
        raise NotFound("This transcript was not made from numbers, so there is no other reading to choose.")
    scores = by_number(view.details.get("scores"))
    conversion = to_words(view.details["from"], project.language, view.prompt, undash=True, scores=scores)
    for position, item in enumerate(view.details["items"]):
        if item["reason"] == BY_HAND:  # what was chosen before stays; the other items keep their reasons
            conversion = choose(conversion, position, item["chosen"]["name"])
    conversion = choose(conversion, index, reading_name)
    draft = Draft(clip_id, conversion.text, "numbers", expected_transcript_id,
                  details=_details(view.details["from"], conversion, scores))
    lib.transcripts.append(project.id, [draft], who)
    return conversion.text


def matching(lib: Library, project: Project) -> list[View]:
    """Takes to do whose current text says their prompt."""
    todo = lib.clips.views(project.id, role="target", decision="todo")
    return [v for v in todo if v.text and v.prompt and same(v.prompt, v.text)]


def accept_matching(lib: Library, project: Project, who: str) -> int:
    """Accept all takes to do whose text says their prompt, as one batch; returns how many."""
    views = matching(lib, project)
    if views:
        lib.changes.apply(project.id, [Change(v.clip.id, "decision", "todo", "accepted") for v in views], who)
    return len(views)


def unclean(lib: Library, project: Project) -> list[tuple[str, list[str]]]:
    """(clip name, what is left) for transcripts that still hold digits, dashes between number words or
    currency signs."""
    views = [v for v in lib.clips.views(project.id) if v.clip.decision != "rejected"]
    found = [(v.clip.name, leftovers(v.text or "", project.language)) for v in views]
    return [(name, left) for name, left in found if left]
