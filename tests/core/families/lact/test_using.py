"""What becomes of a model from scratch: the job with its verdict, long sounds in pieces, beams, half of what
was learned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from core import manifest
from core.audio.read import read
from core.errors import BadInput, Unavailable
from core.families import named
from core.families.base import Clip
from core.families.lact import recognising
from core.files import read_json
from core.run_dir import RunDir
from core.runs.jobs.train import run_job
from core.training.loading import load_tuned
from tests.core.conftest import make_dataset

RunMaker = Callable[..., RunDir]
LACT = named("lact")
pytestmark = pytest.mark.usefixtures("one_thread")


def test_a_run_from_scratch_is_judged_against_nothing(lact_run: RunMaker, tmp_path: Path) -> None:
    """The whole job as the worker does it: the base writes nothing, so its error rate is 100 %."""
    data = make_dataset(tmp_path / "set", ["six", "one", "one two", "six", "three"], n_val=1, n_test=1)
    run = lact_run({"steps": 2}, dataset=str(data))
    run_job(run, run.order())
    verdict = read_json(run.path / "verdict.json")
    assert verdict["base"]["wer"] == 1.0 and verdict["items"][0]["base"] == ""
    assert run.status().figures["base"]["wer"] == 1.0
    told = [row for row in run.history() if row["kind"] == "phase"]
    assert [row["name"] for row in told] == ["encode", "train", "verdict"]


def sound_of(data: Path, times: int) -> np.ndarray:
    samples = [read(data / row.audio).samples for row in manifest.read(data)]
    return np.concatenate(samples * times).astype(np.float32)


@pytest.mark.parametrize("extra", [0, 100, 7000])
def test_a_long_clip_is_heard_in_pieces_as_in_one(
    extra: int, learned: RunDir, lact_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser: Any = LACT.recogniser(str(learned.path), "cpu")
    samples = np.pad(sound_of(lact_data, 2), (0, extra))
    whole = recogniser.logits_of(samples)
    monkeypatch.setattr(recognising, "PIECE", 100)
    in_pieces = recogniser.logits_of(samples)
    assert whole.shape == in_pieces.shape and np.abs(whole - in_pieces).max() < 1e-3 * np.abs(whole).max()


@pytest.mark.budget(40)  # the first alignment compiles
def test_a_beam_is_named_behind_the_model(learned: RunDir, lact_data: Path) -> None:
    row = manifest.read(lact_data)[1]
    clip = Clip(row.id, lact_data / row.audio)
    recogniser = LACT.recogniser(LACT.with_beam(str(learned.path), 8), "cpu")
    assert recogniser.choice.endswith("with a beam of 8.") and LACT.with_beam("x", 1) == "x"
    heard = recogniser.transcribe(clip)
    assert heard.text == "one two" and [word.text for word in heard.words] == ["one", "two"]


def test_it_is_a_source_of_frames_for_long_sound(learned: RunDir, lact_data: Path) -> None:
    emitter = LACT.emitter(str(learned.path), "cpu", "fp32")
    samples = np.asarray(read(lact_data / manifest.read(lact_data)[1].audio).samples, np.float32)
    frames = emitter.emit(samples)
    assert frames.dtype == np.float32 and np.allclose(np.exp(frames).sum(1), 1, atol=1e-4)
    assert abs(len(frames) * emitter.seconds_per_frame - len(samples) / emitter.rate) < 0.05
    assert [word.text for word in emitter.words(frames)] == ["one", "two"]
    assert emitter.spell("One,") == emitter.spell("one") and len(emitter.spell("one")) == 3
    assert emitter.spell("жук") == () and emitter.spell("—") == ()
    assert emitter.identity == LACT.emitter(str(learned.path), "cpu").identity
    assert emitter.engine == f"lact:{learned.path.name}"
    with pytest.raises(Unavailable, match="is blank"):
        LACT.emitter(str(LACT.blank()), "cpu")


def test_too_little_sound_and_an_empty_folder_are_told(learned: RunDir, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "click.wav", np.zeros(300, np.float32), 16000)
    with pytest.raises(BadInput, match=r"only 0\.02 s of sound"):
        LACT.recogniser(str(learned.path), "cpu").transcribe(Clip("a", tmp_path / "click.wav"))
    with pytest.raises(Unavailable, match="is blank"):
        LACT.load_plain(LACT.blank())


def test_half_of_what_was_learned_is_half_way_from_the_beginning(learned: RunDir) -> None:
    _, model, _, _ = load_tuned(learned.path)
    tuned = {name: value.clone() for name, value in LACT.saved_state(model).items()}
    with LACT.base_of(model):
        begun = {name: value.clone() for name, value in LACT.saved_state(model).items()}
    LACT.weaken(model, 0.5)
    for name, value in LACT.saved_state(model).items():
        torch.testing.assert_close(value, (tuned[name] + begun[name]) / 2)
    assert any(not torch.equal(tuned[name], begun[name]) for name in tuned)
