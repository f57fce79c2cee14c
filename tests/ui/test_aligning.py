"""After a text has changed its words are looked for in the background, where somebody asked for that."""
from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from core.config import DataRoot
from core.errors import Unavailable
from core.library import Library
from core.steps import align
from tests.made import library
from ui import aligning


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []

    def realign(lib: Library, project: object, clip_id: str) -> None:
        seen.append(clip_id)
        if clip_id == "ended":
            raise Unavailable("The helper ended.")
        if clip_id == "odd":
            raise KeyError("odd")

    monkeypatch.setattr(align, "realign", realign)
    monkeypatch.setattr(aligning, "_at_work", {})
    return seen


def until(seen: list[str], n: int) -> list[str]:
    end = time.monotonic() + 5
    while len(seen) < n and time.monotonic() < end:
        time.sleep(0.01)
    return seen


def test_without_a_beginning_nobody_is_asked(data_root: DataRoot, asked: list[str]) -> None:
    lib, project = library(data_root)
    aligning.later(lib, project, "a")
    aligning.begin(lib)
    aligning.later(lib, project, "b")
    assert until(asked, 1) == ["b"]


def test_one_that_fails_does_not_stop_the_next(data_root: DataRoot, asked: list[str]) -> None:
    lib, project = library(data_root)
    aligning.begin(lib)
    for clip in ("ended", "odd", "fine"):
        aligning.later(lib, project, clip)
    assert until(asked, 3) == ["ended", "odd", "fine"]


def test_a_run_that_needs_the_machine_comes_first(
    data_root: DataRoot, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lib, project = library(data_root)
    cards = [SimpleNamespace(state="running")]
    monkeypatch.setattr(aligning.listing, "runs", lambda root: cards)
    aligning.begin(lib)
    aligning.later(lib, project, "a")
    time.sleep(0.1)
    cards.clear()
    aligning.later(lib, project, "b")
    assert until(asked, 1) == ["b"]
