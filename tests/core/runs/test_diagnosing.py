"""The diagnosis: planted faults are named by weight and by layer, in every family that trains; a sound model
is said to be one, with what was looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from core.config import SAMPLE, STARTER
from core.errors import StudioError
from core.families import named
from core.run_dir import RunDir
from core.runs.diagnosing import diagnosed, spread
from core.steps import diagnose as step
from core.steps.doctor import CLIP
from core.training.diagnosing import Diagnosis
from core.training.loop import train
from tests.core.conftest import make_base
from tests.core.training.test_blame import bad_way_back
from tests.tiny_higgs import make_higgs
from tests.tiny_kyutai import make_kyutai
from tests.tiny_moshi import make_moshi
from tests.tiny_whisper import make_whisper

RunMaker = Callable[..., RunDir]
pytestmark = pytest.mark.usefixtures("one_thread")
KNOWN = {"id": "known", "audio": str(SAMPLE / CLIP[0]), "text": CLIP[1]}


def looked(model: Path, family: str = "ctc", **more: Any) -> Diagnosis:
    """What is found in a folder or a run, as JSON would bring it home."""
    order = {"family": family, "model": str(model), "checkpoint": "last", "device": "cpu",
             "precision": "auto", "clips": [], "known": KNOWN, **more}
    found, _ = diagnosed(order)
    return step.read(json.loads(json.dumps(asdict(found))))


def spoiled(folder: Path, ending: str, change: Callable[[Any], Any]) -> list[str]:
    """The names of the tensors in a folder that `change` was done to: those whose name ends so."""
    (file,) = folder.glob("*.safetensors")
    held = load_file(file)
    names = [name for name in held if name.endswith(ending)]
    save_file({n: change(v) if n in names else v for n, v in held.items()}, file, metadata={"format": "pt"})
    return names


def nan_in_one(value: Any) -> Any:
    changed = value.clone()
    changed.flatten()[0] = float("nan")
    return changed


@pytest.fixture
def three_layers(tmp_path: Path) -> Path:
    return make_base(tmp_path / "three", num_hidden_layers=3)


def test_a_weight_that_is_no_number_is_named_and_so_is_the_first_layer(three_layers: Path) -> None:
    (name,) = spoiled(three_layers, "layers.1.ffn2.output_dense.weight", nan_in_one)
    found = looked(three_layers)
    assert found.odd == (name,) and not found.is_sound
    assert found.fault is not None
    assert (found.fault.module, found.fault.kind) == (name.removesuffix(".weight"), "Linear")
    assert found.fault.dtype == "float32" and found.fault.low is not None


def test_an_overflow_in_a_middle_layer_is_found_though_all_weights_are_numbers(three_layers: Path) -> None:
    assert len(spoiled(three_layers, "layers.1.ffn1.intermediate_dense.weight", lambda w: w * 1e30)) == 1
    assert len(spoiled(three_layers, "layers.1.ffn1.output_dense.weight", lambda w: w * 1e30)) == 1
    found = looked(three_layers)
    assert found.odd == () and found.fault is not None
    assert found.fault.module.endswith("encoder.layers.1.ffn1.output_dense")
    assert found.fault.high is not None and 1e27 < found.fault.high < 3e38
    sizes = {block.name.rpartition("encoder.")[2]: block.largest for block in found.blocks}
    assert sizes["layers.0"] < step.FP16_MOST < sizes["layers.1"]


def test_the_starter_is_sound_and_it_is_said_what_was_looked_at() -> None:
    found = looked(STARTER)
    told = step.Diagnosed("starter", ("The folder was looked at as it is.",), found).sentences
    assert found.is_sound and found.n_weights == len(load_file(STARTER / "model.safetensors"))
    assert told == ["Nothing wrong was found.", "The folder was looked at as it is.",
                    f"{found.n_weights} tensors of weights were read.",
                    "Clips that went through it forward: known."]
    parts = [block.name for block in found.blocks]
    assert parts.index("wav2vec2_bert.encoder.layers.0") < parts.index("wav2vec2_bert.encoder.layers.4")
    assert parts[-1] == "lm_head" and all(0 < block.largest < 1000 for block in found.blocks)


@pytest.mark.parametrize(
    ("family", "make", "weight"),
    [
        ("whisper", lambda folder: make_whisper(folder, seconds=4), "decoder.layers.1.fc1.weight"),
        ("kyutai", lambda folder: make_kyutai(folder, "transformers"), "layers.1.mlp.fc1.weight"),
        ("moshi", make_moshi, "decoder.model.layers.1.mlp.fc1.weight"),
        ("higgs", make_higgs, "layers.1.mlp.up_proj.weight"),
    ],
)
def test_every_family_is_looked_into(
    family: str, make: Callable[[Path], Path], weight: str, tmp_path: Path
) -> None:
    folder = make(tmp_path / family)
    assert looked(folder, family).is_sound
    names = spoiled(folder, weight, nan_in_one)
    found = looked(folder, family)
    assert names and found.fault is not None and found.fault.what == "output"
    assert weight.removesuffix(".weight").split(".mlp")[0] in found.fault.module
    assert any(name.endswith(weight.rpartition(".mlp.")[2]) for name in found.odd)


def test_a_run_goes_back_too_on_the_clips_that_it_left_out(new_run: RunMaker) -> None:
    run = new_run({"steps": 1})
    train(run, run.order())
    run.event("skipped", 1, ids=["c5"], reason="the loss is not finite")
    found = looked(run.path)
    assert found.is_sound and found.went_back and found.clips == ("c5",)


def test_the_module_that_spoils_the_gradient_of_a_run_is_named(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    family, spoil = named("ctc"), bad_way_back()
    load = family.load

    def spoiling(*given: Any) -> Any:
        model = load(*given)
        (module,) = [m for name, m in model.named_modules() if name.endswith("layers.0.ffn2.output_dense")]
        real = module.forward
        module.forward = lambda x: spoil(real(x))
        return model

    monkeypatch.setattr(family, "load", spoiling)
    fault = looked(new_run().path).fault
    assert fault is not None and fault.what == "gradient"
    assert fault.module.startswith("wav2vec2_bert.encoder.layers.0.ffn2"), fault


def test_a_lact_run_without_a_checkpoint_is_looked_at_as_it_began(tiny_data: Path, tmp_path: Path) -> None:
    run = RunDir.create(tmp_path / "project" / "runs", "train", {
        "family": "lact", "base": str(named("lact").blank()), "dataset": str(tiny_data), "device": "cpu",
        "options": {"steps": 5}})
    found, state = diagnosed({"family": "lact", "model": str(run.path), "checkpoint": "last", "device": "cpu",
                              "precision": "auto", "clips": [], "known": KNOWN})
    assert found.is_sound and found.went_back and "as it began, since it has no checkpoint" in state[0]
    assert [block.name for block in found.blocks if block.name.startswith("blocks.")] == [
        f"blocks.{at}" for at in range(4)]


def test_what_has_no_layers_here_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="cannot be looked into layer by layer"):
        looked(tmp_path / "tiny.en", "whisper")


def test_words_without_times_are_laid_evenly() -> None:
    assert [(word.text, word.start, word.end) for word in spread("one two", 3.0)] == [
        ("one", 0.0, 1.5), ("two", 1.5, 3.0)]
    assert spread("", 3.0) == ()
