"""The form for scoring, and differences as a reviewer sees them."""
from __future__ import annotations

import pytest

from core.text.difference import same, words_differ
from core.text.normalise import for_scoring


@pytest.mark.parametrize(
    ("text", "scored"),
    [
        ("Order, number: 0420!", "order number 0420"),
        ("Twenty-five  people’s", "twenty five people's"),
        ("'Don't' say “o'clock”", "don't say o'clock"),
        ("ＡＢＣ １２", "abc 12"),
        ("Straße", "strasse"),
        ("Tālofa ʻoe", "tālofa ʻoe"),
        ("snake_case $5 50%", "snake case 5 50"),
        ("नमस्ते, दुनिया", "नमस्ते दुनिया"),
        ("e\u0301te\u0301", "été"),
        ("zero oh", "zero oh"),
        (" \n—…", ""),
    ],
)
def test_for_scoring(text: str, scored: str) -> None:
    assert for_scoring(text) == scored
    assert for_scoring(scored) == scored


def test_same_ignores_case_punctuation_and_the_name_of_zero() -> None:
    assert same("Order oh four.", "order ZERO four")
    assert same("twenty-five", "Twenty five!")
    assert not same("oh dear", "zero dear")
    assert not same("order 12", "order one two")


def test_differences_show_the_original_spelling() -> None:
    assert words_differ("Order number one two, please.", "order one three please") == [
        ("equal", "Order", "order"),
        ("delete", "number", ""),
        ("equal", "one", "one"),
        ("replace", "two,", "three"),
        ("equal", "please.", "please"),
    ]
    assert words_differ("", "Hello there") == [("insert", "", "Hello there")]
    assert words_differ("A - b", "a b") == [("equal", "A - b", "a b")]
    assert words_differ("", "") == []


def test_dashed_words_align_with_open_ones() -> None:
    assert [op[0] for op in words_differ("forty-five dogs", "Forty five dogs")] == ["equal"]
    assert words_differ("oh four", "zero four") == [("equal", "oh four", "zero four")]


def test_no_difference_exactly_when_same() -> None:
    texts = ["Order oh four", "order zero four!", "order four", "", "well-known", "well known"]
    for left in texts:
        for right in texts:
            assert same(left, right) == all(op[0] == "equal" for op in words_differ(left, right))
