"""The merged folder is base + adapter, stands alone, and is never half there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import manifest
from core.errors import BadInput, Refused, StudioError
from core.families import family_of, named
from core.families.base import Clip
from core.run_dir import RunDir
from core.training.loading import load_base, load_tuned
from core.training.loop import train
from core.training.merging import merge_run

BaseMaker = Callable[..., Path]
pytestmark = pytest.mark.usefixtures("one_thread")
CTC = named("ctc")


@pytest.fixture(scope="module", params=["bert", "layer"])
def trained(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    tiny_base: BaseMaker,
    tiny_data: Path,
) -> RunDir:
    """A run whose adapter is far from nothing."""
    order = {
        "family": "ctc",
        "base": str(tiny_base(request.param)),
        "dataset": str(tiny_data),
        "device": "cpu",
        "options": {"steps": 6, "batch_size": 4, "lr": 0.05, "rank": 2, "alpha": 4.0},
    }
    run = RunDir.create(tmp_path_factory.mktemp("merge") / "project" / "runs", "train", order)
    train(run, run.order())
    return run


@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_the_merged_folder_equals_base_and_adapter(
    trained: RunDir, tiny_data: Path, tmp_path: Path, dtype: str
) -> None:
    rows = manifest.read(tiny_data)
    report = merge_run(trained.path, tmp_path / "out", dtype, rows, tiny_data)
    assert report.merged_equal and report.n == len(rows)
    assert report.max_logit_difference < 1e-4
    assert report.figures()[dtype]["n_different"] == len(report.written.items)
    if dtype == "fp32":
        assert report.written.max_logit_difference < 1e-4 and not report.written.items
    family, model, prepared, base = load_tuned(trained.path)
    merged, again = load_base(family, tmp_path / "out")
    assert again == prepared
    examples = [family.example(row, family.encode(row, tiny_data, base), prepared) for row in rows]
    spread = max(float(np.abs(x).max()) for x in family.outputs(model, examples, prepared))
    for one, other in zip(
        family.outputs(model, examples, prepared), family.outputs(merged, examples, prepared), strict=True
    ):
        assert np.abs(one - other).max() < {"fp32": 1e-4, "bf16": 0.05 * spread}[dtype]


def test_it_stands_alone_in_its_dtype_and_transcribes(
    trained: RunDir, tiny_data: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file

    merge_run(trained.path, tmp_path / "out", "bf16")
    kinds = {str(t.dtype) for t in load_file(tmp_path / "out" / "model.safetensors").values()}
    assert kinds == {"torch.bfloat16"}
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    base = json.loads((Path(trained.order()["base"]) / "config.json").read_text())
    assert {
        k: v for k, v in config.items() if base.get(k) != v and k not in ("dtype", "transformers_version")
    } == {}
    assert family_of(tmp_path / "out").name == "ctc"
    row = manifest.read(tiny_data)[0]
    clip = Clip(row.id, tiny_data / row.audio)
    assert CTC.recogniser(str(tmp_path / "out"), device="cpu").transcribe(clip).id == row.id
    CTC.check_base(tmp_path / "out")


def test_merging_leaves_the_tuned_model_as_it_is(trained: RunDir, tiny_data: Path, tmp_path: Path) -> None:
    import torch

    family, model, _, base = load_tuned(trained.path)
    before = {name: p.clone() for name, p in model.named_parameters()}
    family.merge(model, base, tmp_path / "out", "fp32")
    assert {name for name, _ in model.named_parameters()} == set(before)
    assert all(torch.equal(p, before[name]) for name, p in model.named_parameters())


def test_nothing_is_overwritten(trained: RunDir, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(Refused, match="out exists already"):
        merge_run(trained.path, tmp_path / "out")


def test_an_unknown_type_is_told_and_leaves_nothing(trained: RunDir, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="fp32, bf16"):
        merge_run(trained.path, tmp_path / "out", "int4")
    assert list(tmp_path.iterdir()) == []


def test_a_merge_that_went_wrong_is_found_and_not_kept(
    trained: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    real = CTC.merge

    def merge(model: Any, base: Path, out: Path, dtype: str) -> Any:
        merged = real(model, base, out, dtype)
        with torch.no_grad():
            merged.lm_head.weight.zero_()
        return merged

    monkeypatch.setattr(CTC, "merge", merge)
    with pytest.raises(StudioError, match="The merged model differs from base and adapter"):
        merge_run(trained.path, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_written_wrong_is_found_and_not_kept(
    trained: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when keys are renamed on the way: the folder holds the base, not the tuned model."""
    real = CTC.merge

    def merge(model: Any, base: Path, out: Path, dtype: str) -> Any:
        merged = real(model, base, out, dtype)
        shutil.copyfile(base / "model.safetensors", out / "model.safetensors")
        return merged

    monkeypatch.setattr(CTC, "merge", merge)
    with pytest.raises(StudioError, match="The folder as written in fp32 differs"):
        merge_run(trained.path, tmp_path / "out", "fp32")
    assert list(tmp_path.iterdir()) == []
