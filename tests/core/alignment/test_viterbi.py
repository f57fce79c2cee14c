"""The CTC aligner is exact: against all paths where they can be counted, against a full trellis elsewhere."""
from __future__ import annotations

import itertools
import math

import numpy as np
import numpy.typing as npt
import pytest

from core.alignment.viterbi import align, frames_needed, log_likelihood
from core.errors import BadInput

Array = npt.NDArray[np.float32]


def emitted(rng: np.random.Generator, n_frames: int, n_tokens: int = 5) -> Array:
    """Random log-probabilities, each frame summing to one."""
    raw = rng.normal(0, 2, (n_frames, n_tokens))
    normal: Array = (raw - np.log(np.exp(raw).sum(1, keepdims=True))).astype(np.float32)
    return normal


def path_of(log_probs: Array, tokens: list[int]) -> list[int]:
    path = [0] * len(log_probs)
    for span in align(log_probs, tokens):
        path[span.start : span.end] = [span.token] * (span.end - span.start)
    return path


def score(log_probs: Array, path: list[int]) -> float:
    return float(sum(log_probs[frame, token] for frame, token in enumerate(path)))


def collapsed(path: tuple[int, ...] | list[int]) -> list[int]:
    return [token for token, _ in itertools.groupby(path) if token]


@pytest.mark.budget(40)  # the first one waits while numba compiles
@pytest.mark.parametrize("seed", range(12))
def test_it_is_the_best_of_all_paths_and_the_likelihood_is_their_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    log_probs = emitted(rng, int(rng.integers(4, 7)), 4)
    tokens = rng.integers(1, 4, int(rng.integers(1, 4))).tolist()
    paths = [p for p in itertools.product(range(4), repeat=len(log_probs)) if collapsed(p) == tokens]
    if not paths:
        assert frames_needed(tokens) > len(log_probs)
        return
    found = path_of(log_probs, tokens)
    assert collapsed(found) == tokens
    assert score(log_probs, found) == pytest.approx(max(score(log_probs, list(p)) for p in paths), abs=1e-4)
    everything = np.logaddexp.reduce([score(log_probs, list(p)) for p in paths])
    assert log_likelihood(log_probs, tokens) == pytest.approx(everything, abs=1e-4)


def trellis(log_probs: Array, tokens: list[int]) -> float:
    """The best score by the textbook: all states of all frames, in double precision."""
    labels = [0, *itertools.chain.from_iterable((token, 0) for token in tokens)]
    best = np.full(len(labels), -np.inf)
    best[:2] = [log_probs[0, labels[0]], log_probs[0, labels[1]]]
    for row in log_probs[1:].astype(np.float64):
        jump = [best[s - 2] if s > 1 and labels[s] and labels[s] != labels[s - 2] else -np.inf
                for s in range(len(labels))]
        best = np.maximum(np.maximum(best, np.concatenate([[-np.inf], best[:-1]])), jump) + row[labels]
    return float(max(best[-1], best[-2]))


@pytest.mark.parametrize(("n_frames", "n_tokens"), [(50, 1), (50, 24), (97, 30), (400, 130), (1001, 300)])
def test_blocks_of_any_size_give_what_the_full_trellis_gives(n_frames: int, n_tokens: int) -> None:
    rng = np.random.default_rng(n_frames + n_tokens)
    log_probs, tokens = emitted(rng, n_frames), rng.integers(1, 5, n_tokens).tolist()
    found = path_of(log_probs, tokens)
    assert collapsed(found) == tokens
    assert score(log_probs, found) == pytest.approx(trellis(log_probs, tokens), rel=1e-5)


def test_as_many_frames_as_needed_are_enough_and_one_less_is_told() -> None:
    tokens = [1, 1, 2, 2, 2]
    log_probs = emitted(np.random.default_rng(0), frames_needed(tokens))
    assert frames_needed(tokens) == 8
    assert path_of(log_probs, tokens) == [1, 0, 1, 2, 0, 2, 0, 2]
    with pytest.raises(BadInput, match="needs 8 frames of sound and there are 7"):
        align(log_probs[:-1], tokens)
    assert log_likelihood(log_probs[:-1], tokens) == -math.inf


def test_doubled_letters_need_a_blank_between() -> None:
    assert [frames_needed(tokens) for tokens in ((), (2, 3), (2, 2, 3, 3))] == [0, 2, 6]


def test_clear_sounds_are_found_where_they_are() -> None:
    log_probs = np.full((40, 4), -9.0, np.float32)
    log_probs[:, 0] = -0.1
    for token, start, end in ((1, 5, 8), (2, 20, 21), (2, 25, 30), (3, 39, 40)):
        log_probs[start:end, 0], log_probs[start:end, token] = -9.0, -0.1
    spans = align(log_probs, [1, 2, 2, 3])
    assert [(span.token, span.start, span.end) for span in spans] == [(1, 5, 8), (2, 20, 21), (2, 25, 30),
                                                                      (3, 39, 40)]
    assert all(span.score == pytest.approx(-0.1) for span in spans)


def test_no_tokens_have_no_spans_and_all_blanks_likelihood() -> None:
    log_probs = emitted(np.random.default_rng(1), 6)
    assert align(log_probs, []) == []
    assert log_likelihood(log_probs, []) == pytest.approx(float(log_probs[:, 0].sum()), abs=1e-4)


@pytest.mark.parametrize("tokens", [[0], [1, 5], [-1]])
def test_tokens_that_the_model_lacks_are_told(tokens: list[int]) -> None:
    with pytest.raises(BadInput, match="A token is not one of"):
        align(emitted(np.random.default_rng(2), 9), tokens)


def test_impossible_values_are_told() -> None:
    log_probs = emitted(np.random.default_rng(3), 9)
    log_probs[4, 2] = np.nan
    with pytest.raises(BadInput, match="no numbers"):
        align(log_probs, [1])
    with pytest.raises(BadInput, match="above zero"):
        align(np.full((9, 5), -np.inf, np.float32), [1])


def test_memory_grows_with_the_square_root_of_the_frames() -> None:
    import tracemalloc

    rng = np.random.default_rng(4)
    log_probs, tokens = emitted(rng, 40_000), rng.integers(1, 5, 10_000).tolist()
    align(log_probs[:50], tokens[:3])  # compiled before it is measured
    tracemalloc.start()
    found = align(log_probs, tokens)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [span.token for span in found] == tokens
    assert peak < 40e6  # a full trellis of bytes would be 800 MB
