"""Bulk: every change is shown first, all are one batch, and what changed in between stops all of them."""

from __future__ import annotations

import pytest

from core.config import DataRoot
from core.errors import BadInput, Stale
from core.library import Library, Project
from core.steps import bulk, flags, review
from core.steps.bulk import Order
from core.steps.desk import Choice, desk
from tests.made import library, take

ANNA, BEN = "page:anna", "page:ben"
Made = tuple[Library, Project, list[str]]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    """Four takes; the last one was not transcribed."""
    lib, project = library(data_root)
    texts = [("one to", "one two"), ("Toto to", "three"), ("four", "four"), (None, "five")]
    return lib, project, [take(lib, project, text, prompt, name=f"{n}.wav")
                          for n, (text, prompt) in enumerate(texts)]


def state(lib: Library, project: Project) -> list[tuple[object, ...]]:
    """What the listed clips hold."""
    return [(row.text, row.decision, row.flags) for row in desk(lib, project, Choice("all")).rows]


@pytest.mark.parametrize(("order", "lines"), [
    (Order("accept"), {0: ("todo", "accepted"), 1: ("todo", "accepted"), 2: ("todo", "accepted")}),
    (Order("reject"), {n: ("todo", "rejected") for n in range(4)}),
    (Order("prompt"), {0: ("one to", "one two"), 1: ("Toto to", "three"), 3: ("", "five")}),
    (Order("flag", flag="echo"), {0: ("cut", "cut echo"), 2: ("", "echo"), 3: ("", "echo")}),
    (Order("replace", find="to", put="two"), {0: ("one to", "one two"), 1: ("Toto to", "Totwo two")}),
    (Order("replace", find="to", put="two", whole_words=True),
     {0: ("one to", "one two"), 1: ("Toto to", "Toto two")}),
    (Order("replace", find="four", put=" "), {})])
def test_what_is_shown_is_done_and_one_undo_takes_it_back(
    made: Made, order: Order, lines: dict[int, tuple[str, str]]
) -> None:
    lib, project, ids = made
    flags.put(lib, project, ids[0], "cut", True, BEN)
    flags.put(lib, project, ids[1], "echo", True, BEN)
    before, rows = state(lib, project), desk(lib, project).rows
    shown = bulk.plan(rows, order)
    assert {ids.index(line.clip_id): (line.before, line.after) for line in shown.lines} == lines
    assert state(lib, project) == before
    assert len(bulk.apply(lib, project, rows, order, shown.mark, ANNA).lines) == len(lines)
    assert sum(old != new for old, new in zip(before, state(lib, project), strict=True)) == len(lines)
    review.undo(lib, project, ANNA)
    assert state(lib, project) == before


def test_a_clip_that_changed_since_it_was_shown_stops_all(made: Made) -> None:
    lib, project, ids = made
    order = Order("prompt")
    rows = desk(lib, project).rows
    shown = bulk.plan(rows, order)
    review.edit(lib, project, ids[0], "another", rows[0].transcript_id, BEN)
    with pytest.raises(Stale):
        bulk.apply(lib, project, rows, order, shown.mark, ANNA)
    with pytest.raises(Stale, match="since they were listed"):
        bulk.apply(lib, project, desk(lib, project).rows, order, shown.mark, ANNA)
    assert [row.text for row in desk(lib, project).rows] == ["another", "Toto to", "four", None]


@pytest.mark.parametrize(("order", "sentence"), [
    (Order("burn"), "“burn” is no action"), (Order("flag"), "“” is no flag"),
    (Order("replace", find=" "), "which text to find")])
def test_an_order_that_says_too_little_is_refused(order: Order, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        bulk.plan([], order)
