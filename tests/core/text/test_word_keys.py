"""What is one word to the ear has one key; what is another word keeps its own."""
from __future__ import annotations

import pytest

from core.text.word_keys import VARIANTS, key


@pytest.mark.parametrize(
    ("written", "heard", "language"),
    [
        ("Order,", "order", "en"),
        ("«L’été»", "lete", "fr"),
        ("Sāmoa", "samoa", "sm"),
        ("faʻaaloalo", "fa'aaloalo", "sm"),
        ("faʔafetai", "faafetai", ""),
        ("’Okina", "okina", "haw"),
        ("well-known", "wellknown", "en"),
        ("Straße", "STRASSE", "de"),
        ("Müller", "Mueller", "de"),
        ("colour", "color", "en"),
        ("organise", "organize", "en-GB"),
        ("fanga", "faga", "tvl"),
        ("ffafine", "fafine", "tvl"),
        ("Māori", "Maaori", "mi"),
        ("ﬁn", "fin", ""),
        ("Łódź", "lodz", "pl"),
        ("أَحْمَد", "احمد", "ar"),
    ],
)
def test_spellings_of_one_word_meet(written: str, heard: str, language: str) -> None:
    assert key(written, language) == key(heard, language) != ""


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("fanga", "faga", "en"),
        ("Mueller", "Muller", "en"),
        ("कि", "कु", "hi"),
        ("が", "か", "ja"),
        ("ปา", "ป่า", "th"),
        ("12", "twelve", "en"),
    ],
)
def test_words_that_differ_stay_apart(one: str, other: str, language: str) -> None:
    assert key(one, language) != key(other, language)


def test_the_key_of_a_key_is_itself() -> None:
    words = ("Organised", "neuʻe", "Kāinga", "mmafa", "Queue", "dr.", "geese", "ngā", "yy", "tour")
    for language in ("", *VARIANTS):
        for word in words:
            once = key(word, language)
            assert key(once, language) == once


@pytest.mark.parametrize("nothing", ["", "—", "...", "ʻ", "♪"])
def test_without_letters_there_is_no_key(nothing: str) -> None:
    assert key(nothing, "sm") == ""
