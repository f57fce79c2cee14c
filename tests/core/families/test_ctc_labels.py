"""Texts become labels and come back; what cannot be written is named, never dropped in silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import BadInput
from core.families.base import Prepared
from core.families.ctc import folder as folders
from core.families.ctc import labels
from core.types import Row

BaseMaker = Callable[..., Path]
EXTRA = {"blank": 0, "delimiter": 1, "silent": [0, 4]}
UPPER = Prepared({"<pad>": 0, "|": 1, "A": 2, "B": 3, "<unk>": 4}, "upper", EXTRA)
BOTH = Prepared({"<pad>": 0, "|": 1, "A": 2, "a": 3, "<unk>": 4, "-": 5, "sch": 6, "c": 7}, "as is", EXTRA)


@pytest.fixture
def prepared(tiny_base: BaseMaker) -> Prepared:
    """Letters, digits and the apostrophe in lower case."""
    return labels.prepared_from(folders.read(tiny_base()))


def row(text: str, seconds: float = 2.0, name: str = "c") -> Row:
    """One clip of a dataset."""
    return Row(name, "c.wav", 0.0, seconds, 16000, text, "train")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order one two", "order one two"),
        ("  Order, ONE two! ", "order one two"),
        ("don’t", "don't"),
        ("twenty-one", "twenty one"),
        ("“yes” – no…", "yes no"),
        ("1296803", "1296803"),
        ("bookkeeper", "bookkeeper"),
    ],
)
def test_labels_decode_back_to_the_text(prepared: Prepared, text: str, expected: str) -> None:
    assert labels.decode(labels.encode(text, prepared), prepared) == expected


def test_the_case_is_that_of_the_vocabulary_and_the_output_is_lower_case_where_there_is_one(
    prepared: Prepared,
) -> None:
    assert prepared.normaliser == "lower"
    assert labels.encode("ab a", UPPER) == (2, 3, 1, 2)
    assert labels.decode((2, 3, 1, 2), UPPER) == "ab a"
    assert labels.decode(labels.encode("Aa-A", BOTH), BOTH) == "Aa-A"


def test_tokens_of_several_letters_are_taken_first() -> None:
    assert labels.encode("scha", BOTH) == (6, 3)


@pytest.mark.parametrize(
    ("text", "missing"),
    [("caf\u00e9", {"\u00e9"}), ("50 %", {"%"}), ("\u4e8c two", {"\u4e8c"}), ("5 \u20ac", {"\u20ac"})],
)
def test_characters_outside_the_vocabulary_are_named(
    prepared: Prepared, text: str, missing: set[str]
) -> None:
    assert labels.outside(text, prepared) == missing
    with pytest.raises(BadInput, match="cannot write"):
        labels.encode(text, prepared)


def test_a_digit_that_the_vocabulary_lacks_is_not_dropped() -> None:
    assert labels.outside("a1", UPPER) == {"1"}


def test_composed_and_decomposed_letters_are_the_same(prepared: Prepared) -> None:
    assert labels.outside("e\u0301", prepared) == {"\u00e9"}


def test_good_clips_raise_no_finding(tiny_base: BaseMaker) -> None:
    assert labels.findings([row("one two"), row("three")], folders.read(tiny_base())) == []


@pytest.mark.parametrize(
    ("text", "seconds", "code"),
    [
        ("", 2.0, "text_empty"),
        ("...", 2.0, "text_empty"),
        ("na\u00efve", 2.0, "letters_outside_vocabulary"),
        ("aaaa", 0.13, "label_longer_than_audio"),
        ("seven hundred and seventy seven", 0.3, "label_longer_than_audio"),
    ],
)
def test_a_clip_that_would_spoil_the_run_is_named(
    tiny_base: BaseMaker, text: str, seconds: float, code: str
) -> None:
    rows = [row("one two"), row(text, seconds, "bad")]
    found = labels.findings(rows, folders.read(tiny_base()))
    assert [(f.code, f.level, f.ids) for f in found] == [(code, "refuse", ("bad",))]
    assert "bad" in found[0].sentence and found[0].sentence.startswith("1 of 2 clips")


def test_just_enough_frames_are_enough(tiny_base: BaseMaker) -> None:
    """abab needs 4 frames, aabb needs 6: 0.11 s have 4 or 5."""
    folder = folders.read(tiny_base())
    assert 4 <= folder.n_frames(0.11) < 6
    assert labels.findings([row("abab", 0.11)], folder) == []
    assert len(labels.findings([row("aabb", 0.11)], folder)) == 1
