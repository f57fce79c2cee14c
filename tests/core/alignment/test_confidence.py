"""Confidences: right words, wrong ones and those a little off are far apart, in figures of a known size."""
from __future__ import annotations

import ctypes.util
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from core.alignment.confidence import Confidence, confidences
from core.alignment.viterbi import STAR, Span, align
from core.errors import BadInput

Array = npt.NDArray[np.float32]


def clear(n_frames: int, said: dict[int, int], sure: float = 0.9, n_tokens: int = 5) -> Array:
    """A model that writes `said` (frame: token) and blanks elsewhere, each with probability `sure`."""
    probs = np.full((n_frames, n_tokens), (1 - sure) / (n_tokens - 1))
    probs[np.arange(n_frames), [said.get(frame, 0) for frame in range(n_frames)]] = sure
    log_probs: Array = np.log(probs).astype(np.float32)
    return log_probs


def test_what_the_model_would_write_itself_has_no_margin() -> None:
    log_probs = clear(300, {20: 1, 40: 2, 200: 3, 220: 4})
    spans = align(log_probs, [1, 2, 3, 4])
    one, two, both = confidences(log_probs, spans, [(0, 2), (2, 4), (0, 4)], 0, 0.02)
    assert one == two == both == Confidence(0.9, 1.0, 0.0)


def test_one_wrong_word_shows_in_the_worst_second_and_not_beside_it() -> None:
    log_probs = clear(600, {100: 1, 300: 2, 301: 2, 500: 3})
    spans = align(log_probs, [1, 4, 3])
    right, wrong, after = confidences(log_probs, spans, [(0, 1), (1, 2), (2, 3)], 0, 0.02)
    assert right == after == Confidence(0.9, 1.0, 0.0)
    gap = math.log(0.9 / 0.025)
    # One frame of the 2 is taken for the 4, the other for a blank, and nothing else differs.
    assert wrong.mean == pytest.approx(0.025, abs=1e-4) and wrong.margin == pytest.approx(2 * gap, abs=1e-3)
    assert wrong.worst < 0.85


def test_the_worst_second_is_that_and_no_more() -> None:
    rng = np.random.default_rng(0)
    log_probs = clear(400, {50: 1, 350: 2})
    log_probs[50:351, 0] -= rng.uniform(0, 3, 301).astype(np.float32)
    log_probs[50:351, 3] = log_probs[50:351, 1:].max(1)
    spans = [Span(1, 50, 51, -0.1), Span(2, 350, 351, -0.1)]
    (found,) = confidences(log_probs, spans, [(0, 2)], 0, 0.02)
    path = np.zeros(400, int)
    path[50], path[350] = 1, 2
    short = log_probs.max(1) - log_probs[np.arange(400), path]
    windows = [short[at : at + 50].mean() for at in range(35, 317)]
    assert found.worst == pytest.approx(math.exp(-max(windows)), abs=2e-4)
    assert found.margin == pytest.approx(short[35:366].sum() / 2, abs=1e-3)


def test_speech_beside_a_stretch_counts_unless_a_star_has_it() -> None:
    log_probs = clear(200, {50: 1, 60: 2, 70: 3})
    (lacking,) = confidences(log_probs, align(log_probs, [1, 2]), [(0, 2)], 0, 0.02)
    (starred,) = confidences(log_probs, align(log_probs, [1, 2, STAR]), [(0, 2)], 0, 0.02)
    assert lacking.margin > 1.0 and starred == Confidence(0.9, 1.0, 0.0)
    assert confidences(log_probs, align(log_probs, [1, 2, STAR]), [(0, 3)], 0, 0.02) == [starred]


def test_stretches_without_words_have_nothing_for_them() -> None:
    log_probs = clear(100, {10: 1})
    spans = align(log_probs, [1, STAR])
    nothing = Confidence(0, 0, math.inf)
    assert confidences(log_probs, spans, [(0, 0), (1, 2), (2, 2)], 0, 0.02) == [nothing] * 3
    assert confidences(log_probs, spans, [], 0, 0.02) == []
    assert confidences(log_probs[:5], align(log_probs[:5], []), [(0, 0)], 0, 0.02)[0].margin == math.inf


TEXTS = ("she bought two lemons", "my phone number is seven", "put the box near the window",
         "he asked whether anybody had seen it", "the train leaves at nine", "the order number is five",
         "we met the old teacher", "thank you and call me back")


def auc(right: list[float], wrong: list[float]) -> float:
    """The share of pairs in which the right one is higher."""
    return float(np.mean(np.subtract.outer(right, wrong) > 0))


@pytest.mark.skipif(ctypes.util.find_library("espeak-ng") is None, reason="no libespeak-ng here")
@pytest.mark.budget(60)  # loads the model
def test_on_speech_right_texts_are_above_wrong_and_shifted_ones(tmp_path: Path) -> None:
    import soundfile
    import soxr

    from core.config import STARTER
    from core.families import named
    from core.families.base import Clip
    from core.families.ctc import labels
    from tools.espeak_words import speak

    aligner = named("ctc").aligner(str(STARTER), device="cpu")
    found: dict[str, list[Confidence]] = {"right": [], "wrong": [], "shifted": []}
    for at, text in enumerate(TEXTS):
        said = speak(text, ("en-us", "en-us+f2", "en", "en-us+m4")[at % 4], 150)
        sound = np.concatenate([np.zeros(4800, np.float32), soxr.resample(said.samples, said.rate, 16000)])
        soundfile.write(tmp_path / f"{at}.wav", np.concatenate([sound, np.zeros(4800, np.float32)]), 16000)
        heard = aligner.listen(Clip(str(at), tmp_path / f"{at}.wav"))
        other = TEXTS[(at + 1) % len(TEXTS)]
        texts = {"right": text, "wrong": other, "shifted": " ".join([*text.split()[1:], other.split()[0]])}
        for kind, given in texts.items():
            blank = int(heard.prepared.extra["blank"])
            try:
                spans = align(heard.log_probs, labels.encode(given, heard.prepared), blank)
            except BadInput:
                continue
            found[kind] += confidences(heard.log_probs, spans, [(0, len(spans))], blank, 0.02)
    for kind in ("wrong", "shifted"):
        assert len(found[kind]) >= 6
        assert auc([one.mean for one in found["right"]], [one.mean for one in found[kind]]) >= 0.9
        assert auc([one.worst for one in found["right"]], [one.worst for one in found[kind]]) >= 0.9
        assert auc([-one.margin for one in found["right"]], [-one.margin for one in found[kind]]) >= 0.9
