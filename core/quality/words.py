"""A figure with its unit and a word of meaning, for the cells of a table."""
from __future__ import annotations

import math
from collections.abc import Callable

# How the number is written, and (upper bound, word) in rising order: the first bound above it has the word.
_Scale = tuple[Callable[[float], str], tuple[tuple[float, str], ...]]
_MORE = math.inf


def _unit(pattern: str, factor: float = 1.0) -> Callable[[float], str]:
    """A writer of numbers: `pattern` filled with value * factor, never "-0"."""
    return lambda value: pattern.format(value * factor)


_LEVEL = (
    (-60, "silent"), (-35, "too quiet"), (-28, "quiet"), (-12, "good"), (-9, "loud"), (_MORE, "too loud"),
)
_EDGE = ((0.02, "may be cut"), (0.1, "tight"), (1.0, "good"), (_MORE, "long"))
_SCALES: dict[str, _Scale] = {
    "seconds": (_unit("{:z.1f} s"), ((0.3, "too short"), (30, "good"), (_MORE, "too long"))),
    "peak_dbfs": (
        _unit("{:z.0f} dBFS"),
        ((-50, "silent"), (-24, "quiet"), (-0.5, "good"), (_MORE, "at the limit")),
    ),
    "rms_dbfs": (_unit("{:z.0f} dBFS"), _LEVEL),
    "speech_dbfs": (_unit("{:z.0f} dBFS"), _LEVEL),
    "clipped_ratio": (
        _unit("{:z.2g} %", 100),
        ((1e-12, "clean"), (0.001, "a little clipped"), (_MORE, "clipped")),
    ),
    "snr_db": (_unit("{:z.0f} dB"), ((15, "noisy"), (25, "fair"), (_MORE, "clean"))),
    "noise_dbfs": (_unit("{:z.0f} dBFS"), ((-60, "quiet room"), (-45, "some noise"), (_MORE, "noisy room"))),
    "lead": (_unit("{:z.2f} s"), _EDGE),
    "trail": (_unit("{:z.2f} s"), _EDGE),
    "longest_silence": (_unit("{:z.1f} s"), ((0.8, "fluent"), (1.5, "a pause"), (_MORE, "a long pause"))),
    "silence_ratio": (
        _unit("{:z.0f} %", 100),
        ((0.5, "mostly speech"), (0.8, "much silence"), (_MORE, "mostly silence")),
    ),
    "words_per_second": (
        _unit("{:z.1f} words/s"),
        ((0.5, "too slow"), (1.2, "slow"), (4.5, "normal"), (6, "fast"), (_MORE, "too fast")),
    ),
    "bandwidth_hz": (
        _unit("{:z.1f} kHz", 0.001),
        ((100, "no sound"), (4200, "telephone quality"), (7000, "narrow"), (_MORE, "wide")),
    ),
    "dc_offset": (_unit("{:z.3f}"), ((-0.01, "shifted"), (0.01, "centred"), (_MORE, "shifted"))),
    "dynamic_range_db": (
        _unit("{:z.0f} dB"),
        ((6, "one steady tone"), (12, "compressed"), (32, "natural"), (_MORE, "uneven")),
    ),
    "centroid_hz": (
        _unit("{:z.1f} kHz", 0.001), ((250, "dull"), (2000, "natural"), (_MORE, "sharp"))
    ),
    "rolloff_hz": (
        _unit("{:z.1f} kHz", 0.001), ((400, "dull"), (4000, "natural"), (_MORE, "sharp"))
    ),
    "flatness": (
        _unit("{:z.2f}"), ((0.1, "a clear voice"), (0.4, "a breathy or noisy voice"), (_MORE, "noise"))
    ),
    "n_overflows": (_unit("{:.0f} gaps"), ((1, "whole"), (_MORE, "samples are missing"))),
    "interrupted": (_unit("{:.0f}"), ((1, "whole"), (_MORE, "the microphone went away"))),
}
METRICS = tuple(_SCALES)


def sentence(name: str, value: float | None) -> str:
    """The figure `name` (a field of ClipQuality) in words: "-31 dBFS: quiet"; "not measured" for None."""
    written, bounds = _SCALES[name]
    if value is None or math.isnan(value):
        return "not measured"
    return f"{written(value)}: {next(word for bound, word in bounds if value < bound or bound == _MORE)}"
