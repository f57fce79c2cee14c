"""Notes and tags of a run: every version kept, the second of two writers told, and nothing overwritten."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import BadInput, Stale, StudioError
from core.files import read_jsonl
from core.run_dir import RunDir
from core.runs import comparing, notes


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir.create(tmp_path, "train", {})


def test_a_note_comes_back_with_its_tags_and_older_versions_stay(run: RunDir) -> None:
    assert notes.of_run(run) == notes.Notes()
    notes.write(run, " first ", "a, b", 0, "page:1")
    written = notes.write(run, "second", "B, nice  one, b ,", 1, "page:2")
    assert notes.of_run(run) == written == notes.Notes("second", ("B", "nice one"), 2)
    assert [row["note"] for row in read_jsonl(run.path / notes.NAME)[0]] == ["first", "second"]


def test_of_two_pages_the_second_is_told(run: RunDir) -> None:
    notes.write(run, "mine", "", 0, "page:1")
    with pytest.raises(Stale, match="Somebody else changed the note"):
        notes.write(run, "yours", "", 0, "page:2")
    assert notes.of_run(run).note == "mine"


def test_of_many_at_once_exactly_one_wins(run: RunDir) -> None:
    def attempt(n: int) -> str:
        try:
            return notes.write(run, f"note {n}", "", 0, f"page:{n}").note
        except StudioError:
            return ""

    with ThreadPoolExecutor(8) as pool:
        won = [said for said in pool.map(attempt, range(16)) if said]
    assert won == [notes.of_run(run).note] and notes.of_run(run).version == 1


@pytest.mark.parametrize(("note", "tags", "said"), [
    ("x" * 4001, "", "4001 letters"), ("", "y" * 31, "is too long"),
    ("", ",".join(map(str, range(11))), "10 tags, not 11")])
def test_what_is_too_long_is_refused(run: RunDir, note: str, tags: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        notes.write(run, note, tags, 0, "page:1")
    assert notes.of_run(run).version == 0


def test_only_what_differs_is_compared() -> None:
    orders = [{"family": "ctc", "base": "/a/starter", "preset": "Quick", "options": {"lr": 0.1, "steps": 5}},
              {"family": "ctc", "base": "/b/starter", "options": {"lr": 0.2, "steps": 5, "rank": 4}}]
    assert comparing.differing(orders) == [
        ("preset", ["Quick", None]), ("lr", [0.1, 0.2]), ("rank", [None, 4])]
    assert comparing.differing(orders[:1]) == []


@pytest.mark.parametrize("n", [0, 1, 7])
def test_two_to_six_runs_are_compared(n: int) -> None:
    with pytest.raises(BadInput, match=f"Choose 2 to 6 runs to compare; {n} are chosen now"):
        comparing.check(n)
    comparing.check(2)
