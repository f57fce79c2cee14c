"""Cohen's kappa: by the book, with its interval, in words that do not say more than the clips prove."""
from __future__ import annotations

import pytest

from core.errors import Refused
from core.evaluation.agreement import kappa


def both(yes: int, only_first: int, only_second: int, no: int) -> tuple[list[str], list[str]]:
    """Two lists with that many clips of each kind."""
    return (["a"] * (yes + only_first) + ["r"] * (only_second + no),
            ["a"] * yes + ["r"] * only_first + ["a"] * only_second + ["r"] * no)


@pytest.mark.parametrize(("counts", "value", "word"), [
    ((20, 5, 10, 15), 0.4, "moderate"),  # 35 of 50 the same, 50 % by chance
    ((45, 15, 25, 15), 0.1304, "slight"),
    ((25, 35, 5, 35), 0.2593, "fair"),
    ((0, 10, 10, 0), -1.0, "worse than by chance"),
    ((90, 1, 1, 8), 0.8779, "almost perfect"),
])
def test_kappa_is_the_one_of_the_book(counts: tuple[int, int, int, int], value: float, word: str) -> None:
    found = kappa(*both(*counts))
    assert found.kappa == pytest.approx(value, abs=1e-4) and found.word == word
    assert found.low is not None and found.high is not None and found.low <= value <= found.high
    assert f"{found.n_same} of {found.n} clips" in found.sentence and word in found.sentence


def test_more_clips_make_it_surer() -> None:
    few, many = kappa(*both(8, 2, 2, 8)), kappa(*both(80, 20, 20, 80))
    assert few.kappa == many.kappa
    assert (few.high or 0) - (few.low or 0) > 2 * ((many.high or 0) - (many.low or 0))
    assert "prove little" in few.sentence and "prove little" not in many.sentence


def test_what_cannot_be_told_is_said() -> None:
    found = kappa(["a"] * 9, ["a"] * 9)
    assert (found.kappa, found.low, found.n_same) == (None, None, 9)
    assert "nothing can be said" in found.sentence
    assert "room for 7 %" in kappa(*both(30, 0, 0, 20)).sentence
    for first, second in (([], []), (["a"], [])):
        with pytest.raises(Refused, match="the same clips"):
            kappa(first, second)


def test_the_same_lists_give_the_same_interval_and_order_does_not_matter() -> None:
    first, second = both(20, 5, 10, 15)
    assert kappa(first, second) == kappa(first, second)
    assert kappa(second, first).kappa == kappa(first, second).kappa
