"""The text of a long recording: sentences, numbers in words, and where each written word went."""
from __future__ import annotations

from core.runs.long.text import LONGEST, text_of


def test_sentences_end_at_their_marks_and_at_lines() -> None:
    text = text_of([{"id": 7, "text": "He came. She “went.” Why?\nno end\n\n  \nlast"}], "en")
    made = [" ".join(text.words[s.first : s.stop]) for s in text.sentences]
    assert made == ["He came.", "She “went.”", "Why?", "no end", "last"]
    assert {s.section for s in text.sentences} == {7}


def test_numbers_become_words_and_each_written_word_is_found_again() -> None:
    text = text_of([{"id": 1, "text": "order 42 is here"}, {"id": 2, "text": "so it is"}], "en")
    assert " ".join(text.words[: len(text.words) - 3]).startswith("order ")
    assert not any(char.isdigit() for word in text.words for char in word)
    written = text.places[1]
    assert text.words[written[0]] == "order" and text.words[written[3]] == "here"
    assert written[1] == 1 and [text.words[at] for at in text.places[2]] == ["so", "it", "is"]


def test_a_sentence_without_an_end_is_cut() -> None:
    text = text_of([{"id": 1, "text": "word " * (2 * LONGEST + 5)}], "en")
    assert [s.stop - s.first for s in text.sentences] == [LONGEST, LONGEST, 5]


def test_a_language_without_number_words_keeps_its_digits() -> None:
    text = text_of([{"id": 1, "text": "naa 42 tala"}], "tvl")
    assert text.words == ("naa", "42", "tala") and text.places[1] == (0, 1, 2)


def test_nothing_gives_nothing() -> None:
    assert text_of([], "en").words == ()
    assert text_of([{"id": 1, "text": " \n "}], "en").sentences == ()
