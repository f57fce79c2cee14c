"""Three parts that share nothing: tried on many sizes, seeds, speakers and shared prompts."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from core.datasets.split import SPLITS, Shares, leaked, split
from core.errors import Refused
from core.types import Row


def row(number: int, text: str, speaker: str = "me", prompt_id: str = "", sha256: str = "") -> Row:
    return Row(
        f"r{number}",
        f"{number}.wav",
        0.0,
        1.0,
        16000,
        text,
        "train",
        speaker=speaker,
        prompt_id=prompt_id,
        sha256=sha256,
    )


def rows_of(n: int, n_texts: int | None = None, n_speakers: int = 1, seed: int = 0) -> list[Row]:
    """`n` rows of `n_texts` prompts by speakers in turn."""
    rng = random.Random(seed)
    texts = [f"prompt {i}" for i in range(n_texts or n)]
    chosen = texts + [rng.choice(texts) for _ in range(n - len(texts))]
    return [
        row(i, text, f"s{i % n_speakers}", str(1 + texts.index(text)), f"sha{i}")
        for i, text in enumerate(chosen)
    ]


def sides(rows: list[Row], name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in rows:
        found.setdefault(getattr(one, name), set()).add(one.split)
    return found


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize(("n", "n_texts"), [(3, 3), (4, 3), (5, 5), (12, 4), (50, 50), (120, 50)])
def test_no_prompt_is_ever_in_two_parts_and_no_part_is_empty(n: int, n_texts: int, seed: int) -> None:
    made, how = split(rows_of(n, n_texts, seed=seed), Shares(seed=seed))
    assert all(len(parts) == 1 for parts in sides(made, "text").values())
    assert set(Counter(one.split for one in made)) == set(SPLITS)
    assert leaked(made) == []
    assert how.startswith("Divided by prompt (one speaker)")


@pytest.mark.parametrize("seed", range(25))
def test_mixed_sets_never_leak(seed: int) -> None:
    rng = random.Random(seed)
    rows = [
        row(
            i,
            f"text {rng.randrange(12)}",
            f"s{rng.randrange(5)}",
            rng.choice(["", str(rng.randrange(9))]),
            rng.choice(["", f"sha{rng.randrange(30)}"]),
        )
        for i in range(40)
    ]
    shares = Shares(
        val=rng.choice([0.02, 0.1, 0.4]), test=rng.choice([0.05, 0.35, 0.6]), seed=seed, by="prompt"
    )
    try:
        made, _ = split(rows, shares)
    except Refused as refused:
        assert "separate groups" in str(refused)
        return
    assert [one.id for one in made] == [one.id for one in rows], "the order stays"
    assert leaked(made) == []
    for name in ("text", "prompt_id", "sha256"):
        assert all(len(parts) == 1 for value, parts in sides(made, name).items() if value), name


@pytest.mark.parametrize(("val", "test"), [(0.02, 0.05), (0.1, 0.35), (0.4, 0.6)])
def test_the_shares_are_kept_where_they_can_be(val: float, test: float) -> None:
    counts = Counter(one.split for one in split(rows_of(100), Shares(val=val, test=test))[0])
    assert abs(counts["test"] - 100 * test) <= 1
    assert abs(counts["val"] - 100 * val) <= 1
    assert counts["train"] >= 1


def test_the_seed_decides_and_one_more_take_moves_little() -> None:
    rows = rows_of(60)
    once, again = split(rows, Shares(seed=4))[0], split(list(reversed(rows)), Shares(seed=4))[0]
    assert {one.id: one.split for one in once} == {one.id: one.split for one in again}
    assert once != split(rows, Shares(seed=5))[0]
    more = {
        one.id: one.split for one in split([*rows, row(99, "another", prompt_id="99")], Shares(seed=4))[0]
    }
    assert sum(more[one.id] != one.split for one in once) <= 4


def test_from_three_speakers_on_whole_speakers_are_held_out() -> None:
    rows = rows_of(30, n_speakers=3)
    made, how = split(rows, Shares())
    assert all(len(parts) == 1 for parts in sides(made, "speaker").values())
    assert "never trained on" in how
    by_prompt, _ = split(rows, Shares(by="prompt"))
    assert any(len(parts) > 1 for parts in sides(by_prompt, "speaker").values())


def test_two_speakers_are_too_few_to_hold_one_out() -> None:
    made, how = split(rows_of(30, n_speakers=2), Shares())
    assert "2 speakers, too few to hold one out" in how
    assert leaked(made) == []
    with pytest.raises(Refused, match="at least 3 speakers and this project has 2"):
        split(rows_of(30, n_speakers=2), Shares(by="speaker"))


def test_speakers_who_read_the_same_prompts_are_divided_by_prompt() -> None:
    texts = [f"prompt {i}" for i in range(10)]
    rows = [row(10 * s + i, text, f"s{s}") for s in range(3) for i, text in enumerate(texts)]
    made, how = split(rows, Shares())
    assert "read the same prompts" in how
    assert all(len(parts) == 1 for parts in sides(made, "text").values())
    with pytest.raises(Refused, match="divide by prompt"):
        split(rows, Shares(by="speaker"))


def test_case_and_signs_make_no_other_text() -> None:
    rows = [*rows_of(6), row(90, "Prompt 1!"), row(91, "PROMPT 1")]
    made = {one.id: one.split for one in split(rows, Shares())[0]}
    assert made["r90"] == made["r91"] == made["r1"]


def test_a_text_that_looks_like_the_number_of_a_prompt_is_no_leak() -> None:
    rows = [row(i, str(i), prompt_id="") for i in range(10)] + rows_of(10)[1:]
    for seed in range(10):
        assert leaked(split(rows, Shares(seed=seed))[0]) == []


def test_leaks_are_seen() -> None:
    one, two = row(1, "same", prompt_id="1"), replace(row(2, "same", prompt_id="2"), split="test")
    assert leaked([one, two]) == ["text same"]
    assert leaked([one, replace(two, text="other", prompt_id="1")]) == ["prompt 1"]
    assert leaked([replace(one, sha256="ff"), replace(two, text="other", sha256="ff")]) == ["audio ff"]


def names_of(rows: list[Row]) -> dict[str, str]:
    return {one.id: f"jackson_{i:02d}.flac" for i, one in enumerate(rows)}


def test_what_is_named_is_the_test_part() -> None:
    rows = rows_of(30)
    made, how = split(rows, Shares(hold_out=("jackson_2[2-9]*",)), names_of(rows))
    assert [one.id for one in made if one.split == "test"] == [f"r{i}" for i in range(22, 30)]
    assert how.startswith("The test part is what was named")
    assert {one.split for one in made} == set(SPLITS)


def test_a_named_take_brings_those_with_the_same_prompt_along() -> None:
    rows = rows_of(20, n_texts=10)
    made, _ = split(rows, Shares(hold_out=("jackson_00.flac",)), names_of(rows))
    assert {one.text for one in made if one.split == "test"} == {"prompt 0"}
    assert all(one.split == "test" for one in made if one.text == "prompt 0")


@pytest.mark.parametrize(
    ("pattern", "sentence"), [("nobody*", "No take is named like nobody"), ("*", "names all takes but 0")]
)
def test_names_that_leave_nothing_are_refused(pattern: str, sentence: str) -> None:
    rows = rows_of(10)
    with pytest.raises(Refused, match=sentence):
        split(rows, Shares(hold_out=(pattern,)), names_of(rows))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_takes_are_told_with_their_number(n: int) -> None:
    with pytest.raises(Refused, match=f"at least 3 accepted takes .* has {n}"):
        split(rows_of(n) if n else [], Shares())


def test_many_takes_of_two_prompts_are_told_apart_from_few_takes() -> None:
    with pytest.raises(Refused, match=r"These 20 takes .* only 2 separate groups"):
        split(rows_of(20, n_texts=2), Shares())


def segments(n_recordings: int, n_each: int = 5) -> list[Row]:
    """Clips of long recordings in which everybody says yes."""
    return [replace(row(10 * r + i, "yes" if i == 0 else f"text {r} {i}", f"s{i % 2}", sha256=f"rec{r}"),
                    audio=f"rec{r}.wav") for r in range(n_recordings) for i in range(n_each)]


@pytest.mark.parametrize("seed", range(10))
def test_by_recording_no_recording_is_in_two_parts(seed: int) -> None:
    made, how = split(segments(5), Shares(seed=seed, by="recording"))
    assert all(len(parts) == 1 for parts in sides(made, "audio").values())
    assert set(Counter(one.split for one in made)) == set(SPLITS)
    assert how.startswith("Divided by recording (5 recordings)") and "1 texts are said in more" in how
    nameless = [replace(one, sha256="") for one in segments(5)]
    assert [one.split for one in split(nameless, Shares(seed=seed, by="recording"))[0]] == [
        one.split for one in made]


def test_two_recordings_cannot_be_divided() -> None:
    with pytest.raises(Refused, match="at least 3 recordings and this project has 2"):
        split(segments(2), Shares(by="recording"))
