"""What spoils a model that learns to speak from pairs, in silence: each is looked for in what the training
really collates, never in settings. A planted fault is refused by the name of its check."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.families.base.speaking import Taught
from core.modelling.delay import undelayed
from core.training.checks import IGNORE, Check, passed, refused, sequences, warned

LABELS = "labels_sound"
"""The check whose clips can be heard as they are taught."""
NOTHING = -1
"""What is heard at a place without a sound."""


def of_pair(one: Taught) -> list[Check]:
    """The checks of one pair, which need no model."""
    return [rows(one), ends(one), reference(one), shift(one), delay(one), read_back(one), prompt(one)]


def rows(one: Taught) -> Check:
    """Every code and mark needs a row of its own in the model's tables."""
    highest = max(int(one.columns.max()), one.begin, one.end)
    if highest >= one.rows:
        return refused("codebook", f"The model has {one.rows} values a codebook and the sounds use {highest}:"
                       f" the marks of beginning and end need {highest + 1} (codebook_size in its config).",
                       rows=one.rows, highest=highest)
    return passed("codebook", f"Codes and marks fit the {one.rows} values of a codebook.", rows=one.rows)


def ends(one: Taught) -> Check:
    """Each codebook must be taught its end once, and last: else nothing that is said ever stops."""
    return sequences.ended([book.tolist() for book in one.targets.T], one.end)


def reference(one: Taught) -> Check:
    """Nothing of the reference may be learned, nor of the texts: the target alone."""
    sounds = np.flatnonzero(one.is_sound)
    first = int(sounds[one.n_before]) if len(sounds) > one.n_before else len(one.ids)
    outside = int((one.targets[: max(0, first)] != IGNORE).any(axis=1).sum())
    n_learned = int((one.targets != IGNORE).any(axis=1).sum())
    if outside:
        return refused("reference", f"{outside} places before the target have labels: the model would learn"
                       " to repeat its reference.", n_outside=outside)
    if not n_learned:
        return refused("reference", "Nothing of the target is learned.", n_outside=0)
    return passed("reference", f"Of the pair {n_learned} places are learned, all of them in the target.",
                  n_outside=0, n_learned=n_learned)


def shift(one: Taught) -> Check:
    """Each output must be compared with the code that stands at the next place, in every codebook."""
    heard = _at_places(one)
    for book in range(heard.shape[1]):
        check = sequences.shifted(heard[:, book].tolist(), one.targets[:, book].tolist())
        if check.outcome == "refused":
            return check
    return check


def delay(one: Taught) -> Check:
    """The target must be its codes with a mark before and behind, each codebook one column later."""
    n_columns = len(one.codes) + 1 + one.columns.shape[1]
    frames = undelayed(one.columns[one.n_before : one.n_before + n_columns])
    right = len(frames) == len(one.codes) + 2 and bool((frames[1:-1] == one.codes).all())
    if right and bool((frames[0] == one.begin).all()) and bool((frames[-1] == one.end).all()):
        return passed("delay", "The codebooks stand one column apart, as production writes them.")
    return refused("delay", "The sounds do not follow the delay pattern that production follows: each"
                   " codebook has to begin one column after the one before it.")


def read_back(one: Taught) -> Check:
    """The labels, read back, must be the codes that the codec gave."""
    learned = np.flatnonzero((one.targets != IGNORE).any(axis=1))
    frames = undelayed(one.targets[learned[0] : learned[-1] + 1]) if len(learned) else one.codes[:0]
    taught = frames[: len(one.codes)]
    n_same = int((taught == one.codes[: len(taught)]).all(axis=1).sum())
    if n_same != len(one.codes):
        return refused(LABELS, f"Read back, the labels say {n_same} of {len(one.codes)} frames of the"
                       " take.", n_same=n_same, n=len(one.codes))
    return passed(LABELS, f"Read back, the labels say all {len(one.codes)} frames of the take.",
                  n_same=n_same, n=len(one.codes))


def prompt(one: Taught) -> Check:
    """What the training reads up to the target must be what production asks with, and what the folder's own
    template writes."""
    ids, columns = one.asked
    begins = np.array_equal(one.ids[: len(ids)], ids) and np.array_equal(one.columns[: one.n_before], columns)
    if not begins or bool(one.is_sound[: len(ids)].sum() != one.n_before):
        return refused("prompt", "The training reads another beginning than production asks with.")
    if one.template is None:
        return warned("prompt", "Training and production ask with the same prompt, and the model has no chat"
                                " template to compare it with.")
    if not np.array_equal(one.template, ids):
        return refused("prompt", "Our prompt is not what the model's own chat template writes: it was trained"
                       " to answer another one.")
    return passed("prompt", f"Training, production and the model's own template agree on all {len(ids)} ids"
                  " of the prompt.", n=len(ids))


def _at_places(one: Taught) -> npt.NDArray[np.int64]:
    """What is heard at each place (places, codebooks)."""
    heard = np.full((len(one.ids), one.columns.shape[1]), NOTHING, np.int64)
    heard[one.is_sound] = one.columns
    return heard
