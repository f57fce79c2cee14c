"""Aligners on made speech: word starts against those that espeak-ng reports, and which wording was said."""
from __future__ import annotations

import ctypes.util
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from benchmarks.word_times import Made, made, measure
from core.config import STARTER
from core.errors import BadInput, Unavailable
from core.families import named, that
from core.families.base import Aligner, Aligns, Clip

pytestmark = pytest.mark.skipif(ctypes.util.find_library("espeak-ng") is None, reason="no libespeak-ng here")
WAYS = ["one two nine six", "twelve ninety six", "one thousand two hundred ninety six"]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    return list(made(tmp_path_factory.mktemp("spoken"), 8))


@pytest.fixture(scope="module", params=["pocketsphinx", "ctc"])
def aligner(request: pytest.FixtureRequest) -> Aligner:
    model = str(STARTER) if request.param == "ctc" else ""
    found: Aligner = named(request.param).aligner(model, device="cpu")
    return found


def said(folder: Path, text: str) -> Clip:
    import soundfile
    import soxr

    from tools.espeak_words import speak

    spoken = speak(text, "en-us", 140)
    hush = np.zeros(6000, np.float32)
    sound = np.concatenate([hush, soxr.resample(spoken.samples, spoken.rate, 16000), hush])
    soundfile.write(folder / "said.wav", sound, 16000)
    return Clip("said", folder / "said.wav")


def test_both_families_align_and_are_known_for_it() -> None:
    assert set(that(Aligns)) == {"ctc", "pocketsphinx"}


@pytest.mark.budget(40)  # the first one loads the model
def test_words_begin_where_they_were_begun(aligner: Aligner, spoken: list[Made]) -> None:
    found = measure(aligner, spoken)
    assert float(found["median_ms"]) <= 30 and float(found["p95_ms"]) <= 120 and float(found["failed"]) <= 1


def test_words_are_those_of_the_text_in_order(aligner: Aligner, tmp_path: Path) -> None:
    text = "The order — number, is twenty-five: thank you."
    clip = said(tmp_path, text)
    words = aligner.listen(clip).align(text)
    assert [word.text for word in words] == text.split()
    assert all(a.end <= b.start + 1e-6 for a, b in pairwise(words))
    assert words[2].start == words[2].end and all(w.end > w.start for w in words if w.text != "—")
    assert aligner.listen(clip).align(text) == words


@pytest.mark.parametrize("way", WAYS)
def test_of_several_wordings_the_spoken_one_fits_best(aligner: Aligner, tmp_path: Path, way: str) -> None:
    clip = said(tmp_path, f"order {way}, gate seven")
    first, second = aligner.listen(clip).compare(["order ", WAYS, ", gate ", ["seven", "eleven"], ""])
    assert max(first, key=lambda wording: first[wording]) == way and first[way] == 0.0
    assert max(second, key=lambda wording: second[wording]) == "seven"
    assert all(score <= 0 for score in (*first.values(), *second.values()))


def test_words_that_are_not_known_are_told(aligner: Aligner, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="ж"):
        aligner.listen(said(tmp_path, "hello")).align("жук")


def test_a_text_that_is_much_too_long_is_told(aligner: Aligner, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        aligner.listen(said(tmp_path, "yes")).align("nobody can say so many words " * 12)


def test_pocketsphinx_knows_english_only() -> None:
    with pytest.raises(Unavailable, match="English only, not “fr”"):
        named("pocketsphinx").aligner(language="fr")


@pytest.mark.slow
def test_both_engines_keep_within_their_errors(tmp_path: Path) -> None:
    clips = list(made(tmp_path, 80))
    for family, model in (("pocketsphinx", ""), ("ctc", str(STARTER))):
        found = measure(named(family).aligner(model), clips)
        assert float(found["failed"]) <= 4
        assert float(found["median_ms"]) <= 30 and float(found["p95_ms"]) <= 100
