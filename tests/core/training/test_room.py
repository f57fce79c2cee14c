"""A disk that is full in the middle of a run: it waits, says so, goes on by itself, and can be stopped."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import Unavailable
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training import room
from core.training.loop import train

RunMaker = Callable[..., RunDir]
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this system lets nobody mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def filled(small_disk: Path, new_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> RunDir:
    """A run on the small disk, which is full to 8 kB once the first checkpoint is written."""
    monkeypatch.setattr(room, "BETWEEN", 0.02)
    order = {**new_run({"steps": 4, "save_every": 2}).order(), "cache": str(small_disk.parent / "cache")}
    run, tell = RunDir.create(small_disk / "p" / "runs", "train", order), RunDir.event

    def fill(self: RunDir, kind: str, step: int = 0, **values: Any) -> None:
        tell(self, kind, step, **values)
        if (kind, step) == ("step", 3):
            stat = os.statvfs(small_disk)
            (small_disk / "filler").write_bytes(b"x" * (stat.f_bavail * stat.f_frsize - 8192))

    monkeypatch.setattr(RunDir, "event", fill)
    return run


def paused(monkeypatch: pytest.MonkeyPatch, what: Callable[[int], None]) -> None:
    """At every wait for room `what` is done with its number."""
    real, waits = room.Room._wait, []

    def wait(self: room.Room) -> None:
        waits.append(1)
        what(len(waits))
        real(self)

    monkeypatch.setattr(room.Room, "_wait", wait)


def test_a_run_on_a_full_disk_waits_and_goes_on(
    filled: RunDir, small_disk: Path, new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def make_room(n: int) -> None:
        said.append(filled.status().message)
        assert folders.is_whole(folders.chosen(filled.path, "last"))
        assert not list(filled.checkpoints.glob("*.tmp"))
        if n == 3:
            (small_disk / "filler").unlink()

    paused(monkeypatch, make_room)
    assert train(filled, filled.order()).ended == "done"
    assert len(said) == 3 and said[-1].startswith("The disk is full: the run is paused")
    warned = [row["sentence"] for row in filled.history() if row["kind"] == "warning"]
    assert len(warned) == 1 and "waited" in warned[0]
    whole = new_run({"steps": 4, "save_every": 2})
    train(whole, whole.order())
    one, other = (folders.read_tensors(run.checkpoints / "step-000004", folders.ADAPTER)
                  for run in (filled, whole))
    assert all(one[name].equal(other[name]) for name in one)


def test_a_wish_to_stop_is_heard_while_it_waits(filled: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    paused(monkeypatch, lambda n: filled.request_stop() if n == 2 else None)
    result = train(filled, filled.order())
    assert (result.ended, result.step) == ("stopped", 2)
    filled.finish("stopped", "Stopped by you at step 2.")
    assert filled.status().message == "Stopped by you at step 2."
    assert folders.names(filled.path) == ["step-000002"]


def test_the_wait_has_an_end(filled: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(room.time, "monotonic", lambda: clock.append(clock[-1] + 600) or clock[-1])
    with pytest.raises(Unavailable, match="no room was made in 60 minutes"):
        train(filled, filled.order())
    assert folders.names(filled.path) == ["step-000002"] and not list(filled.checkpoints.glob("*.tmp"))


def test_another_fault_is_not_waited_for(new_run: RunMaker) -> None:
    def broken() -> None:
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        room.Room(new_run(), minutes=60).keep_trying(broken)
