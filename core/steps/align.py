"""Align: when each word of the takes is spoken, and how their numbers were: in the background, or right after
an edit."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import Refused
from core.library import Library, Project, View, WordTimes
from core.library.transcripts import Draft
from core.library.word_times import PERSON, is_own
from core.run_dir import RunDir
from core.runs.start import start as start_run
from core.steps.aligners import aligning
from core.steps.convert import by_number, is_by_hand, proposal
from core.steps.recognise import ask
from core.types import Word


def start(lib: Library, project: Project, model: str = "", device: str = "auto",
          again: bool = False) -> RunDir:
    """Align the takes whose words have no times yet (or all but a person's, with `again`); returns at once.

    Raises Refused with a sentence when there is nothing to do, or nobody who could.
    """
    known = lib.word_times.of_project(project.id)
    views = [v for v in lib.clips.views(project.id) if v.text and v.clip.decision != "rejected"]
    todo = [v for v in views if _is_wanted(known.get(v.clip.transcript_id or 0), again)]
    if not views:
        raise Refused(f"“{project.name}” has no transcripts yet; transcribe its takes first.")
    if not todo:
        raise Refused("The words of every take have their times already; choose “again” to have them found "
                      "anew.")
    order = {"project": project.slug, "device": device, **aligning(lib, project, model),
             "items": [_item(lib, v) for v in todo]}
    return start_run(lib.root, project.slug, "align", order)


def _is_wanted(times: WordTimes | None, again: bool) -> bool:
    """Whether an aligner should look: no times yet, or a recogniser's own; never a person's."""
    if times is None or is_own(times.engine):
        return True
    return again and times.engine != PERSON


def _item(lib: Library, view: View) -> dict[str, Any]:
    """A take as an order names it: its numbers as they were written, unless a person chose their words."""
    current = lib.transcripts.get(view.clip.transcript_id)
    return {"id": view.clip.id, "audio": str((lib.root.path / view.clip.audio).resolve()),
            "start": view.clip.start, "end": view.clip.end, "transcript": view.clip.transcript_id,
            "text": _source(view), "prompt": view.prompt,
            "own": [[w.text, w.start, w.end, w.score] for w in (current.words if current else ())]}


def _source(view: View) -> str:
    """The text with its numbers still written, where only the machine has chosen their words."""
    if view.clip.decision == "accepted":
        return view.text or ""
    return view.details["from"] if "from" in view.details and not is_by_hand(view) else view.text or ""


def home(
    lib: Library, project: Project, view: View, transcript: int, laid: Mapping[str, Any]
) -> Draft | None:
    """Keep what came of one take: times of the transcript as it is, or a version to append where the sound
    says its numbers in another way. Nothing where the text was changed meanwhile."""
    if view.clip.transcript_id != transcript or not laid["words"]:
        return None
    times = times_of(laid, transcript)
    if laid["text"] == view.text:
        lib.word_times.put(times)
        return None
    if view.source in ("person", "prompt") or view.clip.decision == "accepted":
        return None  # what a person has typed or accepted stays, with its numbers
    made = proposal(_source(view), project.language, view.prompt, by_number(laid.get("scores")),
                    rules=lib.rules.of(project.id), digits=project.digit_words)
    if made is None or made[0] != laid["text"]:
        return None
    return Draft(view.clip.id, made[0], "numbers", transcript, details=made[1], times=times)


def times_of(laid: Mapping[str, Any], transcript: int = 0) -> WordTimes:
    """The times in a result."""
    words = tuple(Word(*word) for word in laid["words"])
    return WordTimes(transcript, laid["engine"], words, *(laid.get("fit") or ()))


def realign(lib: Library, project: Project, clip_id: str) -> WordTimes | None:
    """Find the times of a take's current text now, by the warm helper; None where no engine could, or where a
    person has set them."""
    view = lib.clips.view(clip_id)
    transcript, text = view.clip.transcript_id, view.text
    if transcript is None or not text or not _is_wanted(lib.word_times.of(transcript), again=True):
        return None
    item = {**_item(lib, view), "text": text, "prompt": text}
    laid = ask(lib, {"do": "align", **aligning(lib, project), **item})
    if laid["words"] and laid["text"] == text:
        lib.word_times.put(times_of(laid, transcript))
    return lib.word_times.of(transcript)
