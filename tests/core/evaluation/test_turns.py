"""When a client would end a turn, and how often that cuts a caller off."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput, Refused
from core.evaluation import turns
from core.evaluation.turns import Heard, Rule

RULE = Rule()


def heads(text: str, head: int = 2) -> turns.Array:
    """(frames, 4): `#` is a spike of one head."""
    made = np.full((len(text), 4), 0.1, np.float32)
    made[[i for i, sign in enumerate(text) if sign == "#"], head] = 0.99
    return made


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("." * 20 + "###..", [15], [22]),
        ("." * 20 + "##.##", [15], []),  # not held
        ("." * 20 + "######", [15], [22]),  # once a pause
        ("." * 20 + "###...###", [15], [22]),  # no new word
        ("." * 20 + "###...###", [15, 24], [22, 28]),
        ("." * 20 + "#########", [15, 24], [22]),  # it never fell
        ("." * 20 + "###", [], []),  # nobody said anything
        ("." * 20 + "######", [24], [24]),  # a word while it is held
        ("#" * 12 + "...", [1], []),  # the first frames do not count
        ("#" * 15, [1], [14]),
    ],
)
def test_when_a_turn_ends(text: str, words: list[int], found: list[int]) -> None:
    assert turns.ends(heads(text), words, RULE) == found


def test_head_threshold_and_hold_can_be_moved() -> None:
    spikes = heads("." * 20 + "##...", head=1)
    assert turns.ends(spikes, [15], Rule(head=1, hold=2)) == [21]
    assert turns.ends(spikes, [15], Rule(head=1, hold=2, threshold=0.995)) == []
    assert turns.ends(spikes, [15], RULE) == []
    with pytest.raises(BadInput, match="no pause head 4"):
        turns.ends(spikes, [15], Rule(head=4))


def utterance(name: str, text: str, finished: float, is_number: bool = True) -> Heard:
    return Heard(name, heads(text), (14,), 12.5, 13, finished, is_number)


EARLY, LATE = "." * 20 + "###" + "." * 40, "." * 50 + "###" + "." * 10


def test_early_is_before_the_speaker_had_finished() -> None:
    cut, well = (turns.judged(utterance("a", text, 2.0), RULE) for text in (EARLY, LATE))
    assert cut.early == ((22 - 13) / 12.5,) and not cut.is_ended
    assert well.early == () and well.is_ended
    assert turns.judged(utterance("a", EARLY, 0.8), RULE).early == (), "within what word times can tell"


def test_base_against_tuned() -> None:
    base = [utterance(f"n{i}", EARLY if i < 14 else LATE, 2.5) for i in range(30)]
    tuned = [utterance(f"n{i}", EARLY if i == 20 else LATE, 2.5) for i in range(30)]
    more = [utterance(f"o{i}", LATE, 2.5, is_number=False) for i in range(5)]
    found = turns.compare([*tuned, *more], [*base, *more])
    assert found.sentence.startswith("Callers cut off in mid-number: 14 of 30 → 1 of 30 (fewer, p = ")
    assert "cut off in ordinary speech: 0 of 5 → 0 of 5 (no difference" in found.sentence
    assert found.numbers and found.numbers.base and found.cut == ("n20",)
    assert (found.numbers.base.ended, found.numbers.tuned.ended) == (16, 29)
    assert found.numbers.p == pytest.approx(2 * sum((1, 15)) / 2**15)
    assert turns.from_json(turns.to_json(found)) == found and turns.from_json(None) is None


def test_one_model_alone() -> None:
    found = turns.compare([utterance("a", EARLY, 2.5), utterance("b", LATE, 2.5)])
    assert found.numbers and found.numbers.base is None and found.ordinary is None
    assert found.sentence.startswith("Callers cut off in mid-number: 1 of 2 (with 95 % certainty 1 to 99 %")
    with pytest.raises(Refused, match="no utterances"):
        turns.compare([])
    with pytest.raises(Refused, match="same utterances"):
        turns.compare([utterance("a", EARLY, 2.5)], [utterance("b", EARLY, 2.5)])
    with pytest.raises(BadInput, match="cannot be read"):
        turns.from_json({"numbers": None})
