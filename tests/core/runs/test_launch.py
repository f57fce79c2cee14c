"""A run for other machines: the files that start it, its paths, two processes by accelerate."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.config import REPOSITORY, STARTER, DataRoot
from core.errors import BadInput, Refused
from core.modelling import checkpoint_folder as folders
from core.order_paths import outside, portable, resolved
from core.run_dir import RunDir
from core.runs.jobs.evaluate import base_of
from core.runs.launch.files import ACCELERATE, SHELL, SLURM
from core.runs.launch.making import FOLDER, machines, make, next_steps
from core.runs.launch.ready import main, ready
from core.runs.machines import Machines, from_accelerate
from core.runs.spawning import spawn
from core.runs.start import respawn_queued, resume


def made(data: DataRoot, n: int = 2, each: int = 4, **more: Any) -> RunDir:
    """A run with base and dataset below the data root."""
    order = {"family": "ctc", "base": str(data.models / "base"), "dataset": str(data.project("p") / "d"),
             "device": "cuda", "machines": asdict(machines(n, each)), "devices": n * each, **more}
    return make(data, "p", "train", order)


def test_paths_hold_wherever_the_data_folder_is_taken(data_root: DataRoot, tmp_path: Path) -> None:
    run = made(data_root, regression=None, parent=str(data_root.runs("p") / "other"))
    there = tmp_path / "there"
    shutil.copytree(data_root.path, there)
    order = RunDir(there / run.path.relative_to(data_root.path)).order()
    assert order["base"] == str(there / "models" / "base") and order["dataset"] == str(there / "p" / "d")
    assert order["parent"] == str(there / "p" / "runs" / "other") and order["regression"] is None
    assert run.order()["base"] == str(data_root.models / "base")


def test_the_starter_is_that_of_the_app_and_what_lies_outside_is_told(data_root: DataRoot) -> None:
    run = made(data_root, base=str(STARTER), adapter="/elsewhere/a")
    written = json.loads((run.path / "run.json").read_text())
    assert written["base"] == "app:models/starter" and run.order()["base"] == str(STARTER)
    assert next_steps(data_root, run).same_there == ["/elsewhere/a"]


def test_an_order_with_names_or_whole_paths_is_left_alone(tmp_path: Path) -> None:
    order = {"base": "starter", "dataset": "/a/b", "kind": "transcribe"}
    assert resolved(order, tmp_path) == order
    assert outside(portable({"dataset": "/a/b"}, tmp_path / "p/runs/r", tmp_path)) == ["/a/b"]


def test_the_files_say_what_accelerate_and_slurm_want(data_root: DataRoot) -> None:
    run = made(data_root, n=3, each=8)
    config = yaml.safe_load((run.path / FOLDER / ACCELERATE).read_text())
    assert (config["num_machines"], config["num_processes"]) == (3, 24)
    assert from_accelerate(run.path / FOLDER / ACCELERATE).machines.here == 8, "it can be read back"
    slurm = (run.path / FOLDER / SLURM).read_text()
    asked = {line.split()[1] for line in slurm.splitlines() if line.startswith("#SBATCH")}
    assert {"--nodes=3", "--ntasks-per-node=1", "--gpus-per-node=8", "--requeue"} <= asked
    for name in (SHELL, SLURM):
        checked = subprocess.run(["bash", "-n", run.path / FOLDER / name], capture_output=True, text=True)
        assert (checked.returncode, checked.stderr) == (0, "")
    cpu = (made(data_root, device="cpu").path / FOLDER / SLURM).read_text()
    assert "--gpus" not in cpu


def test_slurm_starts_each_machine_with_its_rank_and_the_name_of_the_first(
    data_root: DataRoot, tmp_path: Path
) -> None:
    """With stand-ins for Slurm's own programs and for Python, which tell what they are given."""
    run, programs = made(data_root, n=2, each=2), tmp_path / "bin"
    programs.mkdir()
    stand_ins = {
        "scontrol": "echo node-a; echo node-b",
        "srun": 'shift; for n in 0 1; do SLURM_NODEID=$n "$@"; done',
        "python": 'echo "$@" >> "$CALLS"',
    }
    for name, does in stand_ins.items():
        (programs / name).write_text(f"#!/usr/bin/env bash\n{does}\n")
        (programs / name).chmod(0o755)
    calls = tmp_path / "calls"
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "SLURM_SUBMIT_DIR": str(run.path),
           "SLURM_JOB_NODELIST": "node-[a-b]", "VOICEWRIGHT": str(REPOSITORY), "CALLS": str(calls),
           "PYTHON": str(programs / "python")}
    script = tmp_path / "spooled"  # Slurm runs a copy
    shutil.copy(run.path / FOLDER / SLURM, script)
    subprocess.run(["bash", script], env=env, check=True, capture_output=True)
    said = calls.read_text().splitlines()
    assert said[0] == f"-m core.runs.launch.ready {run.path}", "queued once, on the first machine"
    assert [line.split()[line.split().index("--machine_rank") + 1] for line in said[1:]] == ["0", "1"]
    assert all("--main_process_ip node-a" in line and line.endswith(f"core.runs.worker {run.path}")
               for line in said[1:])
    elsewhere = subprocess.run(["bash", script], env={**env, "SLURM_SUBMIT_DIR": str(tmp_path)},
                               capture_output=True, text=True)
    assert elsewhere.returncode == 1 and "Submit this from the run folder" in elsewhere.stderr


def test_nothing_here_starts_it_and_it_is_queued_there_once(data_root: DataRoot) -> None:
    run = made(data_root)
    assert run.state() == "stopped" and "elsewhere" in run.status().message
    assert respawn_queued(data_root) == []
    assert main([str(run.path)]) == 0 and run.status().state == "queued"
    ready(run)  # submitted again before a worker came
    run.finish("done", "Trained.")
    assert main([str(run.path)]) == 1
    with pytest.raises(Refused, match="is done"):
        ready(run)
    other = made(data_root)
    for begin in (resume, spawn):
        with pytest.raises(Refused, match="made to be started elsewhere"):
            begin(other)
    assert other.state() == "stopped" and Machines.of(other.order()).elsewhere


@pytest.mark.parametrize(("n", "each"), [(0, 1), (1, 0), (2, 65)])
def test_numbers_that_make_no_run_are_refused(n: int, each: int) -> None:
    with pytest.raises(BadInput, match="at least one machine"):
        machines(n, each)


@pytest.mark.slow
def test_two_processes_train_it_elsewhere_and_it_comes_home(
    data_root: DataRoot, own_base: Callable[..., Path], tiny_data: Path, tmp_path: Path
) -> None:
    shutil.copytree(own_base(), data_root.models / "base")
    shutil.copytree(tiny_data, data_root.project("p") / "d")
    options = {"steps": 4, "batch_size": 4, "eval_every": 1000, "sample_every": 1000, "save_every": 2,
               "rank": 2, "alpha": 4.0, "lr": 0.01}
    run = made(data_root, 1, 2, device="cpu", way="start", options=options)
    there, away = tmp_path / "there", data_root.path.with_name("away")
    shutil.copytree(data_root.path, there)
    data_root.path.rename(away)  # what is looked for at the old place is not found
    own = run.path.relative_to(data_root.path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    env = {**os.environ, "VOICEWRIGHT": str(REPOSITORY), "PYTHON": sys.executable, "VOICEWRIGHT_PORT": port}
    done = subprocess.run(["bash", there / own / FOLDER / SHELL], env=env, capture_output=True, text=True,
                          timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    away.rename(data_root.path)
    shutil.rmtree(run.path)
    shutil.copytree(there / own, run.path)
    shutil.rmtree(there)
    assert run.state() == "done", run.status().message
    assert folders.read_state(folders.chosen(run.path, "last"))["world"] == 2
    assert [row["step"] for row in run.history() if row["kind"] == "step"] == [1, 2, 3, 4]
    assert (run.path / "verdict.json").exists()
    assert base_of(run) == str(data_root.models / "base")
    assert main([str(run.path)]) == 1, "there is nothing left to do"
