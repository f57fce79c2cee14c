"""Export: in every format, read again as it is here; whole or not at all, never over what somebody made."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import soundfile

from core.audio import write
from core.config import DataRoot
from core.datasets.formats import Found
from core.datasets.formats.search import search
from core.datasets.formats.writers import LABELS, WRITERS
from core.errors import BadInput, Refused, Unavailable
from core.files import sha256_of
from core.library import Change, Library, Project, WordTimes
from core.steps import dataset, review, speakers
from core.steps import export as step
from core.steps.export_folder import writing
from core.steps.importing import import_files
from core.types import Word
from tests.layouts import lines
from tests.made import library, take, wav

ANNA = "page:anna"
TEXTS = ("ʻO le fale, “tele”", "مرحبا بالعالم", "order one two", "<b> & fish")
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot, tmp_path: Path) -> Made:
    """Four segments of one recording with word times, the last one rejected; and a take, undecided."""
    lib, project = library(data_root)
    audio = wav(tmp_path / "in" / "talk.wav", 12.0, channels=2, rate=24000)
    labels = [f"{3 * i + 0.5}\t{3 * i + 2.75}\t{text}" for i, text in enumerate(TEXTS)]
    lines(audio.with_suffix(".txt"), labels)
    import_files(lib, project, [audio, wav(tmp_path / "in" / "take.wav", 1.0, pitch=300)], speaker="anna",
                 texts={"take.wav": "a take"})
    views = lib.clips.views(project.id)
    for view in views:
        if view.text:
            words = (Word("one", 0.25, 0.5, 0.5), Word(view.text.split()[-1], 0.5, 1.0, None))
            lib.word_times.put(WordTimes(view.clip.transcript_id or 0, "person", words))
            lib.changes.apply(project.id, [Change(view.clip.id, "decision", "todo", "accepted")], ANNA)
    review.decide(lib, project, views[3].clip.id, "rejected", "accepted", ANNA)
    return lib, project


def readable(folder: Path) -> list[Found]:
    found = list(search(folder))
    assert [one.problem for one in found] == [""] * len(found)
    return sorted(found, key=lambda one: (one.start, one.audio.name))


@pytest.mark.parametrize("form", WRITERS)
def test_an_export_comes_back_equal(form: str, made: Made, tmp_path: Path) -> None:
    lib, project = made
    before = {view.clip.audio: sha256_of(lib.root.path / view.clip.audio) for view in
              lib.clips.views(project.id)}
    ticks: list[tuple[int, int]] = []
    done = step.export(lib, project, form, tick=lambda n, of: ticks.append((n, of)))
    assert done.n_clips == 3 and done.folder.name == f"accepted-{form}" and ticks[-1] == (3, 3)
    found, writer = readable(done.folder), WRITERS[form]
    assert sorted(one.text for one in found) == sorted(TEXTS[:3])
    if writer.speaker:
        assert {one.speaker for one in found} == {"anna"}
    if writer.words:
        assert {one.words[0].text for one in found} == {"one"} and found[0].words[0].start == 0.25
    if form in LABELS:
        assert [(one.start, one.end) for one in found] == [(0.5, 2.75), (3.5, 5.75), (6.5, 8.75)]
        assert sha256_of(found[0].audio) in before.values() and found[0].audio.name == "talk.wav"
    else:
        heads = [soundfile.info(one.audio) for one in found]
        assert {(head.samplerate, head.channels, head.duration) for head in heads} == {(16000, 1, 2.25)}
    told = [json.loads(line) for line in (done.folder / "history.jsonl").read_text().splitlines()]
    assert {row["who"] for row in told} >= {ANNA} and len({row["clip"] for row in told}) == 3
    assert {audio: sha256_of(lib.root.path / audio) for audio in before} == before
    again = step.export(lib, project, form).folder
    assert again == done.folder and len(readable(again)) == 3, "an export takes the place of an older one"


def test_all_are_those_that_nobody_rejected(made: Made) -> None:
    lib, project = made
    done = step.export(lib, project, "nemo", "all", rate=24000)
    assert sorted(one.text for one in readable(done.folder)) == sorted(TEXTS[:3])
    assert done.left_out == ("1 clips have no text and stayed out.",)
    review.use_prompts(lib, project, lib.clips.views(project.id), ANNA)
    assert step.export(lib, project, "nemo", "all").n_clips == 4


def test_a_dataset_is_written_part_by_part(made: Made) -> None:
    lib, project = made
    for i in range(3):
        take(lib, project, f"text {'x' * i}", f"text {'x' * i}", decision="accepted")
    for row in lib.clips.briefs(project.id):
        if not (lib.root.path / row.audio).exists():
            wav(lib.root.path / row.audio, 1.0)
    name = dataset.make(lib, project).dataset.name
    done = step.export(lib, project, "audiofolder", "dataset", name)
    found = {one.audio.relative_to(done.folder).parts[0]: one for one in search(done.folder)}
    assert set(found) == {"train", "val", "test"} and len(list(search(done.folder))) == 6
    assert done.folder.name == f"{name}-audiofolder"


def test_what_was_cut_off_goes_on(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    cut: list[Path] = []
    real = step.export_clip

    def two_only(source: Path, target: Path, *more: Any) -> int:
        if len(cut) == 2:
            raise Unavailable("The disk is full.")
        cut.append(target)
        return real(source, target, *more)

    monkeypatch.setattr(step, "export_clip", two_only)
    with pytest.raises(Unavailable):
        step.export(lib, project, "ljspeech")
    exports = lib.root.project("p") / "exports"
    assert [path.name for path in exports.iterdir()] == [".accepted-ljspeech.part"]
    (cut[0].parent / ".x.wav.abcd.tmp").write_text("half")
    monkeypatch.setattr(step, "export_clip", lambda *given: cut.append(given[1]) or real(*given))
    done = step.export(lib, project, "ljspeech")
    assert len(cut) == 3 and done.n_clips == 3, "two sounds were there already"
    assert [path.name for path in exports.iterdir()] == ["accepted-ljspeech"]
    assert not list(done.folder.rglob(".*"))


def test_what_another_order_left_is_cleared(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made

    def full(*given: Any) -> int:
        (given[1].parent).mkdir(parents=True, exist_ok=True)
        (given[1].parent / "old.wav").write_text("x")
        raise Unavailable("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(step, "export_clip", full)
        with pytest.raises(Unavailable):
            step.export(lib, project, "ljspeech")
    done = step.export(lib, project, "ljspeech", rate=24000)
    assert not list(done.folder.rglob("old.wav"))


def test_a_folder_that_is_no_export_is_never_touched(made: Made, tmp_path: Path) -> None:
    lib, project = made
    home = tmp_path / "mine"
    lines(home / "thesis.txt", ["years of work"])
    with pytest.raises(Refused, match="no export of this app"):
        step.export(lib, project, "vtt", out=home)
    assert [path.name for path in home.iterdir()] == ["thesis.txt"]
    lines(tmp_path / ".other.part" / "a.txt", ["mine"])
    with pytest.raises(Refused, match="no broken off export"):
        step.export(lib, project, "vtt", out=tmp_path / "other")
    assert (tmp_path / ".other.part" / "a.txt").exists()
    (tmp_path / "empty").mkdir()
    assert step.export(lib, project, "vtt", out=tmp_path / "empty").folder == tmp_path / "empty"


@pytest.mark.parametrize("change", ["edited", "added"])
def test_an_export_in_which_somebody_worked_is_never_replaced(change: str, made: Made) -> None:
    lib, project = made
    folder = step.export(lib, project, "audacity").folder
    lines(folder / ("talk.txt" if change == "edited" else "notes.md"), ["0.5\t2.0\tmine"])
    with pytest.raises(Refused, match="changed or added since the export"):
        step.export(lib, project, "audacity")


def test_two_at_once_are_told(made: Made) -> None:
    lib, project = made
    folder = lib.root.project("p") / "exports" / "accepted-srt"
    with writing(folder, {}, ""), pytest.raises(Unavailable, match="Another export is just writing"):
        step.export(lib, project, "srt")


def test_who_took_the_consent_back_stays_out(made: Made) -> None:
    lib, project = made
    speakers.ask_consent(lib, project, "Do you agree?", ANNA)
    speaker = lib.speakers.named(project.id, "anna")
    speakers.agree(lib, project, speaker, 1, ANNA)
    speakers.withdraw(lib, project, speaker, ANNA)
    assert step.export(lib, project, "nemo").n_clips == 0


def test_what_a_format_cannot_carry_is_told(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    first = lib.clips.views(project.id)[0]
    review.edit(lib, project, first.clip.id, "a|b", first.clip.transcript_id, ANNA)
    with pytest.raises(Refused, match="which ljspeech has no way to write"):
        step.export(lib, project, "ljspeech")
    done = step.export(lib, project, "moshi")
    assert (done.n_clips, len(done.left_out)) == (2, 1) and "no word times" in done.left_out[0]
    os.remove(lib.root.path / first.clip.audio)
    gone = step.export(lib, project, "nemo")
    assert gone.n_clips == 0 and all("stayed out" in told for told in gone.left_out)
    for given in (("mp3",), ("nemo", "some"), ("nemo", "all", None, None, 44100)):
        with pytest.raises(BadInput):
            step.export(lib, project, *given)


def test_sounds_of_one_name_stay_two() -> None:
    sounds = [("", Path("/a/1.wav"), "talk.wav"), ("", Path("/a/2.flac"), "Talk.flac"),
              ("", Path("/a/1.wav"), "talk-00012.50.wav"), ("", Path("/a/3.wav"), "../x.wav"),
              ("train", Path("/a/2.flac"), "talk-00001.00.flac")]
    names = step.sound_names(sounds)
    assert list(names.values()) == ["talk.wav", "Talk-2.flac", "x.wav", "talk.flac"]
    assert write.export_clip is step.export_clip
