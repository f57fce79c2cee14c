"""Locks across processes and within one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import REPOSITORY
from core.errors import Unavailable
from core.locks import FileLock, is_held

HOLD = """
import sys, time
from pathlib import Path
from core.locks import FileLock
assert FileLock.try_take(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""

LOOK = """
import sys
from pathlib import Path
from core.locks import is_held
sys.exit(is_held(Path(sys.argv[1])))
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds `tmp_path/lock`."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    with process:
        assert process.stdout and process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_lock_of_another_process_is_seen_until_it_dies(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    path = tmp_path / "lock"
    assert is_held(path) and FileLock.try_take(path) is None
    os.kill(holder.pid, signal.SIGSTOP)
    assert is_held(path), "asleep is not dead"
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert not is_held(path)
    lock = FileLock.try_take(path)
    assert lock is not None
    lock.release()


def test_looking_at_its_own_lock_does_not_lose_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = FileLock.try_take(path)
    assert lock is not None
    assert is_held(path) and FileLock.try_take(path) is None  # a second handle, closed, would free it
    look = [sys.executable, "-c", LOOK, str(path)]
    assert subprocess.run(look, check=False, cwd=REPOSITORY).returncode == 1
    lock.release()
    lock.release()
    assert not is_held(path)
    again = FileLock.try_take(path)
    assert again is not None
    again.release()


def test_a_lock_that_is_not_there_is_free(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_disk_without_locks_gets_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.lockf", no_locks)
    with pytest.raises(Unavailable, match="cannot lock files"):
        FileLock.try_take(tmp_path / "lock")
