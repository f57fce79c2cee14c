"""Candidates: every rare word has its pairs, frequent words do not explode, and runs and rarity weigh."""
from __future__ import annotations

import random

import numpy as np
import pytest

from core.alignment.matching import Pairs, candidates, pairs
from core.alignment.weights import alone, runs


def listed(found: Pairs) -> list[tuple[int, int]]:
    return list(zip(found.text.tolist(), found.heard.tolist(), strict=True))


def test_equal_and_similar_words_are_paired_and_others_are_not() -> None:
    found = candidates(["meeting", "of", "councillors", ""], ["of", "meting", "", "weather", "off"])
    assert listed(found) == [(0, 1), (1, 0)]
    assert found.similarity.tolist() == pytest.approx([12 / 13, 1.0])
    assert listed(candidates(["meeting", "of"], ["of", "meting"], threshold=1.0)) == [(1, 0)]
    assert len(candidates(["meeting"], ["meting"], threshold=0.95)) == 0


def test_without_words_there_are_no_pairs() -> None:
    for text, heard in (([], ["a"]), (["a"], []), ([], []), (["", ""], ["", ""])):
        assert len(candidates(text, heard)) == 0


def zipf(rng: np.random.Generator, n: int, n_words: int = 4000) -> list[str]:
    share = 1 / np.arange(1, n_words + 1)
    return [f"w{at}x" for at in rng.choice(n_words, n, p=share / share.sum())]


def test_frequent_words_make_no_millions_of_pairs_and_no_rare_word_is_lost() -> None:
    text = zipf(np.random.default_rng(0), 6000)
    found = candidates(text, text, threshold=1.0, limit=60_000)
    everything = sum(text.count(word) ** 2 for word in set(text))
    assert len(found) <= 60_000 and found.left_out == everything - len(found) > 500_000
    own = set(found.text[found.text == found.heard].tolist())
    assert all(at in own for at, word in enumerate(text) if text.count(word) <= 3)
    assert len(own) > 0.97 * len(text)  # the frequent ones by their neighbours


def test_a_text_of_frequent_words_alone_is_told_apart_by_its_neighbours() -> None:
    text = [random.Random(at).choice("abcde") * 3 for at in range(3000)]
    found = candidates(text, text[500:2500], threshold=1.0, limit=40_000)
    true = set(zip(range(500, 2500), range(2000), strict=True))
    assert len(found) <= 40_000 and len(true & set(listed(found))) > 0.95 * len(true)


def test_of_too_many_similar_pairs_the_telling_ones_stay() -> None:
    text = [f"{a}{b}{c}at" for a in "bcdfg" for b in "bcdfg" for c in "bcdfg"] + ["government"]
    heard = [f"{a}{b}{c}ut" for a in "bcdfg" for b in "bcdfg" for c in "bcdfg"] + ["goverment"]
    found = candidates(text, heard, limit=2000)
    assert len(found) <= 2000 and found.left_out > 0
    assert {(at, at) for at in range(126)} <= set(listed(found))


def test_an_anchor_that_a_person_placed_pairs_with_its_word_alone() -> None:
    words = ["no", "one", "no", "two", "no"]
    found = candidates(words, words, placed={4: 2})
    assert [pair for pair in listed(found) if pair[0] == 2 or pair[1] == 4] == [(2, 4)]
    assert (0, 0) in listed(found) and (4, 2) in listed(found)


def test_the_order_of_pairs_does_not_matter_and_the_better_of_two_stays() -> None:
    rng = np.random.default_rng(1)
    text, heard = rng.integers(0, 20, 300), rng.integers(0, 30, 300)
    similarity = rng.uniform(0.55, 1, 300)
    one = pairs(text, heard, similarity, 20, 30)
    order = rng.permutation(300)
    other = pairs(text[order], heard[order], similarity[order], 20, 30)
    assert listed(one) == listed(other) == sorted(set(zip(text.tolist(), heard.tolist(), strict=True)))
    assert np.array_equal(one.similarity, other.similarity)
    at = listed(one)[7]
    twice = [s for s, *pair in zip(similarity, text, heard, strict=True) if tuple(pair) == at]
    assert one.similarity[7] == max(twice)


@pytest.mark.budget(40)  # numba compiles when it comes first
def test_a_run_may_skip_a_word_on_either_side_and_no_more() -> None:
    text = np.array([0, 1, 3, 4, 7, 1, 40])
    heard = np.array([5, 6, 8, 10, 11, 9, 0])
    assert runs(text, heard).tolist() == [4, 4, 4, 4, 1, 1, 1]
    assert runs(np.arange(50), np.arange(50)).max() == 8


def test_rare_similar_and_accompanied_pairs_weigh_more() -> None:
    words = ["the", "tin", "the", "moon", "the", "sea", "the", "sun"]
    heard = ["the", "x", "the", "moom", "y", "sun", "z", "sea"]
    found = candidates(words, heard)
    weight = dict(zip(listed(found), (alone(found) * runs(found.text, found.heard)).tolist(), strict=True))
    assert weight[7, 5] > weight[0, 2] > 0  # a rare word against a frequent one
    assert weight[2, 2] > weight[2, 0]  # the same word in a run
    assert weight[2, 2] > weight[4, 2]
