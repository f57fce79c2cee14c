"""Cut: one clip becomes two on the same audio, or two neighbours become one; rows change, never a sound."""
from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from core.errors import BadInput, Stale
from core.library import Clip, Library, Part, Project, View, WordTimes
from core.library.transcripts import Draft
from core.steps.flags import in_order
from core.steps.trim import measured, refuse_outside
from core.types import Word

Side = tuple[str, tuple[Word, ...]]
"""A text and its word times, in seconds of its own clip."""
FAR = 1.0
"""Seconds that may lie between two clips that are joined."""


def split(lib: Library, project: Project, clip_id: str, at: float, expected: int | None, who: str,
          cursor: int | None = None) -> str:
    """Two clips, before and after `at` seconds of this one, which goes to the trash; returns the first's id.

    The text is divided by the times of its words, else at character `cursor`. Neither part says the
    prompt, so both are without one. Raises BadInput where the text cannot be divided or a part would be too
    short, and Stale when `expected` is not the current transcript.
    """
    view = _seen(lib, clip_id, expected)
    clip, middle = view.clip, round(view.clip.start + at, 3)
    for start, end in ((clip.start, middle), (middle, clip.end)):
        refuse_outside(clip, start, end)
    engine, sides = _divided(lib, view, middle - clip.start, cursor)
    parts = [_part(lib, view, clip.start, middle, f"{clip.name} 1/2", sides[0], engine),
             _part(lib, view, middle, clip.end, f"{clip.name} 2/2", sides[1], engine)]
    lib.cuts.replace(project.id, [clip], parts, who)
    return parts[0].clip.id


def join(lib: Library, project: Project, clip_id: str, expected: int | None, who: str) -> str:
    """One clip of this one and the next on the same audio, which both go to the trash; returns its id.

    Raises BadInput where no clip follows within FAR seconds, or another speaker's does.
    """
    view = _seen(lib, clip_id, expected)
    after = lib.clips.view(_next(lib, project, view.clip))
    one, two = view.clip, after.clip
    if one.speaker_id != two.speaker_id:
        raise BadInput(f"{one.name} and {two.name} have different speakers, so they stay two clips.")
    known = [lib.word_times.of(clip.transcript_id) for clip in (one, two)]
    words: tuple[Word, ...] = ()
    engine = ""
    if known[0] and known[1]:
        gap = two.start - one.start
        words = (*known[0].words, *(_later(word, gap) for word in known[1].words))
        engine = known[0].engine
    text = " ".join(filter(None, (view.text, after.text)))
    made = _part(lib, view, one.start, two.end, one.name.removesuffix(" 1/2"), (text, words), engine)
    kept = one.prompt_id if one.prompt_id == two.prompt_id else None
    flags = in_order((*one.flags, *two.flags))
    clip = replace(made.clip, prompt_id=kept, flags=flags, note=" ".join(filter(None, (one.note, two.note))))
    lib.cuts.replace(project.id, [one, two], [replace(made, clip=clip)], who)
    return clip.id


def _seen(lib: Library, clip_id: str, expected: int | None) -> View:
    view = lib.clips.view(clip_id)
    if view.clip.transcript_id != expected or view.clip.trashed:
        raise Stale("Somebody else changed this clip in the meantime; nothing was cut. Look at it again and "
                    "repeat what you wanted.")
    return view


def _next(lib: Library, project: Project, clip: Clip) -> str:
    """The clip that follows on the same audio."""
    later = [row for row in lib.clips.briefs(project.id, clip.role)
             if row.audio == clip.audio and row.id != clip.id and row.start >= clip.end - 0.001]
    near = min(later, key=lambda row: row.start, default=None)
    if near is None or near.start - clip.end > FAR:
        raise BadInput("No other clip of the same audio begins where this one ends, so there is nothing to "
                       "join it with.")
    return near.id


def _part(lib: Library, view: View, start: float, end: float, name: str, side: Side, engine: str) -> Part:
    """A clip like that of `view` on another stretch of its audio, undecided."""
    text, words = side
    clip = replace(view.clip, id=uuid.uuid4().hex[:12], name=name, start=start, end=end, prompt_id=None,
                   decision="todo", mark="", quality=measured(lib, view.clip, start, end))
    times = WordTimes(0, engine, words)
    return Part(clip, Draft(clip.id, text, view.source or "person", None, times=times) if text else None)


def _divided(lib: Library, view: View, at: float, cursor: int | None) -> tuple[str, tuple[Side, Side]]:
    """Who timed the words, and the two sides of the text; `at` in seconds of the clip."""
    known, text = lib.word_times.of(view.clip.transcript_id), view.text or ""
    if known:
        return known.engine, _by_times(text, known.words, at)
    if not text:
        return "", (("", ()), ("", ()))
    if cursor is None or not 0 < cursor < len(text):
        raise BadInput("The times of its words are not known, so set the cursor in the text to where the "
                       "second part begins, and split again.")
    return "", ((text[:cursor].strip(), ()), (text[cursor:].strip(), ()))


def _by_times(text: str, words: Sequence[Word], at: float) -> tuple[Side, Side]:
    """A word belongs to the side on which its middle lies."""
    left = tuple(word for word in words if (word.start + word.end) / 2 < at)
    right = tuple(_later(word, -at) for word in words[len(left):])
    said = text.split()
    if len(said) != len(words):  # punctuation that stands alone, or a number that is several words
        said = [word.text for word in words]
    cut = tuple(replace(word, end=min(word.end, round(at, 3))) for word in left)
    return (" ".join(said[:len(left)]), cut), (" ".join(said[len(left):]), right)


def _later(word: Word, by: float) -> Word:
    return replace(word, start=round(max(word.start + by, 0.0), 3), end=round(word.end + by, 3))
