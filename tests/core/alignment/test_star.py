"""A star matches anything: equal to a full trellis, and on speech it swallows what is beside the text."""
from __future__ import annotations

import ctypes.util
import math
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from core.alignment import viterbi
from core.alignment.fit import fit
from core.alignment.viterbi import STAR, STAR_COST, align, frames_needed, log_likelihood
from core.errors import BadInput

Array = npt.NDArray[np.float32]


def emitted(rng: np.random.Generator, n_frames: int, n_tokens: int = 5) -> Array:
    raw = rng.normal(0, 2, (n_frames, n_tokens))
    normal: Array = (raw - np.log(np.exp(raw).sum(1, keepdims=True))).astype(np.float32)
    return normal


def columns_of(log_probs: Array, tokens: list[int]) -> tuple[Array, list[int]]:
    """The textbook's way: a column more for what a star emits, and the column of every state."""
    free = np.maximum(log_probs.max(1) - np.float32(STAR_COST), log_probs[:, 0])
    labels = [0]
    for token in tokens:
        labels = [*labels[:-1], log_probs.shape[1]] if token == STAR else [*labels, token, 0]
    return np.column_stack([log_probs, free]), labels


def trellis(log_probs: Array, tokens: list[int]) -> float:
    """The best score of all, states by states, in double precision."""
    wide, labels = columns_of(log_probs, tokens)
    best = np.full(len(labels), -np.inf)
    best[0] = 0.0
    for row in wide.astype(np.float64):
        jump = [best[s - 2] if s % 2 and s > 2 and labels[s] != labels[s - 2] else -np.inf
                for s in range(len(labels))]
        best = np.maximum(np.maximum(best, np.concatenate([[-np.inf], best[:-1]])), jump) + row[labels]
    return float(max(best[-1], best[-2] if len(best) > 1 else -np.inf))


def score(log_probs: Array, tokens: list[int]) -> float:
    """That of the path that is found; every frame lies in a token, in a star or in a blank."""
    path = np.zeros(len(log_probs), int)
    for span in align(log_probs, tokens):
        path[span.start : span.end] = log_probs.shape[1] if span.token == STAR else span.token
    wide, _ = columns_of(log_probs, tokens)
    written = [token for token, _ in groupby(path.tolist()) if token not in (0, log_probs.shape[1])]
    assert written == [token for token in tokens if token != STAR]
    return float(wide[np.arange(len(path)), path].astype(np.float64).sum())


@pytest.mark.budget(40)  # the first one waits while numba compiles
@pytest.mark.parametrize("seed", range(30))
def test_with_stars_anywhere_it_is_what_a_full_trellis_gives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens = rng.choice([1, 2, 3, 4, STAR], int(rng.integers(1, 12))).tolist()
    log_probs = emitted(rng, frames_needed(tokens) + int(rng.integers(1, 30)))
    assert score(log_probs, tokens) == pytest.approx(trellis(log_probs, tokens), abs=1e-6)


@pytest.mark.parametrize(("n_frames", "n_tokens"), [(1400, 300), (2600, 900), (5000, 40)])
def test_long_ones_are_searched_part_by_part_and_stay_exact(n_frames: int, n_tokens: int,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(n_frames)
    tokens = [STAR, *rng.integers(1, 5, n_tokens).tolist(), STAR, *rng.integers(1, 5, n_tokens // 9).tolist()]
    log_probs = emitted(rng, n_frames)
    best = trellis(log_probs, tokens)
    assert score(log_probs, tokens) == pytest.approx(best, abs=1e-6)
    monkeypatch.setattr(viterbi, "_SMALL", 50)  # every part divided until its rows are a handful
    assert score(log_probs, tokens) == pytest.approx(best, abs=1e-6)


def test_sums_of_hours_keep_their_digits() -> None:
    rng = np.random.default_rng(0)
    log_probs = np.full((250_000, 3), -30.0, np.float32)
    log_probs[:, 1] -= rng.uniform(0.01, 1, len(log_probs)).astype(np.float32)
    log_probs[200_000:200_003, 1] = -30 + np.array([1, 3, 2], np.float32) * 1e-3
    (span,) = align(log_probs, [1])  # in single precision 6,000,000 and 6,000,000.003 are the same
    assert (span.start, span.end) == (200_000, 200_003)


def test_a_star_swallows_what_stands_before_after_and_between() -> None:
    log_probs = np.full((40, 5), -9.0, np.float32)
    log_probs[:, 0] = -0.1
    for frame, token in ((2, 3), (5, 4), (8, 3), (15, 1), (18, 2), (22, 4), (26, 3), (30, 1), (35, 4)):
        log_probs[frame, 0], log_probs[frame, token] = -9.0, -0.1
    spans = align(log_probs, [STAR, 1, 2, STAR, 1, STAR])
    assert [(span.token, span.start, span.end) for span in spans] == [
        (STAR, 0, 15), (1, 15, 16), (2, 18, 19), (STAR, 19, 30), (1, 30, 31), (STAR, 31, 40)]
    assert spans[0].score == pytest.approx(-0.1 - 3 * STAR_COST / 15, abs=1e-6)
    agreed = fit(log_probs, spans, 0, 0.02)
    assert agreed.agreement == 1.0 and agreed.worst == 0.0


def test_a_star_may_be_empty_and_a_second_one_finds_nothing_left() -> None:
    log_probs = emitted(np.random.default_rng(1), 3)
    spans = align(log_probs, [STAR, 1, STAR, STAR, 2, 1, STAR])
    assert [span.start for span in spans] == [0, 0, 1, 1, 1, 2, 3]
    assert [span.end for span in spans] == [0, 1, 1, 1, 2, 3, 3]
    assert spans[0].score == 0.0
    (alone,) = align(log_probs, [STAR])
    assert (alone.start, alone.end) == (0, 3)
    assert align(log_probs[:0], [STAR, STAR])[1].end == 0


def test_stars_need_no_frames_and_a_text_too_long_is_told() -> None:
    assert frames_needed([STAR, 1, STAR, 1, 2, STAR]) == frames_needed([1, 1, 2]) == 4
    log_probs = emitted(np.random.default_rng(2), 3)
    with pytest.raises(BadInput, match="needs 4 frames of sound and there are 3"):
        align(log_probs, [STAR, 1, 1, 2, STAR])


def test_a_star_is_no_token_of_a_likelihood() -> None:
    with pytest.raises(BadInput, match="A token is not one of"):
        log_likelihood(emitted(np.random.default_rng(3), 9), [STAR, 1])


def test_columns_that_cannot_be_are_no_way_and_a_star_passes_them() -> None:
    log_probs = emitted(np.random.default_rng(4), 12)
    log_probs[3:6, [0, 1, 2]] = -math.inf
    with pytest.raises(BadInput, match="above zero"):
        align(log_probs, [1, 2])
    first, star, second = align(log_probs, [1, STAR, 2])
    assert first.end <= 3 and star.start <= 3 and star.end >= 6 and second.start >= 6


def test_what_is_given_is_not_copied() -> None:
    import tracemalloc

    rng = np.random.default_rng(5)
    log_probs, tokens = emitted(rng, 60_000, 64), [STAR, *rng.integers(1, 64, 500).tolist(), STAR]
    align(log_probs[:50], tokens[:3])
    tracemalloc.start()
    align(log_probs, tokens)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < log_probs.nbytes / 2


@pytest.mark.skipif(ctypes.util.find_library("espeak-ng") is None, reason="no libespeak-ng here")
@pytest.mark.budget(40)  # loads the model
def test_words_beside_a_star_are_where_they_are_without_it(tmp_path: Path) -> None:
    import soundfile
    import soxr

    from core.config import STARTER
    from core.families import named
    from core.families.base import Clip
    from core.families.ctc import labels
    from tools.espeak_words import speak

    texts = ("she bought two lemons", "my phone number is seven", "put the box near the window")
    parts = [np.zeros(4800, np.float32)]
    for text in texts:
        said = speak(text, "en-us", 150)
        parts += [soxr.resample(said.samples, said.rate, 16000), np.zeros(3200, np.float32)]
    soundfile.write(tmp_path / "three.wav", np.concatenate(parts), 16000)
    heard = named("ctc").aligner(str(STARTER), device="cpu").listen(Clip("three", tmp_path / "three.wav"))
    before, middle, _ = ([*labels.encode(text, heard.prepared)] for text in texts)
    whole = labels.encode(" ".join(texts), heard.prepared)
    blank = int(heard.prepared.extra["blank"])
    known = align(heard.log_probs, whole, blank)[len(before) + 1 : len(before) + 1 + len(middle)]
    found = align(heard.log_probs, [STAR, *middle, STAR], blank)[1:-1]
    apart = [max(abs(a.start - b.start), abs(a.end - b.end)) for a, b in zip(found, known, strict=True)]
    assert max(apart) <= 2  # frames
    spread = align(heard.log_probs, middle, blank)
    assert max(abs(a.start - b.start) for a, b in zip(spread, known, strict=True)) > 10
