"""From where letters are on a CTC path to where words begin and end in the sound."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from core.audio.levels import HOP_SECONDS, frame_levels
from core.audio.silence import active
from core.types import Word

Times = tuple[float, float]

LATEST = 0.4  # seconds: a model that writes later than this is not late, the speech began unheard
PAUSE = 0.08  # shorter stillness is part of a word: the closure of a stop
REACH = 0.12  # how far an edge moves to the pause beside it
SHORTEST = 0.03
LATER = 0.02  # within fluent speech such a model is later still; the starter on made speech: by 22 ms


def speech_runs(samples: npt.NDArray[np.float32], rate: int) -> list[Times]:
    """Stretches of speech in mono `samples` (n,), seconds, divided by pauses of at least `PAUSE`."""
    return runs_of(active(frame_levels(samples, rate)))


def runs_of(mask: npt.NDArray[np.bool_]) -> list[Times]:
    """The same from the frames (n,), every 10 ms, that hold speech."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0])))) * HOP_SECONDS
    runs: list[Times] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if runs and start - runs[-1][1] < PAUSE:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def settle(
    letters: Sequence[Times], runs: Sequence[Times], seconds: float, late: float | None = None
) -> list[Times]:
    """Start and end of each word, seconds, from the stretch between its first and last letter on the path.

    A CTC model writes a letter late, some by a fifth of a second, and holds it for a moment only. The delay
    is `late`, or what lies between the onset of the speech (`runs`) and the first letter. Then an edge beside
    a pause moves there; words without a pause between them meet where the later one begins.
    """
    if not letters:
        return []
    late = delay(letters, runs) if late is None else late
    later = late + LATER if late else 0.0
    starts = [_edge(max(0.0, start - later), [run[0] for run in runs]) for start, _ in letters]
    for at in range(1, len(starts)):
        starts[at] = max(starts[at], starts[at - 1] + SHORTEST)
    spans = []
    for at, start in enumerate(starts):
        following = starts[at + 1] if at + 1 < len(starts) else seconds
        last_letter = max(letters[at][1] - late, start + SHORTEST)
        stops = [end for _, end in runs if last_letter - REACH <= end <= following and end > start + SHORTEST]
        spans.append((round(start, 3), round(min(stops[0] if stops else following, seconds), 3)))
    return spans


def delay(letters: Sequence[Times], runs: Sequence[Times]) -> float:
    """Seconds by which the first letter comes after the onset of the speech; 0 where that is implausible."""
    late = letters[0][0] - runs[0][0] if runs else 0.0
    return late if 0.0 <= late <= LATEST else 0.0


def _edge(at: float, onsets: Sequence[float]) -> float:
    """`at`, or the onset after a pause that lies near."""
    near = min(onsets, key=lambda onset: abs(onset - at), default=at)
    return near if abs(near - at) <= REACH else at


def placed(
    words: Sequence[str], times: Mapping[int, Times], scores: Mapping[int, float] | None = None
) -> tuple[Word, ...]:
    """All `words` of a text in order, with the times (and scores) of those that are said, by their place; one
    that is not said (a dash by itself) stands at the end of the one before it."""
    found: list[Word] = []
    for place, word in enumerate(words):
        before = found[-1].end if found else 0.0
        start, end = times.get(place, (before, before))
        score = scores.get(place) if scores else None
        found.append(Word(word, start, end, None if score is None else round(score, 4)))
    return tuple(found)
