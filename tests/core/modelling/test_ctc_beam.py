"""The beam against all paths, one by one."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest

from core.alignment.viterbi import log_likelihood
from core.modelling.ctc_beam import log_softmax, search


def every(log_probs: np.ndarray, blank: int) -> dict[tuple[int, ...], float]:
    """Every text with the logarithm of the summed probability of all its paths."""
    sums: dict[tuple[int, ...], float] = defaultdict(float)
    n_frames, n_tokens = log_probs.shape
    for path in itertools.product(range(n_tokens), repeat=n_frames):
        text = tuple(token for token, _ in itertools.groupby(path) if token != blank)
        sums[text] += math.exp(sum(log_probs[t, token] for t, token in enumerate(path)))
    return {text: math.log(total) for text, total in sums.items()}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("blank", [0, 2])
def test_a_wide_beam_finds_every_text_with_its_probability(seed: int, blank: int) -> None:
    log_probs = log_softmax(np.random.default_rng(seed).normal(0, 2, (5, 3)))
    expected = every(log_probs, blank)
    found = search(log_probs, beam=1000, blank=blank)
    assert {each.tokens for each in found} == set(expected)
    for each in found:
        assert each.log_probability == pytest.approx(expected[each.tokens], abs=1e-10)
        assert each.log_probability == pytest.approx(
            log_likelihood(log_probs.astype(np.float32), each.tokens, blank), abs=1e-4)
    ranked = sorted(expected.values(), reverse=True)
    assert [each.log_probability for each in found] == pytest.approx(ranked)


def test_it_finds_the_text_that_the_best_path_misses() -> None:
    """The best path is two blanks (0.36), but the ways to write one letter have more together (0.64)."""
    log_probs = np.log(np.array([[0.6, 0.4], [0.6, 0.4]]))
    assert log_probs.argmax(-1).tolist() == [0, 0]
    best = search(log_probs, beam=4)[0]
    assert best.tokens == (1,) and math.exp(best.log_probability) == pytest.approx(0.64)


@pytest.mark.parametrize("beam", [1, 2, 3])
def test_a_narrow_beam_keeps_as_many_and_claims_no_more_than_there_is(beam: int) -> None:
    for seed in range(8):
        log_probs = log_softmax(np.random.default_rng(seed).normal(0, 2, (6, 3)))
        expected, found = every(log_probs, 0), search(log_probs, beam)
        assert len(found) == beam
        assert all(each.log_probability <= expected[each.tokens] + 1e-10 for each in found)


def test_no_frame_is_no_text() -> None:
    assert [each.tokens for each in search(np.zeros((0, 4)), beam=3)] == [()]
