"""Flags and notes: what a reviewer noticed about a clip, beside the decision and the spot-check's mark."""
from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.errors import BadInput
from core.library import Change, Library, Project
from core.library.clips import flags_written

FLAGS = ("noise", "wrong_speaker", "laughter", "cut", "echo", "something_else")
MAX_NOTE = 500


def put(lib: Library, project: Project, clip_id: str, flag: str, is_set: bool, who: str) -> tuple[str, ...]:
    """Set a flag, or take it away; the other flags stay, whoever set them. Returns those that stand now."""
    if flag not in FLAGS:
        raise BadInput(f"“{flag}” is no flag; choose one of {', '.join(FLAGS)}.")
    before = lib.clips.get(clip_id).flags
    after = in_order({*before, flag} if is_set else {*before} - {flag})
    if before != after:
        lib.changes.apply(project.id, [change(clip_id, before, after)], who)
    return after


def note(lib: Library, project: Project, clip_id: str, text: str, expected: str, who: str) -> None:
    """Keep a free note beside a clip; an empty one takes it away."""
    clean = " ".join(text.split())
    if len(clean) > MAX_NOTE:
        raise BadInput(f"The note has {len(clean)} characters; a note has at most {MAX_NOTE}.")
    if clean != expected:
        lib.changes.apply(project.id, [Change(clip_id, "note", expected, clean)], who)


def change(clip_id: str, before: Sequence[str], after: Sequence[str]) -> Change:
    """Flags as a change of a clip."""
    return Change(clip_id, "flags", flags_written(before), flags_written(after))


def in_order(flags: Iterable[str]) -> tuple[str, ...]:
    """Flags once each, in the order of FLAGS; what an older list had comes last."""
    found = set(flags)
    return (*(flag for flag in FLAGS if flag in found), *sorted(found.difference(FLAGS)))
