"""The line of waiting runs: people change it, workers keep to it, and two apps start no run twice."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from core.config import REPOSITORY, DataRoot
from core.errors import BadInput, NotFound, Refused
from core.locks import FileLock
from core.run_dir import SPAWN_GRACE, RunDir
from core.runs import line as lines
from core.runs import places, queue, spawning
from core.runs import start as starting
from core.runs.start import respawn_queued, resume, stop, wait

MakeRun = Callable[..., RunDir]

APP = """
import sys
from pathlib import Path
from core.config import DataRoot
from core.runs.start import respawn_queued
sys.stdin.readline()
print(len(respawn_queued(DataRoot(Path(sys.argv[1])))), flush=True)
"""


def order_of(data: DataRoot) -> list[str]:
    return [each.card.id for each in lines.line(data)]


def _until(true: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def test_the_oldest_is_first_until_a_person_moves_one(make_run: MakeRun, data_root: DataRoot) -> None:
    a, b, c = (make_run("train") for _ in range(3))
    assert order_of(data_root) == [a.id, b.id, c.id]
    lines.move(data_root, c.id, 1)
    assert order_of(data_root) == [c.id, a.id, b.id]
    lines.move(data_root, c.id[-6:], 99)
    assert order_of(data_root) == [a.id, b.id, c.id]
    d = make_run("train")
    assert order_of(data_root)[-1] == d.id, "one that comes later waits behind those that were moved"
    lines.move(data_root, d.id, 2)
    assert order_of(data_root) == [a.id, d.id, b.id, c.id]
    stop(b)
    assert [(each.card.id, each.place) for each in lines.line(data_root)] == [(a.id, 1), (d.id, 2), (c.id, 3)]


def test_each_says_for_whom_it_waits_and_another_device_waits_for_nobody(
    make_run: MakeRun, data_root: DataRoot
) -> None:
    working, first, second = (make_run("train") for _ in range(3))
    other, both = make_run("train", device="cuda:1"), make_run("train", device="cuda:0", devices=2)
    make_run("transcribe")
    lock = working.acquire()
    working.write_status("running")
    found = {each.card.id: each for each in lines.line(data_root)}
    assert list(found) == [first.id, second.id, other.id, both.id]
    assert [each.behind for each in found.values()] == [working.id, first.id, "", other.id]
    assert found[both.id].devices == ("cuda-0", "cuda-1")
    lock.release()


def test_what_does_not_wait_is_not_moved(make_run: MakeRun, data_root: DataRoot) -> None:
    done = make_run("train")
    done.write_status("done")
    with pytest.raises(BadInput, match="does not wait"):
        lines.move(data_root, done.id, 1)
    with pytest.raises(NotFound):
        lines.move(data_root, "nobody", 1)
    assert not places.path_of(data_root).exists()


@pytest.mark.parametrize("content", ["{oh", "3", '{"a": 1}'])
def test_a_damaged_file_leaves_the_order_to_age(content: str, make_run: MakeRun, data_root: DataRoot) -> None:
    a, b = make_run("train"), make_run("train")
    lines.move(data_root, b.id, 1)
    places.path_of(data_root).write_text(content)
    assert order_of(data_root) == [a.id, b.id]
    lines.move(data_root, b.id, 1)
    assert order_of(data_root) == [b.id, a.id]


def test_two_who_change_it_at_once_take_turns(
    make_run: MakeRun, data_root: DataRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "PATIENCE", 0.1)
    run = make_run("train")
    data_root.locks.mkdir()
    held = FileLock.try_take(data_root.locks / "queue")
    assert held
    with pytest.raises(Refused, match="changed by somebody else"):
        lines.move(data_root, run.id, 1)
    held.release()
    assert lines.move(data_root, run.id, 1)[0].card.id == run.id


def test_a_worker_lets_the_one_pass_that_was_moved_before_it(
    make_run: MakeRun, data_root: DataRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "POLL", 0.02)
    older, younger = make_run("train"), make_run("train")
    lines.move(data_root, younger.id, 1)
    queue.take_turn(younger, younger.order()).release()
    older.request_stop()
    with pytest.raises(queue.Stopped):
        queue.take_turn(older, older.order())
    older.clear_stop()
    ahead, _ = queue._rivals(older, older.order(), data_root, {"cpu"})
    assert [run.id for run in ahead] == [younger.id]


def test_one_of_several_devices_that_is_taken_leaves_the_others_free(data_root: DataRoot) -> None:
    data_root.locks.mkdir()
    paths = [data_root.locks / name for name in ("a", "b")]
    taken = FileLock.try_take(paths[1])
    assert taken and queue.Turn.try_take(paths) is None
    taken.release()
    turn = queue.Turn.try_take(paths)
    assert turn and FileLock.try_take(paths[0]) is None
    turn.release()


def test_the_places_outlive_the_app(
    make_run: MakeRun, data_root: DataRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawned: list[str] = []
    monkeypatch.setattr(starting, "spawn", lambda run, python=None: spawned.append(run.id))
    a, b, c = (make_run("train") for _ in range(3))
    lines.move(data_root, c.id, 1)
    later = time.time() + SPAWN_GRACE + 10
    monkeypatch.setattr("core.run_dir.time.time", lambda: later)
    assert [run.id for run in respawn_queued(data_root)] == spawned == [c.id, a.id, b.id]


@pytest.mark.budget(30)
def test_two_apps_that_start_at_once_give_each_run_one_worker(make_run: MakeRun, data_root: DataRoot) -> None:
    data_root.locks.mkdir()
    turn = FileLock.try_take(queue.lock_path(data_root, "cpu"))  # so that the workers wait, without torch
    assert turn
    runs = [make_run("train") for _ in range(2)]
    command = [sys.executable, "-c", APP, str(data_root.path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    apps = [subprocess.Popen(command, text=True, cwd=REPOSITORY, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for app in apps:
        app.stdin.write("\n")
        app.stdin.flush()
    n_started = sum(int(app.communicate(timeout=20)[0]) for app in apps)
    assert n_started == 2, "between them, not each"
    assert _until(lambda: all("Waiting for" in run.status().message for run in runs))
    assert respawn_queued(data_root) == [], "a third finds nothing to do"
    for run in runs:
        assert len(re.findall(r"worker \d+", run.log.read_text())) == 1
        stop(run)
    assert [wait(run, 20) for run in runs] == ["stopped", "stopped"]
    turn.release()


def test_a_worker_on_its_way_is_not_doubled(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spawning, "PATIENCE", 0.2)
    run = make_run("train")
    code = "import sys, time; sys.stdout.write('up'); sys.stdout.flush(); time.sleep(60)"
    monkeypatch.setattr(spawning, "arguments", lambda run, order, machine=None: ["-c", code])
    spawning.spawn(run)
    assert spawning.is_on_its_way(run)
    later = time.time() + SPAWN_GRACE + 10
    with monkeypatch.context() as patch:
        patch.setattr("core.run_dir.time.time", lambda: later)
        assert run.state() == "queued", "on a busy machine Python takes its time"
    with pytest.raises(Refused, match="start or end just now"):
        spawning.spawn(run)
    run.write_status("stopped")
    with pytest.raises(Refused, match="start or end just now"):
        resume(run)
    assert run.status().state == "stopped", "refused before anything was changed"
    import psutil

    child = next(p for p in psutil.Process().children() if code in p.cmdline())
    child.kill()
    assert _until(lambda: not spawning.is_on_its_way(run), 5)
