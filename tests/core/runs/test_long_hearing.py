"""A long recording heard piece by piece: the same as in one, nothing twice, what cannot be read is named."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from core.cache import ArrayCache
from core.errors import BadInput
from core.files import read_json, write_json
from core.runs.long import hearing, listening
from core.runs.long.hearing import Source, hear
from core.runs.long.listening import listen
from core.runs.recognisers import in_language, open_recogniser
from core.types import Word
from tests.tiny_whisper import make_whisper

RATE, FRAME = 16_000, 320


class Steps:
    """A model that writes how loud each 20 ms are, as one of five columns; blank is column 0."""

    engine, choice, identity = "made:steps", "", "steps"
    rate, seconds_per_frame, blank, delimiter = RATE, FRAME / RATE, 0, 4

    def __init__(self) -> None:
        self.n_calls = 0

    def emit(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        self.n_calls += 1
        loud = np.abs(samples[: len(samples) // FRAME * FRAME]).reshape(-1, FRAME).mean(1)
        frames = np.full((len(loud), 5), -9.0, np.float32)
        frames[np.arange(len(loud)), np.minimum(4, loud * 5).astype(int)] = -0.1
        return frames

    def spell(self, word: str) -> tuple[int, ...]:
        return ()

    def words(self, log_probs: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        return ()


def quietly(done: int, total: int) -> None:
    """Hears nothing of the progress."""


@pytest.fixture
def source(tmp_path: Path) -> Source:
    rng = np.random.default_rng(0)
    seconds = 75.5
    samples = np.repeat(rng.random(round(seconds * 50)), FRAME) * rng.choice([-1, 1], round(seconds * RATE))
    path = tmp_path / "long.wav"
    soundfile.write(path, samples.astype(np.float32), RATE, subtype="FLOAT")
    return Source("r", "long.wav", path, "abc", seconds)


def test_pieces_are_what_the_whole_would_be(source: Source, tmp_path: Path) -> None:
    model = Steps()
    heard = hear(source, model, ArrayCache(tmp_path / "cache"), quietly)
    whole = model.emit(soundfile.read(source.path, dtype="float32")[0])
    assert heard.log_probs.shape == whole.shape and len(heard.levels) == 7550
    assert np.array_equal(heard.log_probs.argmax(1), whole.argmax(1))
    assert heard.unreadable == ()


def test_what_was_heard_is_not_heard_again(source: Source, tmp_path: Path) -> None:
    cache, model = ArrayCache(tmp_path / "cache"), Steps()

    def break_off(done: int, total: int) -> None:
        assert total == 4
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hear(source, model, cache, break_off)
    assert model.n_calls == 2
    first = hear(source, model, cache, quietly)
    assert model.n_calls == 4
    again = hear(source, model, cache, quietly)
    assert model.n_calls == 4 and np.array_equal(first.log_probs, again.log_probs)
    other = Steps()
    other.identity = "another model"
    hear(source, other, cache, quietly)
    assert other.n_calls == 4


def test_a_stretch_that_cannot_be_read_is_named_and_the_rest_is_heard(source: Source, tmp_path: Path) -> None:
    samples, rate = soundfile.read(source.path, dtype="float32")
    samples[45 * rate : 46 * rate] = np.nan
    soundfile.write(source.path, samples, rate, subtype="FLOAT")
    heard = hear(source, Steps(), ArrayCache(tmp_path / "cache"), quietly)
    assert [(bad.start, bad.end) for bad in heard.unreadable] == [(40.0, 60.0)]
    assert "NaN" in heard.unreadable[0].sentence
    assert (heard.log_probs[2000:3000].argmax(1) == 0).all() and (heard.levels[4000:6000] < -100).all()
    assert (heard.log_probs[2000:3000, 1:] <= hearing.IMPOSSIBLE).all()
    assert len(set(heard.log_probs[3000:].argmax(1).tolist())) > 1


def test_damage_at_the_edge_of_a_piece_does_not_cost_its_neighbour(source: Source, tmp_path: Path) -> None:
    samples, rate = soundfile.read(source.path, dtype="float32")
    samples[19 * rate : 19 * rate + 5] = np.nan
    soundfile.write(source.path, samples, rate, subtype="FLOAT")
    heard = hear(source, Steps(), ArrayCache(tmp_path / "cache"), quietly)
    assert [(bad.start, bad.end) for bad in heard.unreadable] == [(0.0, 20.0)]
    assert len(set(heard.log_probs[1000:2000].argmax(1).tolist())) > 1


def test_a_recording_of_which_nothing_can_be_read_is_refused(source: Source, tmp_path: Path) -> None:
    samples, rate = soundfile.read(source.path, dtype="float32")
    soundfile.write(source.path, np.full_like(samples, np.nan), rate, subtype="FLOAT")
    with pytest.raises(BadInput, match=r"Nothing of long\.wav can be read: .*NaN"):
        hear(source, Steps(), ArrayCache(tmp_path / "cache"), quietly)


@pytest.mark.budget(20)  # loads torch and two libraries of Whisper
def test_a_whisper_listens_piece_by_piece_in_any_of_its_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tiny one writes nonsense: of that its place counts, and that it is not written twice."""
    monkeypatch.setattr(listening, "PIECE", 1.0)
    monkeypatch.setattr(listening, "CONTEXT", 0.2)
    make_whisper(tmp_path / "whisper")
    settings = read_json(tmp_path / "whisper" / "generation_config.json")
    write_json(tmp_path / "whisper" / "generation_config.json", {**settings, "language": "en"})
    path = tmp_path / "long.wav"
    noise = np.random.default_rng(5).normal(0, 0.1, 22_400).astype(np.float32)
    soundfile.write(path, noise, RATE)
    whole = Source("long", path.name, path, "a hash", 1.4)
    assert in_language("whisper", str(tmp_path / "whisper"), "") == str(tmp_path / "whisper")
    model = in_language("whisper", str(tmp_path / "whisper"), "de")
    recogniser = open_recogniser({"family": "whisper", "model": model, "device": "cpu"})
    assert "the language is de" in recogniser.choice  # not the one that the folder names
    engine = "whisper:tiny de"
    heard = listen(whole, recogniser, engine, tmp_path / "cache", quietly)
    assert heard and all(0 <= one.start <= one.end <= 1.5 for one in heard)
    assert {one.source for one in heard} == {engine} and len(list((tmp_path / "cache").rglob("*.json"))) == 2

    def refuse(*_: Any) -> Any:
        raise AssertionError("a piece is heard again")

    recogniser.transcribe = refuse  # type: ignore[method-assign]
    assert listen(whole, recogniser, engine, tmp_path / "cache", quietly) == heard
