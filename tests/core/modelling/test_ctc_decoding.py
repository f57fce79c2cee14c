"""From logits to words: collapse, blanks, times and scores."""

from __future__ import annotations

import numpy as np
import pytest

from core.modelling.ctc_decoding import Alphabet, emissions, mean_score, words
from core.types import Word

LETTERS = Alphabet({1: "|", 2: "a", 3: "b", 4: "<unk>"}, blank=0, delimiter=1, silent=frozenset({0, 4}))


def logits_of(path: list[int], sure: float = 10.0) -> np.ndarray:
    """Logits (frames, 5) whose best path is `path`."""
    found = np.zeros((len(path), 5), np.float32)
    found[np.arange(len(path)), path] = sure
    return found


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ([2, 2, 3], ["ab"]),
        ([2, 0, 2], ["aa"]),
        ([2, 2, 2], ["a"]),
        ([0, 0, 0], []),
        ([2, 1, 3], ["a", "b"]),
        ([1, 2, 1, 1, 0, 1, 3, 1], ["a", "b"]),
        ([2, 4, 3], ["ab"]),
        ([1, 1], []),
    ],
)
def test_the_best_path_is_collapsed_into_words(path: list[int], text: list[str]) -> None:
    assert [w.text for w in words(logits_of(path), LETTERS, 0.02)] == text


def test_a_word_lasts_from_its_first_letter_to_its_last() -> None:
    one, two = words(logits_of([0, 0, 2, 2, 3, 0, 1, 0, 3, 3]), LETTERS, 0.02)
    assert (one.start, one.end) == (0.04, 0.1)
    assert (two.start, two.end) == (0.16, 0.2)


def test_no_frames_give_no_words() -> None:
    assert words(np.zeros((0, 5), np.float32), LETTERS, 0.02) == ()


def test_a_sure_word_scores_higher_than_a_guess() -> None:
    sure, guess = (
        words(logits_of([2, 3], 9.0), LETTERS, 0.02)[0],
        words(logits_of([2, 3], 0.5), LETTERS, 0.02)[0],
    )
    assert sure.score is not None and guess.score is not None
    assert 0.99 < sure.score <= 1.0
    assert guess.score == pytest.approx(np.exp(0.5) / (np.exp(0.5) + 4), abs=1e-3)


def test_emissions_hold_their_frames() -> None:
    found = emissions(logits_of([2, 2, 0, 2, 3]), LETTERS)
    assert [(e.token, e.start, e.end) for e in found] == [(2, 0, 2), (2, 3, 4), (3, 4, 5)]


def test_the_score_of_a_clip_weighs_words_by_their_length() -> None:
    assert mean_score(()) is None
    assert mean_score((Word("a", 0, 1, 1.0), Word("bbb", 1, 2, 0.0))) == 0.25
