"""The delay pattern of models that write several codebooks at once (MusicGen, arXiv 2306.05284): codebook k
stands k columns later than the first one, so that each column may look at the finer codes of those before."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]


def delayed(frames: Codes, before: int, after: int) -> Codes:
    """Columns (n + codebooks - 1, codebooks) of `frames` (n, codebooks): codebook k begins k columns later,
    with `before` in front of it and `after` behind its end."""
    n, codebooks = frames.shape
    columns = np.full((n + codebooks - 1, codebooks), after, np.int64)
    for book in range(codebooks):
        columns[:book, book] = before
        columns[book : book + n, book] = frames[:, book]
    return columns


def undelayed(columns: Codes) -> Codes:
    """The inverse of `delayed`: frames (columns - codebooks + 1, codebooks); none where there are fewer
    columns than codebooks."""
    n_columns, codebooks = columns.shape
    n = max(0, n_columns - codebooks + 1)
    return np.stack([columns[book : book + n, book] for book in range(codebooks)], axis=1)
