"""The time line: what a run found, the segments as people left them, and words that are looked for and
placed."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.library import Library, Project, Recording
from core.steps import recordings, review, timeline, trim
from tests.long_made import STRETCHES, TEXT, WHO, ran, recorded
from tests.made import library

Made = tuple[Library, Project, Recording]


@pytest.fixture
def made(data_root: DataRoot, tmp_path: Path) -> Made:
    """One recording and two sections of text, before any run."""
    lib, project = library(data_root)
    recordings.add_text(lib, project, [("one", TEXT, None), ("two", "Talofa, Ā‘e fea?", None)], WHO)
    return lib, project, recorded(lib, project, tmp_path)


def spans(lib: Library, project: Project, recording: Recording) -> list[tuple[float, float, str]]:
    line = timeline.line(lib, project, recording.id)
    return [(piece.start, piece.end, piece.kind) for piece in line.pieces]


def test_a_recording_that_nobody_heard_has_an_empty_line(made: Made) -> None:
    lib, project, recording = made
    assert timeline.line(lib, project, recording.id).pieces == ()
    with pytest.raises(NotFound):
        timeline.line(lib, project, "none")


def test_the_line_holds_all_that_a_run_found_with_the_segments_of_the_library(made: Made) -> None:
    lib, project, recording = made
    run = ran(lib, project, recording)
    line = timeline.line(lib, project, recording.id)
    assert spans(lib, project, recording) == [(start, end, kind) for start, end, kind, _ in STRETCHES]
    assert line.run == run.id
    assert line.seconds["unmatched"] == 16 and line.seconds["uncertain"] == 4
    sure, unsure = line.pieces[1:3]
    assert lib.clips.get(sure.clip).start == 5.0 and sure.text == "Fono i le aso."
    assert sure.figures["confidence"] == 0.8 and unsure.doubts == ("fast",)
    assert line.pieces[-1].sentence == "The disk is full." and not line.pieces[-1].clip


def test_a_segment_that_was_moved_or_decided_is_shown_as_it_is(made: Made) -> None:
    lib, project, recording = made
    ran(lib, project, recording)
    first, second = timeline.segments(lib, project, recording)
    review.decide(lib, project, first.clip.id, "accepted", "todo", WHO)
    trim.trim(lib, project, second.clip.id, 12.0, 20.0, second.clip, WHO)
    assert spans(lib, project, recording)[1:4] == [
        (5.0, 10.0, "matched"), (12.0, 20.0, "uncertain"), (20.0, 30.0, "unmatched")]
    assert timeline.line(lib, project, recording.id).pieces[1].decision == "accepted"


def test_the_newest_run_counts_and_what_it_found_under_a_reviewed_segment_does_not(made: Made) -> None:
    lib, project, recording = made
    ran(lib, project, recording)
    first = timeline.segments(lib, project, recording)[0]
    review.decide(lib, project, first.clip.id, "accepted", "todo", WHO)
    other = [[0.0, 8.0, "unmatched", ""], [8.0, 20.0, "matched", ""], [20.0, 90.0, "silence", ""]]
    ran(lib, project, recording, [(8.0, 20.0, "The mountain is blue.", [])], other)
    assert spans(lib, project, recording) == [
        (0.0, 5.0, "unmatched"), (5.0, 10.0, "matched"), (20.0, 90.0, "silence")]
    assert timeline.line(lib, project, recording.id).pieces[1].clip == first.clip.id


def test_what_a_search_found_in_a_stretch_is_laid_over_the_line(made: Made) -> None:
    lib, project, recording = made
    ran(lib, project, recording)
    other = [[0.0, 12.0, "sound", ""], [12.0, 20.0, "matched", ""], [20.0, 90.0, "silence", ""]]
    said = [(12.0, 20.0, "The mountain is blue.", [])]
    run = ran(lib, project, recording, said, other, within=(10.0, 25.0))
    assert spans(lib, project, recording) == [
        (0.0, 5.0, "silence"), (5.0, 10.0, "matched"), (10.0, 12.0, "sound"), (12.0, 20.0, "matched"),
        (20.0, 25.0, "silence"), (25.0, 30.0, "unmatched"), (30.0, 60.0, "sound"),
        (60.0, 90.0, "unreadable")]
    named, row = timeline.results(lib, project)[recording.id]
    assert named == run.id
    assert row["figures"]["matched"] == 13.0 and row["figures"]["speech"] == 18.0


@pytest.mark.parametrize(("query", "found"), [
    ("mountain is", [(5, "mountain is")]), ("MOUNTAIN, is bl", [(5, "mountain is blue")]),
    ("is", [(6, "is")]), ("mountain blue", []), ("  ", []), ("…", [])])
def test_words_are_found_where_they_follow_each_other(
    made: Made, query: str, found: list[tuple[int, str]]
) -> None:
    lib, project, _ = made
    hits = timeline.find(lib, project, query)
    assert [(hit.word, hit.said) for hit in hits] == found
    assert all(hit.name == "one" for hit in hits)


def test_accents_and_glottal_stops_need_not_be_typed(made: Made) -> None:
    lib, project, _ = made
    hit, = timeline.find(lib, replace(project, language="sm"), "ae fea")
    assert (hit.name, hit.before, hit.said, hit.after) == ("two", "Talofa,", "Ā‘e fea?", "")


def test_a_word_is_placed_by_hand_and_taken_back(made: Made) -> None:
    lib, project, recording = made
    section = lib.recordings.sections(project.id)[0].id
    timeline.place(lib, project, recording.id, section, 5, 12.5, WHO)
    (number, where, at, words), = timeline.anchored(lib, project)
    assert (where, at, words) == (recording.id, 12.5, "mountain is blue today.")
    lib.recordings.remove_anchor(number)
    assert timeline.anchored(lib, project) == []


@pytest.mark.parametrize(("word", "at", "why"), [
    (5, 91.0, "lasts 90.0 s"), (5, -1.0, "lasts"), (5, float("nan"), "lasts"), (99, 1.0, "not in the text"),
    (-1, 1.0, "not in the text")])
def test_what_cannot_be_placed_is_refused(made: Made, word: int, at: float, why: str) -> None:
    lib, project, recording = made
    section = lib.recordings.sections(project.id)[0].id
    with pytest.raises(BadInput, match=why):
        timeline.place(lib, project, recording.id, section, word, at, WHO)
    assert lib.recordings.anchors(project.id) == []


def test_a_section_that_was_removed_comes_back_with_its_place(made: Made) -> None:
    lib, project, recording = made
    one, _ = lib.recordings.sections(project.id)
    lib.recordings.place_section(one.id, recording.id, 5.0)
    lib.recordings.remove_section(one.id)
    assert [s.name for s in lib.recordings.sections(project.id)] == ["two"]
    lib.recordings.bring_back_section(one.id)
    back = lib.recordings.sections(project.id)
    assert [s.name for s in back] == ["one", "two"] and back[0].start == 5.0
