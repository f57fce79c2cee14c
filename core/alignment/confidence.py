"""How sure one can be that words are said where the path has them: three figures, none enough alone.

On made speech (the starter, 40 to 5 dB) the mean tells another text best and does not notice a word that the
text leaves out (areas under the curve 1.0 and 0.5); the worst second (0.8) and the margin (0.87) do. These
two compare with what the model would rather write, so noise, under which it is sure of nothing, counts less.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.alignment.fit import shortfall
from core.alignment.viterbi import STAR, Span

Array = npt.NDArray[np.float32]
Stretch = tuple[int, int]

WORST_SECONDS = 1.0
EDGE_SECONDS = 0.3  # of what lies beside the stretch belongs to it: a word there that the text lacks


@dataclass(frozen=True)
class Confidence:
    """Of a stretch of words on its path.

    `mean`: geometric mean of the probabilities of its tokens, 0..1. `worst`: of its worst second, how likely
    the path is, a frame, against the best that the model could write there, 0..1. `margin`: by how many nats
    a token a `STAR` there, without its cost, would be more likely than the text; 0 where the model would
    write just that, large where it would not.
    """

    mean: float
    worst: float
    margin: float


def confidences(
    log_probs: Array, spans: Sequence[Span], stretches: Sequence[Stretch], blank: int,
    seconds_per_frame: float
) -> list[Confidence]:
    """Of each stretch `(first, end)` of `spans` (`end` exclusive), the most likely path of tokens through
    `log_probs` (frames, vocabulary).

    Stars within a stretch count as agreement. A stretch without tokens has 0, 0 and infinity: nothing
    speaks for it.
    """
    short = shortfall(log_probs, spans, blank)
    edge = max(1, round(EDGE_SECONDS / seconds_per_frame))
    tokens = np.array([span.token != STAR for span in spans], np.float64)
    scores = np.array([span.score for span in spans]) * tokens
    begins = np.array([span.start for span in spans] + [len(log_probs)], np.int64)
    closes = np.array([0] + [span.end for span in spans], np.int64)  # [n]: where the span before n ends
    firsts, ends = np.array(stretches, np.int64).reshape(-1, 2).T
    starts = np.maximum(closes[firsts], begins[firsts] - edge)
    stops = np.minimum(begins[ends], closes[ends] + edge)
    n_tokens = _sums(tokens, firsts, ends)
    mean = np.exp(_sums(scores, firsts, ends) / np.maximum(1, n_tokens))
    worst = np.exp(_lowest(-short, starts, stops, max(1, round(WORST_SECONDS / seconds_per_frame))))
    margin = _sums(short, starts, stops) / np.maximum(1, n_tokens)
    said = n_tokens > 0
    return [Confidence(round(a, 4), round(b, 4), round(c, 4)) if known else Confidence(0.0, 0.0, np.inf)
            for a, b, c, known in zip(mean.tolist(), worst.tolist(), margin.tolist(), said.tolist(),
                                      strict=True)]


def _sums(values: npt.NDArray[np.floating], starts: npt.NDArray[np.int64],
          stops: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The sum of values from each start to its stop (exclusive)."""
    totals = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    sums: npt.NDArray[np.float64] = totals[stops] - totals[starts]
    return sums


def _lowest(values: Array, starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64],
            width: int) -> npt.NDArray[np.float64]:
    """The lowest mean of `width` neighbouring values within each range, or of all where it is shorter."""
    totals = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    windows = np.append((totals[width:] - totals[:-width]) / width, np.inf)  # reduceat reads one too far
    means: npt.NDArray[np.float64] = (totals[stops] - totals[starts]) / np.maximum(1, stops - starts)
    long = np.flatnonzero(stops - starts > width)
    if len(long):
        edges = np.stack([starts[long], stops[long] - width + 1], 1).ravel()
        means[long] = np.minimum.reduceat(windows, edges)[::2]
    return means
