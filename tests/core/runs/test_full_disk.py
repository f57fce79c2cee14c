"""A disk that is really full: a small tmpfs, where the system lets a test mount one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataRoot
from core.run_dir import RunDir
from core.runs import start as starting
from core.runs import worker
from core.runs.jobs import Job
from core.runs.start import resume

PutJob = Callable[[str, Job], None]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 96 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=96k", "none", str(place)]
    if os.name != "posix" or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this system lets nobody mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_run_on_a_full_disk_says_so_and_goes_on_when_there_is_room(
    small_disk: Path, put_job: PutJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def job(run: RunDir, order: dict[str, Any]) -> None:
        for n in range(len(run.results()[0]), 20):
            run.report(f"Clip {n + 1} of 20.", n / 20)
            run.add_results([{"item": n, "text": "x" * 2000}])
        run.report("20 clips transcribed.", 1.0)

    put_job("transcribe", job)
    monkeypatch.setattr(starting, "spawn", lambda run, python=None: None)
    data = DataRoot(small_disk)
    run = RunDir.create(data.runs("p"), "transcribe", {"device": "cpu"})
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 60_000)

    assert worker.work(run) == 0
    status, rows = run.status(), run.results()[0]
    assert status.state == "failed" and "disk is full" in status.message.lower(), status
    assert 0 < len(rows) < 20

    filler.unlink()
    resume(run)
    assert worker.work(run) == 0
    assert run.state() == "done" and [row["item"] for row in run.results()[0]] == list(range(20))
