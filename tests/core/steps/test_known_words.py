"""Subtitles and labels that come with a recording: kept once, read as anchors, taken out and put back."""
from __future__ import annotations

from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.library import Library, Recording
from core.steps import known_words, projects
from tests.long_made import recorded

SRT = "1\n00:00:01,000 --> 00:00:03,000\ngood morning\n"
AUDACITY = "4.0\t5.0\tto you\n"
TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

0
90
<exists>
1
"IntervalTier"
"words"
0
90
2
0
7.25
""
7.25
7.75
"all"
"""
Made = tuple[Library, Recording]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A project with one recording, meeting.wav."""
    lib = Library(DataRoot(tmp_path / "data"))
    return lib, recorded(lib, projects.create(lib, "Meetings", "blank").project, tmp_path)


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_labels_of_every_kind_are_anchors_that_say_where_they_are_from(made: Made, tmp_path: Path) -> None:
    lib, recording = made
    for name, content in (("meeting.srt", SRT), ("meeting.txt", AUDACITY), ("meeting.TextGrid", TEXTGRID)):
        known_words.add(lib, recording, written(tmp_path, name, content))
    found = {(row[4], row[0], row[1], row[2]) for row in known_words.anchors(lib, recording)}
    assert found == {
        ("file:meeting.srt", "good", 1.0, 1.727), ("file:meeting.srt", "morning", 1.727, 3.0),
        ("file:meeting.txt", "to", 4.0, 4.4), ("file:meeting.txt", "you", 4.4, 5.0),
        ("file:meeting.TextGrid", "all", 7.25, 7.75)}


def test_a_file_of_the_same_name_takes_the_place_of_the_one_before(made: Made, tmp_path: Path) -> None:
    lib, recording = made
    known_words.add(lib, recording, written(tmp_path, "meeting.srt", SRT))
    known_words.add(lib, recording, written(tmp_path, "meeting.srt", SRT.replace("morning", "evening")))
    assert [row[0] for row in known_words.anchors(lib, recording)] == ["good", "evening"]


def test_what_was_taken_out_can_be_put_back_and_no_name_leads_elsewhere(made: Made, tmp_path: Path) -> None:
    lib, recording = made
    known_words.add(lib, recording, written(tmp_path, "meeting.srt", SRT))
    known_words.take_out(lib, recording, "meeting.srt")
    assert known_words.of(lib, recording) == [] == known_words.anchors(lib, recording)
    known_words.put_back(lib, recording, "meeting.srt")
    assert len(known_words.anchors(lib, recording)) == 2
    for name in ("../" + Path(recording.audio).name, "nothing.srt", ""):
        with pytest.raises(NotFound):
            known_words.take_out(lib, recording, name)


def test_labels_go_to_the_recording_of_their_name(made: Made, tmp_path: Path) -> None:
    lib, recording = made
    assert known_words.whose([recording], Path("whatever.srt")) == recording
    other = recorded(lib, lib.projects.with_id(recording.project_id), tmp_path, "evening.wav", 1)
    both = [recording, other]
    assert known_words.whose(both, Path("Evening.srt")) == other
    assert known_words.whose(both, Path("meeting.en.vtt")) == recording
    with pytest.raises(BadInput, match="of no recording here"):
        known_words.whose(both, Path("whatever.srt"))


@pytest.mark.parametrize(("name", "content", "told"), [
    ("meeting.pdf", "x", "no file of labels"), ("meeting.srt", "no cue at all", "no cue"),
    ("meeting.srt", "", "no words with times"), ("meeting.txt", "plain text", "no Audacity label")])
def test_what_is_no_file_of_labels_is_told(made: Made, tmp_path: Path, name: str, content: str, told: str
                                           ) -> None:
    lib, recording = made
    with pytest.raises(BadInput, match=told):
        known_words.add(lib, recording, written(tmp_path, name, content))
    assert known_words.of(lib, recording) == []
