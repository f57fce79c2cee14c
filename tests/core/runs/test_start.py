"""Start, stop, resume and respawn; workers in processes of their own that are killed for real."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.config import REPOSITORY, DataRoot
from core.errors import Refused
from core.locks import FileLock
from core.run_dir import SPAWN_GRACE, RunDir
from core.runs import start as starting
from core.runs import worker
from core.runs.jobs import Job
from core.runs.queue import lock_path
from core.runs.start import respawn_queued, resume, start, stop, wait

MakeRun = Callable[..., RunDir]
PutJob = Callable[[str, Job], None]

PARENT = """
import sys, time
from pathlib import Path
from core.config import DataRoot
from core.runs.start import start
print(start(DataRoot(Path(sys.argv[1])), "p", "train", {"device": "cpu"}).id, flush=True)
time.sleep(60)
"""


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the runs for which a worker would have been spawned."""
    ids: list[str] = []
    monkeypatch.setattr(starting, "spawn", lambda run, python=None: ids.append(run.id))
    return ids


@pytest.fixture
def age(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let so long pass that a worker would have come up."""
    later = time.time() + SPAWN_GRACE + 10
    return lambda: monkeypatch.setattr("core.run_dir.time.time", lambda: later)


def _pid(run: RunDir) -> int:
    """The last worker of a run, from its log."""
    return int(re.findall(r"worker (\d+)", run.log.read_text())[-1])


def _until(true: Callable[[], bool], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_start_writes_the_order_and_spawns(data_root: DataRoot, spawned: list[str]) -> None:
    run = start(data_root, "numbers", "transcribe", {"model": "tiny", "items": []})
    assert run.path.parent == data_root.runs("numbers") and spawned == [run.id]
    assert run.order()["model"] == "tiny" and run.state() == "queued"
    with pytest.raises(ValueError, match="unknown kind"):
        start(data_root, "numbers", "divine", {})


def test_stop_without_a_worker_stops_at_once(make_run: MakeRun, spawned: list[str]) -> None:
    run = make_run()
    stop(run)
    assert (run.state(), run.status().message) == ("stopped", "Stopped by you before it began.")
    assert worker.work(run) == 1, "a worker that comes late leaves it stopped"
    with pytest.raises(Refused, match="it is stopped already"):
        stop(run)
    resume(run)
    assert run.state() == "queued" and not run.stop_requested() and spawned == [run.id]


def test_stop_leaves_the_end_to_a_living_worker(make_run: MakeRun) -> None:
    run = make_run()
    lock = run.acquire()
    stop(run)
    assert run.stop_requested() and run.status().state == "queued"
    lock.release()


@pytest.mark.parametrize(
    ("state", "may"), [("stopped", True), ("failed", True), ("running", True), ("done", False)]
)
def test_resume_is_for_what_ended_early(state: Any, may: bool, make_run: MakeRun, spawned: list[str]) -> None:
    run = make_run()
    run.write_status(state, "as it was", 0.4, figures={"loss": 1.0})
    run.request_stop()
    if not may:
        with pytest.raises(Refused, match="nothing to resume"):
            resume(run)
        assert spawned == [] and run.status().message == "as it was"
        return
    resume(run)
    status = run.status()
    assert (status.state, status.progress, status.figures) == ("queued", 0.4, {"loss": 1.0})
    assert spawned == [run.id] and not run.stop_requested() and not run.is_held()
    with pytest.raises(Refused, match="queued already"):
        resume(run)


def test_a_lost_run_that_was_queued_can_be_resumed(
    make_run: MakeRun, age: Callable[[], None], spawned: list[str]
) -> None:
    run = make_run()
    age()
    assert run.state() == "lost"
    with pytest.raises(Refused, match="it is lost"):
        stop(run)
    resume(run)
    assert spawned == [run.id]


def test_app_start_respawns_the_queued_in_their_order(
    make_run: MakeRun,
    data_root: DataRoot,
    age: Callable[[], None],
    spawned: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, lost, held = (make_run("train") for _ in range(4))
    lost.write_status("running")
    lock = held.acquire()
    age()
    assert first.state() == "lost" and held.state() == "queued"
    respawn_queued(data_root)
    assert spawned == [first.id, second.id]
    assert [run.state() for run in (first, second, lost, held)] == ["queued", "queued", "lost", "queued"]
    lock.release()


def test_waiting_gives_up_in_time(make_run: MakeRun) -> None:
    run = make_run()
    assert wait(run, 0.15) == "queued"
    run.write_status("failed")
    assert wait(run, 60) == "failed"


def test_a_job_that_was_stopped_goes_on(make_run: MakeRun, put_job: PutJob, spawned: list[str]) -> None:
    def job(run: RunDir, order: dict[str, Any]) -> None:
        run.add_results([{"item": len(run.results()[0])}])
        run.report(f"{len(run.results()[0])} done")
        if len(run.results()[0]) == 1:
            raise ValueError("once")

    put_job("transcribe", job)
    run = make_run()
    worker.work(run)
    assert run.state() == "failed"
    resume(run)
    worker.work(run)
    assert (run.state(), run.status().message) == ("done", "2 done")


@pytest.mark.budget(30)
def test_kill_of_the_parent_does_not_end_its_worker(data_root: DataRoot) -> None:
    data_root.locks.mkdir()
    turn = FileLock.try_take(lock_path(data_root, "cpu"))  # so that the worker waits, which needs no torch
    assert turn
    command = [sys.executable, "-c", PARENT, str(data_root.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as parent:
        assert parent.stdout
        run = RunDir(data_root.runs("p") / parent.stdout.readline().strip())
        assert _until(lambda: "Waiting for" in run.status().message)
        parent.kill()
    time.sleep(0.3)
    assert run.is_held() and run.state() == "queued"
    assert os.getsid(_pid(run)) == _pid(run), "a session of its own: no terminal's signal reaches it"
    stop(run)
    assert wait(run, 20) == "stopped" and "waited for its turn" in run.status().message
    assert _until(lambda: not run.is_held(), 5)
    turn.release()


@pytest.mark.budget(90)
def test_kill_in_the_middle_and_resume_gives_every_item_once(
    data_root: DataRoot, tiny_base: Callable[..., Path], tiny_data: Path
) -> None:
    items = [{"id": f"clip-{n}", "audio": str(tiny_data / f"{n % 12}.wav")} for n in range(48)]
    order = {"model": str(tiny_base()), "family": "ctc", "device": "cpu", "items": items}
    run = start(data_root, "p", "transcribe", order)
    assert _until(lambda: len(run.results()[0]) >= 3), run.log_tail()
    os.kill(_pid(run), signal.SIGSTOP)
    n_before = len(run.results()[0])
    with pytest.raises(Refused, match="perhaps asleep"):
        resume(run)
    assert run.state() == "running" and 3 <= n_before < len(items)
    os.kill(_pid(run), signal.SIGKILL)
    assert _until(lambda: run.state() == "lost", 5)
    with open(run.path / "results.jsonl", "a", encoding="utf-8") as file:
        file.write('{"item": "clip-')  # what a kill in the middle of a write leaves behind
    resume(run)
    assert wait(run, 60) == "done", run.log_tail()
    rows = run.results()[0]
    assert sorted(row["item"] for row in rows) == sorted(item["id"] for item in items)
    assert all("text" in row for row in rows) and run.status().figures == {"n": 48, "n_failed": 0}
    same = {row["item"]: row["text"] for row in rows}
    assert all(same[f"clip-{n}"] == same[f"clip-{n + 12}"] for n in range(36))
