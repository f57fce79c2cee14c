"""From sound alone to conversations: the files in tools/recipes/ on a tiny Moshi, as two runs that are
linked, and what is told when the TTT settings change between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from core import manifest
from core.config import DataRoot
from core.library import Library, Project
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.runs import start as runs
from core.steps import going_on, train, train_request
from core.steps.train_request import Request
from core.training.loop import train as learn
from tests.made import library
from tests.tiny_moshi import make_moshi, make_talks

RECIPES = Path(__file__).parents[3] / "tools" / "recipes"
TINY: dict[str, Any] = {"steps": 4, "batch_size": 2, "rank": 2, "alpha": 4.0, "warmup_steps": 1,
                        "save_every": 2, "eval_every": 100, "sample_every": 100, "samples": 0}
pytestmark = pytest.mark.usefixtures("one_thread")


@dataclass(frozen=True)
class Room:
    """A project with sound alone and with conversations, and a pre-training that stopped at step 2 of 4."""

    lib: Library
    project: Project
    parent: RunDir


@pytest.fixture(scope="module")
def room(one_thread: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "spawn", lambda run, python=None: None)
        lib, project = library(DataRoot(tmp_path_factory.mktemp("room")))
        make_moshi(lib.root.models / "tiny" / "moshi")
        texts = ["six", "one two", "three", "four"]
        for name, right in (("alone", None), ("dailytalk", "one")):
            folder = make_talks(lib.root.path / "p" / "datasets" / name, [(left, right) for left in texts])
            fingerprint = manifest.fingerprint(manifest.read(folder))
            lib.datasets.add(project.id, name, f"p/datasets/{name}", fingerprint, {})
        asked = asked_for("pre-train", base="tiny/moshi", dataset="alone", device="cpu")
        parent = train.fresh(lib, project, asked)
        stop_at(parent, 2)
        yield Room(lib, project, parent)


def stop_at(run: RunDir, step: int) -> None:
    """Train until the save of a step, and stop there."""
    tell = RunDir.event

    def told(self: RunDir, kind: str, at: int = 0, **values: Any) -> None:
        tell(self, kind, at, **values)
        if kind == "checkpoint" and at == step:
            self.request_stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunDir, "event", told)
        assert learn(run, run.order()).ended == "stopped"
    run.clear_stop()
    run.finish("stopped", f"Stopped by you at step {step}.")


def asked_for(recipe: str, options: dict[str, Any] | None = None, **settings: Any) -> Request:
    """A recipe as it ships, but tiny."""
    held = train_request.read((RECIPES / f"{recipe}.yaml").read_bytes(), f"{recipe}.yaml")
    tiny = {**TINY, **(options or {})} if held.options else {}
    return Request(settings, tiny).over(held)


def learned(run: RunDir) -> dict[str, torch.Tensor]:
    return folders.read_tensors(folders.chosen(run.path, "last"), folders.ADAPTER)


def test_continued_it_ends_as_a_run_that_never_stopped(room: Room) -> None:
    asked = asked_for("continue", run=room.parent.id, device="cpu")
    prospect = going_on.look(room.lib, room.project, asked)
    assert (prospect.way, prospect.rows, prospect.refusals) == ("continue", [], [])
    run = going_on.start(room.lib, room.project, prospect)
    assert learn(run, run.order()).step == 4
    whole = train.fresh(room.lib, room.project,
                        asked_for("pre-train", base="tiny/moshi", dataset="alone", device="cpu"))
    learn(whole, whole.order())
    one, other = learned(run), learned(whole)
    assert any(".ttt." in name for name in one)
    assert set(one) == set(other) and all(torch.equal(one[name], other[name]) for name in one)


def test_transferred_to_conversations_it_begins_with_the_weights_alone(room: Room) -> None:
    asked = asked_for("dailytalk", {"steps": 1, "lr": 1e-9}, run=room.parent.id, dataset="dailytalk",
                      device="cpu")
    prospect = going_on.look(room.lib, room.project, asked)
    told = {row.what: (row.before, row.now) for row in prospect.rows}
    assert prospect.way == "retune" and not prospect.refusals
    assert told["hears_user"] == (False, True) and told["text_weight"] == (0, 0.5) and "dataset" in told
    assert not any(what.startswith("ttt_") for what in told)
    run = going_on.start(room.lib, room.project, prospect)
    assert learn(run, run.order()).step == 1
    before, after = learned(room.parent), learned(run)
    assert set(before) == set(after)
    assert all(torch.allclose(before[name], after[name], atol=1e-6) for name in before)
    terms = [row for row in run.events()[0] if row["kind"] == "step"]
    assert [row["step"] for row in terms] == [1], "counted from the first step again"


def test_changed_ttt_settings_are_named_before_the_start_and_told_in_the_run(room: Room) -> None:
    changed = {"steps": 1, "lr": 1e-9, "ttt_depth": 3, "ttt_base_lr": 0.5}
    asked = asked_for("dailytalk", changed, run=room.parent.id, dataset="dailytalk", device="cpu")
    prospect = going_on.look(room.lib, room.project, asked)
    told = {row.what: row for row in prospect.rows if row.what.startswith("ttt_")}
    assert {name: (row.before, row.now) for name, row in told.items()} == {
        "ttt_depth": (2, 3), "ttt_base_lr": (1.0, 0.5)}
    assert all("those that do not begin anew" in row.matters for row in told.values())
    assert not prospect.refusals and told["ttt_depth"].forbids == ("continue",)
    run = going_on.start(room.lib, room.project, prospect)
    learn(run, run.order())
    warned = " ".join(row["sentence"] for row in run.events()[0] if row["kind"] == "warning")
    assert "2 TTT layers of the run before have no place in this one" in warned
    assert "2 TTT layers of this run begin anew" in warned
    before, after = learned(room.parent), learned(run)
    kept = [name for name in before if ".lora_" in name]
    assert kept and all(torch.allclose(before[name], after[name], atol=1e-6) for name in kept)
