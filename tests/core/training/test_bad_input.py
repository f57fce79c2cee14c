"""Datasets that are hardly there, and clips that are too much: sentences, and no crash in the loop."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import manifest
from core.errors import Refused, StudioError
from core.families import named
from core.run_dir import RunDir
from core.training.loop import train

RunMaker = Callable[..., RunDir]
CTC = named("ctc")
pytestmark = pytest.mark.usefixtures("one_thread")


def only(data: Path, into: Path, n_train: int, n_val: int) -> Path:
    """A copy of a dataset with so many of its clips."""
    copy = Path(shutil.copytree(data, into / "few"))
    rows = manifest.read(copy)
    kept = {"train": n_train, "val": n_val, "test": 0}
    parts = {split: [row for row in rows if row.split == split] for split in kept}
    manifest.write(copy, [row for split, n in kept.items() for row in parts[split][:n]])
    return copy


@pytest.mark.parametrize(("n_train", "n_val"), [(0, 0), (0, 2)])
def test_no_clip_to_train_on_is_a_sentence(
    new_run: RunMaker, tiny_data: Path, tmp_path: Path, n_train: int, n_val: int
) -> None:
    run = new_run(dataset=str(only(tiny_data, tmp_path, n_train, n_val)))
    with pytest.raises(Refused, match="no clips to train on"):
        train(run, run.order())


@pytest.mark.parametrize(("n_train", "n_val", "workers"), [(1, 0, 0), (1, 1, 1), (2, 1, 0)])
def test_one_or_two_clips_are_trained_on(
    new_run: RunMaker, tiny_data: Path, tmp_path: Path, n_train: int, n_val: int, workers: int
) -> None:
    run = new_run({"steps": 3, "accumulation": 2, "data_workers": workers},
                  dataset=str(only(tiny_data, tmp_path, n_train, n_val)))
    assert train(run, run.order()).ended == "done"
    steps = [row for row in run.history() if row["kind"] == "step"]
    assert [row["epoch"] for row in steps] == [0, 1, 2]
    assert all(row["clips_per_second"] > 0 and row["memory_gb"] > 0.05 for row in steps)


@pytest.mark.parametrize("said", ["CUDA out of memory", "DefaultCPUAllocator: can't allocate memory"])
def test_a_clip_that_is_too_long_for_the_memory_is_named(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """On a processor and on a Mac the memory runs out in words alone."""
    real = CTC.loss

    def loss(model: Any, batch: Any) -> Any:
        if batch["inputs"].shape[1] > 50:
            raise RuntimeError(f"[enforce fail] {said}: you tried to allocate 99 GB.")
        return real(model, batch)

    monkeypatch.setattr(CTC, "loss", loss)
    run = new_run({"steps": 20, "batch_size": 2})
    with pytest.raises(StudioError, match=r"even one clip at a time; the longest here is c\d+ with"):
        train(run, run.order())


def test_another_fault_in_the_model_stays_a_fault(new_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    def loss(model: Any, batch: Any) -> Any:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(CTC, "loss", loss)
    run = new_run({"steps": 1})
    with pytest.raises(RuntimeError, match="mat1"):
        train(run, run.order())
