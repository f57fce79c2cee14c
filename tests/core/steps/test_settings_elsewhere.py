"""Settings of moshi-finetune start a run here, and a run's settings go there."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

import app
from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.families.base import finetune
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs import listing
from core.runs import start as runs
from core.steps import settings_of_run, train, train_request
from tests.core.families.kyutai.test_finetune import EXAMPLE
from tests.kyutai_project import MODEL, kyutai_model, kyutai_project

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A project with word times and a tiny model; no worker is spawned."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    lib = Library(data_root)
    kyutai_model(lib)
    return lib, kyutai_project(lib, tmp_path)


def test_their_yaml_is_recognised_and_what_is_left_out_is_named() -> None:
    found = train_request.read(EXAMPLE.encode(), "one.yaml")
    assert (found.get("family"), found.get("preset")) == ("kyutai", "Numbers, 50 clips")
    assert found.options["steps"] == 500 and found.options["alpha"] == 256.0
    assert found.notes[0] == "These are settings of moshi-finetune, read for Kyutai STT."
    told = " ".join(found.notes)
    assert "Keys that are not known here and were left out: optim_extra.betas, vad_loss_weight." in told
    assert "first_codebook_weight_multiplier of moshi-finetune is left out: it is about the sound" in told
    assert "It trains on kyutai/stt-1b-en_fr: choose that model as the base." in told
    assert "Its clips are in data/numbers.jsonl" in told


@pytest.mark.parametrize("own", [{"steps": 5, "rank": 4}, {"family": "kyutai", "options": {"steps": 5}},
                                 {"batch_size": 2, "seed": 1, "gradient_checkpointing": True}])
def test_our_own_settings_are_not_taken_for_theirs(own: dict[str, object]) -> None:
    assert not finetune.claims(own)
    assert train_request.read(yaml.safe_dump(own).encode(), "a.yaml", "kyutai").notes == ()


def test_a_wrong_value_is_named() -> None:
    with pytest.raises(BadInput, match="max_steps is 'many': write a whole number"):
        train_request.read(b"max_steps: many", "one.yaml")
    with pytest.raises(BadInput, match="trains all weights"):
        train_request.read(b"full_finetuning: true\nmax_steps: 5", "one.yaml")


def call(lib: Library, *given: str) -> Result:
    """A command on this library."""
    return CliRunner().invoke(app.app, [*given, "--data", str(lib.root.path)])


@pytest.fixture
def run(made: Made, tmp_path: Path) -> RunDir:
    """A run that their file started; the line wins over it."""
    lib, project = made
    (tmp_path / "theirs.yaml").write_text(EXAMPLE)
    done = call(lib, "train", project.slug, "--base", MODEL, "--options", str(tmp_path / "theirs.yaml"),
                "--set", "steps=300", "--background")
    assert done.exit_code == 0, done.output
    assert "These are settings of moshi-finetune, read for Kyutai STT." in done.output
    return RunDir(listing.runs(lib.root, project.slug, "train")[0].path)


def test_it_starts_a_run_of_ours(run: RunDir) -> None:
    order = run.order()
    assert (order["family"], order["options"]["steps"], order["options"]["rank"]) == ("kyutai", 300, 128)
    assert order["options"]["lr"] == 2e-5 and order["options"]["train_embeddings"] is True


def test_a_run_goes_there_and_comes_back(made: Made, run: RunDir, tmp_path: Path) -> None:
    lib, _ = made
    out = tmp_path / "there.yaml"
    done = call(lib, "settings", run.id, "--for", "moshi-finetune", "--out", str(out))
    assert done.exit_code == 0 and "No place there for: " in done.output and "hold_heads" in done.output
    theirs = yaml.safe_load(out.read_text())
    assert theirs["lora"]["rank"] == 128 and theirs["max_steps"] == 300
    assert Path(theirs["moshi_paths"]["moshi_path"]).is_file()
    assert theirs["data"]["train_data"].endswith("-moshi/train/data.jsonl")
    again = train_request.read(out.read_bytes(), out.name)
    ours = run.order()["options"]
    assert {name: ours[name] for name in again.options} == again.options
    own = call(lib, "settings", run.id)
    assert "preset: Numbers, 50 clips" in own.output and "steps: 300" in own.output
    assert train_request.read(own.output.encode(), "own.yaml").options["steps"] == 300


def test_what_cannot_be_written_is_told(
    made: Made, run: RunDir, make_ctc: Callable[[Library], RunDir]
) -> None:
    lib, _ = made
    with pytest.raises(BadInput, match="for “nemo”: it can be moshi-finetune"):
        settings_of_run.of_run(lib.root, run.id, "nemo")
    other = make_ctc(lib)
    with pytest.raises(BadInput, match="a run of this kind has no other one"):
        settings_of_run.of_run(lib.root, other.id, "moshi-finetune")
    merge = RunDir.create(lib.root.runs("tones"), "merge", {})
    with pytest.raises(NotFound, match="no training run"):
        settings_of_run.of_run(lib.root, merge.id)


@pytest.fixture
def make_ctc() -> Callable[[Library], RunDir]:
    """A run of a family that shares nothing."""
    def make(lib: Library) -> RunDir:
        return RunDir.create(lib.root.runs("tones"), "train", {"family": "ctc", "options": {}})

    return make


def test_the_preset_that_is_meant_is_one_of_the_family() -> None:
    for family in train.families():
        assert train.usual_preset(family.name) in family.presets
    assert train.usual_preset("ctc") == "Quick"
