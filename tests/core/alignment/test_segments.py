"""Segments: cut in pauses, edges in the quiet, no word cut or lost without a reason, none over another."""
from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.alignment.confidence import Confidence
from core.alignment.quiet import Silences
from core.alignment.segments import Dropped, Segment, SegmentOptions, doubts, segment
from core.types import Word

LIMITS = SegmentOptions()


def spoken(pauses: list[float], length: float = 0.4, start: float = 1.0) -> list[Word]:
    """Words of equal length, one more than there are pauses between them."""
    words = [Word("w0", start, start + length)]
    for at, pause in enumerate(pauses, 1):
        begin = words[-1].end + pause
        words.append(Word(f"w{at}", begin, begin + length))
    return words


def runs_of(words: list[Word]) -> list[tuple[float, float]]:
    """The speech is these words and nothing else."""
    return [(word.start, word.end) for word in words]


def test_a_pause_divides_and_silence_is_kept_on_both_sides() -> None:
    words = spoken([0.05] * 5 + [1.5] + [0.05] * 5)
    (one, two), dropped = segment(words, runs_of(words), 20.0)
    assert (one.first, one.last, two.first, two.last) == (0, 5, 6, 11) and not dropped
    assert one.start == pytest.approx(words[0].start - 0.3) and one.end == pytest.approx(words[5].end + 0.3)
    assert two.start == pytest.approx(words[6].start - 0.3)
    assert one.words_per_second == pytest.approx(6 / 2.65, abs=1e-3)
    assert one.coverage == pytest.approx(2.4 / 3.25, abs=1e-3)


def test_the_longest_pause_is_cut_first_and_the_end_of_a_sentence_counts_double() -> None:
    pauses = [0.3] * 49
    pauses[22] = 0.8
    words = spoken(pauses)
    found, _ = segment(words, runs_of(words), 99.0, options=SegmentOptions(max_seconds=30.0))
    assert [part.last for part in found] == [22, 49]
    words[28] = Word("done.”", words[28].start, words[28].end)
    pauses[22] = 0.5
    moved = [Word(now.text, at.start, at.end) for now, at in zip(words, spoken(pauses), strict=True)]
    found, _ = segment(moved, runs_of(moved), 99.0, options=SegmentOptions(max_seconds=30.0))
    assert [part.last for part in found] == [28, 49]


def test_edges_lie_in_the_quietest_moment() -> None:
    words = spoken([0.05] * 5 + [1.5] + [0.05] * 5)
    levels = np.full(2000, -40.0, np.float32)
    quiet = words[5].end + 0.17
    levels[round((quiet - 0.01) / 0.01)] = -70.0
    (one, _), _ = segment(words, runs_of(words), 99.0, levels)
    assert one.end == pytest.approx(quiet, abs=0.006)


def test_a_word_without_a_place_and_speech_that_the_text_lacks_end_a_segment() -> None:
    words: list[Word | None] = list(spoken([0.1] * 19))
    runs = runs_of([word for word in words if word])
    words[9] = None
    found, _ = segment(words, runs, 99.0)
    assert [(part.first, part.last) for part in found] == [(0, 8), (10, 19)]
    told = spoken([0.1] * 9 + [0.9] + [0.1] * 9)
    other = (told[9].end + 0.1, told[9].end + 0.8)
    found, _ = segment(told, [*runs_of(told[:10]), other, *runs_of(told[10:])], 99.0)
    assert [(part.first, part.last) for part in found] == [(0, 9), (10, 19)]
    assert found[0].end <= other[0] and found[1].start >= other[1]


def test_swapped_sections_come_in_the_order_of_their_time() -> None:
    late, early = spoken([0.1] * 9, start=20.0), spoken([0.1] * 9, start=1.0)
    found, dropped = segment([*late, *early], runs_of([*early, *late]), 99.0)
    assert [(part.first, part.last) for part in found] == [(10, 19), (0, 9)] and not dropped


def test_what_is_in_no_segment_is_told_why() -> None:
    words = [*spoken([]), *spoken([0.1] * 9, start=10.0), Word("under", 11.1, 11.6),
             *spoken([0.0] * 99, start=30.0), Word("endless", 80.0, 379.0), Word("—", 500.0, 500.0), None]
    found, dropped = segment(words, runs_of([word for word in words if word]), 600.0)
    assert [(part.first, part.last) for part in found] == [(1, 10)]
    assert dropped == [Dropped(0, 0, "short"), Dropped(11, 11, "overlap"), Dropped(12, 111, "long"),
                       Dropped(112, 112, "long"), Dropped(113, 113, "silent")]


def test_a_dash_goes_with_the_word_before_it_or_else_after() -> None:
    words = spoken([0.1] * 9)
    dashed: list[Word | None] = [Word("—", 0.0, 0.0), *words[:5], Word("—", words[4].end, words[4].end),
                                 *words[5:]]
    (found,), dropped = segment(dashed, runs_of(words), 99.0)
    assert (found.first, found.last) == (0, 11) and not dropped and found.words_per_second < 2.2


def test_doubtful_rates_and_confidences_are_named() -> None:
    def sure(asked: list[tuple[int, int]]) -> list[Confidence]:
        return [Confidence(0.9 if first else 0.3, 1.0, 0.0) for first, _ in asked]

    words = [*spoken([0.2] * 5), *spoken([0.0] * 40, length=0.1, start=20.0), *spoken([0.9] * 4, start=40.0)]
    found, _ = segment(words, runs_of(words), 99.0, sure=sure)
    assert [doubts(part) for part in found] == [("unsure",), ("fast",), ("slow",)]
    assert doubts(Segment(0, 1, 0.0, 2.0, 2.0, 0.9)) == ()
    assert doubts(found[0], SegmentOptions(confidence=0.2)) == ()


def recording(rng: np.random.Generator) -> tuple[list[Word | None], list[tuple[float, float]]]:
    """Words and pauses of all lengths; some have no place or lie over others; swapped sections."""
    lengths, pauses = rng.uniform(0.0, 0.9, 300), rng.choice([0, 0.05, 0.2, 0.4, 1.2, 4.0], 300)
    starts = np.cumsum(lengths + pauses) - lengths
    texts = rng.choice(["la", "end.", "so,"], 300)
    words: list[Word | None] = [Word(str(text), float(a), float(a + b)) for text, a, b
                                in zip(texts, starts, lengths, strict=True)]
    runs = [(word.start, word.end) for word in words if word and rng.random() < 0.95]
    runs += [(float(a), float(a) + 0.5) for a in rng.uniform(0, starts[-1], 10)]
    for at in rng.integers(0, 300, 12).tolist():
        words[at] = None
    for at in rng.integers(0, 299, 6).tolist():
        if (word := words[at]) is not None:
            words[at] = Word(word.text, word.start, word.end + float(rng.uniform(0, 30)))
    cut = sorted(rng.integers(0, 300, 2).tolist())
    words = words[cut[0]:cut[1]] + words[:cut[0]] + words[cut[1]:]
    joined: list[tuple[float, float]] = []
    for start, end in sorted(runs):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return words, joined


@pytest.mark.parametrize("seed", range(40))
def test_nothing_overlaps_is_cut_or_gets_lost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    words, runs = recording(rng)
    levels = rng.normal(-50, 5, 30_000).astype(np.float32)
    found, dropped = segment(words, runs, 600.0, levels if seed % 2 else None)
    assert found and dropped
    for part in found:
        inside = [word for word in words[part.first : part.last + 1] if word and word.end > word.start]
        assert all(words[part.first : part.last + 1]), "a word without a place is inside"
        assert part.start <= inside[0].start and inside[-1].end <= part.end + 0.011
        assert LIMITS.min_seconds <= part.end - part.start <= LIMITS.max_seconds
        assert part.start >= inside[0].start - 0.401 and part.end <= inside[-1].end + 0.401
        assert 0 < part.coverage <= 1.001
    assert all(a.end <= b.start for a, b in pairwise(found))
    taken = [at for part in [*found, *dropped] for at in range(part.first, part.last + 1)]
    assert sorted(taken) == [at for at, word in enumerate(words) if word is not None]


def test_an_edge_waits_for_the_tail_of_a_word_and_not_for_other_speech() -> None:
    quiet = Silences([(0.0, 1.05), (2.0, 3.0)], None, 0.1, 0.3)
    assert quiet.edges(1.0, 2.0) == pytest.approx((1.35, 1.7))
    quiet = Silences([(0.0, 1.3), (2.0, 3.0)], None, 0.1, 0.3)
    assert quiet.edges(1.0, 2.0) == pytest.approx((1.0, 1.7))
    assert quiet.longest(1.0, 2.0) == pytest.approx(0.7) and quiet.speech(1.0, 2.0) == pytest.approx(0.3)
    assert quiet.edges(2.2, 2.6) == (2.2, 2.6)


def test_a_segment_begins_where_it_must() -> None:
    said = [Word(f"w{n}", n * 0.5, n * 0.5 + 0.4) for n in range(12)]
    runs = [(0.0, 5.9)]
    whole, _ = segment(said, runs, 6.0)
    assert [(one.first, one.last) for one in whole] == [(0, 11)]
    parts, dropped = segment(said, runs, 6.0, breaks={6})
    assert [(one.first, one.last) for one in parts] == [(0, 5), (6, 11)] and not dropped
    assert parts[0].end <= parts[1].start
