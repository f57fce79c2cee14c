"""Several processes by the same door: the weights of one, one stop for all, no orphan when one is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from core import manifest
from core.config import DataRoot
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.runs.machines import Machines
from core.runs.spawning import spawn
from core.runs.start import resume, start, stop, wait
from core.stamps import stamp_of
from core.types import Row
from tests.corpora import spoken_libri_light
from tests.tiny_moshi import make_moshi

Order = Callable[..., dict[str, Any]]
QUIET = {"eval_every": 1000, "sample_every": 1000, "save_every": 1000, "rank": 2, "alpha": 4.0, "lr": 0.01}


@pytest.fixture
def order(own_base: Callable[..., Path], tiny_data: Path) -> Order:
    """`order(options, **more)`: training on a tiny base without dropout, whose randomness goes by process."""
    base = own_base()
    config = json.loads((base / "config.json").read_text())
    config.update({name: 0.0 for name in config if name.endswith("dropout")})
    (base / "config.json").write_text(json.dumps(config))

    def made(options: dict[str, Any], **more: Any) -> dict[str, Any]:
        given = {"family": "ctc", "base": str(base), "dataset": str(tiny_data), "device": "cpu"}
        return {**given, "way": "start", "options": {**QUIET, **options}, **more}

    return made


def _until(true: Callable[[], bool], seconds: float = 90.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def _processes(run: RunDir) -> list[psutil.Process]:
    """All that work for a run: the launcher and its processes."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(run.path) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def _rank(run: RunDir, number: int) -> psutil.Process:
    return next(p for p in _processes(run) if p.environ().get("RANK") == str(number))


def _launcher(run: RunDir) -> psutil.Process:
    return next(p for p in _processes(run) if "torch.distributed.run" in p.cmdline())


def _steps(run: RunDir) -> list[int]:
    return [row["step"] for row in run.history() if row["kind"] == "step"]


def _weights(run: RunDir, step: int) -> dict[str, Any]:
    return folders.read_tensors(run.checkpoints / f"step-{step:06d}", folders.ADAPTER)


@pytest.mark.slow
def test_two_processes_get_the_weights_of_one_with_twice_the_accumulation(
    data_root: DataRoot, order: Order
) -> None:
    """Sums over the processes: nothing but rounding may differ, by 1e-4 at most."""
    import torch

    one = start(data_root, "p", "train", order({"steps": 4, "batch_size": 2, "accumulation": 2}))
    two = start(data_root, "p", "train", order({"steps": 4, "batch_size": 4, "accumulation": 1}, devices=2))
    assert wait(one, 180) == "done", one.log_tail()
    assert wait(two, 180) == "done", two.log_tail()
    assert _steps(one) == _steps(two) == [1, 2, 3, 4], "the first process alone writes"
    mine, other = _weights(one, 4), _weights(two, 4)
    assert all(torch.allclose(other[name], mine[name], atol=1e-4) for name in mine)
    state = folders.read_state(two.checkpoints / "step-000004")
    assert state["world"] == 2 and state["threads"] == max(1, (os.cpu_count() or 1) // 2)
    assert (two.path / "verdict.json").exists(), "the verdict comes after the others have left"
    assert _until(lambda: not _processes(two))


@pytest.mark.slow
def test_stop_kill_and_resume_of_two_processes(data_root: DataRoot, order: Order) -> None:
    options = {"steps": 100_000, "batch_size": 4, "save_every": 5}
    run = start(data_root, "p", "train", order(options, devices=2))
    assert _until(lambda: len(_steps(run)) > 6), run.log_tail()

    _rank(run, 0).send_signal(signal.SIGKILL)
    assert _until(lambda: run.state() == "lost", 30)
    resume(run)  # waits until those of before have ended
    assert len(_processes(run)) <= 1, "no orphan: only the new launcher"
    n = len(run.events()[0])
    assert _until(lambda: any(row["kind"] == "step" for row in run.events()[0][n:])), run.log_tail()
    assert any(row["kind"] == "attempt" and row["from_step"] >= 5 for row in run.events()[0])

    _launcher(run).send_signal(signal.SIGKILL)
    assert _until(lambda: not _processes(run), 30), "without a launcher all end"
    # lost when the first process ends at once, failed when it still sees the second one end
    assert _until(lambda: run.state() in ("lost", "failed"), 30)

    resume(run)
    n = len(run.events()[0])
    assert _until(lambda: any(row["kind"] == "step" for row in run.events()[0][n:])), run.log_tail()
    stop(run)
    assert wait(run, 60) == "stopped" and "Stopped by you at step" in run.status().message
    assert folders.is_whole(folders.chosen(run.path, "last"))
    assert _until(lambda: not _processes(run))


@pytest.mark.slow
def test_two_machines_meet_at_the_address_that_the_file_names(data_root: DataRoot, order: Order) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    first, second = (Machines(2, 2, rank, "127.0.0.1", port) for rank in (0, 1))
    given = order({"steps": 3, "batch_size": 4}, machines=asdict(first))
    run = start(data_root, "p", "train", given)
    assert _until(lambda: len(_processes(run)) >= 1) and _steps(run) == []
    spawn(run, machine=second)
    assert wait(run, 180) == "done", run.log_tail()
    assert folders.read_state(run.checkpoints / "step-000003")["world"] == 2


@pytest.mark.slow
def test_a_clip_that_one_process_misses_is_named_and_the_step_is_that_of_the_others(
    data_root: DataRoot, tmp_path: Path
) -> None:
    """Of a corpus, in a family whose loss has several terms: a process without a clip still adds up with the
    others, and whoever leads names what another one misses."""
    import torch

    base, data = make_moshi(tmp_path / "tiny-moshi"), tmp_path / "set"
    paths = spoken_libri_light(tmp_path / "ll", [1.6, 1.6, 1.6, 1.6, 1.6])
    rows = [Row(path.parts[-3], str(path), 0.0, 1.6, 16_000, "", "val" if n == 0 else "train",
                stamp=stamp_of(path)) for n, path in enumerate(paths)]
    manifest.write(data, rows)
    broken = bytearray(paths[2].read_bytes())
    broken[-400:] = bytes(400)
    paths[2].write_bytes(broken)
    options = {**QUIET, "steps": 4, "batch_size": 2, "hears_user": False, "text_weight": 0.0, "samples": 0,
               "adapter_dropout": 0.0}
    order = {"family": "moshi", "base": str(base), "dataset": str(data), "device": "cpu", "way": "start",
             "options": options}
    one, two = start(data_root, "p", "train", order), start(data_root, "p", "train", {**order, "devices": 2})
    assert wait(one, 180) == "done", one.log_tail()
    assert wait(two, 180) == "done", two.log_tail()
    for run in (one, two):
        assert [row["ids"] for row in run.history() if row["kind"] == "skipped"] == [["102"]]
    mine, other = _weights(one, 4), _weights(two, 4)
    assert all(torch.allclose(other[name], mine[name], atol=1e-4) for name in mine)
