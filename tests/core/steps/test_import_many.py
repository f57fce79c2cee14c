"""Ten thousand files: the worker's memory does not grow with their number."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.config import DataRoot
from core.run_dir import RunDir
from core.runs import start as runs
from core.steps.importing import brought, start_import
from core.steps.ingest import ingest
from tests.made import library, wav

N_FILES = 10_000
ROOT = Path(__file__).resolve().parents[3]
MEASURE = """
import json, resource, sys
from pathlib import Path
from core.run_dir import RunDir
from core.runs import worker
worker.work(RunDir(Path(sys.argv[1])))
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
"""


@pytest.fixture
def many(tmp_path: Path) -> Callable[[int], Path]:
    """`many(n)`: a folder of n tiny WAV files, each of another sound, half of them with a transcript."""

    def make(n: int) -> Path:
        folder = tmp_path / str(n)
        data = bytearray(wav(folder / "0" / "00000.wav", 0.05).read_bytes())
        for i in range(1, n):
            data[60:64] = i.to_bytes(4, "little")
            path = folder / str(i // 1000) / f"{i:05d}.wav"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            if i % 2:
                segments = [{"start": 0, "end": 0.04, "text": f"number {i}",
                             "words": [{"word": "number", "start": 0, "end": 0.02}]}]
                path.with_suffix(".json").write_text(json.dumps({"segments": segments[: i % 4]}))
        for i in range(n // 20):
            os.link(folder / "0" / f"{i:05d}.wav", folder / "0" / f"twin{i:05d}.wav")
        return folder

    return make


def measured(run: RunDir) -> int:
    """Do the run in a process of its own; the most memory that it held, in bytes."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(run.path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.slow
def test_ten_thousand_files_take_no_more_memory_than_a_few(
    data_root: DataRoot, many: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch,
    figure: Callable[[str], None],
) -> None:
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    lib, project = library(data_root, "few", "many")
    few = measured(start_import(lib, project, [many(20)]))
    project = lib.projects.get("many")
    folder = many(N_FILES)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run = start_import(lib, project, [folder])
    growth = measured(run) - few
    assert growth < 200e6
    figure(f"import: the worker held {growth / 1e6:.0f} MB more for {N_FILES:,} files than for 20.")
    assert ingest(lib, project) == N_FILES
    assert brought(run).n_duplicates == N_FILES // 20
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * (1 if sys.platform == "darwin" else 1024) < 200e6
    began = time.monotonic()
    assert ingest(lib) == 20 and ingest(lib) == 0
    assert time.monotonic() - began < 20
