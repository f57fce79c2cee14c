"""Figures of sounds that were measured before, so that a check of thousands goes on where it was cut off."""
from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.audio.read import info, read
from core.files import append_jsonl, make_folder, read_jsonl, write_atomic
from core.quality.clip import ClipQuality, measure

BLOCK = 60.0
"""Seconds that are measured at once: a recording of hours never lies in memory."""
_FIGURES = {figure.name for figure in fields(ClipQuality)}


class KeptQualities:
    """The file `path`, one line a sound: its path, size and time of change, and its figures.

    All can be made again; what is out of date is left out, and cleared away when it is most of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, dict[str, Any]] = {}
        try:
            rows = read_jsonl(path)[0]
        except ValueError:  # damaged: all is measured again
            rows = []
            path.unlink()
        self._known = {row["path"]: row for row in rows}
        if len(rows) > 2 * len(self._known):
            write_atomic(path, "".join(json.dumps(row) + "\n" for row in self._known.values()))

    def of(self, audio: Path, n_words: int | None = None) -> ClipQuality:
        """The figures of a sound, of one longer than a minute those of its minutes together.

        Raises what reading it raises.
        """
        state = audio.stat() if audio.exists() else None
        row = self._known.get(str(audio))
        if state is None or row is None or _is_outdated(row, state):
            found = _measured(audio)
            state = audio.stat()
            row = {"path": str(audio), "state": [state.st_size, state.st_mtime_ns], "figures": asdict(found)}
            self._known[str(audio)] = row
            make_folder(self.path.parent)
            append_jsonl(self.path, [row])
        return _paced(ClipQuality(**{**row["figures"], "timbre": tuple(row["figures"]["timbre"])}), n_words)


def _is_outdated(row: dict[str, Any], state: os.stat_result) -> bool:
    """Whether the file is another one by now, or an older version measured fewer figures."""
    is_changed = row["state"] != [state.st_size, state.st_mtime_ns]
    return is_changed or row["figures"].keys() != _FIGURES


def _paced(found: ClipQuality, n_words: int | None) -> ClipQuality:
    spoken = found.seconds - found.lead - found.trail
    return replace(found, words_per_second=None if n_words is None or spoken <= 0 else n_words / spoken)


def _measured(audio: Path) -> ClipQuality:
    seconds = info(audio).seconds
    if seconds <= BLOCK:
        sound = read(audio)
        return measure(sound.samples, sound.rate)
    ends = [*np.arange(BLOCK, seconds - BLOCK / 2, BLOCK), seconds]
    parts = []
    for start, end in zip([0.0, *ends], ends, strict=False):
        sound = read(audio, float(start), float(end))
        parts.append(measure(sound.samples, sound.rate))
    return together(parts)


def together(parts: list[ClipQuality]) -> ClipQuality:
    """The figures of stretches that follow each other as those of one sound: the worst peak and pause, means
    by length of levels and shares."""
    lengths = np.array([part.seconds for part in parts])
    share = lengths / lengths.sum()

    def mean(name: str) -> float:
        return float(np.dot(share, [getattr(part, name) for part in parts]))

    def level(name: str) -> float:
        return float(10 * np.log10(max(np.dot(share, [10 ** (getattr(p, name) / 10) for p in parts]), 1e-12)))

    return replace(
        parts[0], seconds=float(lengths.sum()), peak_dbfs=max(part.peak_dbfs for part in parts),
        rms_dbfs=level("rms_dbfs"), speech_dbfs=level("speech_dbfs"), noise_dbfs=level("noise_dbfs"),
        clipped_ratio=mean("clipped_ratio"), snr_db=float(np.median([part.snr_db for part in parts])),
        trail=parts[-1].trail, longest_silence=max(part.longest_silence for part in parts),
        silence_ratio=mean("silence_ratio"), dc_offset=mean("dc_offset"), words_per_second=None,
        bandwidth_hz=float(np.median([part.bandwidth_hz for part in parts])), timbre=(),
        dynamic_range_db=_middle(part.dynamic_range_db for part in parts),
        centroid_hz=_middle(part.centroid_hz for part in parts),
        rolloff_hz=_middle(part.rolloff_hz for part in parts),
        flatness=_middle(part.flatness for part in parts))


def _middle(values: Iterable[float | None]) -> float | None:
    """The median of what was measured; None for nothing."""
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
