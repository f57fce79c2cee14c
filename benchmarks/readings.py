"""Numbers to words: transcripts a second on one core, beside two peers over the same texts in the same run.

    python benchmarks/readings.py [--texts N] [--runs N] [--json]

The peers: every digit run through num2words with one regular expression (the same direction, one reading, no
choice), and Whisper's EnglishTextNormalizer (the other direction, words to digits), which speech people have
at hand. A ratio above 1 says how many times as many transcripts we do in a second.
"""
from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from num2words import num2words
from whisper.normalizers import EnglishTextNormalizer

from core.text.convert import to_words

PLAIN = (
    "It was a quiet morning and nobody said a word about the weather.",
    "She told me that I should have called before I came to the house.",
    "Please leave the parcel with the neighbour, thank you very much.",
    "We walked along the river until the lamps were lit in the town.",
)
CARRIERS = (
    "please check order number {} for me",
    "my phone number is {}, call me back",
    "there were {} people in the hall",
    "I was born in {} in a small town",
    "the room is {} on the second floor",
)
_DIGITS = re.compile(r"\d+")


def texts(count: int, seed: int = 1) -> tuple[list[str], list[str]]:
    """`count` transcripts without a number, and as many different ones with one number each."""
    rng = random.Random(seed)
    numbers = (rng.randrange(10 ** rng.randint(2, 8)) for _ in range(count))
    with_one = [CARRIERS[at % len(CARRIERS)].format(number) for at, number in enumerate(numbers)]
    return [PLAIN[at % len(PLAIN)] for at in range(count)], with_one


def by_regex(text: str) -> str:
    """The plain peer: each run of digits as num2words' cardinal."""
    return _DIGITS.sub(lambda found: num2words(int(found[0])), text)


def rate(work: Callable[[str], object], many: list[str]) -> float:
    """Texts a second of this process's CPU time (one core; other programs do not count)."""
    began = time.process_time()
    for text in many:
        work(text)
    return len(many) / (time.process_time() - began)


def measure(count: int, seed: int) -> dict[str, float]:
    """One round: all three over new texts, ours without anything remembered of these numbers."""
    without, with_one = texts(count, seed)
    whisper = EnglishTextNormalizer()
    return {
        "plain_per_s": rate(to_words, without),
        "number_per_s": rate(to_words, with_one),
        "num2words_plain_per_s": rate(by_regex, without),
        "num2words_number_per_s": rate(by_regex, with_one),
        "whisper_plain_per_s": rate(whisper, without[: count // 10]),
        "whisper_number_per_s": rate(whisper, with_one[: count // 10]),
    }


def main() -> None:
    """Rounds with texts of their own, the first (imports) thrown away; medians, and medians of each ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=5_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rounds = [measure(args.texts, seed) for seed in range(args.runs + 1)][1:]
    figures: dict[str, float] = {"texts": args.texts, "runs": args.runs}
    figures |= {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    for peer in ("num2words", "whisper"):
        for kind in ("plain", "number"):
            ratios = [one[f"{kind}_per_s"] / one[f"{peer}_{kind}_per_s"] for one in rounds]
            figures[f"{peer}_{kind}_ratio"] = statistics.median(ratios)
    print(
        json.dumps(figures)
        if args.json
        else f"without a number {figures['plain_per_s']:,.0f} transcripts a second "
        f"({figures['num2words_plain_ratio']:.2f} x num2words by a regex, "
        f"{figures['whisper_plain_ratio']:.1f} x Whisper's normaliser), with one number "
        f"{figures['number_per_s']:,.0f} ({figures['num2words_number_ratio']:.2f} x num2words by a regex, "
        f"{figures['whisper_number_ratio']:.1f} x Whisper's normaliser), median of {args.runs} rounds"
    )


if __name__ == "__main__":
    main()
