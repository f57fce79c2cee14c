"""The whole recipe on a tiny Moshi of the real class: train, stop, resume, merge, reload, go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from core import manifest
from core.families import family_of, named
from core.families.moshi import continuing, encoding, network
from core.modelling import checkpoint_folder
from core.modelling.ttt import folder as ttt_folder
from core.run_dir import RunDir
from core.training import checkpoints, stepping
from core.training.loading import load_base, load_tuned
from core.training.loop import train
from core.training.merging import merge_run
from tests.core.families.moshi.conftest import TALKS, NewRun
from tests.tiny_moshi import AUDIO, BOOKS

MOSHI: Any = named("moshi")
TTT = {"ttt_layers": "all", "ttt_mini_batch": 4, "ttt_gate": 0.5}
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def learned(one_thread: None, new_run: NewRun) -> RunDir:
    """A run with TTT layers that knows its three conversations by heart."""
    run = new_run({"steps": 60, "batch_size": 3, "rank": 16, "alpha": 32, "train_depth": True, **TTT})
    train(run, run.order())
    return run


def examples_of(data: Path, run: RunDir) -> list[Any]:
    _, _, prepared, base = load_tuned(run.path)
    return [MOSHI.example(row, MOSHI.encode(row, data, base), prepared) for row in manifest.read(data)]


def test_it_writes_and_says_what_it_learned(learned: RunDir, talks: Path) -> None:
    family, model, prepared, base = load_tuned(learned.path)
    examples = examples_of(talks, learned)
    assert [found.text for found in family.predict(model, examples, prepared)] == [t[0] for t in TALKS]
    said = continuing.go_on(model, examples[0], prepared)
    real = examples[0].features[: len(said), :BOOKS]
    assert (said[:, 0] == real[:, 0]).mean() > 0.9 and len(said) == len(examples[0].features) - 1
    spoken = family.go_on(model, examples[:1], prepared, base)[0]
    assert len(spoken.samples) == len(said) * 1920 and np.array_equal(spoken.codes, said)
    with family.base_of(model):
        assert [found.text for found in family.predict(model, examples, prepared)] != [t[0] for t in TALKS]
    shown = [row for row in learned.events()[0] if row["kind"] == "sample"][-1]
    sound, rate = soundfile.read(learned.path / shown["audio"], dtype="float32")
    assert shown["prediction"] == TALKS[0][0] and rate == 24_000 and "step-000060" in shown["audio"]
    assert shown["seconds"] == pytest.approx(len(sound) / rate, abs=1e-3)
    assert 0 <= shown["silence"] <= 1 and 0 < shown["diversity"] <= 1
    assert np.allclose(sound, spoken.samples.clip(-1, 1), atol=1e-3), "what it says is kept to be heard"
    steps = [row for row in learned.events()[0] if row["kind"] == "step"]
    assert steps[-1]["loss"] < 0.3 * steps[0]["loss"]


@pytest.mark.parametrize("options", [
    {**TTT, "adapter_dropout": 0.1}, pytest.param({"learns": "all"}, marks=pytest.mark.slow),
    pytest.param({"train_depth": True, "hears_user": False, "text_weight": 0.0}, marks=pytest.mark.slow)])
def test_stopped_and_resumed_it_ends_with_the_very_weights(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    whole, stopped, real = new_run(options), new_run(options), stepping.one_step
    train(whole, whole.order())

    def one_step(session: Any) -> None:
        real(session)
        if session.progress.step == 2:
            session.run.request_stop()

    with monkeypatch.context() as patched:
        patched.setattr(stepping, "one_step", one_step)
        assert train(stopped, stopped.order()).step == 2
    stopped.clear_stop()
    assert train(stopped, stopped.order()).ended == "done"
    for name in (checkpoint_folder.ADAPTER, checkpoint_folder.OPTIMIZER):
        one, other = (checkpoint_folder.read_tensors(run.checkpoints / checkpoints.name_of(4), name)
                      for run in (whole, stopped))
        assert set(one) == set(other) and all(torch.equal(one[key], other[key]) for key in one)
    if "ttt_layers" in options:
        told = [row["ttt_gate"] for row in whole.events()[0] if row["kind"] == "step"]
        assert len(told) == 4 and told[0] == pytest.approx(np.tanh(0.5))


@pytest.mark.parametrize("dtype", ["fp32", pytest.param("bf16", marks=pytest.mark.slow)])
def test_the_merged_folder_is_base_and_adapter(
    learned: RunDir, talks: Path, moshi: Path, tmp_path: Path, dtype: str
) -> None:
    out = tmp_path / "out"
    report = merge_run(learned.path, out, dtype, manifest.read(talks), talks)
    assert report.merged_equal and report.n == len(TALKS) and not report.written.items
    assert report.written.max_logit_difference < (1e-3 if dtype == "fp32" else 1.0)
    assert family_of(out) is MOSHI and MOSHI.encoder_id(out) == MOSHI.encoder_id(moshi), "the same codec"
    settings = ttt_folder.settings_in(out)
    assert settings is not None and settings.layers == (0, 1), "they lie beside, and open again"
    model, prepared = load_base(MOSHI, out)
    examples = [MOSHI.example(row, MOSHI.encode(row, talks, out), prepared) for row in manifest.read(talks)]
    assert [found.text for found in MOSHI.predict(model, examples, prepared)] == [t[0] for t in TALKS]


@pytest.mark.slow
def test_without_ttt_layers_the_merged_folder_is_a_plain_one(new_run: NewRun, tmp_path: Path) -> None:
    run = new_run({"steps": 2})
    train(run, run.order())
    report = merge_run(run.path, tmp_path / "out", "fp32")
    assert report.merged_equal and report.written.max_logit_difference < 1e-4
    assert ttt_folder.settings_in(tmp_path / "out") is None


def test_all_weights_learn_but_those_of_the_codec(new_run: NewRun, talks: Path, moshi: Path) -> None:
    run = new_run({"learns": "all", "steps": 2, "lr": 1e-3})
    train(run, run.order())
    family, model, prepared, _ = load_tuned(run.path)
    saved = {name: value.clone() for name, value in family.saved_state(model).items()}
    assert not any(name.startswith("audio_encoder.") for name in saved)
    assert {"depth_decoder.lm_heads.weight", "decoder.lm_head.weight"} <= set(saved)
    examples = examples_of(talks, run)[:1]
    plain = family.outputs(family.load_plain(moshi), examples, prepared)[0]
    tuned = family.outputs(model, examples, prepared)[0]
    with family.base_of(model):
        assert np.array_equal(family.outputs(model, examples, prepared)[0], plain)
    assert np.array_equal(family.outputs(model, examples, prepared)[0], tuned)
    assert not np.allclose(tuned, plain)
    family.weaken(model, 0.5)
    halved, base = family.saved_state(model), family.load_plain(moshi).state_dict()
    name = "depth_decoder.lm_heads.weight"
    torch.testing.assert_close(halved[name], (saved[name] + base[name]) / 2)


def test_silence_stands_for_a_speaker_who_is_not_there(moshi: Path, alone: Path) -> None:
    row = manifest.read(alone)[1]
    codes = MOSHI.encode(row, alone, moshi)
    assert codes.dtype == np.uint16 and codes.shape[1] == 2 * BOOKS and codes.max() < AUDIO
    assert np.array_equal(codes[:, BOOKS:], encoding.silence(len(codes), moshi))
    long = encoding.silence(encoding.STRETCH + 3, moshi)
    assert np.array_equal(long[: len(codes)], codes[:, BOOKS:]), "a longer silence begins as a shorter one"


def test_nothing_leaks_and_a_stream_is_the_full_pass(new_run: NewRun, moshi: Path, talks: Path) -> None:
    run = new_run({**TTT, "ttt_base_lr": 3.0})
    options = MOSHI.options(**run.order()["options"])
    rows = manifest.read(talks)
    prepared = MOSHI.prepare(rows, moshi, options)
    torch.manual_seed(1)
    model = MOSHI.load(moshi, prepared, options).eval()
    examples = [MOSHI.example(row, MOSHI.encode(row, talks, moshi), prepared) for row in rows]
    batch = network.collate(examples, prepared)
    inner = network.inner_of(model)
    at = batch["heard"].shape[1] // 2
    moved = {**batch, "heard": batch["heard"].clone()}
    moved["heard"][:, at] = (moved["heard"][:, at] + 1) % AUDIO
    with torch.no_grad():
        before, after = (network.forward.hidden_of(inner, each["text"], each["heard"])
                         for each in (batch, moved))
    assert torch.equal(before[:, :at], after[:, :at]) and not torch.allclose(before[:, at], after[:, at])
    talker = network.forward.Talker(model, batch["text"][:, 0], batch["heard"][:, 0])
    for place in range(batch["heard"].shape[1]):
        hidden, _ = talker.step()
        torch.testing.assert_close(hidden, before[:, place], rtol=1e-3, atol=1e-4)
        following = min(place + 1, batch["heard"].shape[1] - 1)
        talker.take(batch["text"][:, following], batch["heard"][:, following])
