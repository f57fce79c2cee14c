"""An adapter goes to moshi-finetune and comes back as a run that writes the same, is judged, merged and gone
on from."""
from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.config import DataRoot
from core.errors import BadInput, Refused, StudioError, Unavailable
from core.families.base.tuned import open_tuned
from core.library import Library, Project
from core.modelling import checkpoint_folder
from core.run_dir import RunDir
from core.runs import start as runs
from core.runs import worker
from core.runs.jobs import merge as job
from core.steps import checklist, going_on, merge, train
from core.steps.train_request import Request
from core.steps.verdict import of_run
from core.training.exporting import export_adapter
from core.training.loading import load_tuned
from core.training.loop import train as learn
from core.training.merging import examples_of, merge_run
from tests.kyutai_project import MODEL, kyutai_project

pytestmark = pytest.mark.usefixtures("one_thread")
PRESET = "Numbers, 50 clips"
OPTIONS = {"steps": 4, "rank": 2, "alpha": 6.0, "lr": 0.05, "batch_size": 4, "warmup_steps": 1,
           "eval_every": 9, "sample_every": 9, "save_every": 9, "train_lm_head": True,
           "train_embeddings": True, "keep": 0.8}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, kyutai: Callable[[str], Path], one_thread: None) -> Any:
    """A library, a project with word times, and a run that learned in a few steps."""
    place = tmp_path_factory.mktemp("bringing")
    root = DataRoot(place / "data")
    root.path.mkdir()
    lib = Library(root)
    shutil.copytree(kyutai("candle"), root.models / MODEL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "spawn", lambda run, python=None: None)
        project = kyutai_project(lib, place)
        run = train.start(lib, project, "kyutai", MODEL, PRESET, OPTIONS, device="cpu")
    learn(run, run.order())
    run.write_status("done", "Trained.")
    return lib, project, run


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is spawned: the test works in its place."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)


@pytest.fixture(scope="module")
def consolidated(home: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The adapter as moshi-finetune keeps one."""
    out = tmp_path_factory.mktemp("out") / "consolidated"
    export_adapter(home[2].path, out, "moshi-finetune", "fp32")
    return out


@pytest.mark.parametrize("dtype", ["fp32", pytest.param("bf16", marks=pytest.mark.slow)])
def test_an_adapter_is_written_alone_and_proved(
    home: tuple[Library, Project, RunDir], tmp_path: Path, dtype: str
) -> None:
    lib, project, run = home
    out = lib.root.models / project.slug / f"adapter-{dtype}"
    order = {"train_run": str(run.path), "out": str(out), "dtype": dtype, "form": "moshi-finetune"}
    done = RunDir.create(tmp_path / "p" / "runs", "merge", order)
    job.run_job(done, order)
    shown = checklist.of(done.status().figures)
    assert [each.name for each in shown.checks] == ["tensors", "logits"]
    assert all(map(checklist.passed, shown.checks)) and shown.checks[1].clips
    assert "of rank 6 with the factor 3" in shown.checks[0].sentence, "three in one, alpha / rank"
    assert {name for name, _ in shown.files} == {"README.md", "config.json", "lora.safetensors"}
    assert {t.dtype for t in load_file(out / "lora.safetensors").values()} == {
        {"fp32": torch.float32, "bf16": torch.bfloat16}[dtype]}
    assert "which alone is here" in (out / "README.md").read_text()
    assert "the adapter alone" in done.status().message
    with pytest.raises(Refused, match="exists already"):
        export_adapter(run.path, out, "moshi-finetune", dtype)


def test_what_is_no_form_of_an_adapter_is_told(home: tuple[Library, Project, RunDir], still: None) -> None:
    lib, _, run = home
    assert merge.forms("kyutai")["moshi-finetune"] == ("bf16", "fp32")
    assert "moshi-finetune" not in merge.forms("ctc")
    with pytest.raises(BadInput, match="is written as bf16, fp32, not “int8”"):
        merge.start(lib, run.id, "x", "int8", "moshi-finetune")
    assert merge.start(lib, run.id, "y", "fp32", "moshi-finetune").order()["form"] == "moshi-finetune"


@pytest.mark.budget(25)
def test_it_comes_back_as_a_run_like_any_other(
    home: tuple[Library, Project, RunDir], consolidated: Path, still: None, tmp_path: Path
) -> None:
    lib, project, run = home
    copy = Path(shutil.copytree(consolidated, tmp_path / "copy"))
    brought = train.bring(lib, project, copy, "kyutai", MODEL, device="cpu", is_copy=True)
    assert (brought.order()["options"]["rank"], brought.order()["options"]["alpha"]) == (6, 18.0)
    assert worker.work(brought) == 0
    assert brought.state() == "done" and brought.status().message.startswith("Taken in.")
    assert not copy.exists(), "what was copied here is not needed any more"
    shown = of_run(brought)
    assert shown and shown.verdict.n_items > 0, "it is judged against its base"
    family, one, prepared, _ = load_tuned(run.path)
    again = load_tuned(brought.path)[1]
    examples = examples_of(family, open_tuned(family, run.path), [], None, run.order())
    written = [family.outputs(model, examples, prepared) for model in (one, again)]
    for ours, theirs in zip(*written, strict=True):
        assert np.abs(ours - theirs).max() < 1e-3 * max(1.0, np.abs(ours).max())
    folder = checkpoint_folder.chosen(brought.path)
    assert checkpoint_folder.read_state(folder)["options"]["keep"] == 1.0, "it was weakened before"
    assert merge_run(brought.path, tmp_path / "merged", "fp32").merged_equal
    prospect = going_on.look(lib, project, Request({"run": brought.id, "way": "continue"}))
    assert any("without the memory of its optimizer" in each for each in prospect.refusals)
    warm = going_on.look(lib, project, Request({"run": brought.id, "way": "warm-start"}))
    assert warm.refusals == []


@pytest.fixture
def spoiled(consolidated: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(consolidated, tmp_path / "spoiled"))


def test_what_is_no_adapter_is_told_before_a_run(
    home: tuple[Library, Project, RunDir], spoiled: Path, tmp_path: Path, still: None
) -> None:
    lib, project, _ = home
    before = len(list(lib.root.runs(project.slug).iterdir()))

    def bring(folder: Path, family: str = "kyutai", base: str = MODEL) -> None:
        train.bring(lib, project, folder, family, base)

    with pytest.raises(Unavailable, match=r"saves both lora\.safetensors and config\.json"):
        bring(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="takes in no adapters from elsewhere; these do: Kyutai STT"):
        bring(spoiled, "ctc", "starter")
    (spoiled / "config.json").write_text(json.dumps({"lora_scaling": -1}))
    with pytest.raises(BadInput, match="-1 as lora_scaling"):
        bring(spoiled)
    (spoiled / "config.json").write_text(json.dumps({"lora_scaling": 2.0}))
    held = load_file(spoiled / "lora.safetensors")
    save_file({name: t for name, t in held.items() if ".layers.1." not in name}, spoiled / "lora.safetensors")
    with pytest.raises(BadInput, match="adapters on 1 layers and the base kyutai has 2"):
        bring(spoiled)
    (spoiled / "lora.safetensors").write_bytes(b"no tensors at all")
    with pytest.raises(StudioError):
        bring(spoiled)
    assert len(list(lib.root.runs(project.slug).iterdir())) == before, "no run was made"


def test_numbers_that_are_none_end_the_run_with_a_sentence(
    home: tuple[Library, Project, RunDir], spoiled: Path, still: None
) -> None:
    lib, project, _ = home
    held = load_file(spoiled / "lora.safetensors")
    held["transformer.layers.0.gating.linear_in.lora_B.weight"][0, 0] = float("nan")
    save_file(held, spoiled / "lora.safetensors")
    run = train.bring(lib, project, spoiled, "kyutai", MODEL, device="cpu")
    worker.work(run)
    assert run.state() == "failed" and "values that are no numbers" in run.status().message
    assert not (run.checkpoints / "manifest.json").exists()
