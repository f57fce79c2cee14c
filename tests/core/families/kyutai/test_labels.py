"""What is taught of a clip: its text on frames, read back; the silence around it; parts of long ones; and
what cannot be taught."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import manifest
from core.errors import BadInput
from core.families import named
from core.families.base import LEFT_OUT
from core.families.kyutai import augmentation, labels, windows
from core.families.kyutai.frames import FRONT
from core.modelling.kyutai import codec
from core.training import preflight
from core.training.options import resolve
from core.types import Row, Word
from tests.core.families.kyutai.conftest import Kyutai
from tests.tiny_kyutai import DELAY, SHAPE, make_spoken

KYUTAI: Any = named("kyutai")


@pytest.fixture
def prepared(kyutai: Kyutai) -> Any:
    return KYUTAI.prepare([], kyutai("candle"), KYUTAI.options())


def row(text: str, *starts: float, seconds: float = 3.0, name: str = "a") -> Row:
    """A row whose words last 0.2 s each."""
    words = tuple(Word(word, start, start + 0.2) for word, start in zip(text.split(), starts, strict=False))
    return Row(name, "a.wav", 0.0, seconds, 24_000, text, "train", words)


def example(prepared: Any, one: Row) -> Any:
    """With codes that tell their frame."""
    n = FRONT + labels.n_frames(one.seconds, labels.rule_of(prepared)) + prepared.extra["tail"]
    codes = np.repeat(np.arange(n, dtype=np.uint16)[:, None], SHAPE.codebooks, 1)
    return labels.example(one, codes, prepared)


def codes_at(one: Any, frame: int) -> int:
    return int(one.features[frame, 0])


@pytest.mark.parametrize("text", ["order one two nine six eight zero three", "please", "Order, SIX seven"])
def test_labels_say_the_text(prepared: Any, text: str) -> None:
    starts = [0.1 + 0.7 * i for i in range(len(text.split()))]
    assert KYUTAI.labels_as_text(row(text.lower().replace(",", ""), *starts, seconds=7.0), prepared) == (
        text.lower().replace(",", ""))


def test_the_first_piece_stands_half_a_second_behind_its_sound(prepared: Any) -> None:
    one = example(prepared, row("one two", 0.4, 1.6))
    known = labels.vocabulary(prepared)
    first = [labels.grouped(one.labels, known)[i][0][0] for i in range(2)]
    assert first == [int((start + DELAY) * 12.5) + FRONT for start in (0.4, 1.6)]
    assert [one.labels[frame - 1] for frame in first] == [0, 0]


def test_the_frames_as_they_are_looked_at(kyutai: Kyutai, tmp_path: Path) -> None:
    data = make_spoken(tmp_path / "set", ["one two"], n_val=0)
    (spoken,) = manifest.read(data)
    prepared = KYUTAI.prepare([spoken], kyutai("candle"), KYUTAI.options())
    made = KYUTAI.example(spoken, KYUTAI.encode(spoken, data, kyutai("candle")), prepared)
    from core.families.kyutai import opening

    energies = codec.energies(opening.open_codec(kyutai("candle")), made.features)
    seen = labels.frames_view(made, energies, prepared)
    assert [frame.token for frame in seen if frame.word == "one"] == ["▁one"]
    at = next(i for i, frame in enumerate(seen) if frame.word == "two")
    assert seen[at - 1].token == "EPAD" and seen[at - 1].word == ""
    assert seen[at].time == pytest.approx(spoken.words[1].start + DELAY, abs=0.08)
    assert len(seen) == len(made.labels) and min(frame.energy for frame in seen) > 0


def test_another_silence_each_epoch_and_the_same_for_the_same_seed(prepared: Any) -> None:
    one = example(prepared, row("one two", 0.4, 1.6))
    options = KYUTAI.options()
    drawn = [KYUTAI.augment(one, prepared, options, 7, epoch) for epoch in range(40)]
    again = KYUTAI.augment(one, prepared, options, 7, 3)
    assert np.array_equal(drawn[3].features, again.features) and drawn[3].labels == again.labels
    other = KYUTAI.augment(one, prepared, options, 8, 3)
    assert len({len(each.labels) for each in drawn}) > 8 and len(other.labels) != len(again.labels)
    clip = set(range(FRONT, FRONT + 38))
    for each in drawn:
        assert len(each.features) == len(each.labels)
        assert clip <= set(each.features[:, 0].tolist()), "all of the clip's sound"
        first = list(each.features[:, 0]).index(FRONT)
        assert codes_at(each, 0) == 0 and codes_at(each, first - 1) == FRONT - 1
        assert labels.decode(each.labels, prepared) == "one two"
        for before, word in zip((0.4, 1.6), labels.grouped(each.labels, labels.vocabulary(prepared)),
                                strict=True):
            heard = codes_at(each, word[0][0])
            assert abs((heard - FRONT) / 12.5 - before - DELAY) <= 0.08, "text and sound moved together"


def test_long_clips_are_cut_at_pauses_and_every_part_has_its_turn(prepared: Any) -> None:
    starts = [0.5, 1.0, 1.5, 5.0, 5.5, 9.0, 9.5]
    one = example(prepared, row("one two three four five six seven", *starts, seconds=11.0))
    options = KYUTAI.options(window_seconds=5.0)
    parts = [KYUTAI.augment(one, prepared, options, 7, epoch) for epoch in range(3)]
    assert sorted(part.text for part in parts) == ["four five", "one two three", "six seven"]
    for part in parts:
        assert labels.decode(part.labels, prepared) == part.text
        known = labels.vocabulary(prepared)
        for word, piece in zip(part.words, labels.grouped(part.labels, known), strict=True):
            heard = codes_at(part, piece[0][0])
            in_clip = (heard - FRONT) / 12.5
            assert heard > FRONT + 11 * 12.5 or abs(in_clip - word.start - DELAY) <= 0.16
    assert all(len(part.labels) < 5.0 * 12.5 + FRONT + prepared.extra["tail"] + 2 for part in parts)


def test_windows_cover_all_and_cut_no_word() -> None:
    draw = random.Random(3)
    for _ in range(100):
        at, words = 0.0, []
        while at < 200:
            at += draw.uniform(0.05, 3)
            words.append(Word("a", at, at + draw.uniform(0.1, 0.8)))
            at = words[-1].end
        found = windows.cut(words, at + 1, 60.0)
        assert found[0][0] == 0 and found[-1][1] == at + 1
        assert all(one[1] == other[0] for one, other in pairwise(found))
        assert all(end - start <= 60 for start, end in found)
        assert all(not word.start < end < word.end for _, end in found[:-1] for word in words)
        inside = [number for window in found for number in windows.inside(words, window)]
        assert inside == list(range(len(words)))
    assert windows.cut([], 130.0, 60.0)[-1][1] == 130.0
    assert windows.cut([Word("a", 0.0, 100.0)], 100.0, 60.0) == [(0.0, 60.0), (60.0, 100.0)]


def test_what_cannot_be_learned_is_named(prepared: Any, kyutai: Kyutai) -> None:
    rows = [
        row("", name="empty"),
        row("one two", name="times"),
        replace(row("one two", 0.1, 0.4, name="other"), text="one five"),
        row("öne", 0.1, name="letters"),
        row("order " * 3 + "x" * 60, 0.1, 0.5, 0.9, 1.3, name="lost"),
        row("zzzzzzzzzzzz one", 0.1, 0.3, name="late"),
        row("one", 2.85, name="edge"),
        row("one", 0.3, seconds=1.0, name="short"),
        row("one two", 0.3, 1.0, name="fine"),
    ]
    rows[2] = replace(rows[2], words=(Word("one", 0.1, 0.3), Word("two", 0.4, 0.6), Word("three", 0.7, 0.8)))
    found = KYUTAI.preflight(rows, kyutai("candle"), KYUTAI.options())
    named = {(each.code, each.ids) for each in found}
    assert named == {
        ("text_empty", ("empty",)), (LEFT_OUT, ("times",)), (LEFT_OUT, ("other",)), (LEFT_OUT, ("lost",)),
        ("letters_outside_vocabulary", ("letters",)), ("late_words", ("late",)),
        ("words_at_edges", ("edge",)), ("short_clips", ("short",)),
    }
    assert "align them first" in next(f.sentence for f in found if f.ids == ("times",))
    held = KYUTAI.preflight(rows[1:], kyutai("candle"), KYUTAI.options(), rows)
    assert held == [], "held-out clips need no word times"
    with pytest.raises(BadInput, match="align it first"):
        KYUTAI.labels_as_text(rows[1], prepared)
    with pytest.raises(BadInput, match="öne"):
        KYUTAI.labels_as_text(rows[3], prepared)


def test_the_checks_before_a_run_read_the_labels_back(kyutai: Kyutai, tmp_path: Path) -> None:
    data = make_spoken(tmp_path / "set", ["one two", "three", "four five", "six seven"], n_val=1, n_test=1)
    checks = {check.name: check for check in preflight.checks(
        KYUTAI, manifest.read(data), data, kyutai("native"), resolve(KYUTAI, "New domain", {"steps": 10}))}
    assert checks["labels"].outcome == "passed" and checks["lengths"].outcome == "passed"
    assert checks["base"].outcome == "passed"


def test_the_published_presets_and_the_estimate() -> None:
    options = resolve(KYUTAI, "Numbers, 50 clips")
    assert (options.rank, options.alpha, options.lr, options.steps, options.batch_size) == (  # type: ignore[attr-defined]
        128, 256.0, 2e-5, 500, 8)
    assert options.train_embeddings  # type: ignore[attr-defined]


def test_an_estimate_grows_with_what_is_trained(kyutai: Kyutai) -> None:
    rows = [row("one two", 0.4, 1.6, name=str(i)) for i in range(8)]
    few, more = (KYUTAI.estimate(rows, kyutai("candle"), KYUTAI.options(rank=8, **given))
                 for given in ({}, {"train_embeddings": True, "hold_heads": 1.0}))
    assert few.memory_gb < more.memory_gb and few.seconds < more.seconds and "8 clips" in few.sentence


def test_augmentation_of_silence_keeps_a_place_for_every_piece(prepared: Any) -> None:
    one = example(prepared, row("one seventy", 0.1, 2.7))
    for drop in range(20):
        made = augmentation.part(one, (0.0, 3.0), 2, drop, prepared)
        assert labels.decode(made.labels, prepared) == "one seventy"
