"""The chain on planted anchors: true ones kept, false ones among them, seconds; beside a plain bisect chain.

    python benchmarks/chain.py [--pairs N] [--words N] [--seed S] [--json]

Planted: a text read aloud and heard by a recogniser that loses, mishears and adds a tenth of the words each;
its true pairs among a hundred times as many false ones, anywhere. Once with similarities as fuzzy matching
gives them, once blind, with all of them 1. The peer is the longest increasing subsequence by bisection in
pure Python, unweighted, on the same pairs; a ratio above 1 says how many times as long it takes.

Realistic: words of letters, frequent and rare as in speech, 10 % lost, 10 % added, 15 % misheard (two of
three of those by a letter or two), 20 % of the text not spoken, 10 % more spoken, two sections swapped; from
words and anchors to chains, the fuzzy matching included.
"""
from __future__ import annotations

import argparse
import json
import sys
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.alignment.anchors import Anchor
from core.alignment.chain import Chain, chains
from core.alignment.matching import Pairs, candidates, pairs

Ints = npt.NDArray[np.int64]
Pair = tuple[int, int]
Clocks = tuple[float, float]
FALSE_PER_TRUE = 100
ERRORS = 0.3  # lost, misheard and added words together
SECTIONS = 20
LETTERS = list("aeiouaeiountfslmgkpvh")


def word_times(rng: np.random.Generator, n: int) -> Iterable[float]:
    """When each of `n` words begins, seconds: about three a second, and a pause now and then."""
    pauses = (rng.random(n) < 0.06) * rng.exponential(0.8, n)
    times: list[float] = np.cumsum(rng.lognormal(np.log(0.33), 0.35, n) + pauses).tolist()
    return times


def heard_of(rng: np.random.Generator, n: int) -> tuple[list[int], list[Pair]]:
    """What is heard of `n` words: the word that was spoken at each anchor, and the pairs that are true."""
    spoken: list[int] = []
    true = []
    for word, lot in enumerate(rng.random(n) * 3 / ERRORS):
        if lot < 1:  # lost
            continue
        if lot >= 2:  # else misheard
            true.append((word, len(spoken)))
        spoken.append(word)
        if rng.random() < ERRORS / 3:  # added
            spoken.append(word)
    return spoken, true


def plant(n_pairs: int, seed: int, blind: bool) -> tuple[Pairs, list[Anchor], set[Pair]]:
    """True pairs of one recording among `FALSE_PER_TRUE` times as many others, `n_pairs` together."""
    rng = np.random.default_rng(seed)
    n_true = n_pairs // (FALSE_PER_TRUE + 1)
    n_text = round(n_true / (1 - ERRORS * 2 / 3))
    spoken, true = heard_of(rng, n_text)
    starts = list(word_times(rng, n_text))
    times = np.maximum.accumulate([starts[word] for word in spoken]) + 1e-3 * np.arange(len(spoken))
    n_false = n_pairs - len(true)
    right = np.array([word * len(spoken) + at for word, at in true])
    wrong = np.setdiff1d(rng.choice(n_text * len(spoken), n_pairs, replace=False), right)
    text, heard = np.divmod(np.concatenate((right, rng.permutation(wrong)[:n_false])), len(spoken))
    likeness = np.concatenate((rng.beta(5, 1, len(true)), rng.beta(1, 2, n_false))) * 0.45 + 0.55
    similarity = np.ones(n_pairs) if blind else likeness
    anchors = [Anchor("", at, at + 5e-4) for at in times.tolist()]
    return pairs(text, heard, similarity, n_text, len(spoken)), anchors, set(true)


def clocks() -> Clocks:
    """Wall time, and time of this process alone: a busy machine stretches the first."""
    return time.perf_counter(), time.process_time()


def by_bisect(found: Pairs) -> set[Pair]:
    """The peer: the longest chain, each pair as good as any other."""
    listed = sorted(zip(found.text.tolist(), (-found.heard).tolist(), strict=True))
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, (_, heard) in enumerate(listed):
        place = bisect_left(tails, -heard)
        before.append(last[place - 1] if place else -1)
        tails[place : place + 1], last[place : place + 1] = [-heard], [at]
    chosen = set()
    at = last[-1] if last else -1
    while at >= 0:
        chosen.add((listed[at][0], -listed[at][1]))
        at = before[at]
    return chosen


def matched(found: Sequence[Chain]) -> set[Pair]:
    """All pairs of all chains."""
    return {(match.word, match.anchor) for chain in found for match in chain.matches}


def judged(got: set[Pair], true: set[Pair], began: Clocks) -> dict[str, Any]:
    """Seconds since `began`, and shares in percent: of the true ones that were kept, of those kept that are
    false."""
    seconds, cpu_seconds = (now - then for now, then in zip(clocks(), began, strict=True))
    return {
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds, 3),
        "true": len(true),
        "true_kept": len(got & true),
        "false_kept": len(got - true),
        "true_kept_percent": round(100 * len(got & true) / max(1, len(true)), 3),
        "false_percent": round(100 * len(got - true) / max(1, len(got)), 3),
    }


def measure_planted(n_pairs: int, seed: int, blind: bool) -> dict[str, Any]:
    """Ours and the peer on the same pairs, and how many times as long the peer takes."""
    found, anchors, true = plant(n_pairs, seed, blind)
    began = clocks()
    ours = judged(matched(chains(found, anchors)), true, began)
    began = clocks()
    theirs = judged(by_bisect(found), true, began)
    ratio = theirs["cpu_seconds"] / ours["cpu_seconds"]
    return {"pairs": len(found), "voicewright": ours, "bisect": theirs, "ratio": round(ratio, 2)}


def lexicon(rng: np.random.Generator, n: int) -> list[str]:
    """Different words of 2 to 9 letters, the short ones first: they are the frequent ones."""
    made: dict[str, None] = {}
    while len(made) < n:
        made["".join(rng.choice(LETTERS, rng.integers(2, 10)))] = None
    return sorted(made, key=lambda word: len(word) + rng.normal(0, 2))


def draw(rng: np.random.Generator, words: Sequence[str], n: int) -> list[str]:
    """`n` words by Zipf's law."""
    share = 1 / (np.arange(len(words)) + 2.7)
    return [words[at] for at in rng.choice(len(words), n, p=share / share.sum())]


def spelled_badly(rng: np.random.Generator, word: str) -> str:
    """With one letter or two changed, lost or added."""
    letters = list(word)
    for _ in range(1 + int(rng.random() < 0.4)):
        at, lot = int(rng.integers(len(letters))), rng.random()
        if lot < 0.6:
            letters[at] = str(rng.choice(LETTERS))
        elif lot < 0.8 and len(letters) > 1:
            letters.pop(at)
        else:
            letters.insert(at, str(rng.choice(LETTERS)))
    return "".join(letters)


def order_of(rng: np.random.Generator, n: int) -> list[int]:
    """Which words are spoken in which order, -1 for one that the text lacks: of 20 sections 4 are missing and
    two have changed places; 10 % more is said in between."""
    sections = [list(part) for part in np.array_split(np.arange(n), SECTIONS)]
    sections[5], sections[12] = sections[12], sections[5]
    missing = set(rng.choice([at for at in range(SECTIONS) if at not in (5, 12)], 4, replace=False).tolist())
    order: list[int] = []
    for at, section in enumerate(sections):
        order += [] if at in missing else [int(word) for word in section]
        order += [-1] * (n // 40) if at % 5 == 1 else []
    return order


def measure_realistic(n_words: int, seed: int) -> dict[str, Any]:
    """From the words of a text and what was heard to chains; `far` are false ones that lie more than two
    words from where they belong."""
    rng = np.random.default_rng(seed)
    words = lexicon(rng, max(50, n_words * 2 // 5))
    text, others = draw(rng, words, n_words), draw(rng, words, 2 * n_words)
    order = order_of(rng, n_words)
    spoken, _ = heard_of(rng, len(order))
    heard: list[str] = []
    true: set[Pair] = set()
    for before, at in zip([-1, *spoken], spoken, strict=False):
        word, lot = order[at], 1.0 if before == at else rng.random()
        if word < 0 or before == at or lot < ERRORS / 6:
            heard.append(others.pop())
            continue
        true.add((word, len(heard)))
        heard.append(spelled_badly(rng, text[word]) if lot < ERRORS / 2 else text[word])
    starts = list(word_times(rng, len(order)))
    anchors = [Anchor(word, starts[at] + 1e-3 * place, starts[at] + 1e-3 * place + 5e-4)
               for place, (at, word) in enumerate(zip(spoken, heard, strict=True))]
    began = clocks()
    found = candidates(text, heard)
    matching = clocks()[0] - began[0]
    ours = chains(found, anchors)
    figures = judged(matched(ours), true, began)
    near = {(word + a, at + b) for word, at in true for a in range(-2, 3) for b in range(-2, 3)}
    candidate = set(zip(found.text.tolist(), found.heard.tolist(), strict=True))
    return figures | {
        "words": n_words, "pairs": len(found), "matching_seconds": round(matching, 3), "chains": len(ours),
        "true_among_candidates_percent": round(100 * len(candidate & true) / max(1, len(true)), 2),
        "far": len(matched(ours) - near),
    }


def main() -> None:
    """One round of each, after one on a small set: numba compiles then, or loads what it compiled before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--words", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    began = time.perf_counter()
    measure_planted(20_000, args.seed, False)
    figures: dict[str, Any] = {"first_call_seconds": round(time.perf_counter() - began, 2)}
    figures["planted"] = planted = measure_planted(args.pairs, args.seed, False)
    figures["planted_blind"] = blind = measure_planted(args.pairs, args.seed, True)
    figures["realistic"] = real = measure_realistic(args.words, args.seed)
    if args.json:
        print(json.dumps(figures))
        return
    for name, one in (("planted", planted), ("planted, blind", blind)):
        print(f"{name}: {one['pairs']:,} pairs, the peer takes {one['ratio']} times as long")
        for engine in ("voicewright", "bisect"):
            print(f"  {engine:12}{told(one[engine])}")
    print(f"realistic: {real['words']:,} words, {real['pairs']:,} pairs (they hold "
          f"{real['true_among_candidates_percent']} % of the true ones), {real['chains']} chains\n"
          f"  {told(real)}, {real['far']} of them more than two words off")


def told(one: dict[str, Any]) -> str:
    """A line of figures."""
    return (f"{one['seconds']:.2f} s ({one['cpu_seconds']:.2f} s of one core), "
            f"{one['true_kept_percent']} % of {one['true']:,} true kept, "
            f"{one['false_percent']} % of those kept false ({one['false_kept']})")


if __name__ == "__main__":
    main()
