"""Tiny Moshi models and conversations that every test may read and none may change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.run_dir import RunDir
from tests.tiny_moshi import make_moshi, make_talks

NewRun = Callable[..., RunDir]
TALKS = [("six", "one"), ("one two", "four"), ("three", "two"), ("six", "one")]
"""The first is held out, and sounds as the last one does."""


@pytest.fixture(scope="session")
def moshi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_moshi(tmp_path_factory.mktemp("moshi") / "tiny-moshi")


@pytest.fixture(scope="session")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Conversations in two channels, with word times."""
    return make_talks(tmp_path_factory.mktemp("talks") / "set", TALKS)


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sounds of one channel, without any text."""
    return make_talks(tmp_path_factory.mktemp("alone") / "set", [(left, None) for left, _ in TALKS])


@pytest.fixture(scope="session")
def new_run(tmp_path_factory: pytest.TempPathFactory, moshi: Path, talks: Path) -> NewRun:
    """`new_run(options, **order)`: a run on the tiny model and its conversations."""
    home = tmp_path_factory.mktemp("runs") / "project" / "runs"

    def run(options: dict[str, Any] | None = None, **order: Any) -> RunDir:
        quiet = {"steps": 4, "batch_size": 2, "rank": 4, "alpha": 8, "warmup_steps": 1, "lr": 0.01,
                 "weight_decay": 0.0, "eval_every": 100, "sample_every": 100, "save_every": 100,
                 "samples": 1, "first_codebook_weight": 1.0}
        given = {"family": "moshi", "base": str(moshi), "dataset": str(talks), "device": "cpu",
                 "way": "start"}
        return RunDir.create(home, "train", {**given, **order, "options": {**quiet, **(options or {})}})

    return run
