"""Runs for the tests of this room: a data root, a way to put a job in the table, a tiny CTC model."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from core.config import DataRoot
from core.run_dir import RunDir
from core.runs.jobs import JOBS, Job

MakeRun = Callable[..., RunDir]


@pytest.fixture
def make_run(data_root: DataRoot) -> MakeRun:
    """A queued run of any kind in project "p", without a worker."""

    def make(kind: str = "transcribe", **order: Any) -> RunDir:
        return RunDir.create(data_root.runs("p"), kind, {"device": "cpu", **order})

    return make


@pytest.fixture
def put_job(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Job], None]:
    """Let a kind of run be done by a function of the test."""

    def put(kind: str, job: Job) -> None:
        monkeypatch.setitem(sys.modules, f"job_{kind}", types.SimpleNamespace(run_job=job))
        monkeypatch.setitem(JOBS, kind, f"job_{kind}:run_job")

    return put
