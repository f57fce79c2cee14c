"""Tiny Whispers that every test may read and none may change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tiny_whisper import make_whisper

WhisperMaker = Callable[[str], Path]


@pytest.fixture(scope="session")
def whisper_base(tmp_path_factory: pytest.TempPathFactory) -> WhisperMaker:
    """`whisper_base(kind)`: plain, or english (an .en one)."""
    made: dict[str, Path] = {}

    def base(kind: str = "plain") -> Path:
        if kind not in made:
            folder = tmp_path_factory.mktemp("whispers") / f"tiny-{kind}"
            made[kind] = make_whisper(folder, english=kind == "english")
        return made[kind]

    base("plain")
    return base
