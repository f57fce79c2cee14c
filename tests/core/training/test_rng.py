"""Generators: captured, restored, and left alone by a look."""

from __future__ import annotations

import json
import random

import numpy as np

from core.training import rng


def draw() -> list[float]:
    """One number from each generator, and a normal one, of which half is kept back."""
    import torch

    return [
        random.random(),
        random.gauss(0, 1),
        float(np.random.rand()),
        float(np.random.randn()),
        float(torch.rand(())),
        float(torch.randn(())),
    ]


def test_what_comes_after_a_restore_is_what_came_after_the_capture() -> None:
    rng.seed_all(5)
    draw()
    tensors, held = rng.capture()
    expected = [draw(), draw()]
    rng.seed_all(6)
    rng.restore(tensors, json.loads(json.dumps(held)))
    assert [draw(), draw()] == expected


def test_a_seed_decides_all() -> None:
    rng.seed_all(5)
    one = draw()
    rng.seed_all(5)
    assert draw() == one
    rng.seed_all(6)
    assert not set(draw()) & set(one)


def test_a_look_leaves_no_trace() -> None:
    rng.seed_all(5)
    expected = draw()
    rng.seed_all(5)
    with rng.untouched():
        draw()
    assert draw() == expected
