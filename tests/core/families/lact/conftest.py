"""Tiny LaCT runs on made clips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.families import named
from core.run_dir import RunDir
from core.training.loop import train
from tests.core.conftest import make_dataset

LACT = named("lact")
TEXTS = ["six", "one two", "six", "three", "four five"]
"""The first is held out, and sounds as another does."""
QUIET: dict[str, Any] = {"batch_size": 2, "accumulation": 2, "warmup_steps": 3, "eval_every": 100,
                         "sample_every": 100, "save_every": 100, "schedule": "constant"}
RunMaker = Callable[..., RunDir]


@pytest.fixture(scope="session")
def lact_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("lact-data") / "set", TEXTS, n_val=1)


@pytest.fixture(scope="session")
def lact_run(tmp_path_factory: pytest.TempPathFactory, lact_data: Path) -> RunMaker:
    """`lact_run(options, **order)`: the order of a run from scratch."""
    home = tmp_path_factory.mktemp("lact-runs") / "project" / "runs"

    def run(options: dict[str, Any] | None = None, **order: Any) -> RunDir:
        given = {"family": "lact", "base": str(LACT.blank()), "dataset": str(lact_data), "device": "cpu",
                 "way": "start", "options": {**QUIET, **(options or {})}}
        return RunDir.create(home, "train", {**given, **order})

    return run


@pytest.fixture(scope="session")
def learned(lact_run: RunMaker) -> RunDir:
    """A run that knows its clips by heart."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    run = lact_run({"steps": 26, "batch_size": 4, "accumulation": 1, "lr": 4e-3, "time_masks": 0,
                    "frequency_masks": 0, "tempo": 0.0})
    train(run, run.order())
    torch.set_num_threads(before)
    return run
