"""Numbers to words: a proposal on each transcript, as a new version; one click changes a reading, one undoes
it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import NotFound, Stale
from core.library import Change, Library, Project, View
from core.library.transcripts import Draft
from core.text.convert import BY_HAND, Conversion, Item, choose, leftovers, to_words
from core.text.difference import same
from core.text.rules import REASON, Rule

Scores = Mapping[int, Mapping[str, float]]
"""By number, how well each reading fits the sound."""


@dataclass(frozen=True)
class Converted:
    """One conversion, shown or made."""

    clip_id: str
    name: str
    before: str
    after: str
    items: tuple[Item, ...]


def proposal(text: str, language: str, prompt: str | None,
             scores: Scores | None = None, *, rules: Sequence[Rule] = (),
             digits: Sequence[str] | None = None) -> tuple[str, dict[str, Any]] | None:
    """The text in words and its details for the page, or None where there is nothing to convert. `scores`: by
    number, how well each reading fits the sound; `rules` and `digits` are the project's own."""
    conversion = to_words(text, language=language, prompt=prompt, undash=True, scores=scores, rules=rules,
                          digits=digits)
    if not conversion.changed:
        return None
    return conversion.text, _details(text, conversion, scores)


def _details(original: str, conversion: Conversion, scores: Scores | None = None) -> dict[str, Any]:
    items = [asdict(item) for item in conversion.items]
    return {"from": original, "items": items, **({"scores": scores} if scores else {})}


def is_by_hand(view: View) -> bool:
    """Whether a person has chosen how a number of the text is said."""
    return any(item["reason"] == BY_HAND for item in view.details.get("items", []))


def by_number(scores: Mapping[str, Mapping[str, float]] | None) -> Scores:
    """Scores of readings as they are kept (JSON), by the index of the number."""
    return {int(number): found for number, found in (scores or {}).items()}


def convert_all(lib: Library, project: Project, who: str, dry_run: bool = False,
                again: bool = False) -> list[Converted]:
    """Convert every current transcript that still holds numbers; one batch, one undo. `dry_run` only shows.

    With `again` what was converted before is converted anew from the text as it was written, by the rules of
    today; what a person has typed, chosen or accepted stays.
    """
    made, drafts, rules = [], [], lib.rules.of(project.id)
    for view in lib.clips.views(project.id):
        if view.text is None or view.clip.decision == "rejected" or (again and _is_settled(view)):
            continue
        source = view.details["from"] if again and "from" in view.details else view.text
        scores = by_number(view.details.get("scores")) if again else None
        conversion = _converted(source, view, project, rules, scores)
        if conversion.text != view.text:
            made.append(Converted(view.clip.id, view.clip.name, view.text, conversion.text, conversion.items))
            drafts.append(Draft(view.clip.id, conversion.text, "numbers", view.clip.transcript_id,
                                details=_details(source, conversion, scores)))
    if drafts and not dry_run:
        lib.transcripts.append(project.id, drafts, who)
    return made


def _is_settled(view: View) -> bool:
    """Whether a person has typed, chosen or accepted the text."""
    return is_by_hand(view) or view.source in ("person", "prompt") or view.clip.decision == "accepted"


def _converted(source: str, view: View, project: Project, rules: Sequence[Rule], scores: Scores | None
               ) -> Conversion:
    """`source` in words; scores are those of numbers by their place, so they count where these are the
    same as before."""
    def convert(scores: Scores | None) -> Conversion:
        return to_words(source, project.language, view.prompt, undash=True, scores=scores, rules=rules,
                        digits=project.digit_words)

    plain = convert(None)
    before = [item["start"] for item in view.details.get("items", [])]
    return convert(scores) if scores and before == [item.start for item in plain.items] else plain


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
    conversion = to_words(view.details["from"], project.language, view.prompt, undash=True, scores=scores,
                          rules=_rules_then(view.details), digits=project.digit_words)
    for position, item in enumerate(view.details["items"]):
        if item["reason"] == BY_HAND:  # what was chosen before stays; the other items keep their reasons
            conversion = choose(conversion, position, item["chosen"]["name"])
    conversion = choose(conversion, index, reading_name)
    draft = Draft(clip_id, conversion.text, "numbers", expected_transcript_id,
                  details=_details(view.details["from"], conversion, scores))
    lib.transcripts.append(project.id, [draft], who)
    return conversion.text


def _rules_then(details: Mapping[str, Any]) -> list[Rule]:
    """The rules that made a text: those of today may divide it into other numbers than the ones that are
    shown."""
    return [Rule(item["written"], item["chosen"]["text"]) for item in details["items"]
            if item["reason"] == REASON]


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
