"""Going on from a run: what differs is told first, what cannot be is refused in words, and a file of settings
starts the same run again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core import manifest
from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused, StudioError
from core.library import Library, Project
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.runs import start as runs
from core.runs.launch.making import machines
from core.steps import going_on, train, train_request
from core.steps.train_request import FILE, Request
from core.training.loop import train as learn
from tests.core.conftest import make_base, make_dataset
from tests.made import library

TEXTS = ["one two", "three", "four five", "six", "seven eight", "nine", "zero one", "two"]
OPTIONS: dict[str, Any] = {"steps": 4, "batch_size": 4, "eval_every": 100, "sample_every": 100,
                           "save_every": 2, "rank": 2, "alpha": 4.0}


@dataclass(frozen=True)
class Room:
    """A project with a dataset, and a run of it that was stopped at step 2 of 4."""

    lib: Library
    project: Project
    parent: RunDir


def data(lib: Library, project: Project, name: str, texts: list[str]) -> None:
    """A dataset of tones in the project."""
    folder = make_dataset(lib.root.path / "p" / "datasets" / name, texts)
    rows = manifest.read(folder)
    lib.datasets.add(project.id, name, f"p/datasets/{name}", manifest.fingerprint(rows), {})


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "spawn", lambda run, python=None: None)
        path = tmp_path_factory.mktemp("room")
        lib, project = library(DataRoot(path))
        make_base(lib.root.models / "p" / "base")
        data(lib, project, "dataset-1", TEXTS)
        data(lib, project, "dataset-2", [*TEXTS, "ten"])
        given = {"base": "p/base", "dataset": "dataset-1", "device": "cpu"}
        parent = train.start(lib, project, overrides=OPTIONS, **given)
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


def look(room: Room, options: dict[str, Any] | None = None, **settings: Any) -> going_on.Prospect:
    return going_on.look(room.lib, room.project, Request({"run": room.parent.id, **settings}, options or {}))


def weights(run: RunDir, step: int) -> dict[str, Any]:
    return folders.read_tensors(run.checkpoints / f"step-{step:06d}", folders.ADAPTER)


def test_nothing_differs_and_continue_ends_where_an_unbroken_run_does(room: Room) -> None:
    prospect = look(room)
    assert (prospect.rows, prospect.refusals, prospect.checkpoint) == ([], [], "step-000002")
    run = going_on.start(room.lib, room.project, prospect)
    order = run.order()
    assert (order["way"], order["parent"]) == ("continue", str(room.parent.path.resolve()))
    assert order["checkpoint"] == "step-000002" and order["dataset_name"] == "dataset-1"
    assert learn(run, order).ended == "done"
    file = train_request.read((room.parent.path / FILE).read_bytes(), FILE)
    whole = train.fresh(room.lib, room.project, file)
    learn(whole, whole.order())
    one, other = weights(run, 4), weights(whole, 4)
    assert all(one[name].equal(other[name]) for name in one), "and the file starts the same run, bit for bit"
    assert whole.order()["options"] == room.parent.order()["options"]


def test_what_differs_is_a_row_and_closes_the_ways_that_it_must(room: Room) -> None:
    prospect = look(room, {"lr": "0.5"}, dataset="dataset-2", devices=2)
    rows = {row.what: row for row in prospect.rows}
    assert set(rows) == {"dataset", "processes", "lr"}
    assert (rows["lr"].now, rows["processes"].before, rows["processes"].now) == (0.5, 1, 2)
    assert len(prospect.refusals) == 3 and "Continue keeps every option" in " ".join(prospect.refusals)
    with pytest.raises(Refused, match="Continue needs the same clips"):
        going_on.start(room.lib, room.project, prospect)
    retuned = look(room, {"lr": "0.5"}, dataset="dataset-2", devices=2, way="retune")
    assert retuned.refusals == [] and retuned.plan.options.lr == 0.5
    assert retuned.plan.options.rank != 2, "Retune has the preset's options, not those of the run"


def test_warm_start_keeps_the_options_and_takes_other_data(room: Room) -> None:
    prospect = look(room, way="warm-start", dataset="dataset-2")
    assert prospect.refusals == [] and prospect.checkpoint == "step-000002"
    run = going_on.start(room.lib, room.project, prospect)
    assert run.order()["options"] == room.parent.order()["options"]
    assert (run.order()["way"], run.order()["dataset_name"]) == ("warm start", "dataset-2")
    again = train_request.read((run.path / FILE).read_bytes(), FILE)
    assert (again.get("run"), again.get("way")) == (room.parent.id, "warm start")
    assert going_on.look(room.lib, room.project, again).plan.options == prospect.plan.options


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({"run": "nobody"}, NotFound, "no run “nobody”"),
        ({"run": ""}, BadInput, "Name the run"),
        ({"way": "sideways"}, BadInput, "“sideways” is no way to go on; choose continue, warm-start, retune"),
        ({"checkpoint": "step-000777"}, NotFound, "step-000777"),
        ({"dataset": "dataset-9"}, NotFound, "dataset-9"),
        ({"devices": 65}, BadInput, "1 to 64 processes"),
    ],
)
def test_what_cannot_be_looked_at_is_told(
    room: Room, settings: dict[str, Any], error: type[StudioError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        look(room, **settings)


def test_another_projects_run_and_a_damaged_save_are_refused(room: Room, tmp_path: Path) -> None:
    other = room.lib.projects.add("q", "Q", "blank", "en")
    with pytest.raises(BadInput, match="no training run of this project"):
        going_on.look(room.lib, other, Request({"run": room.parent.id}))
    run = RunDir(Path(shutil.copytree(room.parent.path, room.lib.root.runs("p") / "x-train-torn")))
    torn = run.checkpoints / "step-000002" / folders.OPTIMIZER
    torn.write_bytes(torn.read_bytes()[:-8])
    with pytest.raises(BadInput, match="is damaged"):
        look(room, run=run.id)
    shutil.rmtree(run.path)


def test_a_run_that_has_done_all_of_its_steps_is_retuned_and_not_continued(room: Room) -> None:
    run = train.start(room.lib, room.project, base="p/base", overrides={**OPTIONS, "steps": 2},
                      dataset="dataset-1", device="cpu")
    learn(run, run.order())
    assert "has done all of its 2 steps; choose Retune" in look(room, run=run.id).refusals[0]
    assert look(room, run=run.id, way="retune").refusals == []


def test_another_base_in_its_place_closes_every_way(room: Room) -> None:
    base = Path(room.parent.order()["base"])
    kept = (base / "model.safetensors").read_bytes()
    (base / "model.safetensors").write_bytes(kept[:-4] + b"\x00\x00\x80\x3f")
    try:
        for way in going_on.WAYS:
            assert "own base model only" in look(room, way=way).refusals[0]
    finally:
        (base / "model.safetensors").write_bytes(kept)
    room.lib.root.models.rename(room.lib.root.path / "elsewhere")
    try:
        with pytest.raises(NotFound, match="base model of that run is gone"):
            look(room)
    finally:
        (room.lib.root.path / "elsewhere").rename(room.lib.root.models)


# --- settings from a file

def test_a_file_of_options_goes_over_the_preset_and_the_line_over_the_file() -> None:
    file = train_request.read(b"steps: 30\nlr: 1e-3\npreset: Careful\ndevices: 2\n", "mine.yaml")
    said = Request({"preset": None, "devices": 1}, {"steps": "7"}).over(file)
    assert (said.get("preset"), said.get("devices"), dict(said.options)) == ("Careful", 1,
                                                                             {"steps": "7", "lr": 1e-3})
    assert train.options_of("ctc", "Careful", said.options).steps == 7
    as_json = train_request.read(json.dumps({"options": {"steps": 30, "lr": 1e-3}}).encode(), "mine.json")
    assert as_json.options == file.options


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("stepz: 4", "“stepz” in x.yaml is no option; “steps” is most like it"),
        ("options: {learning: 4}\nbasse: starter", "“basse” in x.yaml is no option; “base” is most like it"),
        ("zzzzqq: 4", "“zzzzqq” in x.yaml is no option; the options are: .*steps"),
        ("devices: two", "“devices” in x.yaml is 'two', but should be a whole number"),
        ("preset: 3", "“preset” in x.yaml is 3, but should be a word"),
        ("options: 3", "“options” in x.yaml is 3, but should hold"),
        ("family: parrot", "no model family “parrot”"),
    ],
)
def test_a_key_that_is_wrong_is_named(content: str, sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        train_request.read(content.encode(), "x.yaml")


def test_types_and_ranges_of_a_file_are_checked_by_the_options(room: Room) -> None:
    for content, sentence in ((b"steps: [1]", "Option “steps” is"), (b"lr: 7", "Option “lr” is 7")):
        request = train_request.read(content, "x.yaml")
        with pytest.raises(BadInput, match=sentence):
            train.fresh(room.lib, room.project, replace(request, settings={"dataset": "dataset-1"}))


def test_the_order_of_a_run_is_such_a_file_too_and_means_its_own_dataset(room: Room) -> None:
    order = (room.parent.path / "run.json").read_bytes()
    request = train_request.read(order, "run.json")
    assert request.get("dataset") == "dataset-1" and request.get("run") is None
    assert train.fresh(room.lib, room.project, request).order()["options"] == room.parent.order()["options"]
    other = replace(request, settings={**request.settings, "dataset": "dataset-2"})
    with pytest.raises(Refused, match="not the one that the file means"):
        train.fresh(room.lib, room.project, other)
    with pytest.raises(BadInput, match="of the kind “merge”"):
        train_request.read(json.dumps({"kind": "merge", "order": 1}).encode(), "run.json")


def test_the_order_of_a_run_for_other_machines_means_the_base_that_it_tells_from_its_folder(
    room: Room, tmp_path: Path
) -> None:
    made = train.start(room.lib, room.project, overrides=OPTIONS, base="p/base", dataset="dataset-1",
                       device="cpu", machines=machines(2, 1))
    content = (made.path / "run.json").read_bytes()
    assert json.loads(content)["base"].startswith("../")
    request = train_request.read(content, "run.json", folder=made.path)
    again = train.fresh(room.lib, room.project, request).order()
    assert (again["base"], again["options"]) == (made.order()["base"], made.order()["options"])
    with pytest.raises(BadInput, match=r"run\.json tells its base from the folder of its run.*options\.yaml"):
        train_request.read(content, "run.json")
    plain = train_request.read(b"base: ../models/mine", "x.yaml", folder=tmp_path)
    assert plain.get("base") == "../models/mine", "a person's own file is read as it stands"
