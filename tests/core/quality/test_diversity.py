"""Variety of codes: known by counting, and a loop is told from speech."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.quality.diversity import Diversity, diversity, silence_loop

RATE = 25.0


def codes(*books: list[int]) -> np.ndarray:
    return np.array(books, np.int64).T


def test_the_figures_are_those_that_one_counts_by_hand() -> None:
    one, two = diversity(codes([5, 5, 5, 1], [0, 1, 2, 3]), 1024)
    assert one == Diversity(2 / 4, pytest.approx(-(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))), 3)
    assert two == Diversity(1.0, pytest.approx(2.0), 1)
    (all_of_four,) = diversity(codes([0, 1, 2, 3] * 5), 4)
    assert all_of_four.distinct_share == 1.0 and all_of_four.longest_run == 1


def test_no_frames_have_no_variety_and_a_code_outside_is_a_mistake() -> None:
    assert diversity(np.zeros((0, 2), np.int64), 8) == (Diversity(0.0, 0.0, 0),) * 2
    for wrong in (codes([8]), codes([-1]), np.zeros(3, np.int64)):
        with pytest.raises(ValueError, match="codes"):
            diversity(wrong, 8)


def speech(n: int, books: int = 8) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 1024, (n, books))


@pytest.mark.parametrize("n_stuck", range(9))
def test_a_loop_is_told_where_half_of_the_codebooks_are_stuck(n_stuck: int) -> None:
    made = speech(100)
    made[40:70, :n_stuck] = 7
    found = silence_loop(diversity(made, 1024), 100, RATE)
    assert (found is not None) == (n_stuck >= 4)
    if found:
        assert found.code == "silence_loop" and found.value == pytest.approx(30 / RATE)
        assert f"{n_stuck} of 8 codebooks" in found.sentence and "1.2 s" in found.sentence


def test_a_few_codes_in_turn_are_a_loop_too() -> None:
    made = np.tile(codes([1, 2, 3, 4], [5, 6, 7, 8]), (25, 1))
    assert silence_loop(diversity(made, 1024), 100, RATE) is not None


def test_a_short_sound_and_a_pause_within_speech_are_none() -> None:
    assert silence_loop(diversity(codes([1] * 20), 1024), 20, RATE) is None
    made = speech(200)
    made[50:70] = 7  # 0.8 s
    assert silence_loop(diversity(made, 1024), 200, RATE) is None
