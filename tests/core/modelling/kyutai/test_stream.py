"""Where each piece of a word stands: the delay, the mark before, and words that wait for their turn."""

from __future__ import annotations

import random

import pytest

from core.modelling.kyutai.stream import Rule, Timed, lay, pieces_of

RULE = Rule(0.5)


def shown(tokens: tuple[int, ...]) -> str:
    """`.` for padding, `|` for the mark, a letter for a piece."""
    return "".join({3: ".", 0: "|"}.get(token, chr(token)) for token in tokens)


def word(start: float, text: str) -> Timed:
    return Timed(start, tuple(map(ord, text)))


@pytest.mark.parametrize(
    ("words", "frames", "stream"),
    [
        ([], 5, "....."),
        ([word(0.0, "ab")], 10, ".....|ab.."),  # floor(0.5 * 12.5) = 6
        ([word(0.08, "a")], 10, "......|a.."),
        ([word(0.0, "a"), word(0.32, "b")], 14, ".....|a..|b..."),
        ([word(0.0, "abc"), word(0.32, "d")], 14, ".....|abc|d..."),
        ([word(0.0, "abcd"), word(0.32, "e")], 14, ".....|abcde..."),  # no room for a mark
        ([word(0.0, "abcde"), word(0.08, "fg"), word(0.16, "h")], 16, ".....|abcdefgh.."),  # a queue
        ([word(0.0, "abcdef")], 10, ".....|abcd"),
        ([word(0.0, "a"), word(9.0, "b")], 9, ".....|a.."),
    ],
)
def test_the_stream(words: list[Timed], frames: int, stream: str) -> None:
    assert shown(lay(words, frames, RULE).tokens) == stream


def test_the_delay_is_the_models() -> None:
    assert [lay([word(1.0, "a")], 60, Rule(delay)).tokens.index(ord("a")) for delay in (0.5, 2.5)] == [18, 43]
    assert Rule(0.5).delay_frames == 6 and Rule(2.5).delay_frames == 31


def test_a_wait_and_a_cut_are_told() -> None:
    laid = lay([word(0.0, "abcde"), word(0.08, "fg"), word(0.56, "h")], 13, RULE)
    assert laid.waits == (0.0, pytest.approx(0.32), 0.0) and laid.backlog == pytest.approx(0.32)
    assert laid.cut == (2,)
    assert lay([], 3, RULE).backlog == 0.0


def test_nothing_is_lost_and_the_time_comes_back() -> None:
    """Whatever the words are, all pieces stand in order, no sooner than their sound and delay."""
    draw = random.Random(5)
    for _ in range(200):
        starts = sorted(draw.uniform(0, 8) for _ in range(draw.randint(0, 25)))
        words = [word(start, "xyz"[: draw.randint(1, 3)]) for start in starts]
        laid = lay(words, 300, RULE)
        assert [piece for _, piece in pieces_of(laid.tokens)] == [p for w in words for p in w.pieces]
        assert not laid.cut
        for number, said in enumerate(words):
            first = laid.owners.index(number)
            assert abs(RULE.seconds(first) - laid.waits[number] - said.start) <= 0.08 + 1e-9
            before = laid.owners[first - 1]
            assert laid.tokens[first - 1] == RULE.epad if before == -1 else before == number - 1


def test_times_that_are_whole_frames_are_not_rounded_down() -> None:
    for frame in range(2000):
        assert RULE.frame(frame / 12.5 - 0.5) == frame
