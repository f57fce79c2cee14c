"""Anchors of many sources become one list: what agrees stands once, and a person has the last word."""
from __future__ import annotations

import itertools
import random

from core.alignment.anchors import Anchor, merge, slots

WHISPER = [Anchor("Talofa", 1.0, 1.4, 0.7, "whisper:tiny"), Anchor("mayor", 1.6, 2.0, 0.4, "whisper:tiny")]
CTC = [Anchor("tālofa", 1.05, 1.38, 0.9, "ctc:starter"), Anchor("maea", 1.62, 2.01, 0.6, "ctc:starter")]


def test_the_same_word_at_the_same_time_is_one_with_both_names_and_the_better_score() -> None:
    merged = merge([WHISPER, CTC])
    assert merged[0] == Anchor("tālofa", 1.05, 1.38, 0.9, "ctc:starter + whisper:tiny")
    assert [anchor.text for anchor in merged[1:]] == ["mayor", "maea"]


def test_the_order_of_sources_and_of_their_words_does_not_matter() -> None:
    rng = random.Random(0)
    sources = [
        [Anchor(rng.choice("abc"), at, at + rng.uniform(0.1, 0.5), rng.choice((None, rng.random())), name)
         for at in (rng.uniform(0, 20) for _ in range(60))]
        for name in ("x", "y", "hand")
    ]
    wanted = merge(sources)
    for order in itertools.permutations(sources):
        assert merge([rng.sample(source, len(source)) for source in order]) == wanted


def test_what_one_source_heard_twice_was_said_twice() -> None:
    first = [Anchor("no", at, at + 0.2, None, "x") for at in (0.0, 0.25, 0.5)]
    second = [Anchor("no", at + 0.08, at + 0.28, 0.5, "y") for at in (0.0, 0.25, 0.5)]
    assert [anchor.source for anchor in merge([first, second])] == ["x + y"] * 3
    assert [anchor.start for anchor in merge([first, second])] == [0.08, 0.33, 0.58]


def test_the_same_word_elsewhere_and_another_spelling_of_it() -> None:
    far = [Anchor("talofa", 3.0, 3.4, 0.2, "file:a.srt")]
    assert len(merge([WHISPER[:1], far])) == 2
    assert len(merge([[Anchor("fanga", 0, 1, None, "x")], [Anchor("faga", 0, 1, None, "y")]], "tvl")) == 1


def test_a_person_has_the_last_word() -> None:
    hand = [Anchor("talofa", 1.1, 1.3, None, "hand"), Anchor("Maea", 1.7, 1.7, None, "hand")]
    merged = merge([WHISPER, hand, CTC])
    assert [(one.text, one.start, one.end) for one in merged] == [("talofa", 1.1, 1.3), ("Maea", 1.7, 1.7)]
    assert [one.source for one in merged] == ["hand + ctc:starter + whisper:tiny", "hand + ctc:starter"]
    assert all(anchor.by_hand for anchor in merged) and not WHISPER[0].by_hand


def test_different_words_at_one_time_share_a_place_and_words_in_a_row_do_not() -> None:
    assert slots(merge([WHISPER, CTC])) == [0, 1, 1]
    assert slots([Anchor("a", at / 2, at / 2 + 0.9, None, "x") for at in range(4)]) == [0, 1, 2, 3]
    assert slots([]) == [] and merge([]) == [] and merge([[], []]) == []
