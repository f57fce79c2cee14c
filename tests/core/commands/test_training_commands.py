"""Training without a screen: a file and a line of options, what differs before it starts, and the queue."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.commands import training
from core.config import DataRoot
from core.errors import BadInput, Refused
from core.run_dir import RunDir
from core.runs import start as runs
from tests.core.conftest import make_base
from tests.core.runs.test_machines import written
from tests.core.steps.test_going_on import OPTIONS, TEXTS, data, stop_at
from tests.made import library


@pytest.mark.slow
def test_train_by_a_file_then_go_on_and_change_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    root = DataRoot(tmp_path / "data")
    root.path.mkdir()
    lib, project = library(root)
    make_base(root.models / "p" / "base")
    data(lib, project, "dataset-1", TEXTS)
    lines = ["base: p/base", "dataset: dataset-1", "device: cpu", *(f"{k}: {v}" for k, v in OPTIONS.items())]
    (tmp_path / "mine.yaml").write_text("\n".join(lines))
    told: list[str] = []

    def train(**given: Any) -> RunDir:
        back = training.train(told.append, "p", background=True, data=root.path, **given)
        return RunDir(root.runs("p") / back.value["run"])

    first = train(options=tmp_path / "mine.yaml", set_=["steps=6"], devices=2)
    order = first.order()
    assert (order["options"]["steps"], order["options"]["rank"], order["devices"]) == (6, 2, 2)
    with pytest.raises(BadInput, match="There is no option “stepz”"):
        train(options=tmp_path / "mine.yaml", set_=["stepz=6"])

    parent = train(options=tmp_path / "mine.yaml")
    stop_at(parent, 2)
    given: dict[str, Any] = {"from_": parent.id[-6:], "set_": ["lr=0.5"]}
    looked = training.train(told.append, "p", dry_run=True, data=root.path, **given)
    assert looked.code == 1 and [row["what"] for row in looked.value["differences"]] == ["lr"]
    with pytest.raises(Refused, match="Continue keeps every option"):
        train(**given)
    retuned = train(**given, way="retune", checkpoint="best")
    assert told[-1].startswith(f"Retune from {parent.id}, step-000002.") and "lr: " in told[-1]
    assert retuned.order()["options"]["lr"] == 0.5 and retuned.order()["checkpoint"] == "step-000002"

    shared = train(options=tmp_path / "mine.yaml", accelerate=written(tmp_path, machine_rank="0"))
    machines = shared.order()["machines"]
    assert (machines["n"], shared.order()["device"]) == (2, "cpu"), "the file of options wins"
    with pytest.raises(Refused, match="a machine_rank from 1"):
        training.join(shared.id, written(tmp_path, machine_rank="0"), root.path)

    waiting = training.queue(move=shared.id, to=1, data=root.path)
    assert [row["run"] for row in waiting.value] == [shared.id, first.id, retuned.id]
    assert training.queue(remove=first.id, data=root.path).value[1]["run"] == retuned.id
    assert first.state() == "stopped"
    with pytest.raises(Refused, match="does not wait, it is stopped"):
        training.queue(remove=first.id, data=root.path)


@pytest.mark.slow
def test_print_launch_makes_a_run_for_a_cluster_and_says_what_is_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: pytest.fail("it was started here"))
    root = DataRoot(tmp_path / "data")
    root.path.mkdir()
    lib, project = library(root)
    make_base(root.models / "p" / "base")
    data(lib, project, "dataset-1", TEXTS)
    (tmp_path / "mine.yaml").write_text("\n".join(f"{k}: {v}" for k, v in OPTIONS.items()))
    back = training.train([].append, "p", base="p/base", dataset="dataset-1", options=tmp_path / "mine.yaml",
                          devices=8, print_launch=2, data=root.path)
    run = RunDir(root.runs("p") / back.value["run"])
    order = run.order()
    assert (order["devices"], order["machines"]["n"], order["device"]) == (16, 2, "cuda")
    assert order["base"] == str((root.models / "p" / "base").resolve())
    assert json.loads((run.path / "run.json").read_text())["base"].startswith("../")
    assert "sbatch launch/slurm.sbatch" in back.text and f"THERE:DATA/p/runs/{run.id}/" in back.text
    assert [part.split("/./")[1] for part in back.value["carry"]] == ["p THERE:DATA/",
                                                                      "models/p/base THERE:DATA/"]
    assert run.state() == "stopped"
