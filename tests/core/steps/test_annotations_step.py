"""Labels go out, are edited elsewhere, and come back: shown first, one batch, one undo, no sound touched."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from core.config import DataRoot
from core.datasets.formats.writers import LABELS
from core.errors import BadInput, NotFound, Refused, Stale
from core.files import sha256_of
from core.library import Library, Project, WordTimes
from core.steps import annotation_edits, annotations, review
from core.steps.importing import import_files
from core.types import Word
from tests.layouts import lines
from tests.made import library, wav

ANNA, BEN = "page:anna", "page:ben"
TEXTS = ("ʻO le fale", "order one two", "good morning", "fish & chips")
Made = tuple[Library, Project]
FILES = {"textgrid": "talk.TextGrid", "audacity": "talk.txt", "srt": "talk.srt", "vtt": "talk.vtt"}


@pytest.fixture
def made(data_root: DataRoot, tmp_path: Path) -> Made:
    """Four segments of 2.25 s, at 0.5, 3.5, 6.5 and 9.5 s of one recording, by anna."""
    lib, project = library(data_root)
    audio = wav(tmp_path / "in" / "talk.wav", 14.0, rate=8000)
    lines(audio.with_suffix(".txt"), [f"{3 * i + 0.5}\t{3 * i + 2.75}\t{text}" for i, text in
                                      enumerate(TEXTS)])
    import_files(lib, project, [audio], speaker="anna")
    return lib, project


def state(made: Made) -> list[tuple[object, ...]]:
    """What is in use, by time."""
    lib, project = made
    views = lib.clips.views(project.id)
    return sorted((v.clip.start, v.clip.end, v.text, v.clip.decision, v.speaker) for v in views)


def edit(file: Path, *pairs: tuple[str, str]) -> None:
    text = file.read_text()
    for before, after in pairs:
        assert before in text, f"{before} is not in {text}"
        text = text.replace(before, after, 1)
    file.write_text(text)


def taken_in(made: Made, *paths: Path) -> list[tuple[str, str, str]]:
    """Preview and apply; the lines as (field, before, after)."""
    found = annotation_edits.preview(*made, paths)
    done = annotation_edits.apply(*made, paths, found.mark, ANNA)
    assert done.n_changes == len(found.lines)
    return [(line.field, line.before, line.after) for line in found.lines]


@pytest.mark.parametrize("form", LABELS)
def test_unedited_labels_change_nothing(form: str, made: Made) -> None:
    sent = annotations.export(*made, form)
    assert (sent.n_files, sent.n_clips) == (1, 4) and (sent.folder / FILES[form]).is_file()
    before, last = state(made), made[0].changes.last_id(made[1].id)
    assert taken_in(made, sent.folder) == []
    assert (state(made), made[0].changes.last_id(made[1].id)) == (before, last)


@pytest.mark.parametrize("form", LABELS)
def test_a_text_that_was_mended_is_a_new_version(form: str, made: Made) -> None:
    file = annotations.export(*made, form).folder / FILES[form]
    edit(file, ("order one two", "order one “two”"))
    before = state(made)
    assert taken_in(made, file) == [("text", "order one two", "order one “two”")]
    clip = next(view.clip for view in made[0].clips.views(made[1].id) if view.text == "order one “two”")
    newest = made[0].transcripts.versions(clip.id)[-1]
    assert (newest.source, newest.who, newest.version) == ("import", ANNA, 2)
    assert review.undo(*made, ANNA).startswith("Undone") and state(made) == before
    assert taken_in(made, file) == [("text", "order one two", "order one “two”")]
    assert taken_in(made, file) == [], "what is here already is no change"


def test_all_kinds_of_edits_are_one_batch(made: Made) -> None:
    lib, project = made
    first = lib.clips.views(project.id)[0].clip
    words = (Word("ʻO", 0.5, 0.75), Word("le", 0.75, 1.0), Word("fale", 1.0, 1.5))
    lib.word_times.put(WordTimes(first.transcript_id or 0, "person", words))
    sounds = {path: sha256_of(path) for path in (lib.root.project("p") / "takes").iterdir()}
    folder = annotations.export(*made, "audacity").folder
    lines(folder / "talk.txt", [
        "0.250000\t2.750000\tʻO le fale",
        "3.500000\t4.500000\torder one", "4.500000\t5.750000\ttwo",
        "9.500000\t11.000000\tfish and chips",
        "12.500000\t13.500000\tgoodbye",
    ])
    before = state(made)
    found = annotation_edits.preview(*made, [folder])
    assert state(made) == before
    told = [(line.field, line.before, line.after) for line in found.lines]
    assert told == [
        ("start", "0.500", "0.250"),
        ("split", "order one two", "order one | two"),
        ("decision", "todo", "rejected"),
        ("end", "11.750", "11.000"), ("text", "fish & chips", "fish and chips"),
        ("added", "", "goodbye"),
    ]
    done = annotation_edits.apply(*made, [folder], found.mark, ANNA)
    assert {lib.clips.view(name).text for name in done.clip_ids} == {
        "order one", "two", "fish and chips", "goodbye"}, "their words are to be aligned"
    assert state(made) == [
        (0.25, 2.75, "ʻO le fale", "todo", "anna"),
        (3.5, 4.5, "order one", "todo", "anna"), (4.5, 5.75, "two", "todo", "anna"),
        (6.5, 8.75, "good morning", "rejected", "anna"),
        (9.5, 11.0, "fish and chips", "todo", "anna"),
        (12.5, 13.5, "goodbye", "todo", "anna"),
    ]
    now = lib.clips.get(first.id)
    times = lib.word_times.of(now.transcript_id)
    assert times is not None and times.words[0] == Word("ʻO", 0.75, 1.0), "word times go with the edge"
    assert now.quality["seconds"] == pytest.approx(2.5)
    assert {path: sha256_of(path) for path in sounds} == sounds
    assert annotation_edits.preview(*made, [folder]).lines == []
    review.undo(*made, ANNA)
    assert state(made) == before


@pytest.mark.parametrize(("form", "ending"), [("textgrid", "TextGrid"), ("vtt", "vtt")])
def test_another_speaker_is_another_speaker(form: str, ending: str, made: Made) -> None:
    folder = annotations.export(*made, form).folder
    edit(folder / f"talk.{ending}", ("anna", "Ben"))
    told = taken_in(made, folder)
    assert {line[0] for line in told} == {"speaker"} and told[0][1:] == ("anna", "Ben")
    assert state(made)[0][4] == "Ben"


def test_subtitles_without_their_voices_say_nothing_of_speakers(made: Made) -> None:
    file = annotations.export(*made, "vtt").folder / "talk.vtt"
    file.write_text(re.sub("<v anna>", "", file.read_text()))
    assert taken_in(made, file) == []


def test_a_file_that_comes_back_alone_is_known_by_its_name(made: Made, tmp_path: Path) -> None:
    folder = annotations.export(*made, "srt").folder
    alone = Path(shutil.copy(folder / "talk.srt", tmp_path / "talk.srt"))
    edit(alone, ("good morning", "good evening"))
    assert taken_in(made, alone) == [("text", "good morning", "good evening")]
    with pytest.raises(Refused, match="changed or added"):
        lines(folder / "talk.srt", ["mine"])
        annotations.export(*made, "srt")
    shutil.rmtree(folder)
    again = annotations.export(*made, "srt").folder
    with pytest.raises(BadInput, match="more than once with other content"):
        annotation_edits.preview(*made, [alone])
    beside = Path(shutil.copy(again / annotations.KEPT, tmp_path / annotations.KEPT))
    assert annotation_edits.preview(*made, [alone, beside]).lines == []


def test_what_changed_here_meanwhile_is_not_overwritten(made: Made) -> None:
    lib, project = made
    folder = annotations.export(*made, "audacity").folder
    edit(folder / "talk.txt", ("order one two", "mine"), ("good morning", "mine too"))
    shown = annotation_edits.preview(*made, [folder])
    clip = next(view.clip for view in lib.clips.views(project.id) if view.text == "order one two")
    review.edit(lib, project, clip.id, "theirs", clip.transcript_id, BEN)
    with pytest.raises(Stale, match="since the changes were listed"):
        annotation_edits.apply(*made, [folder], shown.mark, ANNA)
    again = annotation_edits.preview(*made, [folder])
    assert again.stale == (clip.name,) and len(again.lines) == 1
    before = state(made)
    with pytest.raises(Stale, match="changed here after the export"):
        annotation_edits.apply(*made, [folder], again.mark, ANNA)
    assert state(made) == before
    annotation_edits.apply(*made, [folder], again.mark, ANNA, leave_changed=True)
    assert {row[2] for row in state(made)} == {"ʻO le fale", "theirs", "mine too", "fish & chips"}


def test_what_changed_only_here_is_left_alone(made: Made) -> None:
    lib, project = made
    folder = annotations.export(*made, "textgrid").folder
    clip = lib.clips.views(project.id)[0].clip
    review.edit(lib, project, clip.id, "theirs", clip.transcript_id, BEN)
    assert taken_in(made, folder) == []


def test_what_nobody_has_transcribed_may_get_its_text_elsewhere(data_root: DataRoot, tmp_path: Path) -> None:
    lib, project = library(data_root)
    import_files(lib, project, [wav(tmp_path / "a.wav", 3.0)])
    folder = annotations.export(lib, project, "audacity").folder
    assert not (folder / "a.txt").exists() and (folder / "a.wav").exists()
    assert annotation_edits.preview(lib, project, [lines(folder / "a.txt", [""])]).lines == []
    lines(folder / "a.txt", ["0.1\t2.9\thello"])
    assert [line[0] for line in taken_in((lib, project), folder)] == ["start", "end", "text"]


@pytest.mark.parametrize(("rows", "told"), [
    (["1.0\t99.0\tx"], "The label “x” of talk.txt runs from 1.00 to 99.00 s; the sound has 14.00 s"),
    (["1.0\t1.01\tx"], "a clip takes at least 0.1 s"),
    (["1.0\t2.0\tx", "what"], "Line 2 of talk.txt is no Audacity label"),
    (["1.0\t2.0\t" + "x" * 3000], "has 3000 characters"),
])
def test_a_label_that_cannot_be_is_told(rows: list[str], told: str, made: Made) -> None:
    folder = annotations.export(*made, "audacity").folder
    lines(folder / "talk.txt", rows)
    with pytest.raises(BadInput, match=re.escape(told)):
        annotation_edits.preview(*made, [folder])


def test_files_of_elsewhere_are_told(made: Made, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"other\.srt was not exported from “P”"):
        annotation_edits.preview(*made, [lines(tmp_path / "other.srt", ["1"])])
    with pytest.raises(NotFound, match="There is no file of labels"):
        annotation_edits.preview(*made, [tmp_path])
    with pytest.raises(NotFound, match="does not exist"):
        annotation_edits.preview(*made, [tmp_path / "gone.srt"])
    with pytest.raises(BadInput, match="no format of labels"):
        annotations.export(*made, "nemo")
