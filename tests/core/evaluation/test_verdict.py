"""Intervals and the verdict on base against tuned."""
from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest

from core.errors import BadInput, Refused
from core.evaluation.bootstrap import METRICS, paired, share_interval
from core.evaluation.rates import ItemScore, score_item
from core.evaluation.verdict import from_json, judge, to_json
from core.text.scripts import numbers_script
from core.text.spoken import to_digits
from tests.pace import within

PROMPTS = [draft.text for draft in numbers_script()][:24]
ORDINARY = [
    f"the weather on day {word} was quiet and mild again"
    for word in "monday tuesday friday sunday".split() * 5
]


def scored(texts: list[str], hypotheses: list[str]) -> list[ItemScore]:
    return [
        score_item(f"i{at}", text, said)
        for at, (text, said) in enumerate(zip(texts, hypotheses, strict=True))
    ]


BASE = scored(PROMPTS, [to_digits(prompt) for prompt in PROMPTS])
TUNED = scored(PROMPTS, PROMPTS)


def test_the_story_reads_as_better_with_every_figure() -> None:
    plain = scored(ORDINARY, ORDINARY)
    verdict = judge(BASE, TUNED, plain, plain)
    assert verdict.judgement == "better" and verdict.warnings == () and verdict.n_items == 24
    assert verdict.base.no_digit_share == 0 and verdict.tuned.no_digit_share == 1
    assert verdict.base.digit_error_rate == 0 and verdict.tuned.wer == 0 < 0.5 < verdict.base.wer
    assert verdict.intervals["wer"].high < 0 and verdict.intervals["regression_wer"].difference == 0
    for part in (
        "Better: on 24 held-out items",
        "to 0.0 %",
        "95 % sure",
        "from 0.0 % to 100.0 %",
        "at least 85.8 %",
        "is unharmed",
    ):
        assert part in verdict.sentence
    assert verdict.sentence.count(". ") == 0 and verdict.sentence.endswith(".")


def test_the_other_way_round_is_worse() -> None:
    assert judge(TUNED, BASE).judgement == "worse"
    assert "higher" in judge(TUNED, BASE).sentence


def test_no_change_is_no_clear_change() -> None:
    verdict = judge(BASE, BASE)
    assert (
        verdict.judgement == "no clear change"
        and verdict.intervals["wer"].low == verdict.intervals["wer"].high == 0
    )


def test_without_a_regression_set_it_says_not_measured() -> None:
    verdict = judge(BASE, TUNED)
    assert "ordinary speech was not measured" in verdict.sentence
    assert verdict.regression_base is None and "regression_wer" not in verdict.intervals


def test_harmed_ordinary_speech_qualifies_a_better() -> None:
    harmed = scored(ORDINARY, [text.replace("quiet", "riot") for text in ORDINARY])
    verdict = judge(BASE, TUNED, scored(ORDINARY, ORDINARY), harmed)
    assert verdict.judgement == "better" and verdict.sentence.startswith("Better, but with a reservation:")
    assert (
        "warning: ordinary speech got worse by 10.0 points" in verdict.sentence
        and "unharmed" not in verdict.sentence
    )


def test_two_points_are_allowed_and_a_few_words_are_named() -> None:
    one_wrong = scored(ORDINARY, [*ORDINARY[:-1], ORDINARY[-1].replace("quiet", "riot")])
    assert judge(BASE, TUNED, scored(ORDINARY, ORDINARY), one_wrong).warnings == ()
    few = scored(ORDINARY[:2], ORDINARY[:2])
    assert "20 words only" in judge(BASE, TUNED, few, few).sentence


def test_few_items_prove_little_and_five_prove_nothing() -> None:
    assert "8 held-out items prove little" in judge(BASE[:8], TUNED[:8]).sentence
    assert judge(BASE[:5], TUNED[:5]).judgement == "no clear change"
    assert "1 held-out item proves little" in judge(BASE[:1], TUNED[:1]).sentence


def test_words_right_but_digits_wrong_is_not_better() -> None:
    wrong = [prompt.replace("zero", "nine").replace("one", "four") for prompt in PROMPTS]
    verdict = judge(BASE, scored(PROMPTS, wrong))
    assert verdict.intervals["wer"].high < 0 < verdict.intervals["digit_error_rate"].low
    assert verdict.judgement == "no clear change" and "digits are recognised worse" in verdict.sentence


def test_a_few_wrong_digits_are_a_reservation() -> None:
    """Of a base that had none wrong, so that any is a clear change for the worse."""
    said = [prompt.rsplit(" ", 1)[0] for prompt in PROMPTS[:6]] + PROMPTS[6:]
    verdict = judge(BASE, scored(PROMPTS, said))
    assert 0 < verdict.intervals["digit_error_rate"].low < 0.02
    assert verdict.sentence.startswith("Better, but with a reservation:")
    assert "digits are recognised worse than before (" in verdict.sentence


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(Refused, match="no held-out item"):
        judge([], [])
    with pytest.raises(Refused, match=r"24 items.*23 items"):
        judge(BASE, TUNED[:-1])
    with pytest.raises(Refused, match="i0 has one text"):
        judge(BASE, [replace(TUNED[0], reference="other"), *TUNED[1:]])


def test_json_round_trip_and_a_broken_one() -> None:
    for verdict in (judge(BASE, TUNED), judge(BASE, TUNED, BASE, TUNED)):
        assert from_json(json.loads(json.dumps(to_json(verdict)))) == verdict
    with pytest.raises(BadInput, match="run the evaluation again"):
        from_json({"base": {}})


def test_pairing_is_by_id_and_the_seed_decides() -> None:
    shuffled = random.Random(1).sample(TUNED, len(TUNED))
    for metric in METRICS:
        assert paired(BASE, shuffled, metric) == paired(BASE, TUNED, metric)
    assert paired(BASE, TUNED, "wer", seed=1) != paired(BASE, TUNED, "wer", seed=2)


def made(rng: np.random.Generator, n: int, rate: float) -> list[ItemScore]:
    blank = score_item("", "", "")
    return [
        replace(blank, id=str(at), n_words=10, word_errors=int(rng.binomial(10, rate))) for at in range(n)
    ]


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for trial in range(100):
        interval = paired(made(rng, 40, 0.5), made(rng, 40, 0.3), "wer", n_resamples=400, seed=trial)
        hits += interval.low <= -0.2 <= interval.high
    assert 0.87 <= hits / 100 <= 1.0


def test_a_thousand_items_are_quick() -> None:
    rng = np.random.default_rng(0)
    base, tuned = made(rng, 1000, 0.5), made(rng, 1000, 0.4)
    interval = paired(base, tuned, "wer")
    assert interval.high < -0.05 and interval.n == 1000
    within(2, lambda: paired(base, tuned, "wer"))


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    # From the tables of the exact binomial interval (95 %).
    [
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (5, 10, 0.1871, 0.8129),
        (1, 20, 0.0013, 0.2487),
        (24, 24, 0.8575, 1.0),
        (0, 30, 0.0, 0.1157),
    ],
)
def test_share_interval_is_the_exact_one(k: int, n: int, low: float, high: float) -> None:
    assert share_interval(k, n) == pytest.approx((low, high), abs=1e-4)


def test_share_interval_at_its_edges() -> None:
    assert share_interval(0, 0) == (0.0, 1.0)
    low, high = share_interval(5000, 10000)
    assert low == pytest.approx(0.4901, abs=2e-4) and high == pytest.approx(0.5099, abs=2e-4)
    with pytest.raises(ValueError, match="3 of 2"):
        share_interval(3, 2)
