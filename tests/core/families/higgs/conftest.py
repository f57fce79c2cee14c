"""A tiny Higgs-Audio v2 that every test may read and none may change, with takes of two speakers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import manifest
from core.cache import ArrayCache
from core.families import named
from core.families.base import Example, Prepared
from core.families.base.options import LoopOptions
from core.families.higgs import HiggsFamily
from core.training.corpus import Corpus
from tests.tiny_higgs import make_higgs, make_takes

TEXTS = ("one two", "three")


@pytest.fixture(scope="session")
def family() -> HiggsFamily:
    found: HiggsFamily = named("higgs")
    return found


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_higgs(tmp_path_factory.mktemp("higgs") / "tiny")


@pytest.fixture(scope="session")
def takes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two texts by each of two speakers, in train, val and test."""
    folder = tmp_path_factory.mktemp("higgs-takes") / "set"
    return make_takes(folder, TEXTS, ("Ada", "Bo"), ("train", "val", "test"))


@pytest.fixture(scope="session")
def options(family: HiggsFamily) -> Callable[..., LoopOptions]:
    """Options for takes of 0.4 s, exact on the processor."""

    def of(**more: Any) -> LoopOptions:
        return family.options(**{"least_reference": 0.1, "half_base": False, "gradient_checkpointing": False,
                                 "batch_size": 2, "accumulation": 1, "rank": 4, "alpha": 8.0, **more})

    return of


@pytest.fixture(scope="session")
def prepared(family: HiggsFamily, base: Path) -> Prepared:
    return family.prepare([], base, family.options())


@pytest.fixture(scope="session")
def pairs(
    family: HiggsFamily, base: Path, takes: Path, prepared: Prepared, options: Callable[..., LoopOptions],
    tmp_path_factory: pytest.TempPathFactory,
) -> list[Example]:
    """The training takes of `takes` as pairs of the first epoch."""
    rows = [row for row in manifest.read(takes) if row.split == "train"]
    cache = ArrayCache(tmp_path_factory.mktemp("higgs-cache"))
    return Corpus(family, rows, takes, base, prepared, cache, options()).examples()
