"""The desk's handlers on a real library: who comes second is told, and nothing that is typed gets lost."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
import pytest

from core.library import Library, Project
from core.library.transcripts import Draft
from core.quality.risk import Risk
from core.steps import flags, projects, review
from core.types import Finding, Word
from tests.made import take
from ui import finding, seat
from ui.player import clip_value
from ui.seat import NEW, picture
from ui.view import reasons

WHO, OTHER = "page:test", "page:other"


@dataclass
class Home:
    """One project of two takes with timed words, and the page on it."""

    library: Library
    blocks: gr.Blocks
    project: Project
    ids: list[str]

    def ask(self, elem_id: str, event: str, *given: Any, **told: Any) -> Any:
        """What the handler of a component's event answers."""
        for fn in self.blocks.fns.values():
            for component_id, name in fn.targets:
                component = self.blocks.blocks.get(component_id)  # type: ignore[arg-type]
                if name == event and component is not None and component.elem_id == elem_id and fn.fn:
                    event = [gr.EventData(None, told)] if told else []
                    return fn.fn(self.project.slug, WHO, *given, *event)
        raise LookupError(f"nothing listens to {event} of {elem_id}")

    def seat(self) -> dict[str, Any]:
        """A page that looks at the first take."""
        return picture(self.library, self.project, {**NEW, "project": self.project.slug}).seat

    def desk(self, seat: dict[str, Any], typed: str, what: str, **asked: Any) -> list[Any]:
        """What the player asks for."""
        shown = {"clip": seat["clip"], "version": seat["version"]}
        return self.ask("review-player", "desk", seat, typed, what=what, asked=shown | asked)


@pytest.fixture
def home(studio: tuple[Library, gr.Blocks]) -> Home:
    lib, blocks = studio
    project = projects.create(lib, f"Desk {len(lib.projects.all())}", "blank").project
    ids = [take(lib, project, speaker=name) for name in ("Ann", "Ben")]
    words = (Word("one", 0.1, 0.3), Word("two", 0.4, 0.6))
    for clip in ids:
        lib.transcripts.append(project.id, [Draft(clip, "one two", "model:m", None, words)], "maker")
    return Home(lib, blocks, project, ids)


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the page has told."""
    told: list[str] = []
    for kind in ("Warning", "Info"):
        monkeypatch.setattr(gr, kind, lambda text, **_: told.append(text))
    return told


def value_of(values: list[Any]) -> dict[str, Any]:
    """The player's among all that is drawn."""
    return next(value for value in values if isinstance(value, dict) and "words" in value)


def test_a_moved_word_leaves_what_is_being_typed(home: Home, warned: list[str]) -> None:
    seat = home.seat()
    values = home.desk(seat, "one two thr", "word", index=0, start=0.05, end=0.35)
    assert value_of(values)["words"][0] == ["one", 0.05, 0.35]
    assert value_of(values)["keeps"] and any(value == gr.skip() for value in values)
    values = home.desk(values[0], "one two", "word", index=0, start=0.1, end=0.35)
    assert not value_of(values)["keeps"] and "one two" in values
    assert warned == []


def test_the_second_of_two_is_told_and_sees_what_stands_there(home: Home, warned: list[str]) -> None:
    seat = home.seat()
    review.edit(home.library, home.project, seat["clip"], "their text", seat["version"], OTHER)
    flags.put(home.library, home.project, seat["clip"], "cut", True, OTHER)
    for what, asked in (("word", {"index": 0, "start": 0.1, "end": 0.2}),
                        ("trim", {"from": 0.1, "to": 1.0, "start": 0.2, "end": 1.0}),
                        ("split", {"at": 0.5, "cursor": None})):
        values = home.desk(seat, "one two", what, **asked)
        assert (value_of(values)["text"], value_of(values)["flags"]) == ("their text", ["cut"])
    assert len(warned) == 3 and all("in the meantime" in sentence for sentence in warned)
    assert len(home.library.clips.briefs(home.project.id)) == 2


def test_a_word_that_would_cross_another_stays_where_it_was(home: Home, warned: list[str]) -> None:
    values = home.desk(home.seat(), "one two", "word", index=0, start=0.1, end=0.45)
    assert value_of(values)["words"][0] == ["one", 0.1, 0.3]
    assert "would end after “two” begins" in warned[0]


def test_accepting_after_an_edge_was_moved_is_no_conflict(home: Home, warned: list[str]) -> None:
    seat = home.seat()
    home.desk(seat, "one two", "word", index=0, start=0.05, end=0.3)
    home.ask("review-accept", "click", seat, "one two")
    assert (home.library.clips.get(seat["clip"]).decision, warned) == ("accepted", [])


def test_what_is_found_is_counted_and_a_seat_of_an_older_page_still_works(home: Home) -> None:
    known = ("project", "which", "clip", "place")
    old = {name: value for name, value in home.seat().items() if name in known}
    seen = picture(home.library, home.project, finding.asked(old, {"speaker": "Ben"}))
    assert (seen.seat["clip"], seen.n) == (home.ids[1], 1)
    value = finding.value(seen)
    assert (value["speakers"], value["found"]) == (["Ann", "Ben"], "1 take found")


def test_the_riskiest_comes_first_and_says_why(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    why = (Finding("cut", "warn", "It begins or ends within the sound of a word."),)
    risks = {home.ids[1]: Risk(5.0, why), home.ids[0]: Risk(0.0, ())}
    monkeypatch.setattr(seat, "ranked", lambda lib, project, patience: risks)
    seen = picture(home.library, home.project, {**NEW, "project": home.project.slug, "sort": "risk"})
    assert (seen.seat["clip"], seen.following and seen.following.id) == (home.ids[1], home.ids[0])
    assert "within the sound of a word" in reasons(seen.risk)
    first = finding.asked(home.seat(), {"sort": "risk"})
    assert picture(home.library, home.project, first).seat["clip"] == home.ids[1]
    assert reasons(picture(home.library, home.project, seen.seat, step=1).risk) == ""


def test_bulk_changes_are_shown_and_stop_where_one_is_not_as_shown(home: Home, warned: list[str]) -> None:
    seat = home.seat()
    order = {"action": "replace", "flag": "", "find": "two", "put": "<b>2</b>", "whole_words": True}
    shown = home.ask("review-bulk", "preview", seat, "one two", asked=order)
    assert (shown["n"], shown["button"]) == (2, "Change 2 takes")
    assert "<ins>&lt;b&gt;2&lt;/b&gt;</ins>" in shown["html"] and "<b>" not in shown["html"]
    review.edit(home.library, home.project, home.ids[1], "two two", seat["version"] + 1, OTHER)
    again = home.ask("review-bulk", "apply", seat, asked=order, mark=shown["mark"])[-1]
    assert "since they were listed" in again["said"] and again["mark"] != shown["mark"]
    assert [row.text for row in home.library.clips.briefs(home.project.id)] == ["one two", "two two"]
    done = home.ask("review-bulk", "apply", seat, asked=order, mark=again["mark"])[-1]
    assert done == {"done": again["mark"]} and warned == ["Changed 2 takes. One undo takes all of them back."]


def test_a_clip_without_times_says_why(home: Home) -> None:
    view = home.library.clips.view(home.ids[0])
    assert clip_value(view)["times"].startswith("The times of these words are not known")
    silent = home.library.clips.view(take(home.library, home.project))
    assert clip_value(silent)["times"] == "Without a transcript there are no words to place."
