"""What differs between a checkpoint and what goes on from it; going on from any checkpoint by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import NotFound, Refused
from core.families import named
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training import differences, planning
from core.training.differences import changed_options
from core.training.loop import train
from core.training.reporting import Reporter

RunMaker = Callable[..., RunDir]
CTC = named("ctc")
OPTIONS = {"steps": 4, "save_every": 1, "lr": 0.01, "keep_last": 4}
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def parent(new_run: RunMaker) -> RunDir:
    """A run that is done, with a checkpoint of each step."""
    run = new_run(OPTIONS)
    train(run, run.order())
    return run


def adapter(run: RunDir, name: str) -> dict[str, Any]:
    """The weights of a checkpoint."""
    return folders.read_tensors(run.checkpoints / name, folders.ADAPTER)


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Bit for bit."""
    return set(one) == set(other) and all(one[name].equal(other[name]) for name in one)


def test_so_many_of_the_last_are_kept_and_any_can_be_continued(parent: RunDir, new_run: RunMaker) -> None:
    assert folders.names(parent.path) == [f"step-00000{n}" for n in (1, 2, 3, 4)]
    for name in ("step-000001", "step-000003"):
        run = new_run({**OPTIONS, "data_workers": 1, "keep_last": 1}, way="continue", parent=str(parent.path),
                      checkpoint=name)
        assert train(run, run.order()).ended == "done"
        assert [row["from_step"] for row in run.history() if row["kind"] == "attempt"] == [int(name[-1])]
        assert same(adapter(run, "step-000004"), adapter(parent, "step-000004"))


@pytest.mark.parametrize("way", ["warm start", "retune"])
def test_weights_come_from_the_checkpoint_that_is_named(parent: RunDir, new_run: RunMaker, way: str) -> None:
    import torch

    run = new_run({**OPTIONS, "steps": 1, "lr": 1e-9}, way=way, parent=str(parent.path),
                  checkpoint="step-000002")
    train(run, run.order())
    found, meant = adapter(run, "step-000001"), adapter(parent, "step-000002")
    assert all(torch.allclose(found[name], meant[name], atol=1e-7) for name in meant)
    assert not same(meant, adapter(parent, "step-000004"))
    assert any("step-000002" in row.get("name", "") for row in run.history() if row["kind"] == "phase")


def test_a_checkpoint_that_is_not_there_is_told_with_those_that_are(
    parent: RunDir, new_run: RunMaker
) -> None:
    run = new_run(OPTIONS, way="retune", parent=str(parent.path), checkpoint="step-000009")
    with pytest.raises(NotFound, match="has no checkpoint “step-000009”; it has: step-000001, step-000002"):
        train(run, run.order())
    (parent.path.parent / "elsewhere").mkdir()
    with pytest.raises(NotFound):
        folders.chosen(parent.path, "../../elsewhere")


def test_nothing_differs_from_itself_and_every_row_says_how_it_matters(parent: RunDir) -> None:
    plan = planning.plan(parent, parent.order(), Reporter(parent))
    before = folders.read_state(folders.chosen(parent.path, "last"))
    now = differences.facts(plan, "cpu", 1)
    assert differences.differences(before, now) == []
    now |= {"fingerprint": "x", "base_id": "y", "device": "cuda", "world": 2, "threads": 99, "family": "z",
            "options": plan.options.model_copy(update={"lr": 0.5, "keep_last": 9}),
            "prepared": {**now["prepared"], "vocabulary": {"a": 0}, "normaliser": "upper"},
            "versions": {**now["versions"], "torch": "9.9"}}
    rows = {row.what: row for row in differences.differences(before, now)}
    assert set(rows) == {"dataset", "base", "device", "processes", "threads", "family", "vocabulary",
                         "features", "torch", "lr", "keep_last"}
    assert (rows["lr"].before, rows["lr"].now, rows["lr"].forbids) == (0.01, 0.5, ("continue",))
    assert rows["dataset"].forbids == ("continue",) and rows["keep_last"].forbids == ()
    assert rows["base"].forbids == ("continue", "warm start", "retune")
    assert all(row.matters.endswith(".") for row in rows.values())


def test_an_option_that_came_after_a_checkpoint_had_its_default() -> None:
    options = CTC.options()
    old = {name: value for name, value in options.model_dump().items() if name != "compile"}
    assert changed_options(old, options) == []
    assert changed_options(old, options.model_copy(update={"compile": True})) == ["compile"]


def test_continue_refuses_an_option_that_moves_the_weights_and_takes_one_that_does_not(
    parent: RunDir, new_run: RunMaker
) -> None:
    given = {"way": "continue", "parent": str(parent.path), "checkpoint": "step-000003"}
    with pytest.raises(Refused, match="differ from checkpoint step-000003: lr"):
        run = new_run({**OPTIONS, "lr": 0.5, "keep_last": 1}, **given)
        train(run, run.order())
    run = new_run({**OPTIONS, "keep_last": 1, "wait_for_disk": 0, "gradient_checkpointing": True}, **given)
    train(run, run.order())
    assert same(adapter(run, "step-000004"), adapter(parent, "step-000004"))
