"""Chains: the heaviest one exactly, all sections in whatever order, and nothing where nothing is."""
from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from core.alignment.anchors import Anchor
from core.alignment.chain import Chain, chains
from core.alignment.matching import Pairs, candidates, pairs
from core.alignment.noise import best, noise
from core.alignment.rate import on_pace

Story = tuple[list[str], list[Anchor], set[tuple[int, int]]]
LETTERS = list("aeiouaeioutnsrlkmpgvfh")


def lexicon(rng: np.random.Generator, n: int) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < n:
        made["".join(rng.choice(LETTERS, rng.integers(2, 9)))] = None
    return sorted(made, key=len)


def prose(rng: np.random.Generator, n: int, n_words: int = 2000) -> list[str]:
    """Words as in speech: few are frequent, most are rare."""
    share = 1 / (np.arange(n_words) + 2.7)
    words = lexicon(np.random.default_rng(9), n_words)
    return [words[at] for at in rng.choice(n_words, n, p=share / share.sum())]


def spoken(
    rng: np.random.Generator, text: Sequence[str], order: Sequence[int], errors: float = 0.3
) -> tuple[list[Anchor], set[tuple[int, int]]]:
    """What a recogniser hears of these words of the text (-1: one that is not in it), and the true pairs."""
    anchors: list[Anchor] = []
    true = set()
    now = 0.0
    others = prose(rng, 2 * len(order))
    for at in order:
        now += rng.lognormal(-1.1, 0.35) + (rng.random() < 0.06) * rng.exponential(0.8)
        chance = rng.random() / errors
        if chance < 0.3:
            continue
        right = at >= 0 and chance >= 0.7
        true |= {(at, len(anchors))} if right else set()
        anchors.append(Anchor(text[at] if right else others.pop(), now, now + 0.25, None, "x"))
        if chance > 1 / errors - 0.3:
            anchors.append(Anchor(others.pop(), now + 0.26, now + 0.3, None, "x"))
    return anchors, true


def found_in(text: Sequence[str], anchors: Sequence[Anchor], threshold: float = 0.55) -> list[Chain]:
    return chains(candidates(text, [anchor.text for anchor in anchors], threshold), anchors)


def matched(found: Sequence[Chain]) -> set[tuple[int, int]]:
    return {(match.word, match.anchor) for chain in found for match in chain.matches}


def spans(found: Sequence[Chain]) -> list[tuple[int, int]]:
    return [(chain.first, chain.stop) for chain in found]


def heaviest(text: Sequence[int], place: Sequence[int], weight: Sequence[float]) -> float:
    """All subsets, one by one."""
    top = 0.0
    for size in range(1, len(text) + 1):
        for chosen in itertools.combinations(sorted(range(len(text)), key=lambda at: text[at]), size):
            steps = itertools.pairwise(chosen)
            if all(text[a] < text[b] and place[a] < place[b] for a, b in steps):
                top = max(top, sum(weight[at] for at in chosen))
    return top


@pytest.mark.budget(40)  # the first one waits while numba compiles
@pytest.mark.parametrize("seed", range(25))
def test_the_chain_is_the_heaviest_of_all_and_rises_strictly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 11))
    text, place = rng.integers(0, 5, n), rng.integers(0, 5, n)
    weight = rng.integers(1, 9, n).astype(np.float64)  # many ties
    on = best(text, place, weight)
    assert (np.diff(text[on]) > 0).all() and (np.diff(place[on]) > 0).all()
    assert weight[on].sum() == heaviest(text.tolist(), place.tolist(), weight.tolist())


def test_one_heavy_pair_wins_over_two_light_ones_and_no_word_is_used_twice() -> None:
    text, place = np.array([0, 1, 2, 2, 2]), np.array([0, 1, 2, 3, 4])
    assert best(text, place, np.ones(5)).tolist()[:2] == [0, 1] and len(best(text, place, np.ones(5))) == 3
    assert best(np.array([0, 1, 1]), np.array([1, 0, 2]), np.array([1.0, 9.0, 1.0])).tolist() == [1]
    assert best(text[:0], place[:0], np.ones(0)).tolist() == []


@pytest.mark.parametrize("errors", [0.1, 0.3, 0.5])
def test_a_text_is_found_through_the_errors_of_a_recogniser(errors: float) -> None:
    rng = np.random.default_rng(1)
    text = prose(rng, 1500)
    anchors, true = spoken(rng, text, range(1500), errors)
    found = found_in(text, anchors)
    got = matched(found)
    assert len(found) == 1 and len(got & true) >= 0.95 * len(true)
    assert len(got - true) <= 0.06 * len(got)
    assert found[0].start < 5 and found[0].end > anchors[-1].end - 5 and found[0].sure > 0.999


def test_missing_text_extra_speech_and_swapped_sections_are_told_apart() -> None:
    rng = np.random.default_rng(2)
    text = prose(rng, 3000)
    extra = [-1] * 150
    order = [*range(0, 600), *range(1800, 2400), *extra, *range(900, 1500), *range(600, 900), *extra]
    order += range(2700, 3000)
    anchors, true = spoken(rng, text, order)
    found = found_in(text, anchors)
    got = matched(found)
    assert len(got & true) >= 0.9 * len(true) and len(got - true) <= 0.02 * len(got)
    wanted = [(0, 600), (600, 900), (900, 1500), (1800, 2400), (2700, 3000)]
    assert len(found) == 5
    for (first, stop), (begin, end) in zip(spans(found), wanted, strict=True):
        assert abs(first - begin) <= 12 and abs(stop - end) <= 12
    times = [(chain.start, chain.end) for chain in found]
    assert all(a < b for a, b in times) and times[3] < times[2] < times[1] < times[4]
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(sorted(times)))


@pytest.mark.parametrize("seed", range(5))
def test_a_text_of_another_recording_is_not_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    text, other = prose(rng, 2000), prose(rng, 2000)
    anchors, _ = spoken(rng, other, range(2000), 0.2)
    assert found_in(text, anchors) == []
    shuffled = rng.permutation(np.array(other)).tolist()  # the same words, as often, in no order
    assert found_in(shuffled, anchors) == []


def test_phrases_that_two_texts_share_do_not_make_one_of_them_found() -> None:
    rng = np.random.default_rng(3)
    text, other = prose(rng, 2000), prose(rng, 2000)
    for _ in range(25):  # "ladies and gentlemen of the council"
        phrase = prose(rng, 6)
        for words in (text, other):
            at = int(rng.integers(0, 1990))
            words[at : at + 6] = phrase
    assert found_in(text, spoken(rng, other, range(2000), 0.1)[0]) == []


def planted(rng: np.random.Generator, n_true: int, false_per_true: int) -> tuple[Pairs, set[tuple[int, int]]]:
    """Anchors of a straight recording with a tenth of its words lost on either side, among random pairs."""
    n = int(n_true / 0.8)
    text = np.sort(rng.choice(n, n_true, replace=False))
    heard = text + 9 + np.cumsum(rng.choice([-1, 0, 0, 0, 1], n_true)).clip(-9, 9)  # words lost and added
    rising = np.diff(np.maximum.accumulate(heard), prepend=-1) > 0
    text, heard = text[rising], heard[rising]
    n_false = false_per_true * len(text)
    all_text = np.concatenate((text, rng.integers(0, n, n_false)))
    all_heard = np.concatenate((heard, rng.integers(0, n + 20, n_false)))
    similar = np.concatenate((rng.beta(5, 1, len(text)), rng.beta(1, 2, n_false))) * 0.45 + 0.55
    made = pairs(all_text, all_heard, similar, n, n + 20)
    return made, set(zip(text.tolist(), heard.tolist(), strict=True))


def steady(n: int) -> list[Anchor]:
    return [Anchor("", 0.35 * at, 0.35 * at + 0.3) for at in range(n)]


def test_true_pairs_are_found_among_a_hundred_times_as_many_false_ones() -> None:
    found, true = planted(np.random.default_rng(4), 3000, 100)
    got = matched(chains(found, steady(found.n_heard)))
    assert len(found) > 250_000
    assert len(got & true) >= 0.99 * len(true) and len(got - true) <= 0.01 * len(got)


def test_the_order_of_the_pairs_does_not_matter_and_the_result_is_always_the_same() -> None:
    rng = np.random.default_rng(5)
    found, _ = planted(rng, 300, 30)
    order = rng.permutation(len(found))
    mixed = pairs(found.text[order], found.heard[order], found.similarity[order], found.n_text, found.n_heard)
    anchors = steady(found.n_heard)
    assert chains(mixed, anchors) == chains(found, anchors) != []


def test_words_said_again_and_again_are_taken_one_by_one() -> None:
    rng = np.random.default_rng(11)
    text = [*prose(rng, 30), "no", "no", "no", "but", "yes", "yes", "no", "no", *prose(rng, 30)]
    anchors = [Anchor(word, at * 0.4, at * 0.4 + 0.3) for at, word in enumerate(text)]
    found = found_in(text, anchors)
    assert matched(found) == {(at, at) for at in range(68)} and spans(found) == [(0, 68)]
    fewer = found_in(text, [*anchors[:31], *anchors[32:]])  # one of three heard twice
    assert [match.anchor for match in fewer[0].matches] == list(range(67)) and len(fewer) == 1


def test_a_match_off_the_pace_is_dropped_and_a_pause_is_not() -> None:
    words = np.arange(60)
    seconds = 0.4 * words + np.random.default_rng(6).normal(0, 0.05, 60)
    seconds[30:] += 20.0  # a pause
    assert on_pace(words, seconds).all()
    seconds[12] += 4.0
    assert np.flatnonzero(~on_pace(words, seconds)).tolist() == [12]
    assert on_pace(words[:3], seconds[:3]).all() and on_pace(words[:0], seconds[:0]).all()


@pytest.fixture
def story() -> Story:
    rng = np.random.default_rng(7)
    text = prose(rng, 800)
    return text, *spoken(rng, text, range(800))


def test_an_anchor_by_hand_is_kept_and_rules_out_what_crosses_it(story: Story) -> None:
    text, anchors, true = story
    found = found_in(text, anchors)
    at = sorted(true)[300][1]
    wrong = sorted(true)[300][0] - 40  # a person says: this is the word forty words before
    anchors[at] = Anchor("anything", anchors[at].start, anchors[at].end, None, "hand")
    made = candidates(text, [anchor.text for anchor in anchors], placed={at: wrong})
    by_hand = chains(made, anchors)
    assert (wrong, at) in matched(by_hand) and (wrong, at) not in matched(found)
    crossing = [chain for chain in by_hand if chain.first <= wrong < chain.stop]
    assert len(crossing) == 1
    there = [(match.word, match.anchor) for match in crossing[0].matches]
    assert there == sorted(there) and len({anchor for _, anchor in there}) == len(there)


def test_one_anchor_by_hand_is_enough_where_nothing_else_was_heard() -> None:
    text = ["never", "heard", "words", "landmark", "follow"]
    anchors = [Anchor("zzz", 1.0, 1.2, None, "x"), Anchor("landmark", 5.0, 5.5, None, "hand")]
    found = found_in(text, anchors)
    assert matched(found) == {(3, 1)} and (found[0].start, found[0].end) == (5.0, 5.5)
    assert found_in(text, [Anchor("landmark", 5.0, 5.5, None, "x")]) == []
    for slip, n in (("landmrk", 1), ("land", 0), ("mark", 0)):
        assert len(found_in(text, [Anchor(slip, 5.0, 5.5, None, "hand")])) == n
    several = [*text, "landmark"]  # which of the two a person means is not known
    assert found_in(several, anchors) == []
    placed = candidates(several, [anchor.text for anchor in anchors], placed={1: 5})
    assert matched(chains(placed, anchors)) == {(5, 1)}


def test_the_text_begins_at_its_mark(story: Story) -> None:
    text, anchors, true = story
    later = [Anchor(one.text, one.start + 1000, one.end + 1000, None, "x") for one in anchors]
    everything = [*anchors, *later]
    made = candidates(text, [anchor.text for anchor in everything])
    found = chains(made, everything, begin=999.5)
    assert len(found) == 1 and (found[0].first, found[0].start) == (0, 999.5)
    n = len(anchors)
    assert len({(word, at - n) for word, at in matched(found)} & true) >= 0.9 * len(true)
    assert chains(made, everything, begin=3000) == []


def test_of_two_sources_at_one_time_only_one_was_said() -> None:
    rng = np.random.default_rng(8)
    text = prose(rng, 300)
    anchors, true = spoken(rng, text, range(300), 0.2)
    doubled = []
    for one in anchors:
        doubled += [one, Anchor(text[int(rng.integers(300))], one.start + 0.01, one.end, None, "y")]
    got = matched(found_in(text, doubled))
    assert len({(word, at // 2) for word, at in got if at % 2 == 0} & true) >= 0.95 * len(true)
    assert len({at // 2 for _, at in got}) == len(got)


def test_nothing_heard_or_nothing_written_is_nothing_found() -> None:
    heard = [Anchor("a", 0.0, 1.0)]
    assert found_in([], heard) == found_in(["a"], []) == found_in([], []) == found_in(["b"], heard) == []


def test_random_pairs_do_not_reach_what_a_chain_needs() -> None:
    rng = np.random.default_rng(10)
    for n in (40, 400, 4000):
        text, place = rng.integers(0, n, 5 * n), rng.integers(0, n, 5 * n)
        chance = noise(text, place, np.full(5 * n, 5.0), n)
        assert chance.chance(chance.least()) == pytest.approx(1e-4) and chance.loss > 0
        assert chances_taken(rng, n) == 0


def chances_taken(rng: np.random.Generator, n: int, tries: int = 10) -> int:
    taken = 0
    for _ in range(tries):
        drawn = rng.integers(0, n, (2, 5 * n))
        taken += len(chains(pairs(drawn[0], drawn[1], rng.uniform(0.55, 1, 5 * n), n, n), steady(n)))
    return taken
