"""The delay pattern, there and back."""

from __future__ import annotations

import numpy as np
import pytest

from core.modelling.delay import delayed, undelayed


def test_each_codebook_begins_one_column_later() -> None:
    frames = np.array([[1, 2, 3], [4, 5, 6]])
    assert delayed(frames, -1, -2).tolist() == [[1, -1, -1], [4, 2, -1], [-2, 5, 3], [-2, -2, 6]]


@pytest.mark.parametrize("n", [0, 1, 2, 7, 40])
@pytest.mark.parametrize("codebooks", [1, 3, 8])
def test_there_and_back_nothing_is_lost(n: int, codebooks: int) -> None:
    frames = np.random.default_rng(n).integers(0, 1024, (n, codebooks))
    columns = delayed(frames, 1024, 1025)
    assert columns.shape == (n + codebooks - 1, codebooks)
    assert np.array_equal(undelayed(columns), frames)


def test_fewer_columns_than_codebooks_hold_no_frame() -> None:
    assert undelayed(np.zeros((3, 8), np.int64)).shape == (0, 8)
