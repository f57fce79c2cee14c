"""Which take shows the voice for which."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.families import named
from core.families.base import LEFT_OUT
from core.families.higgs import pairs
from core.types import Row


def row(name: str, speaker: str = "Ada", split: Any = "train", seconds: float = 3.0, **more: Any) -> Row:
    made = Row(name, f"{name}.wav", 0.0, seconds, 16_000, f"text {name}", split, speaker=speaker)
    return replace(made, **more)


ROWS = [*(row(f"a{i}") for i in range(6)), *(row(f"b{i}", "Bo") for i in range(4)),
        *(row(f"v{i}", split="val") for i in range(3)), *(row(f"t{i}", split="test") for i in range(2))]


def partner(rows: list[Row], index: int, seed: int = 1, epoch: int = 0) -> int | None:
    return pairs.partner(rows, index, 1.0, 15.0, seed, epoch)


def test_a_reference_is_another_clip_of_the_same_speaker_in_the_same_part() -> None:
    for seed in range(5):
        for epoch in range(5):
            for index, target in enumerate(ROWS):
                found = partner(ROWS, index, seed, epoch)
                assert found is not None and found != index
                assert (ROWS[found].speaker, ROWS[found].split) == (target.speaker, target.split)


def test_pairs_are_drawn_from_seed_epoch_and_id_alone() -> None:
    names = [ROWS[partner(ROWS, i) or 0].id for i in range(6)]
    turned = list(reversed(ROWS))
    places = [next(at for at, each in enumerate(turned) if each.id == f"a{i}") for i in range(6)]
    assert [turned[partner(turned, at) or 0].id for at in places] == names, "not from the order of the rows"
    by_epoch = {partner(ROWS, 0, epoch=epoch) for epoch in range(30)}
    assert by_epoch == {1, 2, 3, 4, 5}, "every other clip in turn"
    assert {partner(ROWS, 0, seed=seed) for seed in range(30)} == by_epoch


def test_the_same_stretch_of_a_file_is_no_reference_by_whatever_name() -> None:
    same = [row("one"), row("two", audio="one.wav"), row("three", sha256="ab" * 32),
            row("four", sha256="ab" * 32)]
    assert pairs.candidates(same, 0, 1.0, 15.0) == [2, 3]
    assert pairs.candidates(same, 2, 1.0, 15.0) == [0, 1]
    parts = [row("one", end=3.0), row("two", audio="one.wav", start=3.0, end=6.0)]
    assert pairs.candidates(parts, 0, 1.0, 15.0) == [1], "another stretch of it is one"


def test_lengths_are_kept_and_another_text_comes_first() -> None:
    lengths = [row("target"), row("short", seconds=0.5), row("long", seconds=20.0)]
    assert partner(lengths, 0) is None
    texts = [row("target", text="Hello you"), row("same", text="hello  you"), row("other")]
    assert {partner(texts, 0, epoch=epoch) for epoch in range(20)} == {2}
    assert partner(texts[:2], 0) == 1, "better than none"


def test_a_speaker_with_one_take_is_named_and_left_out() -> None:
    higgs = named("higgs")
    rows = [*ROWS, row("lonely", "Cy"), row("alone", "Bo", "val")]
    (found,) = [each for each in higgs.preflight(rows, None, higgs.options()) if each.code == LEFT_OUT]
    assert set(found.ids) == {"lonely", "alone"}
    assert "Cy (train: 1)" in found.sentence and "Bo (val: 1)" in found.sentence
    assert not [f for f in higgs.preflight(ROWS, None, higgs.options()) if f.code == LEFT_OUT]


def test_what_else_would_spoil_a_voice_is_said() -> None:
    higgs = named("higgs")
    rows = [row("a"), row("b", text=" "), row("c", text="a <|eot_id|> b"), row("d", seconds=50.0),
            row("e", ""), row("f", "")]
    found = {each.code: each for each in higgs.preflight(rows, None, higgs.options())}
    assert found["text_empty"].ids == ("b",) and found["text_empty"].level == "refuse"
    assert found["letters_outside_vocabulary"].ids == ("c",)
    assert found["speakers_unknown"].ids == ("e", "f") and found["little_speech"].level == "warn"
    assert "no Whisper pathway" in found["pathway"].sentence and found["pathway"].level == "ok"
    assert any(each.code == LEFT_OUT and each.ids == ("d",)
               for each in higgs.preflight(rows, None, higgs.options()))
