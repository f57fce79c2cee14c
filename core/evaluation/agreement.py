"""How far two people agree who judged the same clips without knowing of each other."""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import Refused
from core.evaluation.bootstrap import share_interval

FEW = 30
# After Landis and Koch (1977), "The measurement of observer agreement for categorical data".
WORDS = ((0.8, "almost perfect"), (0.6, "substantial"), (0.4, "moderate"), (0.2, "fair"), (0.0, "slight"))
WORSE = "worse than by chance"


@dataclass(frozen=True)
class Agreement:
    """Cohen's kappa with its interval (None where it has none: both said one and the same of every clip), on
    how many clips two people said the same, and all that in words."""

    n: int
    n_same: int
    kappa: float | None
    low: float | None
    high: float | None
    word: str
    sentence: str


def kappa(first: Sequence[str], second: Sequence[str], n_resamples: int = 2000, seed: int = 0,
          level: float = 0.95) -> Agreement:
    """The agreement of two lists of decisions on the same clips, chance taken away.

    Cohen (1960), "A coefficient of agreement for nominal scales"; the interval is a percentile bootstrap over
    the clips. Refused where there is nothing to compare, or where the lists differ in length.
    """
    if len(first) != len(second) or not first:
        raise Refused(f"There are {len(first)} first decisions and {len(second)} second ones: agreement "
                      "needs the same clips from both, and at least one.")
    table = _table(first, second)
    n, n_same = len(first), int(table.trace())
    found = round(float(_kappa(table[None])[0]), 12)
    if np.isnan(found):
        return Agreement(n, n_same, None, None, None, "", _of_one_kind(n))
    drawn = np.random.default_rng(seed).multinomial(n, table.ravel() / n, n_resamples)
    kappas = _kappa(drawn.reshape(-1, *table.shape).astype(np.float64))
    low, high = (float(bound) for bound in np.nanquantile(kappas, [(1 - level) / 2, (1 + level) / 2]))
    word = next((word for least, word in WORDS if found >= least), WORSE)
    sentence = _sentence(n, n_same, word, found, low, high)
    return Agreement(n, n_same, found, low, high, word, sentence)


def _table(first: Sequence[str], second: Sequence[str]) -> npt.NDArray[np.float64]:
    """How often the first said this and the second that, shape (kinds, kinds)."""
    kinds = sorted({*first, *second})
    counted = Counter(zip(first, second, strict=True))
    return np.array([[counted[one, other] for other in kinds] for one in kinds], dtype=np.float64)


def _kappa(tables: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(observed - by chance) / (1 - by chance) of each table, (n, kinds, kinds) -> (n,); NaN where chance
    alone explains everything."""
    n = tables.sum((1, 2))
    observed = np.trace(tables, axis1=1, axis2=2) / n
    chance = (tables.sum(1) * tables.sum(2)).sum(1) / n**2
    with np.errstate(divide="ignore", invalid="ignore"):
        made: npt.NDArray[np.float64] = (observed - chance) / (1 - chance)
    return np.where(np.isclose(chance, 1), np.nan, made)


def _of_one_kind(n: int) -> str:
    return (f"The two agree on {n} of {n} clips. Both said the same of every one, so nothing can be "
            "said about agreement beyond chance; draw clips of which some were rejected.")


def _sentence(n: int, n_same: int, word: str, found: float, low: float, high: float) -> str:
    said = f"The two agree on {n_same} of {n} clips."
    if n_same == n:
        most = 100 * (1 - share_interval(n, n)[0])
        said += f" So many alike still leave room for {most:.0f} % of differences among all clips."
    else:
        said += f" Beyond chance that is {word} (kappa {found:.2f}, between {low:.2f} and {high:.2f})."
    return said + (f" Fewer than {FEW} clips prove little." if n < FEW else "")
