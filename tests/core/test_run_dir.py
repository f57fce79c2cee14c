"""The run folder tells the truth: states, stop, events that a later attempt repeats, a full disk."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from core import files
from core.errors import NotFound, StudioError
from core.run_dir import SPAWN_GRACE, RunDir, without_superseded


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    """A fresh run."""
    return RunDir.create(tmp_path / "p" / "runs", "train", {"device": "cpu"})


def _full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)


def _age(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.time() + SPAWN_GRACE + 1
    monkeypatch.setattr("core.run_dir.time.time", lambda: later)


def test_a_new_run_has_its_order_and_is_queued(run: RunDir) -> None:
    order = run.order()
    assert (order["kind"], order["device"]) == ("train", "cpu") and order["order"] > 0
    assert run.state() == "queued" and run.id.split("-")[1] == "train"
    later = RunDir.create(run.path.parent, "train", {})
    assert later.order()["order"] > order["order"] and later.id != run.id


def test_running_without_a_lock_is_lost_and_with_it_is_running(run: RunDir) -> None:
    run.write_status("running", "Step 3", 0.3)
    assert run.state() == "lost"
    lock = run.acquire()
    assert run.state() == "running"
    lock.release()
    assert run.state() == "lost"
    run.write_status("done")
    assert run.state() == "done"


def test_queued_without_a_worker_is_lost_in_time(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    _age(run, monkeypatch)
    assert run.state() == "lost"
    lock = run.acquire()
    assert run.state() == "queued", "a worker that waits in the queue holds the lock"
    lock.release()


def test_a_second_taker_is_refused_by_name(run: RunDir) -> None:
    lock = run.acquire()
    with pytest.raises(StudioError, match=run.id):
        run.acquire(patience=0.1)
    lock.release()
    run.acquire(patience=0).release()


def test_stop_is_a_file(run: RunDir) -> None:
    assert not run.stop_requested()
    run.request_stop()
    assert RunDir(run.path).stop_requested()
    run.clear_stop()
    run.clear_stop()
    assert not run.stop_requested()


def test_no_run_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"run\.json"):
        RunDir(tmp_path).order()


def test_a_full_disk_costs_the_picture_only(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    run.report("Step 1", 0.1, 9.0, {"loss": 2.0})
    with monkeypatch.context() as patch:
        _full_disk(patch)
        run.report("Step 2", 0.2)
        assert run.status().message == "Step 1"
        run.finish("failed", "The disk is full.")
    status = run.status()
    assert (status.state, status.message) == ("failed", "The disk is full.")
    assert (status.progress, status.figures, status.seconds_left) == (0.1, {"loss": 2.0}, None)
    assert sorted(os.listdir(run.path)) == ["checkpoints", "run.json", "status.json"]


def test_a_longer_last_word_fits_over_a_shorter_one(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    run.report("x")
    _full_disk(monkeypatch)
    run.finish("failed", "größer " * 50)
    assert run.status().message == "größer " * 50


def test_done_is_whole(run: RunDir) -> None:
    run.report("All", 0.98, 3.0, {"n": 3})
    run.finish("done", "All")
    status = run.status()
    assert (status.state, status.progress, status.seconds_left, status.figures) == (
        "done",
        1.0,
        None,
        {"n": 3},
    )


def test_history_drops_what_a_later_attempt_does_again(run: RunDir) -> None:
    for step in (1, 2, 3):
        run.event("step", step, loss=float(step))
    run.event("phase", 0, name="a")
    run.event("attempt", 0, from_step=1)
    run.event("step", 2, loss=20.0)
    steps = [(row["step"], row["loss"]) for row in run.history() if row["kind"] == "step"]
    assert steps == [(1, 1.0), (2, 20.0)]
    assert [row["kind"] for row in run.history()].count("phase") == 1
    assert len(run.events()[0]) == 6, "the file itself only grows"


def test_warnings_and_phases_are_never_superseded() -> None:
    rows = [
        {"kind": "warning", "step": 5},
        {"kind": "eval", "step": 5},
        {"kind": "attempt", "step": 0, "from_step": 0},
    ]
    assert [row["kind"] for row in without_superseded(rows)] == ["warning", "attempt"]


def test_the_tail_of_the_log(run: RunDir) -> None:
    assert run.log_tail() == ""
    run.log.write_bytes(b"".join(b"line %d\n" % n for n in range(500)) + b"\xff\n")
    tail = run.log_tail(3).splitlines()
    assert tail[:2] == ["line 498", "line 499"] and len(tail) == 3
