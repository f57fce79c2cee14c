"""Ordinary speech is divided into what training rehearses and what judges, and nothing stands in both."""

from __future__ import annotations

from core.datasets.rehearsal import FEWEST, divide
from core.datasets.split import Shares, leaked, split
from core.types import Row


def row(name: str, speaker: str = "Ann") -> Row:
    return Row(
        id=name,
        audio="",
        start=0.0,
        end=2.0,
        sample_rate=16000,
        text=f"text {name}",
        split="train",
        speaker=speaker,
        prompt_id=name,
        sha256=name,
    )


def rows(n: int, speaker: str = "Ann", kind: str = "o") -> list[Row]:
    return [row(f"{kind}{speaker}{i}", speaker) for i in range(n)]


def test_a_share_is_rehearsed_and_the_rest_judges() -> None:
    target, _ = split(rows(30, kind="t"), Shares())
    learned, judging = divide(rows(40), target, 0.6, Shares(val=0.1))
    assert 22 <= len(learned) <= 26 and len(learned) + len(judging) == 40
    assert {r.split for r in learned} == {"train", "val"}
    assert {r.split for r in judging} == {"test"}
    assert leaked([*target, *learned, *judging]) == []


def test_the_same_prompt_by_two_people_stays_on_one_side() -> None:
    target, _ = split(rows(30, kind="t"), Shares())
    pairs = [
        Row(**{**r.__dict__, "id": f"{r.id}-{who}", "sha256": f"{r.sha256}-{who}", "speaker": who})
        for r in rows(15)
        for who in ("Ann", "Bob")
    ]
    learned, judging = divide(pairs, target, 0.5, Shares())
    assert learned and judging
    assert not {r.prompt_id for r in learned} & {r.prompt_id for r in judging}


def test_few_takes_all_judge_and_so_does_a_share_of_nothing() -> None:
    target, _ = split(rows(30, kind="t"), Shares())
    assert divide(rows(FEWEST - 1), target, 0.6, Shares())[0] == []
    learned, judging = divide(rows(40), target, 0.0, Shares())
    assert learned == [] and len(judging) == 40


def test_a_speaker_who_is_held_out_is_not_heard_in_rehearsal_either() -> None:
    people = ["Ann", "Bob", "Cid", "Dan"]
    target, how = split([r for who in people for r in rows(8, who, "t")], Shares(by="speaker"))
    assert how.startswith("Divided by speaker")
    learned, judging = divide([r for who in people for r in rows(12, who)], target, 0.5, Shares())
    trained = {r.speaker for r in target if r.split == "train"}
    assert learned and {r.speaker for r in learned} <= trained
    assert {r.speaker for r in judging} > set(people) - trained


def test_the_division_stays_as_it_was_when_one_take_is_added() -> None:
    target, _ = split(rows(30, kind="t"), Shares())
    before = {r.id for r in divide(rows(40), target, 0.6, Shares())[0]}
    after = {r.id for r in divide(rows(41), target, 0.6, Shares())[0]}
    assert len(before - after) <= 2
