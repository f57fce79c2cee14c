"""Results come home once, with their numbers in words, and take nothing from anybody."""

from __future__ import annotations

import pytest

from core.config import DataRoot
from core.library import Change, Library, Project
from core.steps import convert, ingest, review
from core.steps.ingest import ingest as bring_home
from tests.made import heard, library, take

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def forget_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a restart of the app."""
    monkeypatch.setattr(ingest, "_seen", {})


def test_a_result_becomes_a_transcript_with_its_numbers_in_words(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, prompt="order one two nine six")
    heard(
        lib,
        project,
        {"item": clip, "text": "order 1296", "words": [["order", 0.1, 0.4, 0.9], ["1296", 0.5, 0.9, None]]},
    )
    assert bring_home(lib) == 1
    view = lib.clips.view(clip)
    assert (view.text, view.heard, view.source) == ("order one two nine six", "order 1296", "numbers")
    machine, words = lib.transcripts.versions(clip)
    assert (machine.source, machine.details) == ("model:starter", {"score": 0.9})
    assert [(word.text, word.start, word.score) for word in machine.words] == [
        ("order", 0.1, 0.9),
        ("1296", 0.5, None),
    ]
    assert words.details["from"] == "order 1296"
    assert words.details["items"][0]["written"] == "1296"


def test_a_result_without_numbers_is_one_version(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    heard(lib, project, {"item": clip, "text": "good morning"})
    bring_home(lib, project)
    assert [version.text for version in lib.transcripts.versions(clip)] == ["good morning"]


def test_the_prompt_decides_how_a_number_is_said(made: Made) -> None:
    lib, project = made
    clips = [take(lib, project, prompt=prompt) for prompt in ("pay twenty five", "code two five")]
    heard(lib, project, {"item": clips[0], "text": "pay 25"}, {"item": clips[1], "text": "code 25"})
    bring_home(lib)
    assert [lib.clips.view(clip).text for clip in clips] == ["pay twenty five", "code two five"]


def test_twice_changes_nothing(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    clip = take(lib, project)
    heard(lib, project, {"item": clip, "text": "7"})
    bring_home(lib)
    before, last = lib.transcripts.versions(clip), lib.changes.last_id(project.id)
    assert bring_home(lib) == 0
    forget_what_was_seen(monkeypatch)
    assert bring_home(lib) == 0
    assert lib.transcripts.versions(clip) == before
    assert lib.changes.last_id(project.id) == last


def test_rows_that_come_later_are_taken_later_and_half_a_row_not_yet(made: Made) -> None:
    lib, project = made
    clips = [take(lib, project) for _ in range(3)]
    run = heard(lib, project, {"item": clips[0], "text": "a"})
    assert bring_home(lib) == 1
    run.add_results([{"item": clips[1], "text": "b", "model": "m"}])
    with open(run.path / "results.jsonl", "ab") as file:
        file.write(b'{"item": "' + clips[2].encode() + b'", "te')
    assert bring_home(lib) == 1
    assert [lib.clips.view(clip).text for clip in clips] == ["a", "b", None]
    run.add_results([{"item": clips[2], "text": "c", "model": "m"}])
    assert bring_home(lib) == 1
    assert lib.clips.view(clips[2]).text == "c"


@pytest.mark.parametrize("source", ["person", "prompt", "import"])
def test_what_a_person_wrote_stays_current(made: Made, source: str) -> None:
    lib, project = made
    clip = take(lib, project, "mine", source=source)
    heard(lib, project, {"item": clip, "text": "order 12"})
    assert bring_home(lib) == 1
    view = lib.clips.view(clip)
    assert (view.text, view.heard) == ("mine", "order 12")
    assert [version.text for version in lib.transcripts.versions(clip)] == [
        "mine",
        "order 12",
        "order one two",
    ]


def test_a_text_that_was_accepted_stays_current(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "one two", decision="accepted")
    heard(lib, project, {"item": clip, "text": "one too"})
    bring_home(lib)
    assert lib.clips.view(clip).text == "one two"


def test_a_reading_that_was_chosen_stays_and_one_of_the_machine_does_not(made: Made) -> None:
    lib, project = made
    chosen, automatic = take(lib, project), take(lib, project)
    heard(lib, project, {"item": chosen, "text": "order 25"}, {"item": automatic, "text": "order 25"})
    bring_home(lib)
    convert.choose_reading(lib, project, chosen, 0, "cardinal", lib.clips.get(chosen).transcript_id, "anna")
    heard(lib, project, {"item": chosen, "text": "order 26"}, {"item": automatic, "text": "order 26"})
    bring_home(lib)
    assert lib.clips.view(chosen).text == "order twenty five"
    assert lib.clips.view(automatic).text == "order two six"


def test_a_result_for_a_take_that_is_gone_is_survived(made: Made) -> None:
    lib, project = made
    gone, kept = take(lib, project), take(lib, project)
    run = heard(lib, project, {"item": gone, "text": "a"}, {"item": kept, "text": "b"})
    review.trash(lib, project, [gone], "anna")
    review.empty_trash(lib, project)
    assert bring_home(lib) == 1
    assert lib.clips.view(kept).text == "b"
    assert lib.ingested.items(run.id) == {kept}


def test_a_take_in_the_trash_gets_its_text_all_the_same(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    review.trash(lib, project, [clip], "anna")
    heard(lib, project, {"item": clip, "text": "a"})
    bring_home(lib)
    review.restore(lib, project, [clip], "anna")
    assert lib.clips.view(clip).text == "a"


def test_what_went_wrong_becomes_the_take_s_note(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    clip = take(lib, project)
    heard(lib, project, {"item": clip, "error": "a.wav is cut off: record it again."})
    assert bring_home(lib) == 1
    forget_what_was_seen(monkeypatch)
    assert bring_home(lib) == 0
    view = lib.clips.view(clip)
    assert (view.clip.note, view.text) == ("a.wav is cut off: record it again.", None)


def test_a_note_is_not_lost_when_somebody_writes_in_between(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    lib, project = made
    clip = take(lib, project)
    heard(lib, project, {"item": clip, "error": "cut off"})
    look, seen = lib.clips.view, []

    def view(clip_id: str):  # type: ignore[no-untyped-def]
        found = look(clip_id)
        if not seen:
            seen.append(clip_id)
            lib.changes.apply(project.id, [Change(clip_id, "note", "", "a person's")], "anna")
        return found

    monkeypatch.setattr(lib.clips, "view", view)
    assert bring_home(lib) == 1
    assert lib.clips.get(clip).note == "cut off"
    assert [row["before"] for row in lib.changes.of(clip)] == ['""', '"a person\'s"'], (
        "both are in the history"
    )


def test_an_edit_in_between_is_kept(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    clip = take(lib, project, "old")
    heard(lib, project, {"item": clip, "text": "new"})
    look, seen = lib.clips.view, []

    def view(clip_id: str):  # type: ignore[no-untyped-def]
        found = look(clip_id)
        if not seen:
            seen.append(clip_id)
            review.edit(lib, project, clip_id, "mine", found.clip.transcript_id, "anna")
        return found

    monkeypatch.setattr(lib.clips, "view", view)
    assert bring_home(lib) == 1
    assert lib.clips.view(clip).text == "mine"
    assert lib.clips.view(clip).heard == "new"


def test_the_first_result_of_an_item_counts(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    heard(lib, project, {"item": clip, "text": "first"}, {"item": clip, "text": "second"})
    assert bring_home(lib) == 1
    assert lib.clips.view(clip).text == "first"


def test_a_language_without_number_names_costs_only_the_words(data_root: DataRoot) -> None:
    lib = Library(data_root)
    project = lib.projects.add("p", "P", "blank", "tlh")
    clip = take(lib, project)
    heard(lib, project, {"item": clip, "text": "order 12"})
    assert bring_home(lib) == 1
    assert lib.clips.view(clip).text == "order 12"


def test_each_project_gets_its_own(data_root: DataRoot) -> None:
    lib, one = library(data_root, "one", "two")
    two = lib.projects.get("two")
    clips = [take(lib, one), take(lib, two)]
    heard(lib, one, {"item": clips[0], "text": "a"})
    heard(lib, two, {"item": clips[1], "text": "b"})
    assert bring_home(lib, two) == 1
    assert [lib.clips.view(clip).text for clip in clips] == [None, "b"]
    assert bring_home(lib) == 1
