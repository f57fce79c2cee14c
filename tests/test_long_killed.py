"""kill -9 in each stage of a long alignment: asked for again, it goes on, and ends with the same segments."""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.config import REPOSITORY, DataRoot
from core.run_dir import RunDir
from core.runs import listing
from tools import long_speech

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="no espeak-ng")]
STAGES = {
    "hearing": lambda said: said.startswith("Hearing") and " 0.0 of" not in said,
    "looking": lambda said: said.startswith("Looking"),
    "cutting": lambda said: said.startswith("Cutting"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    long_speech.make(folder, 0.05, seed=3)
    return folder


def command(made: Path, out: Path) -> subprocess.Popen[str]:
    """The command, in a process of its own."""
    files = [str(made / "recording.wav"), str(made / "text.txt")]
    given = [sys.executable, "app.py", "align", *files, "--out", str(out), "--set", "max_rate=6"]
    return subprocess.Popen(given, cwd=REPOSITORY, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)


def finished(made: Path, out: Path) -> list[dict[str, object]]:
    process = command(made, out)
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 0, said
    rows = [json.loads(line) for line in (out / "segments.jsonl").read_text().splitlines()]
    return rows


def run_in(out: Path, until: float = 120) -> RunDir:
    """The run that the command has begun."""
    end = time.monotonic() + until
    while time.monotonic() < end:
        if found := listing.runs(DataRoot(out), "align", "segment"):
            return found[0].run
        time.sleep(0.05)
    raise AssertionError("no run was begun")


def killed(run: RunDir, is_there: Callable[[str], bool], until: float = 300) -> str:
    """Kill the worker as soon as its status says that it is there; what it said then."""
    end = time.monotonic() + until
    while time.monotonic() < end:
        status = run.status()
        if is_there(status.message):
            os.kill(worker(run), signal.SIGKILL)
            return status.message
        assert status.state in ("queued", "running"), status
        time.sleep(0.01)
    raise AssertionError(f"it never came so far: {run.status()}")


def worker(run: RunDir) -> int:
    for process in Path("/proc").iterdir():
        try:
            words = (process / "cmdline").read_bytes().split(b"\0") if process.name.isdigit() else []
        except OSError:
            continue
        if b"core.runs.worker" in words and str(run.path.resolve()).encode() in words:
            return int(process.name)
    raise AssertionError("no worker")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks the worker up in /proc")
def test_killed_in_each_stage_it_goes_on(made: Path, tmp_path: Path) -> None:
    whole = finished(made, tmp_path / "whole")
    assert len(whole) > 10
    pieces = sorted(path.name for path in (tmp_path / "whole" / ".cache").rglob("*.npy"))
    for stage, is_there in STAGES.items():
        out = tmp_path / stage
        process = command(made, out)
        run = run_in(out)
        killed(run, is_there)
        assert process.wait(timeout=60) != 0  # the command says that the run was lost
        heard = {path.name: path.stat().st_mtime_ns for path in (out / ".cache").rglob("*.npy")}
        assert heard
        assert finished(made, out) == whole
        again = {path.name: path.stat().st_mtime_ns for path in (out / ".cache").rglob("*.npy")}
        assert sorted(again) == pieces
        assert sum(again[name] != at for name, at in heard.items()) <= 1  # of the piece that it was at
        assert len(listing.runs(DataRoot(out), "align", "segment")) == 1
