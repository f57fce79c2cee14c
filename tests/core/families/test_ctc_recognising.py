"""The recogniser: a plain folder, times from the clip's start, long clips in pieces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.errors import BadInput, StudioError
from core.families import named
from core.families.base import Clip, Recogniser
from core.families.ctc import recognising

BaseMaker = Callable[..., Path]


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """Four seconds of noise."""
    path = tmp_path / "noise.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 64000).astype(np.float32), 16000)
    return path


def test_a_plain_folder_transcribes(tiny_base: BaseMaker, noise: Path) -> None:
    recogniser = named("ctc").recogniser(str(tiny_base()), device="cpu")
    assert isinstance(recogniser, Recogniser)
    assert "fp32" in recogniser.choice
    found = recogniser.transcribe(Clip("n", noise))
    assert found.id == "n" and found.text == " ".join(w.text for w in found.words) and found.text
    assert found.score is not None and 0 < found.score < 1
    assert all(0 <= w.start < w.end <= 4.0 for w in found.words)


def test_only_the_part_is_heard(tiny_base: BaseMaker, noise: Path, tmp_path: Path) -> None:
    recogniser = named("ctc").recogniser(str(tiny_base()), device="cpu")
    samples, _ = soundfile.read(noise)
    soundfile.write(tmp_path / "part.wav", samples[16000:32000], 16000)
    assert (
        recogniser.transcribe(Clip("n", noise, 1.0, 2.0)).words
        == recogniser.transcribe(Clip("n", tmp_path / "part.wav")).words
    )


def test_another_sample_rate_is_heard_alike(tiny_base: BaseMaker, tmp_path: Path) -> None:
    recogniser = named("ctc").recogniser(str(tiny_base()), device="cpu")
    seconds = np.arange(48000) / 48000
    soundfile.write(tmp_path / "48k.wav", 0.3 * np.sin(2 * np.pi * 440 * seconds), 48000)
    assert recogniser.transcribe(Clip("n", tmp_path / "48k.wav")).words[-1].end <= 1.0


def test_next_to_no_sound_is_told(tiny_base: BaseMaker, noise: Path) -> None:
    recogniser = named("ctc").recogniser(str(tiny_base()), device="cpu")
    with pytest.raises(BadInput, match=r"0\.02 s of sound"):
        recogniser.transcribe(Clip("n", noise, 0.0, 0.02))


def test_a_long_clip_in_pieces_has_as_many_frames_and_much_the_same_output(
    tiny_base: BaseMaker, noise: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tiny_base("layer")
    recogniser: Any = named("ctc").recogniser(str(base), device="cpu")
    samples = soundfile.read(noise, dtype="float32")[0]
    whole = recogniser._logits(samples)
    monkeypatch.setattr(recognising, "PIECE", 1.0)
    monkeypatch.setattr(recognising, "CONTEXT", 0.5)
    pieces = recogniser._in_pieces(samples, 16000)
    assert abs(len(pieces) - len(whole)) <= 1
    n = min(len(pieces), len(whole))
    assert np.abs(pieces[:n] - whole[:n]).mean() < 0.2 * np.abs(whole).mean()


def test_a_broken_folder_is_told(own_base: BaseMaker) -> None:
    base = own_base()
    (base / "vocab.json").unlink()
    with pytest.raises(StudioError, match=r"vocab\.json is missing"):
        named("ctc").recogniser(str(base))
