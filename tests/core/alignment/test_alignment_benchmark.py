"""The benchmark's own judgement: what it calls exact is, and a path that is not the best is found out."""
from __future__ import annotations

import numpy as np
import pytest

from benchmarks import alignment as benchmark


@pytest.mark.budget(30)  # numba compiles the textbook
def test_exact_is_the_textbooks_best_and_nothing_less() -> None:
    log_probs, tokens = benchmark.emissions(0.003)
    assert log_probs.shape == (540, 32) and len(tokens) == 135
    best = benchmark.best_score(log_probs, tokens)
    for engine in (benchmark.voicewright, benchmark.trellis):
        assert benchmark.score(log_probs, tokens, engine(log_probs, tokens)) == pytest.approx(best, abs=1e-6)
    path = benchmark.voicewright(log_probs, tokens)
    starts = np.flatnonzero(np.diff(path, prepend=-1) * (path != benchmark.BLANK))
    again = benchmark.filled(log_probs, tokens, starts)
    assert benchmark.score(log_probs, tokens, again) == pytest.approx(best)
    assert benchmark.score(log_probs, tokens, np.zeros_like(path)) is None
    worse = benchmark.filled(log_probs, tokens, np.arange(135) * 4)
    found = benchmark.score(log_probs, tokens, worse)
    assert found is not None and found < best - 1


def test_engines_that_cannot_do_it_are_left_out_with_the_reason() -> None:
    assert "limit" in benchmark.why_not("trellis", 1.0) and "limit" in benchmark.why_not("torchaudio", 1.0)
    assert benchmark.why_not("voicewright", 4.0) == "" == benchmark.why_not("trellis", 0.28)
