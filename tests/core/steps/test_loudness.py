"""Loudness: measured once, kept by the sound, found again by another process, and never in the way."""
from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.config import DataRoot
from core.library import Library, Project
from core.quality.loudness import loudness_lufs
from core.steps import loudness, spot_check, trim
from core.steps.record import save_take
from tests.made import library, tone

Made = tuple[Library, Project]


def sine(seconds: float, level_dbfs: float, rate: int) -> np.ndarray:
    """A tone of 997 Hz whose peak has that level."""
    t = np.arange(round(seconds * rate)) / rate
    return (10 ** (level_dbfs / 20) * np.sin(2 * np.pi * 997 * t)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("level", [0.0, -20.0, -40.0])
def test_the_reference_tone_of_the_standard(rate: int, level: float) -> None:
    # ITU-R BS.1770-4: a 997 Hz sine at 0 dBFS in one channel reads -3.01 LKFS
    assert loudness_lufs(sine(3.0, level, rate), rate) == pytest.approx(level - 3.01, abs=0.2)


def test_there_is_none_for_what_is_too_short_or_silent() -> None:
    assert loudness_lufs(sine(0.39, 0.0, 16000), 16000) is None
    assert loudness_lufs(np.zeros(32000, np.float32), 16000) is None
    assert loudness_lufs(sine(2.0, -90.0, 16000), 16000) is None
    assert loudness_lufs(np.zeros(0, np.float32), 16000) is None
    assert loudness_lufs(sine(0.5, -6.0, 16000), 16000) is not None


@pytest.fixture
def made(data_root: DataRoot, tmp_path: Path) -> Made:
    """Three takes: loud, soft, too short."""
    lib, project = library(data_root)
    for n, sound in enumerate((tone(2.0), 0.1 * tone(2.0), tone(0.3))):
        soundfile.write(tmp_path / f"{n}.wav", sound, 16000, subtype="PCM_16")
        save_take(lib, project, None, "ann", tmp_path / f"{n}.wav", "maker")
    return lib, project


def figures(made: Made) -> list[float | None]:
    """What the spot-check knows."""
    return spot_check.checks(*made).figures("loudness_lufs")


def test_old_clips_are_measured_once_and_known_from_then_on(made: Made) -> None:
    lib, project = made
    assert figures(made) == [None] * 3
    assert loudness.measure_missing(lib, project) == 3
    loud, soft, short = figures(made)
    assert loud is not None and soft is not None and short is None
    assert loud - soft == pytest.approx(20, abs=0.5)
    assert loudness.measure_missing(lib, project) == 0, "also what has none is known to have none"
    loudness._read.clear()  # another process
    assert figures(made) == [loud, soft, None]


def test_a_trim_asks_for_another_one_and_can_be_undone(made: Made) -> None:
    lib, project = made
    loudness.measure_missing(lib, project)
    clip = lib.clips.get(lib.clips.checks(project.id)[0].id)
    before = figures(made)[0]
    trim.trim(lib, project, clip.id, 0.5, 1.5, clip, "ann")
    assert figures(made)[0] is None and loudness.measure_missing(lib, project) == 1
    assert not math.isclose(figures(made)[0] or 0, before or 0)
    lib.changes.undo(project.id, "ann")
    assert figures(made)[0] == before


def test_a_half_line_waits_and_a_bad_one_is_left_out(made: Made) -> None:
    lib, project = made
    loudness.measure_missing(lib, project)
    path = lib.root.cache / loudness.NAME
    whole = path.read_bytes()
    loudness._read.clear()
    path.write_bytes(b"nonsense\n[1]\n" + whole[:-4])
    assert len(loudness.known(lib.root)) == 2
    path.write_bytes(b"nonsense\n[1]\n" + whole)
    assert len(loudness.known(lib.root)) == 3
    path.unlink()
    assert loudness.known(lib.root) == {}


def test_a_sound_that_is_gone_has_none_and_is_tried_again(made: Made) -> None:
    lib, project = made
    for clip in lib.clips.checks(project.id):
        (lib.root.path / clip.audio).unlink()
    assert loudness.measure_missing(lib, project) == 3 and figures(made) == [None] * 3
    assert loudness.measure_missing(lib, project) == 3
