"""Edited labels are found again: by id, by time, by text."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.edits import Edit, Written, edits
from core.datasets.formats import Found

WRITTEN = (Written("a", 0, 2, "one two"), Written("b", 2, 4, "three four"), Written("c", 5, 6, "five"))


def label(start: float, end: float, text: str, speaker: str = "", name: str = "") -> Found:
    return Found(Path("x.wav"), text, (), speaker, start=start, end=end, id=name)


SAME = [label(0, 2, "one two"), label(2, 4, "three four"), label(5, 6, "five")]


def told(found: list[Edit]) -> dict[str, list[str]]:
    return {one.written.id if one.written else f"new {one.labels[0].start:g}":
            [each.text for each in one.labels] for one in found}


@pytest.mark.parametrize(("labels", "became"), [
    (SAME, {"a": ["one two"], "b": ["three four"], "c": ["five"]}),
    ([], {"a": [], "b": [], "c": []}),
    ([label(0.2, 2.4, "one, two"), label(2.4, 4, "three four"), SAME[2]],
     {"a": ["one, two"], "b": ["three four"], "c": ["five"]}),
    ([label(0, 1, "one"), label(1, 2, "two"), *SAME[1:]],
     {"a": ["one", "two"], "b": ["three four"], "c": ["five"]}),
    ([label(0, 4, "one two three four"), SAME[2]], {"a": [], "b": ["one two three four"], "c": ["five"]}),
    ([*SAME, label(7, 8, "six")], {"a": ["one two"], "b": ["three four"], "c": ["five"], "new 7": ["six"]}),
    ([*SAME[:2], label(9, 10, "five")], {"a": ["one two"], "b": ["three four"], "c": ["five"]}),
    ([SAME[0], label(2.5, 3, "yes", "ben"), *SAME[1:]],
     {"a": ["one two"], "b": ["three four"], "c": ["five"], "new 2.5": ["yes"]}),
    ([label(20, 21, "moved", name="b"), SAME[0], SAME[2]],
     {"a": ["one two"], "b": ["moved"], "c": ["five"]}),
])
def test_each_label_is_found_again(labels: list[Found], became: dict[str, list[str]]) -> None:
    assert told(edits(WRITTEN, labels)) == became


def test_what_had_no_text_was_not_deleted_but_may_get_one() -> None:
    assert told(edits([Written("a", 0, 2, "")], [])) == {}
    assert told(edits([Written("a", 0, 2, "")], [label(0.1, 2, "said")])) == {"a": ["said"]}


def test_at_one_time_the_text_and_the_voice_decide() -> None:
    both = [Written("a", 0, 2, "good morning", "ann"), Written("b", 0, 2, "and to you", "ben")]
    found = edits(both, [label(0, 2, "and too you", "ben"), label(0.1, 2.1, "good mourning", "ann")])
    assert told(found) == {"a": ["good mourning"], "b": ["and too you"]}


def test_thousands_take_no_time() -> None:
    many = [Written(str(i), 3.0 * i, 3.0 * i + 2.5, f"text {i}") for i in range(5000)]
    labels = [label(one.start + 0.1, one.end, one.text) for one in many]
    assert told(edits(many, labels)) == {one.id: [one.text] for one in many}
