"""Figures that are kept: measured once, made of minutes for a long sound, of the words of today."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import NotFound
from core.quality.clip import measure
from core.quality.kept import KeptQualities, together
from tests.made import tone, wav


def test_a_long_sound_is_measured_as_a_whole_would_be(tmp_path: Path) -> None:
    sound = np.tile(tone(3.0, rate=8000), 45)
    soundfile.write(tmp_path / "a.wav", sound, 8000)
    found, whole = KeptQualities(tmp_path / "kept").of(tmp_path / "a.wav"), measure(sound, 8000)
    for name in ("seconds", "peak_dbfs", "rms_dbfs", "speech_dbfs", "lead", "trail", "longest_silence",
                 "dynamic_range_db"):
        assert getattr(found, name) == pytest.approx(getattr(whole, name), abs=0.3), name
    assert found.centroid_hz == pytest.approx(whole.centroid_hz, rel=0.05)


def test_the_worst_peak_and_pause_count_and_levels_are_means_of_power() -> None:
    quiet = measure(tone(2.0), 16000)
    loud = replace(quiet, seconds=6.0, peak_dbfs=-1.0, rms_dbfs=quiet.rms_dbfs + 10, longest_silence=3.0)
    found = together([quiet, loud])
    assert (found.seconds, found.peak_dbfs, found.longest_silence) == (8.0, -1.0, 3.0)
    assert found.rms_dbfs - quiet.rms_dbfs == pytest.approx(10 * np.log10((1 + 3 * 10) / 4))


def test_words_are_counted_anew_and_figures_kept(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", 2.0)
    first = KeptQualities(tmp_path / "kept").of(tmp_path / "a.wav", 3)
    again = KeptQualities(tmp_path / "kept").of(tmp_path / "a.wav", 6)
    assert again.words_per_second == pytest.approx(2 * (first.words_per_second or 0))
    assert replace(again, words_per_second=None) == replace(first, words_per_second=None)
    assert KeptQualities(tmp_path / "kept").of(tmp_path / "a.wav").words_per_second is None


def test_what_is_out_of_date_is_cleared_away(tmp_path: Path) -> None:
    for i in range(4):
        wav(tmp_path / "a.wav", 1.0 + i)
        assert KeptQualities(tmp_path / "kept").of(tmp_path / "a.wav").seconds == 1.0 + i
    KeptQualities(tmp_path / "kept")
    assert len((tmp_path / "kept").read_text().splitlines()) <= 2
    (tmp_path / "a.wav").unlink()
    with pytest.raises(NotFound):
        KeptQualities(tmp_path / "kept").of(tmp_path / "a.wav")


def test_what_an_older_version_measured_with_fewer_figures_is_measured_again(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", 2.0)
    first = KeptQualities(tmp_path / "kept").of(tmp_path / "a.wav")
    row = json.loads((tmp_path / "kept").read_text())
    del row["figures"]["centroid_hz"]
    (tmp_path / "kept").write_text(json.dumps(row) + "\n")
    again = KeptQualities(tmp_path / "kept").of(tmp_path / "a.wav")
    assert first.centroid_hz is not None and again == first
