"""One training run at a time on a device, oldest first; who waits says for whom, and hears Stop."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from core.config import REPOSITORY, DataRoot
from core.run_dir import RunDir
from core.runs import queue
from core.runs.jobs import Stopped

MakeRun = Callable[..., RunDir]

HOLD = """
import sys
from pathlib import Path
from core.locks import FileLock
for path in sys.argv[1:]:
    if FileLock.try_take(Path(path)) is None:
        sys.exit("taken: " + path)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_by_another(*paths: object) -> Iterator[None]:
    """Another process has these locks."""
    command = [sys.executable, "-c", HOLD, *map(str, paths)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=REPOSITORY, **pipes) as process:
        assert process.stdout and process.stdin
        assert process.stdout.readline() == "held\n"
        yield
        process.stdin.close()


def _until(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def _turn_in_background(run: RunDir) -> tuple[threading.Thread, list[object]]:
    got: list[object] = []

    def wait() -> None:
        try:
            got.append(queue.take_turn(run, run.order()))
        except Stopped as stop:
            got.append(stop)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread, got


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look more often than a worker does."""
    monkeypatch.setattr(queue, "POLL", 0.02)


def test_alone_it_goes_at_once(make_run: MakeRun, data_root: DataRoot) -> None:
    run = make_run("train")
    lock = queue.take_turn(run, run.order())
    assert queue.lock_path(data_root, "cpu").exists()
    lock.release()


def test_the_younger_waits_for_the_older_by_name(make_run: MakeRun) -> None:
    older, younger = make_run("train"), make_run("train")
    with held_by_another(older.path / "lock"):
        thread, got = _turn_in_background(younger)
        assert _until(lambda: younger.status().message == f"Waiting for {older.id}.")
        assert younger.status().state == "queued" and not got
        turn = queue.take_turn(older, older.order())  # the older one does not wait for the younger
        turn.release()
        older.write_status("done")
    thread.join(5)
    assert len(got) == 1 and not isinstance(got[0], Stopped)
    got[0].release()  # type: ignore[attr-defined]


def test_a_run_whose_worker_is_only_starting_keeps_its_place(make_run: MakeRun) -> None:
    older, younger = make_run("train"), make_run("train")
    thread, got = _turn_in_background(younger)
    assert _until(lambda: older.id in younger.status().message) and not got
    older.write_status("failed")
    thread.join(5)
    assert len(got) == 1
    got[0].release()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "order", "state"),
    [("transcribe", {}, "queued"), ("train", {"device": "cuda:1"}, "queued"), ("train", {}, "running")],
    ids=["another kind", "another device", "lost"],
)
def test_who_is_not_waited_for(kind: str, order: dict[str, str], state: str, make_run: MakeRun) -> None:
    other = make_run(kind, **order)
    other.write_status(state)  # type: ignore[arg-type]
    run = make_run("train")
    queue.take_turn(run, run.order()).release()


def test_the_device_is_waited_for_and_stop_is_heard(make_run: MakeRun, data_root: DataRoot) -> None:
    run = make_run("train")
    data_root.locks.mkdir()
    with held_by_another(queue.lock_path(data_root, "cpu")):
        thread, got = _turn_in_background(run)
        assert _until(lambda: "which another run holds" in run.status().message)
        run.request_stop()
        thread.join(5)
    assert len(got) == 1 and isinstance(got[0], Stopped) and "waited" in got[0].where


def test_an_older_run_waits_for_a_younger_one_that_is_at_it(make_run: MakeRun, data_root: DataRoot) -> None:
    resumed, younger = make_run("train"), make_run("train")
    younger.write_status("running")
    data_root.locks.mkdir()
    with held_by_another(younger.path / "lock", queue.lock_path(data_root, "cpu")):
        thread, got = _turn_in_background(resumed)
        assert _until(lambda: resumed.status().message == f"Waiting for {younger.id}.")
    thread.join(5)
    assert len(got) == 1
    got[0].release()  # type: ignore[attr-defined]


def test_device_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [queue.device_key(d) for d in ("cpu", "mps", "cuda", "cuda:3")] == [
        "cpu",
        "mps",
        "cuda-0",
        "cuda-3",
    ]
    monkeypatch.setattr(queue.sys, "platform", "darwin")
    monkeypatch.setattr(queue.platform, "machine", lambda: "arm64")
    assert queue.device_key("auto") == "mps"
    monkeypatch.setattr(queue.sys, "platform", "linux")
    monkeypatch.setattr(queue.metadata, "version", lambda _: "2.13.0+cpu")
    assert queue.device_key("auto") == "cpu"
    monkeypatch.setattr(queue.metadata, "version", lambda _: "2.13.0")
    monkeypatch.setattr(queue.Path, "exists", lambda path: str(path) == "/dev/nvidia0")
    assert queue.device_key("auto") == "cuda-0"


def test_the_lock_names_the_machine(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue.socket, "gethostname", lambda: "box.lan/../x")
    assert queue.lock_path(data_root, "cuda:1") == data_root.locks / "box-lan-x-cuda-1"
