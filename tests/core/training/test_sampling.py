"""The order of clips: each once an epoch, the same for the same seed and epoch, like lengths together."""

from __future__ import annotations

import numpy as np
import pytest

from core.training.sampling import Drawn, split

SECONDS = np.random.default_rng(0).uniform(1, 10, 45).tolist()


def windows(seconds: list[float], size: int, seed: int, epoch: int) -> list[list[int]]:
    """All windows of an epoch."""
    return list(Drawn(seconds, size, seed, epoch))


@pytest.mark.parametrize(("n", "size"), [(45, 8), (8, 8), (3, 8), (1, 1), (17, 4)])
def test_every_clip_comes_once_an_epoch(n: int, size: int) -> None:
    found = windows(SECONDS[:n], size, 7, 0)
    assert sorted(i for window in found for i in window) == list(range(n))
    assert sorted(map(len, found), reverse=True) == [size] * (n // size) + ([n % size] if n % size else [])


def test_seed_and_epoch_decide() -> None:
    assert windows(SECONDS, 8, 7, 3) == windows(SECONDS, 8, 7, 3)
    assert windows(SECONDS, 8, 7, 3) != windows(SECONDS, 8, 7, 4)
    assert windows(SECONDS, 8, 7, 3) != windows(SECONDS, 8, 8, 3)


def test_like_lengths_are_together() -> None:
    def padding(groups: list[list[int]]) -> float:
        return sum(max(SECONDS[i] for i in g) * len(g) for g in groups) / sum(SECONDS)

    by_chance = split(np.random.default_rng(1).permutation(45).tolist(), 8)
    assert padding(windows(SECONDS, 8, 7, 0)) < 0.85 * padding(by_chance)


def test_the_mixture_changes_from_epoch_to_epoch() -> None:
    mixtures = {frozenset(window) for epoch in range(5) for window in windows(SECONDS, 8, 7, epoch)}
    assert len(mixtures) > 20


def test_splitting_keeps_the_order() -> None:
    assert split([5, 3, 1, 4, 2], 2) == [[5, 3], [1, 4], [2]]
    assert split([], 3) == []


def test_a_window_is_found_by_its_number_alone() -> None:
    """The order that was drawn all at once before windows were put together one by one: a run that was saved
    then goes on with the very clips."""
    assert windows(SECONDS[:11], 2, 7, 3) == [[2, 1], [9], [7, 4], [10, 5], [3, 8], [6, 0]]
    assert Drawn(SECONDS, 8, 7, 0)[3] == windows(SECONDS, 8, 7, 0)[3]
