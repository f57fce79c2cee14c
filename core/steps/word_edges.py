"""Word edges: a person says when a word of a clip begins and ends; each move is a new version, so undo steps
back."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.errors import BadInput
from core.library import Library, Project
from core.library.transcripts import Draft
from core.types import Word

SHORTEST = 0.01
"""Seconds that a word takes at least."""
ROUNDING = 1e-6


def move_word(lib: Library, project: Project, clip_id: str, index: int, start: float, end: float,
              expected: int | None, who: str) -> None:
    """Word `index` is spoken from `start` to `end`, in seconds of the clip; kept as times by a person.

    `expected` is the transcript whose words were seen: Stale when it is not the current one any more.
    Raises BadInput for times outside of the clip or across a neighbour, and where no times are known.
    """
    lib.transcripts.append(project.id, [moved(lib, clip_id, index, start, end, expected)], who)


def moved(lib: Library, clip_id: str, index: int, start: float, end: float, expected: int | None) -> Draft:
    """The version that `move_word` appends; raises BadInput as it does."""
    view = lib.clips.view(clip_id)
    known = lib.word_times.of(expected)
    if known is None or not 0 <= index < len(known.words):
        raise BadInput("The times of this word are not known, so there is nothing to move.")
    word = replace(known.words[index], start=round(start, 3), end=round(end, 3))
    _refuse_crossing(known.words, index, word, view.clip.end - view.clip.start)
    words = (*known.words[:index], word, *known.words[index + 1:])
    seen = lib.transcripts.get(expected)
    return Draft(clip_id, seen.text if seen else "", "person", expected, words, view.details)


def _refuse_crossing(words: Sequence[Word], index: int, moved: Word, seconds: float) -> None:
    """Where an engine's words overlap already, they may stay so, but not more than that."""
    before = words[index - 1] if index else None
    after = words[index + 1] if index + 1 < len(words) else None
    old = words[index]
    if moved.end - moved.start < SHORTEST - ROUNDING:
        raise BadInput(f"“{moved.text}” would last {moved.end - moved.start:.3f} s; a word takes at least "
                       f"{SHORTEST} s.")
    if moved.start < -ROUNDING or moved.end > seconds + ROUNDING:
        raise BadInput(f"“{moved.text}” would leave the clip, which lasts {seconds:.2f} s.")
    if before and moved.start < min(before.end, old.start) - ROUNDING:
        raise BadInput(f"“{moved.text}” would begin before “{before.text}” ends, at {before.end:.2f} s.")
    if after and moved.end > max(after.start, old.end) + ROUNDING:
        raise BadInput(f"“{moved.text}” would end after “{after.text}” begins, at {after.start:.2f} s.")
