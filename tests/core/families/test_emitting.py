"""A CTC model as a source of frames: they are probabilities, words are spelled in its columns, and another
language of one folder is another source."""
from __future__ import annotations

from pathlib import Path

import numpy as np

from core.config import STARTER
from core.families import named
from core.families.base import Emits, Emitter


def emitter(model: str) -> Emitter:
    family = named("ctc")
    assert isinstance(family, Emits)
    return family.emitter(model, "cpu", "fp32")


def test_frames_are_log_probabilities_at_their_pace() -> None:
    made = emitter(str(STARTER))
    sound = 0.1 * np.random.default_rng(0).standard_normal(2 * made.rate).astype(np.float32)
    frames = made.emit(sound)
    assert frames.dtype == np.float32 and abs(len(frames) * made.seconds_per_frame - 2) < 0.1
    assert np.allclose(np.exp(frames).sum(1), 1, atol=1e-4)
    assert made.engine == "ctc:starter" and len(made.identity) == 16


def test_words_are_spelled_or_cannot_be() -> None:
    made = emitter(str(STARTER))
    assert len(made.spell("Hello,")) == 5 and made.spell("hello") == made.spell("Hello,")
    assert made.spell("жук") == () and made.spell("—") == ()
    frames = np.full((12, 40), -9.0, np.float32)
    frames[:, made.blank] = -1.0
    for at, column in enumerate((*made.spell("ab"), made.delimiter, *made.spell("ba"))):
        frames[2 * at + 1, column] = -0.01
    assert [(word.text, round(word.start, 2)) for word in made.words(frames)] == [("ab", 0.02), ("ba", 0.14)]


def test_each_language_of_a_folder_is_a_source_of_its_own(mms_base: Path) -> None:
    one, other = emitter(f"{mms_base}:smo"), emitter(f"{mms_base}:fij")
    assert one.identity != other.identity and one.identity == emitter(f"{mms_base}:smo").identity
    assert one.engine.endswith(":smo") and one.engine != other.engine
