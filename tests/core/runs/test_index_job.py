"""An index as a run: what it writes, how it is stopped, and that it goes on without reading again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.audio import index
from core.run_dir import RunDir
from core.runs import worker
from core.runs.jobs.index import FOUND, TABLE
from core.runs.start import requeue
from tests.corpora import bare_flac, libri_light

MakeRun = Callable[..., RunDir]


def test_a_line_a_file_and_the_sums(make_run: MakeRun, tmp_path: Path) -> None:
    libri_light(tmp_path / "in")
    run = make_run("index", folder=str(tmp_path / "in"))
    worker.work(run)
    assert run.status().state == "done" and run.status().message == "3 files, 0.2 hours."
    rows = [json.loads(line) for line in (run.path / TABLE).read_text().splitlines()]
    assert {Path(row["path"]).name: row["duration"] for row in rows} == {
        "emma_64kb_01.flac": 600.0, "sea_fairies_01.flac": 30.0, "x_01.flac": 1.5
    }
    assert all((run.path / row["path"]).is_file() for row in rows)
    assert json.loads((run.path / FOUND).read_text())["corpora"][0]["speakers"] == 2


def test_stopped_and_gone_on_with_no_file_is_read_twice(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(600):
        bare_flac(tmp_path / "in" / f"{number // 200}" / f"{number}.flac", 1.0)
    run, read, peek = make_run("index", folder=str(tmp_path / "in")), list[str](), index.peek

    def peeked(path: str, size: int) -> tuple[int, int, int]:
        read.append(path)
        if len(read) == 250:
            run.request_stop()
        return peek(path, size)

    monkeypatch.setattr(index, "peek", peeked)
    worker.work(run)
    assert run.status().state == "stopped" and "Stopped by you after" in run.status().message
    assert 250 <= len(read) < 600 and not (run.path / FOUND).exists()
    requeue(run)
    worker.work(run)
    assert run.status().state == "done" and len(read) == len(set(read)) == 600


def test_a_folder_that_is_gone_is_told(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run("index", folder=str(tmp_path / "gone"))
    worker.work(run)
    assert run.status().state == "failed" and "There is no folder" in run.status().message
