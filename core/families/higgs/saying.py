"""What a model in training says: by the generation of production, with the likeliest code at each place."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.families.base import Example, Prepared
from core.families.base.speaking import Spoken
from core.families.higgs import encoding, labels
from core.families.higgs import folder as folders
from core.families.higgs.network import as_take
from core.modelling.delay import Codes
from core.modelling.higgs import generating
from core.modelling.higgs.generating import Draws
from core.types import Prediction

ROOM = 2.0
"""A model may speak so many times as long as the take that it is compared with."""
LEAST_ROOM = 25
"""Frames: for very short takes a second more."""


def said(model: Any, example: Example, prepared: Prepared) -> generating.Said:
    """The codes that the model says for one example, within `ROOM`."""
    one = as_take(example)
    ids, columns = labels.prompt_of(one, prepared)
    return generating.say(model, ids, columns, Draws(room_for(len(one.features))))


def room_for(frames: int) -> int:
    """Frames within which the model has to come to an end."""
    return max(round(ROOM * frames), frames + LEAST_ROOM)


def say(model: Any, examples: Sequence[Example], prepared: Prepared) -> list[Spoken]:
    """What the model says for each example, as sounds."""
    made = []
    for example in examples:
        found = said(model, example, prepared)
        made.append(_spoken(found.codes, found.stopped, prepared))
    return made


def sound_of(example: Example, prepared: Prepared) -> Spoken:
    """What the labels of an example teach, read back from them, as a sound."""
    taught = labels.sample(as_take(example), prepared).labels
    return _spoken(labels.codes_in(taught, prepared), True, prepared)


def _spoken(codes: Codes, stopped: bool, prepared: Prepared) -> Spoken:
    samples = encoding.decode(codes, Path(prepared.extra["folder"]))
    return Spoken(samples, folders.RATE, codes, int(prepared.extra["begin"]), stopped)


def predict(model: Any, examples: Sequence[Example], prepared: Prepared) -> list[Prediction]:
    """A line for each example: how many frames were said, how it ended, and a sum of every code, so that two
    lines are the same where the sounds are."""
    found = []
    for example in examples:
        made = said(model, example, prepared)
        told = hashlib.sha256(np.ascontiguousarray(made.codes).tobytes()).hexdigest()[:12]
        ended = "ended by itself" if made.stopped else "went on to the limit"
        found.append(Prediction(example.id, f"{len(made.codes)} frames {told}, {ended}"))
    return found
