"""Checkpoints: whole or not there, the best and the last two kept, and no pickle anywhere."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput, NotFound, Unavailable
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training import looking
from core.training.loop import train

RunMaker = Callable[..., RunDir]
pytestmark = pytest.mark.usefixtures("one_thread")


def names(run: RunDir) -> list[str]:
    """The checkpoint folders."""
    return sorted(p.name for p in run.checkpoints.iterdir() if p.is_dir())


def test_a_checkpoint_is_complete_and_opens_without_trust(new_run: RunMaker) -> None:
    run = new_run({"steps": 3})
    train(run, run.order())
    folder = folders.chosen(run.path, "last")
    assert {p.name for p in folder.iterdir()} == {*folders.FILES, folders.HASHES}
    assert all(p.suffix in (".json", ".safetensors") for p in folder.iterdir())
    state = folders.read_state(folder)
    assert state["step"] == 3 and state["options"]["steps"] == 3
    assert state["prepared"]["vocabulary"]["a"] == 2 and state["prepared"]["normaliser"] == "lower"
    assert state["prepared"]["extra"]["features"]["num_mel_bins"] == 80
    assert {
        "fingerprint",
        "base_id",
        "threads",
        "versions",
        "rng",
        "schedule",
        "optimizer",
        "progress",
    } <= set(state)
    tensors = folders.read_tensors(folder, folders.OPTIMIZER)
    assert {name.rsplit("/", 1)[1] for name in tensors} == {"exp_avg", "exp_avg_sq", "step"}


def test_the_best_and_the_last_two_are_kept(new_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    wers = iter([0.9, 0.3, 0.7, 0.8, 0.6, 0.5])

    def look(session: Any) -> looking.Look:
        return looking.Look(1.0, next(wers), 0.1, None, 1.0, n=200, n_words=1000)

    monkeypatch.setattr(looking, "look", look)
    run = new_run({"steps": 6, "eval_every": 1})
    assert train(run, run.order()).best == "step-000002"
    assert names(run) == ["step-000002", "step-000005", "step-000006"]
    assert json.loads((run.checkpoints / "manifest.json").read_text()) == {
        "best": "step-000002",
        "last": "step-000006",
    }
    told = {row["path"]: row["best"] for row in run.history() if row["kind"] == "checkpoint"}
    assert [name for name, best in told.items() if best] == ["step-000001", "step-000002"]


@pytest.mark.parametrize(
    ("wers", "n_words", "best"),
    [
        ([0.5, 0.5, 0.5], 80, 3),  # the annealed one
        ([0.04, 0.09, 0.10], 80, 3),  # five words more are chance
        ([0.04, 0.09, 0.10], 1000, 1),  # fifty are not
        ([0.09, 0.10, 0.04], 1000, 3),
        ([0.10, 0.04, 0.07, 0.10, 0.13], 200, 3),  # it is the lowest that counts, or they would creep up
    ],
)
def test_of_looks_that_differ_by_chance_the_later_is_best(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch, wers: list[float], n_words: int, best: int
) -> None:
    given = iter(wers)
    seen = lambda session: looking.Look(1.0, next(given), 0.1, None, 1.0, 10, n_words)  # noqa: E731
    monkeypatch.setattr(looking, "look", seen)
    run = new_run({"steps": len(wers), "eval_every": 1})
    assert train(run, run.order()).best == f"step-{best:06d}"


def test_a_whole_checkpoint_is_not_given_up_for_a_damaged_one(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run({"steps": 5, "save_every": 1})
    write = folders.write

    def write_badly(folder: Path, *rest: Any) -> None:
        write(folder, *rest)
        if folder.name in ("step-000003", "step-000004"):
            (folder / folders.ADAPTER).write_bytes(b"cut")

    monkeypatch.setattr(folders, "write", write_badly)
    train(run, run.order())
    assert [name for name in names(run) if folders.is_whole(run.checkpoints / name)][:1] == ["step-000002"]


def test_a_full_disk_is_told_and_the_checkpoint_before_is_whole(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    import safetensors.torch

    run, real = new_run({"steps": 4, "save_every": 2, "wait_for_disk": 0}), safetensors.torch.save_file

    def save_file(tensors: Any, path: Path) -> None:
        if "step-000004" in str(path):
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        real(tensors, path)

    monkeypatch.setattr(safetensors.torch, "save_file", save_file)
    with pytest.raises(Unavailable, match="The disk is full"):
        train(run, run.order())
    assert names(run) == ["step-000002"]
    assert folders.is_whole(folders.chosen(run.path, "last"))


def test_a_damaged_or_missing_one_is_told_by_name(new_run: RunMaker) -> None:
    run = new_run({"steps": 1})
    with pytest.raises(NotFound, match="has no checkpoint “best” yet"):
        folders.chosen(run.path)
    train(run, run.order())
    with pytest.raises(NotFound, match="step-000099"):
        folders.chosen(run.path, "step-000099")
    state = run.checkpoints / "step-000001" / folders.STATE
    state.write_text(state.read_text().replace("lower", "upper"))
    with pytest.raises(BadInput, match=r"step-000001 of run .* is damaged"):
        folders.chosen(run.path, "best")


def test_a_name_cannot_lead_out_of_the_run(new_run: RunMaker) -> None:
    run = new_run({"steps": 1})
    train(run, run.order())
    with pytest.raises(NotFound):
        folders.chosen(run.path, "../../elsewhere")
