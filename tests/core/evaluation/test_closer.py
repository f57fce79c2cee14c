"""The closer look: groups that one speaker spoils, the ten worst, the manager's sentence, and JSON."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest

from core.errors import BadInput, Refused
from core.evaluation import closer
from core.evaluation.bootstrap import METRICS, counts, paired, unpaired
from core.evaluation.closer import look
from core.evaluation.groups import NOTE, Group, Traits, grouped, lagging
from core.evaluation.pace import in_words, pace
from core.evaluation.plain import plain
from core.evaluation.rates import ItemScore, score_item
from core.evaluation.verdict import FEWEST, Verdict, judge
from core.evaluation.worst import got_worse

SAID = "order one two three four five six seven"
CLEAN = [score_item(f"i{at:02}", SAID, SAID) for at in range(36)]
WRITTEN = [score_item(item.id, SAID, "order 1234567") for item in CLEAN]
SPEAKERS = ("Ada", "Bea", "Cy")


def with_errors(item: ItemScore, n_words: int) -> ItemScore:
    """The item with its first words written wrong."""
    said = SAID.split()
    return score_item(item.id, SAID, " ".join(["whale"] * n_words + said[n_words:]))


def traits(n_speakers: int = 3) -> dict[str, Traits]:
    return {item.id: Traits(SPEAKERS[at % n_speakers], "order" if at < 33 else "date", 1 + at / 10)
            for at, item in enumerate(CLEAN)}


def by_name(found: tuple[Group, ...]) -> dict[str, Group]:
    return {group.name: group for group in found}


def test_one_speaker_worse_shows_in_the_groups_and_is_said() -> None:
    tuned = [with_errors(item, 3) if traits()[item.id].speaker == "Bea" else item for item in CLEAN]
    found = by_name(grouped(WRITTEN, tuned, traits()))
    assert (found["Ada"].tuned, found["Bea"].tuned, found["Bea"].n) == (0, 3 / 8, 12)
    said = lagging(tuned, traits())
    assert len(said) == 1
    assert said[0].startswith("The speaker Bea lags behind: 37.5 % of the words are wrong, 0.0 % with")
    assert said[0].endswith("record more of this speaker.")


def test_speakers_who_differ_by_chance_are_not_said_to_lag() -> None:
    rng, n_said = random.Random(3), 0
    for _ in range(40):
        tuned = [with_errors(item, rng.choice((0, 0, 0, 1))) for item in CLEAN]
        n_said += len(lagging(tuned, traits()))
    assert n_said <= 4  # at most a tenth of forty sets of three speakers


def test_few_items_are_too_few_to_say_and_the_note_says_how_few() -> None:
    found = by_name(grouped(WRITTEN, CLEAN, traits()))
    assert (found["date"].n, found["date"].interval) == (3, None)
    assert found["order"].interval is not None and found["order"].interval.high < 0
    assert f"fewer than {FEWEST}" in NOTE and "not for judging" in NOTE
    few = [with_errors(item, 8) for item in CLEAN[:5]] + CLEAN[5:]
    own = {item.id: Traits("Ada" if at < 5 else "Bea") for at, item in enumerate(few)}
    assert lagging(few, own) == ()


def test_lengths_are_thirds_whose_bounds_are_told_and_leave_nobody_out() -> None:
    found = [group for group in grouped(WRITTEN, CLEAN, traits()) if group.by == "length"]
    assert [group.name for group in found] == ["short", "middle", "long"]
    assert sum(group.n for group in found) == 36 and all(group.n >= 11 for group in found)
    short, middle, long = found
    assert (short.above, long.up_to) == (None, None)
    assert short.up_to == middle.above == 2.2 and middle.up_to == long.above == 3.3


def test_one_group_for_all_is_no_group() -> None:
    same = {item.id: Traits("Ada", "", 2.0) for item in CLEAN}
    assert grouped(WRITTEN, CLEAN, same) == ()
    assert grouped(WRITTEN, CLEAN, {item.id: Traits() for item in CLEAN}) == ()


def test_the_ten_that_got_worse_by_words_and_then_by_characters() -> None:
    lost = {3: 2, 7: 5, 11: 2, 20: 1}
    tuned = [with_errors(item, lost.get(at, 0)) for at, item in enumerate(CLEAN)]
    longer = score_item("i30", SAID, SAID.replace("seven", "elephants"))  # one word, more characters than i20
    found = got_worse(CLEAN, [*tuned[:30], longer, *tuned[31:]])
    assert [(each.id, each.more_words) for each in found] == [
        ("i07", 5), ("i03", 2), ("i11", 2), ("i30", 1), ("i20", 1)]
    everything = got_worse(CLEAN, [with_errors(item, 1 + at % 8) for at, item in enumerate(CLEAN)])
    assert len(everything) == 10 and [each.more_words for each in everything] == [8] * 4 + [7] * 4 + [6] * 2
    assert got_worse(WRITTEN, CLEAN) == ()


def test_ordinary_speech_stands_among_the_worst() -> None:
    other = score_item("o1", "it is a fine day", "it is a vine day")
    right = score_item("o1", "it is a fine day", "it is a fine day")
    found = got_worse(CLEAN, CLEAN, [right], [other])
    assert [(each.id, each.is_ordinary) for each in found] == [("o1", True)]


def test_letters_alone_count_when_the_words_are_as_wrong_as_before() -> None:
    base, tuned = score_item("a", "one two", "one tw"), score_item("a", "one two", "one whale")
    assert [(each.more_words, each.more_chars > 0) for each in got_worse([base], [tuned])] == [(0, True)]


def ruled(tuned: list[ItemScore], ordinary: tuple[str, str] | None = None, n: int = 36) -> Verdict:
    """A verdict on `n` items; `ordinary`: what is written before and after for each of forty sentences."""
    sets = [[score_item(f"o{at}", "it is a fine day", said) for at in range(40)] for said in ordinary or ()]
    return judge(WRITTEN[:n], tuned[:n], *sets)


def test_a_manager_reads_what_got_better_how_sure_and_at_what_price() -> None:
    paid = plain(ruled(CLEAN, ("it is a fine day", "it is a vine day")))
    for part in ("The training paid off: wrong words in 100 went from 88 to 0",
                 "with 95 % certainty that is 88 to 88 fewer, tried on 36 recordings that it did not learn",
                 "answers without digits in 100 went from 0 to 100",
                 "the price is high: 20 more wrong words in 100 of everyday speech, as far as 200 words"):
        assert part in paid, paid
    assert not {"WER", "interval", "bootstrap", "percentile", "error rate"} & set(paid.split())
    assert "everyday speech did not suffer" in plain(ruled(CLEAN, ("it is a fine day", "it is a fine day")))
    assert "was not measured" in plain(ruled(CLEAN))


def test_luck_chance_and_harm_are_named() -> None:
    assert "that may be luck" in plain(ruled(CLEAN, n=4))
    assert "changed nothing that could be shown" in plain(ruled(WRITTEN))
    assert "that may be chance" in plain(ruled(WRITTEN))
    wrong = [score_item(item.id, SAID, SAID.replace("one", "four")) for item in CLEAN]
    mixed = plain(judge(WRITTEN, wrong))
    assert mixed.startswith("The training helped in one thing and did harm in another: wrong words in 100")
    assert "wrong digits in 100 went from 0 to 14" in mixed
    harmed = plain(judge(CLEAN, WRITTEN))
    assert harmed.startswith("The training did harm:") and "88 to 88 more" in harmed


def test_the_pace_is_the_ratio_of_single_clips_and_outliers_do_not_move_it() -> None:
    rng = np.random.default_rng(0)
    base = rng.uniform(0.1, 0.3, 20)
    tuned = base * 1.5
    tuned[3] *= 40  # something else ran on the machine
    found = pace(list(base), list(tuned), [2.0] * 20)
    assert found is not None and found.ratio == pytest.approx(1.5) and found.fate == "slower"
    assert found.base_factor.median == pytest.approx(float(np.median(base)) / 2)
    assert found.base_delay.low < found.base_delay.median < found.base_delay.high
    assert "it takes 50 % longer to answer." in plain(ruled(CLEAN), found)
    assert "merging" not in in_words(found)
    beside = replace(found, has_adapter=True)
    assert "50 % longer to answer until it is merged" in plain(ruled(CLEAN), beside)
    assert in_words(beside).endswith("merging takes that time away.")
    equal = pace(list(base), list(base * rng.uniform(0.97, 1.03, 20)), [2.0] * 20)
    assert equal is not None and equal.fate == "as fast" and "as fast as before" in plain(ruled(CLEAN), equal)
    loud = pace(list(base), list(base * rng.choice([0.3, 3.0], 20)), [2.0] * 20)
    assert loud is not None and loud.fate == "unclear"
    assert pace([0.1] * 5, [0.1] * 5, [2.0] * 5) is None


def test_it_comes_back_from_json_and_an_older_verdict_has_none() -> None:
    took = pace([0.1] * 6, [0.2] * 6, [2.0] * 6)
    for part in (took, None):
        seen = look(ruled(CLEAN), (WRITTEN, CLEAN), ((), ()), traits(), part)
        assert seen.groups and closer.from_json(json.loads(json.dumps(closer.to_json(seen)))) == seen
    assert closer.from_json(None) is None
    with pytest.raises(BadInput, match="run the evaluation again"):
        closer.from_json({"plain": "x"})


@pytest.mark.parametrize("metric", METRICS)
def test_each_metric_is_paired_on_the_same_items(metric: str) -> None:
    """Items that are hard for both models move both: the paired interval is the narrow one, and a tuned model
    that errs alike on each item has no width at all."""
    rng = np.random.default_rng(1)
    blank = score_item("", "", "")

    def made(at: int, n_wrong: int) -> ItemScore:
        return replace(blank, id=str(at), n_words=10, word_errors=n_wrong, n_chars=10, char_errors=n_wrong,
                       n_digits=10, digit_errors=n_wrong, n_numbers=10, number_errors=n_wrong,
                       has_digits=n_wrong > 4, is_empty=False)

    hard = [int(rng.integers(0, 9)) for _ in range(60)]
    base, tuned = ([made(at, n) for at, n in enumerate(found)] for found in (hard, [n + 1 for n in hard]))
    assert counts(base[0], metric)[1] > 0  # type: ignore[arg-type]
    tied, loose = paired(base, tuned, metric), unpaired(base, tuned, metric)  # type: ignore[arg-type]
    assert tied.difference == pytest.approx(loose.difference)
    assert tied.high - tied.low < 0.8 * (loose.high - loose.low)
    if metric != "no_digit_share":
        assert (tied.low, tied.high) == pytest.approx((0.1, 0.1))


def test_two_sets_that_share_nothing_are_refused_where_one_is_empty() -> None:
    with pytest.raises(Refused, match="no item on one"):
        unpaired([], CLEAN, "wer")
