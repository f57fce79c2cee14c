"""Tiny Kyutai models that every test may read and none may change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.tiny_kyutai import SHAPE, make_kyutai

Kyutai = Callable[[str], Path]


@pytest.fixture(scope="session")
def kyutai(tmp_path_factory: pytest.TempPathFactory) -> Kyutai:
    """`kyutai(layout)`: the tiny model in that layout, made once; the same numbers in all three."""
    made: dict[str, Path] = {}

    def folder(layout: str) -> Path:
        if layout not in made:
            made[layout] = make_kyutai(tmp_path_factory.mktemp("kyutai") / f"tiny-{layout}", layout)
        return made[layout]

    return folder


@pytest.fixture(scope="session")
def input_ids() -> torch.Tensor:
    """(2, 9, 9): the start, then eight frames of random text and codes."""
    drawn = torch.Generator().manual_seed(1)
    text = torch.randint(SHAPE.text, (2, 8, 1), generator=drawn)
    codes = torch.randint(SHAPE.audio, (2, 8, SHAPE.codebooks), generator=drawn)
    start = torch.tensor([SHAPE.text] + [SHAPE.audio] * SHAPE.codebooks).expand(2, 1, -1)
    return torch.cat([start, torch.cat([text, codes], 2)], 1)
