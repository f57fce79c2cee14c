"""From letters on a path to word edges: late models are put right, edges move to pauses, nothing overlaps."""
from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.alignment.borrowed import borrow
from core.alignment.words import settle, speech_runs
from core.types import Word

RUNS = [(0.5, 1.4), (1.8, 2.6)]


def test_a_model_that_writes_late_is_put_right() -> None:
    letters = [(0.7, 0.9), (1.25, 1.4), (2.0, 2.3)]  # 0.2 s late
    assert settle(letters, RUNS, 3.0) == [(0.5, 1.03), (1.03, 1.4), (1.8, 2.6)]


def test_an_edge_moves_to_the_pause_beside_it_and_no_further() -> None:
    letters = [(0.5, 1.0), (1.72, 2.0), (2.4, 2.5)]
    assert settle(letters, RUNS, 3.0) == [(0.5, 1.4), (1.8, 2.4), (2.4, 2.6)]


@pytest.mark.parametrize("first", [0.2, 1.2])
def test_letters_before_the_speech_or_far_behind_its_onset_are_taken_as_they_are(first: float) -> None:
    assert settle([(first, 1.3)], RUNS, 3.0)[0][0] == first


def test_words_follow_each_other_and_end_within_the_clip() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        starts = np.sort(rng.uniform(0, 2.8, 9))
        found = settle([(s, s + 0.02) for s in starts.tolist()], RUNS, 3.0)
        flat = [edge for span in found for edge in span]
        assert all(a <= b + 1e-9 for a, b in pairwise(flat)) and flat[-1] <= 3.2
        assert all(end > start for start, end in found)


def test_no_words_and_no_speech() -> None:
    assert settle([], RUNS, 3.0) == []
    assert settle([(0.4, 0.6)], [], 3.0) == [(0.4, 3.0)]


def test_pauses_divide_speech_and_the_closure_of_a_stop_does_not() -> None:
    rng = np.random.default_rng(1)
    sound = rng.normal(0, 1e-4, 32000)
    for start, end in ((0.5, 0.9), (0.94, 1.2), (1.5, 1.8)):
        place = slice(int(start * 16000), int(end * 16000))
        sound[place] += rng.normal(0, 0.1, place.stop - place.start)
    runs = speech_runs(sound.astype(np.float32), 16000)
    assert np.allclose(runs, [(0.5, 1.2), (1.5, 1.8)], atol=0.03)


OWN = (Word("Order,", 0.0, 0.4), Word("1296", 0.5, 2.1), Word("please.", 2.2, 2.6))


def test_the_words_of_a_number_share_its_time() -> None:
    found = borrow("order, one two nine six please", OWN)
    assert [word.text for word in found] == ["order,", "one", "two", "nine", "six", "please"]
    assert (found[0].end, found[1].start, found[4].end, found[5].start) == (0.4, 0.5, 2.1, 2.2)
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(found))


@pytest.mark.parametrize("text", ["hello order please", "order please thank you", "something else", "order"])
def test_every_word_has_a_place_in_order(text: str) -> None:
    found = borrow(text, OWN)
    assert [word.text for word in found] == text.split()
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(found))
    assert all(0 <= word.start <= word.end <= 2.6 for word in found)


def test_without_words_there_is_nothing_to_borrow() -> None:
    assert borrow("order", ()) == () and borrow(" ", OWN) == ()
