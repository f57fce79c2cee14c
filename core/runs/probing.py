"""What a model's pause heads say about a clip, as a row that can be sent and kept, and as an utterance to be
judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.audio.read import read
from core.audio.silence import speech_part
from core.errors import BadInput
from core.evaluation.turns import Heard
from core.families.base import Clip, Prober, Recogniser
from core.types import Word

DIGITS = 4  # of a probability that are kept


def probed(model: Recogniser | Prober, clip: Clip) -> dict[str, Any]:
    """{text, words: [[frame, word]], probabilities: [[...] a frame], rate, front, seconds, finished} of one
    clip. BadInput for a model of a kind without pause heads, Unavailable for one that lacks them."""
    if not isinstance(model, Prober):
        raise BadInput("This model has no pause heads to probe; choose a Kyutai STT that has them.")
    found = model.probe(clip)
    return {
        "text": " ".join(word for _, word in found.words),
        "words": [list(word) for word in found.words],
        "probabilities": np.round(found.probabilities.astype(float), DIGITS).tolist(),
        "rate": found.rate,
        "front": found.front,
        "seconds": found.seconds,
        "finished": _finished(clip),
    }


def _finished(clip: Clip) -> float:
    """Where the sound ends that is speech, in seconds of the clip."""
    sound = read(clip.path, clip.start, clip.end)
    part = speech_part(sound.samples, sound.rate, margin=0.0)
    return part[1] if part else 0.0


def heard_of(name: str, row: dict[str, Any], is_number: bool, words: Sequence[Word] = ()) -> Heard:
    """The utterance that `probed` told of. Its speaker had finished at the end of the last of the `words`,
    and where none are known at the end of the sound that is speech."""
    ended = max((word.end for word in words), default=row["finished"])
    return Heard(
        name, np.asarray(row["probabilities"], np.float32), tuple(int(frame) for frame, _ in row["words"]),
        float(row["rate"]), int(row["front"]), ended, is_number)
