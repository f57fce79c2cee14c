"""One clip measured, and what is wrong with it: the same for the recorder, the spot-check and the import."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.audio.levels import (
    bandwidth_hz,
    clipped,
    dc_offset,
    frame_levels,
    mean_dbfs,
    noise_dbfs,
    peak_dbfs,
    rms_dbfs,
    snr_db,
)
from core.audio.silence import active, of_mask
from core.audio.spectrum import dynamic_range_db, spectrum
from core.audio.timbre import timbre
from core.quality.words import sentence as sentence
from core.types import Finding, Level


@dataclass(frozen=True)
class ClipQuality:
    """Figures of one clip: seconds, unless the name has another unit; ratios 0..1.

    `speech_dbfs` is the RMS of the spoken frames only; `lead`, `trail`: silence before and after speech;
    `longest_silence`: the longest pause within it (the whole clip where nothing is said);
    `words_per_second` from the first to the last sound, None without a word count.
    `dynamic_range_db` and the spectrum (`centroid_hz`, `rolloff_hz`, `flatness`) are those of the spoken
    frames (core/audio/spectrum.py); None where nothing is said, and for clips that an older version measured.
    `timbre`: what the voice sounds like (core/audio/timbre.py).
    `n_overflows`: how often the recorder lost sound meanwhile; `interrupted`: the microphone went away.
    """

    seconds: float
    peak_dbfs: float
    rms_dbfs: float
    speech_dbfs: float
    clipped_ratio: float
    snr_db: float
    noise_dbfs: float
    lead: float
    trail: float
    longest_silence: float
    silence_ratio: float
    words_per_second: float | None
    bandwidth_hz: float
    dc_offset: float
    dynamic_range_db: float | None = None
    centroid_hz: float | None = None
    rolloff_hz: float | None = None
    flatness: float | None = None
    n_overflows: int = 0
    interrupted: bool = False
    timbre: tuple[float, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What a prompted take may look like; seconds, dBFS, dB, ratios and words a second."""

    min_seconds: float = 0.3
    max_seconds: float = 30.0
    quiet_dbfs: float = -35.0
    loud_dbfs: float = -9.0
    badly_clipped_ratio: float = 0.001
    min_snr_db: float = 15.0
    min_edge: float = 0.02
    max_pause: float = 1.5
    min_speech: float = 0.1
    min_words_per_second: float = 0.5
    max_words_per_second: float = 6.0


PROMPTED = Limits()


def measure(samples: npt.NDArray[np.float32], rate: int, n_words: int | None = None) -> ClipQuality:
    """Measure mono `samples` (n,) in -1..1 at `rate` Hz; `n_words` spoken words give the speaking rate."""
    seconds = len(samples) / rate
    levels = frame_levels(samples, rate)
    mask = active(levels)
    quiet = of_mask(mask, seconds)
    spoken = seconds - quiet.lead - quiet.trail
    found = spectrum(samples, rate, mask)
    return ClipQuality(
        seconds=seconds,
        peak_dbfs=peak_dbfs(samples),
        rms_dbfs=rms_dbfs(samples),
        speech_dbfs=mean_dbfs(levels[mask]),
        clipped_ratio=clipped(samples).share,
        snr_db=snr_db(levels, mask),
        noise_dbfs=noise_dbfs(levels),
        lead=quiet.lead,
        trail=quiet.trail,
        longest_silence=quiet.longest,
        silence_ratio=quiet.ratio,
        words_per_second=None if n_words is None or spoken <= 0 else n_words / spoken,
        bandwidth_hz=bandwidth_hz(samples, rate),
        dc_offset=dc_offset(samples),
        dynamic_range_db=dynamic_range_db(levels, mask),
        centroid_hz=found.centroid_hz if found else None,
        rolloff_hz=found.rolloff_hz if found else None,
        flatness=found.flatness if found else None,
        timbre=timbre(samples, rate),
    )


def faults(quality: ClipQuality, limits: Limits = PROMPTED) -> list[Finding]:
    """What is wrong, worst first, [] for a good clip; level "refuse": unusable, "warn": a person decides."""
    found = [*_capture_faults(quality), *_length_faults(quality, limits)]
    if _speech_seconds(quality) < limits.min_speech:
        found.append(_silent(quality))
    else:
        found += [*_level_faults(quality, limits), *_speech_faults(quality, limits)]
    return sorted(found, key=lambda finding: finding.level != "refuse")


def _speech_seconds(quality: ClipQuality) -> float:
    """How long somebody speaks."""
    return (1.0 - quality.silence_ratio) * quality.seconds


def _silent(quality: ClipQuality) -> Finding:
    """Nothing said: muted, or only the noise of the room."""
    told = (
        f"Nothing was said: the loudest moment has {quality.peak_dbfs:z.0f} dBFS; "
        "check that the right microphone is chosen and not muted, then record again."
    )
    return Finding("nothing_said", "refuse", told, quality.peak_dbfs)


def _capture_faults(quality: ClipQuality) -> Iterator[Finding]:
    """What went wrong while it was recorded: the sound cannot show it."""
    n_lost = quality.n_overflows
    if quality.interrupted:
        told = (
            f"The microphone was unplugged or stopped answering after {quality.seconds:.1f} s; what was said "
            "until then is saved. Plug it in, and say it again."
        )
        yield Finding("interrupted", "refuse", told, quality.seconds)
    if n_lost:
        times = "once" if n_lost == 1 else f"{n_lost} times"
        told = (
            f"The machine was too busy and lost sound {times}: samples are missing in this take. Close other "
            "programs or wait until a job is done, then say it again."
        )
        yield Finding("overflow", "refuse", told, float(n_lost))


def _length_faults(quality: ClipQuality, limits: Limits) -> Iterator[Finding]:
    """Too short, too long."""
    seconds = quality.seconds
    if seconds < limits.min_seconds:
        least = f"{seconds:.2f} s: too short (at least {limits.min_seconds:g} s)"
        yield Finding("too_short", "refuse", f"{least}; hold on until the last word is out.", seconds)
    if seconds > limits.max_seconds:
        most = f"{seconds:.1f} s: too long (at most {limits.max_seconds:g} s)"
        remedy = "stop right after the last word, or split the prompt."
        yield Finding("too_long", "warn", f"{most}; {remedy}", seconds)


def _level_faults(quality: ClipQuality, limits: Limits) -> Iterator[Finding]:
    """Clipped, too loud, too quiet, noisy."""
    share, level, snr = quality.clipped_ratio, quality.speech_dbfs, quality.snr_db
    if share > 0:
        is_bad = share >= limits.badly_clipped_ratio
        word = "distorted" if is_bad else "a little distorted"
        how_bad: Level = "refuse" if is_bad else "warn"
        remedy = "turn the microphone's gain down or move back, and record again."
        what = f"{100 * share:.2g} % of the samples clipped: {word}"
        yield Finding("clipped", how_bad, f"{what}; {remedy}", share)
    elif level > limits.loud_dbfs:
        remedy = "move back from the microphone or turn its gain down."
        yield Finding("too_loud", "warn", f"{level:z.0f} dBFS: too loud; {remedy}", level)
    if level < limits.quiet_dbfs:
        remedy = "move closer to the microphone."
        yield Finding("too_quiet", "warn", f"{level:z.0f} dBFS: too quiet; {remedy}", level)
    if snr < limits.min_snr_db:
        remedy = "close the window, switch the fan off or move closer to the microphone."
        least = f"noisy (at least {limits.min_snr_db:g} dB)"
        yield Finding("noisy", "warn", f"{snr:z.0f} dB between voice and noise: {least}; {remedy}", snr)


def _speech_faults(quality: ClipQuality, limits: Limits) -> Iterator[Finding]:
    """Cut start, cut end, long pause, odd speaking rate."""
    lead, trail, pause = quality.lead, quality.trail, quality.longest_silence
    if lead < limits.min_edge:
        what = f"Speech begins {lead:.2f} s after the start: its first sound may be cut off"
        yield Finding("cut_start", "warn", f"{what}; wait half a second before you speak.", lead)
    if trail < limits.min_edge:
        what = f"Speech ends {trail:.2f} s before the end: its last sound may be cut off"
        yield Finding("cut_end", "warn", f"{what}; wait half a second before you stop.", trail)
    if pause > limits.max_pause:
        what = f"{pause:.1f} s of silence in the middle: a long pause (at most {limits.max_pause:g} s)"
        yield Finding("long_pause", "warn", f"{what}; read it again in one go.", pause)
    yield from _rate_faults(quality.words_per_second, limits)


def _rate_faults(rate: float | None, limits: Limits) -> Iterator[Finding]:
    """Too few or too many words a second: mostly text and sound that do not belong together."""
    if rate is None or limits.min_words_per_second <= rate <= limits.max_words_per_second:
        return
    word = "slow" if rate < limits.min_words_per_second else "fast"
    remedy = "check that everything was said and nothing else, or read it again."
    yield Finding("odd_rate", "warn", f"{rate:.1f} words a second: too {word} for this text; {remedy}", rate)
