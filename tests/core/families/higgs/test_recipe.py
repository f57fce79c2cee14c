"""The whole recipe on a tiny Higgs-Audio v2 of the real class: train, say it, stop, resume, merge, speak."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from core import manifest
from core.cache import ArrayCache
from core.families.base import Clip, Example, Prepared
from core.families.base.options import LoopOptions
from core.families.base.speaking import Reference, SpeakOptions
from core.families.higgs import HiggsFamily, saying
from core.modelling import checkpoint_folder
from core.run_dir import RunDir
from core.training import checkpoints, stepping
from core.training.corpus import Corpus
from core.training.loading import load_base, load_tuned
from core.training.loop import train
from core.training.merging import merge_run
from tests.tiny_higgs import make_takes

Options = Callable[..., LoopOptions]
pytestmark = pytest.mark.usefixtures("one_thread")
QUIET = {"warmup_steps": 3, "eval_every": 1000, "sample_every": 1000, "save_every": 1000,
         "train_tables": True, "weight_decay": 0.0}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two takes of one speaker: two pairs, each with the other as its reference."""
    return make_takes(tmp_path_factory.mktemp("two") / "set", ["one two", "three"])


@pytest.fixture(scope="module")
def new_run(tmp_path_factory: pytest.TempPathFactory, base: Path, options: Options) -> Callable[..., RunDir]:
    """`new_run(dataset, options)`: a run on the tiny model."""
    home = tmp_path_factory.mktemp("higgs-runs") / "project" / "runs"

    def run(dataset: Path, **more: Any) -> RunDir:
        order = {"family": "higgs", "base": str(base), "dataset": str(dataset), "device": "cpu",
                 "way": "start", "options": options(**{**QUIET, **more}).model_dump()}
        return RunDir.create(home, "train", order)

    return run


def overfit(new_run: Callable[..., RunDir], two: Path, seed: int) -> RunDir:
    run = new_run(two, steps=60, lr=0.02, seed=seed, sample_every=60, eval_every=60)
    train(run, run.order())
    return run


@pytest.fixture(scope="module")
def learned(one_thread: None, new_run: Callable[..., RunDir], two: Path) -> RunDir:
    """A run that knows both pairs by heart."""
    return overfit(new_run, two, seed=1)


def said(run: RunDir, two: Path, family: HiggsFamily, cache: Path) -> list[tuple[Any, Example]]:
    """What a run says for its own pairs, beside them."""
    _, model, prepared, base = load_tuned(run.path)
    options = family.options(**run.order()["options"])
    rows = manifest.read(two)
    pairs = Corpus(family, rows, two, base, prepared, ArrayCache(cache), options).examples()
    return [(saying.said(model, pair, prepared), pair) for pair in pairs]


def test_two_pairs_by_heart_are_said_to_the_very_frame(
    learned: RunDir, two: Path, family: HiggsFamily, tmp_path: Path
) -> None:
    for made, pair in said(learned, two, family, tmp_path):
        assert made.stopped, "by itself, far before the limit"
        assert np.array_equal(made.codes, pair.features)
    first, *_, last = [row for row in learned.events()[0] if row["kind"] == "step"]
    terms = [f"codebook_{i}" for i in range(1, 9)]
    assert first["loss"] == pytest.approx(8 * np.log(1026), rel=0.02)
    assert first["loss"] == pytest.approx(sum(first[term] for term in terms), rel=1e-5)
    assert last["loss"] < 0.05 and all(last[term] < 0.05 for term in terms)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 11))
def test_with_nine_more_seeds(
    seed: int, new_run: Callable[..., RunDir], two: Path, family: HiggsFamily, tmp_path: Path
) -> None:
    for made, pair in said(overfit(new_run, two, seed), two, family, tmp_path):
        assert made.stopped and np.array_equal(made.codes, pair.features)


def test_looks_and_samples_of_a_voice(
    new_run: Callable[..., RunDir], takes: Path, tmp_path: Path
) -> None:
    run = new_run(takes, steps=2, eval_every=1, sample_every=2, samples=1)
    train(run, run.order())
    rows = run.events()[0]
    looks = [row for row in rows if row["kind"] == "eval"]
    assert [look["wer"] for look in looks] == [None, None] and all(look["loss"] > 0 for look in looks)
    best = checkpoint_folder.read_state(checkpoint_folder.chosen(run.path))["progress"]["best"]
    assert best["loss"] == min(look["loss"] for look in looks) and best["wer"] is None
    (sample,) = [row for row in rows if row["kind"] == "sample"]
    told = {"id", "reference", "prediction", "audio", "seconds", "duration_ratio", "silence", "diversity",
            "stopped", "cer"}
    assert told <= set(sample)
    assert sample["audio"] == f"samples/step-000002/{sample['id']}.wav"
    sound, rate = soundfile.read(run.path / sample["audio"])
    assert rate == 24_000 and len(sound) / rate == pytest.approx(sample["seconds"], abs=1e-3)
    assert sample["duration_ratio"] == pytest.approx(sample["seconds"] / 0.4, abs=1e-3)
    assert 0 <= sample["diversity"] <= 1 and 0 <= sample["silence"] <= 1 and sample["cer"] is not None


def test_stopped_and_resumed_it_ends_with_the_very_weights(
    new_run: Callable[..., RunDir], takes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"steps": 2, "lr": 0.01, "adapter_dropout": 0.1, "half_base": True, "table_steps": 1,
               "gradient_checkpointing": True}
    whole, stopped = new_run(takes, **options), new_run(takes, **options)
    train(whole, whole.order())
    real = stepping.one_step

    def one_step(session: Any) -> None:
        real(session)
        if session.progress.step in (1, 2):
            session.run.request_stop()

    with monkeypatch.context() as patched:
        patched.setattr(stepping, "one_step", one_step)
        for step in (1, 2):
            assert train(stopped, stopped.order()).step == step
            stopped.clear_stop()
    assert train(stopped, stopped.order()).ended == "done"
    for name in (checkpoint_folder.ADAPTER, checkpoint_folder.OPTIMIZER):
        one, other = (checkpoint_folder.read_tensors(run.checkpoints / checkpoints.name_of(3), name)
                      for run in (whole, stopped))
        assert set(one) == set(other) and all(torch.equal(one[key], other[key]) for key in one)
    phases = [row["name"] for row in whole.events()[0] if row["kind"] == "phase" and "of" in row]
    assert phases == ["tables", "adapter"]


def test_the_merged_folder_is_base_and_adapter_and_speaks(
    learned: RunDir, two: Path, family: HiggsFamily, prepared: Prepared, tmp_path: Path
) -> None:
    out = tmp_path / "merged"
    report = merge_run(learned.path, out, "fp32", manifest.read(two), two)
    assert report.merged_equal and not report.written.items
    _, tuned, known, _ = load_tuned(learned.path)
    pairs = [pair for _, pair in said(learned, two, family, tmp_path / "cache")]
    lines = {p.text for p in family.predict(tuned, pairs, known)}
    with family.base_of(tuned):
        assert not lines & {p.text for p in family.predict(tuned, pairs, known)}, "two sounds"
    assert report.exact.wer_cost is None, "nothing is written that could have a word error rate"
    assert report.max_logit_difference < 1e-3 and report.written.max_logit_difference < 1e-3
    family.check_base(out)
    model, again = load_base(family, out)
    assert again.extra["tokenizer"] == prepared.extra["tokenizer"]
    assert model.text_lm_head is not None, "kept, as the released folder has it"
    target, other = manifest.read(two)
    reference = Reference(Clip(other.id, two / other.audio), other.text)
    quiet = SpeakOptions(temperature=0)
    spoken = [family.voice(str(path)).speak(target.text, reference, quiet, 2.0)
              for path in (learned.path, out)]
    assert all(each.stopped and len(each.samples) == 24_000 * 0.4 for each in spoken)
    assert np.array_equal(spoken[0].codes, spoken[1].codes)


@pytest.mark.slow
def test_in_bf16_it_is_within_rounding(learned: RunDir, two: Path, tmp_path: Path) -> None:
    report = merge_run(learned.path, tmp_path / "out", "bf16", manifest.read(two), two)
    assert report.merged_equal
    assert report.written.max_logit_difference > report.max_logit_difference
