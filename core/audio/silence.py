"""Where somebody speaks: frame energies against a threshold taken from the clip's own noise floor."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.audio.levels import HOP_SECONDS, Samples, frame_levels, noise_dbfs

# Nothing below this is speech, however quiet the room is.
_SILENT_DBFS = -60.0
# With less spread than this between loud and quiet, a clip is one steady thing: speech only if it is loud.
_STEADY_DB, _STEADY_SPEECH_DBFS = 6.0, -40.0
# A click: so short, and so far from any other sound.
_CLICK_SECONDS, _CLICK_ALONE_SECONDS = 0.03, 0.15


@dataclass(frozen=True)
class Silence:
    """Seconds without speech: before, after, the longest pause within; `ratio` is the silent share, 0..1.

    Where nothing is said, `lead`, `trail` and `longest` are the whole clip and `ratio` is 1.
    """

    lead: float
    trail: float
    longest: float
    ratio: float


def silence(samples: Samples, rate: int) -> Silence:
    """Measure the silence in mono `samples` (n,)."""
    return of_mask(active(frame_levels(samples, rate)), len(samples) / rate)


def speech_part(samples: Samples, rate: int, margin: float = 0.25) -> tuple[float, float] | None:
    """Start and end of what is said, with `margin` seconds kept on both sides; None where nothing is."""
    seconds = len(samples) / rate
    found = silence(samples, rate)
    if found.ratio >= 1.0:
        return None
    return max(0.0, found.lead - margin), min(seconds, seconds - found.trail + margin)


def threshold_dbfs(levels: Samples) -> float:
    """The level that divides speech from silence in frame `levels` (n_frames,), dBFS."""
    noise, loud = noise_dbfs(levels), float(np.percentile(levels, 95))
    if loud < _SILENT_DBFS:
        return float(levels.max()) + 1.0
    if loud - noise < _STEADY_DB:
        return noise - _STEADY_DB if loud > _STEADY_SPEECH_DBFS else float(levels.max()) + 1.0
    # A third of the way up; never more than 40 dB below the voice (breath and rustle in a dead quiet room),
    # nor less than 15 dB below it (a clip without pauses takes its own soft sounds for the noise).
    third = noise + max(6.0, 0.3 * (loud - noise))
    return max(min(third, max(loud - 15.0, noise + 4.0)), loud - 40.0, _SILENT_DBFS)


def active(levels: Samples) -> npt.NDArray[np.bool_]:
    """Which frames (n_frames,) hold speech; lone clicks do not count."""
    if not len(levels):
        return np.zeros(0, np.bool_)
    mask = levels > threshold_dbfs(levels)
    starts, ends = _runs(mask)
    apart = round(_CLICK_ALONE_SECONDS / HOP_SECONDS)
    before = np.concatenate(([apart], starts[1:] - ends[:-1]))[: len(starts)]
    after = np.concatenate((starts[1:] - ends[:-1], [apart]))[: len(starts)]
    is_click = (ends - starts <= _CLICK_SECONDS / HOP_SECONDS) & (before >= apart) & (after >= apart)
    if len(mask) > apart:  # a clip that short has no room for a click beside speech
        for start, end in zip(starts[is_click], ends[is_click], strict=True):
            mask[start:end] = False
    return mask


def of_mask(mask: npt.NDArray[np.bool_], seconds: float) -> Silence:
    """Silence from the active frames of a clip of `seconds`."""
    starts, ends = _runs(mask)
    if not len(starts):
        return Silence(seconds, seconds, seconds, 1.0)
    lead = float(starts[0]) * HOP_SECONDS
    trail = float(len(mask) - ends[-1]) * HOP_SECONDS
    pauses = (starts[1:] - ends[:-1]) * HOP_SECONDS
    longest = float(pauses.max()) if len(pauses) else 0.0
    return Silence(min(lead, seconds), min(trail, seconds), longest, float(1.0 - mask.mean()))


def _runs(mask: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """First and one-past-last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return edges[::2], edges[1::2]
