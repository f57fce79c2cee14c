"""What is read aloud: a golden table of written and spoken texts, and what holds for every text."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from core.errors import BadInput
from core.text.convert import leftovers
from core.text.speakable import speakable

TABLE = [tuple(line.split("\t")) for line in
         Path(__file__).with_name("speakable.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("language", "written", "said"), TABLE)
def test_a_text_as_it_is_read_aloud(language: str, written: str, said: str) -> None:
    assert speakable(written, language) == said


@pytest.mark.parametrize(("language", "written", "said"), TABLE)
def test_once_is_enough_and_nothing_written_is_left(language: str, written: str, said: str) -> None:
    assert speakable(said, language) == said
    assert leftovers(said, language) == []
    silent = [char for char in said if unicodedata.category(char) in ("Cc", "Cf", "So", "Sm", "Sc", "Sk")]
    assert set(silent) <= {"\u200d"}, "only what joins the letters of a word stays unseen"


def test_paragraphs_stay_apart_and_wrapped_lines_do_not() -> None:
    assert speakable("One line\nwraps.\r\n \r\n\nNext \t one.") == "One line wraps.\n\nNext one."


def test_vowel_marks_stay_where_they_are_asked_for() -> None:
    assert speakable("مَرْحَبــًا", "ar", keep_marks=True) == "مَرْحَبًا"


def test_a_joiner_that_parts_a_persian_word_stays() -> None:
    assert speakable("می\u200cخواهم", "fa") == "می\u200cخواهم"


def test_numbers_in_a_language_without_number_names_are_refused() -> None:
    assert speakable("Ko au e fano", "tvl") == "Ko au e fano"
    with pytest.raises(BadInput, match="tvl"):
        speakable("Ko 25 au", "tvl")
