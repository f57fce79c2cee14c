"""Trim: where a clip begins and ends in its audio, as two numbers; the audio itself is never touched."""
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.audio.read import read
from core.errors import BadInput
from core.files import inside
from core.library import Change, Clip, Library, Project, WordTimes
from core.library.transcripts import Draft
from core.quality.clip import measure
from core.types import Word

SHORTEST = 0.1
ROUNDING = 1e-6
DROPPED = ("The times of its words are not known any more, because a word lies outside of the clip now; the "
           "text is unchanged.")


def trim(lib: Library, project: Project, clip_id: str, start: float, end: float, seen: Clip,
         who: str) -> str:
    """Let the clip run from `start` to `end`, in seconds of its audio; its word times go with it.

    `seen` is the clip as it was shown: Stale when it has changed since. Returns a sentence where the word
    times were dropped, else "". Raises BadInput for a stretch that is too short or not in the audio.
    """
    start, end = round(start, 3), _end(seen, end)
    changes = changes_of(lib, seen, start, end)
    if not changes:
        return ""
    drafts, sentence = retimed(lib, seen, start, end)
    lib.transcripts.append(project.id, drafts, who, changes=changes)
    return sentence


def changes_of(lib: Library, seen: Clip, start: float, end: float) -> list[Change]:
    """What lets a clip run from `start` to `end`: its edges, and its figures measured again."""
    refuse_outside(seen, start, end)
    changes = [Change(seen.id, name, before, after)
               for name, before, after in (("start", seen.start, start), ("end", seen.end, end))
               if before != after]
    quality = measured(lib, seen, start, end) if changes else seen.quality
    if quality != seen.quality:
        changes.append(Change(seen.id, "quality", json.dumps(seen.quality), json.dumps(quality)))
    return changes


def refuse_outside(clip: Clip, start: float, end: float) -> None:
    """BadInput for a stretch that is no clip of this audio."""
    if start < -ROUNDING or end > whole(clip) + ROUNDING:
        raise BadInput(f"The audio of this clip runs from 0 to {whole(clip):.2f} s; {start:.2f} to {end:.2f} "
                       "s is not in it.")
    if end - start < SHORTEST - ROUNDING:
        raise BadInput(f"A clip from {start:.2f} to {end:.2f} s would be too short; it takes at least "
                       f"{SHORTEST} s.")


def whole(clip: Clip) -> float:
    """Seconds of the clip's audio; never less than the clip itself."""
    return max(clip.n_samples / clip.sample_rate, clip.end)


def _end(clip: Clip, end: float) -> float:
    """To the millisecond; the very end stays exact, so that a whole file is known as such."""
    return whole(clip) if abs(end - whole(clip)) < 0.001 else round(end, 3)


def measured(lib: Library, clip: Clip, start: float, end: float) -> dict[str, Any]:
    """The figures of a stretch of the clip's audio; those that only its recording knows are kept."""
    if not clip.quality:
        return {}
    sound = read(inside(lib.root.path, Path(clip.audio)), start, end)
    found = asdict(measure(sound.samples, sound.rate))
    kept = ("n_overflows", "interrupted")
    return {**found, **{name: clip.quality[name] for name in kept if name in clip.quality}}


def shifted(words: Sequence[Word], by: float, seconds: float) -> tuple[Word, ...] | None:
    """Words `by` seconds earlier, cut to a clip of `seconds`; None where one lies outside of it."""
    moved = []
    for word in words:
        start, end = max(word.start - by, 0.0), min(word.end - by, seconds)
        if end <= start:
            return None
        moved.append(replace(word, start=round(start, 3), end=round(end, 3)))
    return tuple(moved)


def retimed(lib: Library, clip: Clip, start: float, end: float) -> tuple[list[Draft], str]:
    """The same text with its words where they are now."""
    known = lib.word_times.of(clip.transcript_id)
    seen = lib.transcripts.get(clip.transcript_id)
    if known is None or seen is None:
        return [], ""
    words = shifted(known.words, start - clip.start, end - start)
    draft = Draft(clip.id, seen.text, seen.source, clip.transcript_id, details=seen.details,
                  times=WordTimes(0, known.engine, words or ()))
    return [draft], "" if words else DROPPED
