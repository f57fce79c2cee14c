"""Error rates over sets and items."""
from __future__ import annotations

import pytest

from core.evaluation.rates import Rate, cer, digit_errors, exact_numbers, no_digit_share, score_item, wer

SPOKEN = "order one two nine six eight zero three"


def test_wer_compares_as_written() -> None:
    assert wer([SPOKEN], ["Order, one two nine six eight zero three."]) == Rate(0, 8)
    assert wer([SPOKEN], ["order 1296803"]) == Rate(7, 8)
    assert wer(["a b", "c"], ["a", "c d"]) == Rate(2, 3)
    assert wer(["a b"], ["b"]).rate == 0.5


def test_empty_sides_count_and_never_divide_by_zero() -> None:
    assert wer([""], ["a b"]) == Rate(2, 0) and Rate(2, 0).rate == 2.0
    assert wer(["a b", ""], ["", "..."]) == Rate(2, 2)
    assert wer([], []).rate == cer([], []).rate == digit_errors([], []).rate == 0.0
    with pytest.raises(ValueError, match="2 texts against 1"):
        wer(["a", "b"], ["a"])


def test_cer_counts_characters_of_the_scored_text() -> None:
    assert cer(["Abc d."], ["abd d"]) == Rate(1, 5)
    assert cer([""], [""]) == Rate(0, 0)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "errors", "total"),
    [
        (SPOKEN, "order 1296803", 0, 7),
        (SPOKEN, "order one two nine six eight oh three", 0, 7),
        ("triple five oh", "5 5 5 zero", 0, 4),
        ("pin oh four", "pin 4", 1, 2),
        ("pin four", "pin 0 4", 1, 1),
        ("hello", "hello 12", 2, 0),
        ("twelve ninety six", "1296", 0, 4),
        (SPOKEN, "order", 7, 7),
        ("one two and three", "12 3", 0, 3),
    ],
)
def test_digit_errors_compare_like_with_like(
    reference: str, hypothesis: str, errors: int, total: int
) -> None:
    assert digit_errors([reference], [hypothesis]) == Rate(errors, total)


def test_exact_numbers_want_every_digit() -> None:
    assert exact_numbers(["ticket one two and invoice oh three"], ["ticket 12 and invoice 3"]) == Rate(1, 2)
    assert exact_numbers([SPOKEN], ["code 1296803 or 5"]) == Rate(0, 1)
    assert exact_numbers(["hello"], ["hello"]) == Rate(0, 0)


def test_no_digit_share_wants_words() -> None:
    assert no_digit_share(["order one", "order 1", "٣", "a"]) == 0.5
    assert no_digit_share(["", "..."]) == 0.0
    assert no_digit_share([]) == 0.0


def test_an_item_holds_the_counts_of_the_sets() -> None:
    item = score_item("t1", SPOKEN, "Order 1296804")
    assert (item.word_errors, item.n_words) == (7, 8)
    assert (item.digit_errors, item.n_digits, item.number_errors, item.n_numbers) == (1, 7, 1, 1)
    assert item.has_digits and not item.is_empty and item.n_chars == len(SPOKEN)
    assert score_item("t2", "a", " . ").is_empty
