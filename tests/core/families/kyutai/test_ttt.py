"""TTT layers in a tiny Kyutai STT of the real class: they learn beside the adapter, nothing leaks, a stream
is one pass, and what is merged opens again with them and goes nowhere else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core import manifest
from core.audio.read import read
from core.errors import BadInput, Refused
from core.families import family_of, named
from core.families.kyutai import estimating, layouts, network
from core.families.kyutai.frames import RATE
from core.modelling import checkpoint_folder
from core.modelling.kyutai import stepping
from core.modelling.ttt import adapter
from core.modelling.ttt import folder as ttt_folder
from core.run_dir import RunDir
from core.training import checkpoints
from core.training import stepping as training_stepping
from core.training.examining import examine
from core.training.exporting import export_adapter, export_run
from core.training.loading import load_tuned
from core.training.loop import train
from core.training.merging import MergeReport, merge_run
from tests.core.families.kyutai.conftest import Kyutai
from tests.tiny_kyutai import SHAPE, make_spoken

KYUTAI: Any = named("kyutai")
TTT = {"ttt_layers": "all", "ttt_mini_batch": 4, "ttt_gate": 0.5}
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_spoken(tmp_path_factory.mktemp("ttt") / "set", ["six", "one two", "three"])


@pytest.fixture(scope="module")
def new_run(tmp_path_factory: pytest.TempPathFactory, kyutai: Kyutai, data: Path) -> Callable[..., RunDir]:
    home = tmp_path_factory.mktemp("runs") / "project" / "runs"

    def run(parent: RunDir | None = None, **options: Any) -> RunDir:
        quiet = {"steps": 4, "batch_size": 2, "rank": 4, "alpha": 8, "warmup_steps": 1, "lr": 0.01,
                 "eval_every": 100, "sample_every": 100, "save_every": 100, **TTT}
        way = {"way": "retune", "parent": str(parent.path)} if parent else {"way": "start"}
        order = {"family": "kyutai", "base": str(kyutai("candle")), "dataset": str(data), "device": "cpu",
                 "options": {**quiet, **options}, **way}
        return RunDir.create(home, "train", order)

    return run


@pytest.fixture(scope="module")
def learned(one_thread: None, new_run: Callable[..., RunDir]) -> RunDir:
    run = new_run()
    train(run, run.order())
    return run


@pytest.fixture(scope="module")
def merged(learned: RunDir, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MergeReport]:
    out = tmp_path_factory.mktemp("merged") / "out"
    return out, merge_run(learned.path, out, "fp32")


def loaded(base: Path, data: Path, **options: Any) -> tuple[Any, Any, list[Any]]:
    """(model, prepared, examples), of which the layers do much."""
    chosen = KYUTAI.options(rank=4, alpha=8, **{**TTT, "ttt_base_lr": 3.0, **options})
    rows = manifest.read(data)
    prepared = KYUTAI.prepare(rows, base, chosen)
    torch.manual_seed(1)
    model = KYUTAI.load(base, prepared, chosen).eval()
    return model, prepared, [KYUTAI.example(row, KYUTAI.encode(row, data, base), prepared) for row in rows]


def test_stopped_and_resumed_it_ends_with_the_very_weights_and_tells_its_layers(
    learned: RunDir, new_run: Callable[..., RunDir], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, real = new_run(), training_stepping.one_step

    def one_step(session: Any) -> None:
        real(session)
        if session.progress.step == 2:
            session.run.request_stop()

    with monkeypatch.context() as patched:
        patched.setattr(training_stepping, "one_step", one_step)
        assert train(stopped, stopped.order()).step == 2
    stopped.clear_stop()
    assert train(stopped, stopped.order()).ended == "done"
    for name in (checkpoint_folder.ADAPTER, checkpoint_folder.OPTIMIZER):
        one, other = (checkpoint_folder.read_tensors(run.checkpoints / checkpoints.name_of(4), name)
                      for run in (learned, stopped))
        assert set(one) == set(other) and all(torch.equal(one[key], other[key]) for key in one)
    assert any(".ttt.gate" in name for name in one)
    steps = [row for row in learned.events()[0] if row["kind"] == "step"]
    assert all(row["ttt_inner_loss"] > 0 for row in steps)
    gates = [row["ttt_gate"] for row in steps]
    assert gates[0] == pytest.approx(np.tanh(0.5)) and gates[-1] != gates[0]


def test_nothing_is_heard_before_its_frame_through_the_whole_model(kyutai: Kyutai, data: Path) -> None:
    model, prepared, examples = loaded(kyutai("candle"), data)
    inputs = network.collate(examples[1:2], prepared)["inputs"]
    moved = inputs.clone()
    at = inputs.shape[1] // 2
    moved[:, at] = (moved[:, at] + 1) % SHAPE.audio
    with torch.no_grad():
        before, after = (network.logits_of(model, ids) for ids in (inputs, moved))
        with adapter.without(model):
            plain = network.logits_of(model, inputs)
    assert torch.equal(before[:, :at], after[:, :at]) and not torch.allclose(before[:, at], after[:, at])
    assert not torch.allclose(before, plain, atol=1e-3), "the layers do something"


def test_written_step_by_step_is_the_full_pass_and_a_batch_is_its_streams(kyutai: Kyutai, data: Path) -> None:
    model, prepared, examples = loaded(kyutai("candle"), data)
    together = network.write(model, [e.features for e in examples], prepared)
    for example, written in zip(examples, together, strict=True):
        alone = network.write(model, [example.features], prepared)[0]
        assert alone.tokens == written.tokens
        inputs = stepping.inputs_of([example.features], [alone.tokens], (SHAPE.text, SHAPE.audio),
                                    SHAPE.rows - 1)
        with torch.no_grad():
            scores = network.logits_of(model, inputs)[0].log_softmax(-1)
        assert len(alone.tokens) > 3 * SHAPE.context, "far beyond what attention sees"
        assert scores.argmax(-1).tolist() == list(alone.tokens)
        assert np.allclose(scores.max(-1).values.numpy(), alone.logprobs, atol=1e-4)


def test_the_merged_folder_opens_with_its_layers_and_they_go_nowhere_else(
    learned: RunDir, data: Path, merged: tuple[Path, MergeReport], tmp_path: Path
) -> None:
    out, report = merged
    assert report.merged_equal and report.written.max_logit_difference < 1e-4 and not report.written.items
    assert family_of(out) is KYUTAI and layouts.layout_of(out) == "transformers"
    settings = ttt_folder.settings_in(out)
    assert settings is not None and settings.layers == (0, 1) and settings.mini_batch == 4
    row = manifest.read(data)[1]
    samples = np.pad(read(data / row.audio, rate=RATE).samples, (0, RATE))
    written = [KYUTAI.recogniser(str(path), "cpu")._write(samples) for path in (learned.path, out)]
    assert written[0].tokens == written[1].tokens
    stream = KYUTAI.recogniser(str(out), "cpu").listen()
    for at in range(0, len(samples), 5000):
        stream.push(samples[at : at + 5000])
    stream.finish()
    assert stream.tokens == list(written[1].tokens), "pushed piece by piece, it is the same"
    for refused in (lambda: KYUTAI.convert(out, "native", "fp32", tmp_path / "a"),
                    lambda: export_run(learned.path, tmp_path / "b", "candle", "bf16"),
                    lambda: export_adapter(learned.path, tmp_path / "c", "moshi-finetune", "fp32")):
        with pytest.raises(Refused, match="has TTT layers, for which no other program has a place"):
            refused()
    assert not list(tmp_path.iterdir())


def test_layers_of_a_base_stay_when_the_adapter_is_taken_off(merged: tuple[Path, MergeReport], data: Path
                                                             ) -> None:
    out, _ = merged
    with pytest.raises(BadInput, match="has TTT layers already"):
        loaded(out, data)
    model, prepared, examples = loaded(out, data, ttt_layers="none")
    assert not any(".ttt." in name for name in KYUTAI.saved_state(model))
    plain = KYUTAI.outputs(KYUTAI.load_plain(out), examples[:1], prepared)[0]
    with KYUTAI.base_of(model):
        assert np.array_equal(KYUTAI.outputs(model, examples[:1], prepared)[0], plain)


def test_layers_that_do_not_fit_are_refused(merged: tuple[Path, MergeReport], tmp_path: Path) -> None:
    own = Path(shutil.copytree(merged[0], tmp_path / "own"))
    held = load_file(own / ttt_folder.WEIGHTS)
    save_file({name: value for name, value in held.items() if name != "1.gate"}, own / ttt_folder.WEIGHTS)
    with pytest.raises(BadInput, match=r"1 weights are missing, left over .* such as 1\.gate"):
        KYUTAI.load_plain(own)
    (own / ttt_folder.SETTINGS).write_text('{"layers": [], "heads": 4}')
    with pytest.raises(BadInput, match="does not hold the settings of TTT layers"):
        KYUTAI.check_base(own)


def test_base_share_and_estimate_know_of_the_layers(kyutai: Kyutai, data: Path) -> None:
    base = kyutai("candle")
    model, prepared, examples = loaded(base, data)
    plain = KYUTAI.outputs(KYUTAI.load_plain(base), examples[:1], prepared)[0]
    with KYUTAI.base_of(model):
        assert np.array_equal(KYUTAI.outputs(model, examples[:1], prepared)[0], plain)
    gate = torch.tanh(adapter.layers_of(model)[0].gate).clone()
    KYUTAI.weaken(model, 0.25)
    assert torch.allclose(torch.tanh(adapter.layers_of(model)[0].gate), 0.25 * gate)
    options = KYUTAI.options(rank=4, alpha=8, lr=0.01, **TTT)
    checks = {check.name: check for check in examine(KYUTAI, manifest.read(data), data, base, options, "cpu")}
    assert {check.outcome for check in checks.values()} == {"passed"}
    assert checks["adapter"].figures["n_trained"] == estimating.trained(layouts.read(base), options)
    found = KYUTAI.preflight(manifest.read(data), base, KYUTAI.options(**{**TTT, "ttt_heads": 5}))
    assert [finding.level for finding in found if finding.code == "ttt_heads"] == ["refuse"]


def test_a_run_with_other_layers_takes_over_what_fits_and_says_what_begins_anew(
    learned: RunDir, new_run: Callable[..., RunDir]
) -> None:
    other = new_run(parent=learned, ttt_depth=3, steps=1, lr=1e-9)
    train(other, other.order())
    warned = [row["sentence"] for row in other.events()[0] if row["kind"] == "warning"]
    assert any("2 TTT layers of the run before have no place" in each for each in warned)
    assert any("2 TTT layers of this run begin anew" in each for each in warned)
    before, after = (KYUTAI.saved_state(load_tuned(run.path)[1]) for run in (learned, other))
    kept = [name for name in before if ".lora_" in name]
    assert kept and all(torch.allclose(before[name], after[name], atol=1e-6) for name in kept)
    assert any(".ttt.w.2" in name for name in after)
