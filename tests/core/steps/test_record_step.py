"""Recording: whole on the disk before it is said to be saved, retakes undoable, nothing lost by a crash."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.audio.capture import Captured
from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.files import sha256_of
from core.library import Change, Library, Project
from core.library.transcripts import Draft
from core.steps import prompts, record, review
from core.steps.record import queue, recover, save_captured, save_take
from tests.made import library, long_wav, tone, wav

WHO = "page:anna"


@pytest.fixture
def made(data_root: DataRoot) -> tuple[Library, Project]:
    lib, project = library(data_root)
    lib.prompts.add(project.id, [("one two", "a"), ("three", "a"), ("four", "b")])
    return lib, project


def audio_of(lib: Library, clip_id: str) -> Path:
    return lib.root.path / lib.clips.get(clip_id).audio


def ids(lib: Library, project: Project) -> list[int]:
    return [prompt.id for prompt in lib.prompts.of(project.id)]


@pytest.mark.parametrize(
    "more", [{}, {"rate": 48000, "subtype": "PCM_24"}, {"rate": 96000, "channels": 2, "subtype": "FLOAT"}]
)
def test_a_take_is_kept_byte_for_byte(made: tuple[Library, Project], tmp_path: Path, more: dict) -> None:
    lib, project = made
    source = wav(tmp_path / "up.wav", **more)
    saved = save_take(lib, project, ids(lib, project)[0], "Anna", source, WHO)
    kept = audio_of(lib, saved.clip.id)
    assert kept.read_bytes() == source.read_bytes()
    assert saved.clip.sha256 == sha256_of(source)
    assert (saved.clip.sample_rate, saved.clip.end) == (more.get("rate", 16000), pytest.approx(0.6))
    assert [f.name for f in kept.parent.iterdir()] == [kept.name]
    assert lib.clips.view(saved.clip.id).prompt == "one two"
    assert lib.clips.view(saved.clip.id).speaker == "Anna"


def test_what_the_desktop_recorder_heard_comes_back_sample_for_sample(made: tuple[Library, Project]) -> None:
    lib, project = made
    samples = (tone() * 32767).astype(np.int16)
    saved = save_captured(lib, project, None, "", Captured(samples, 16000, 0), WHO)
    import soundfile

    back, rate = soundfile.read(audio_of(lib, saved.clip.id), dtype="int16")
    assert rate == 16000
    assert np.array_equal(back, samples)
    assert saved.clip.prompt_id is None
    assert saved.usable
    with pytest.raises(BadInput, match="no samples"):
        save_captured(lib, project, None, "", Captured(samples[:0], 16000, 0), WHO)


def heard(**more: Any) -> Captured:
    """A good take, with half a second of quiet around it."""
    sound = np.concatenate([np.zeros(8000), tone(), np.zeros(8000)])
    return Captured((sound * 32767).astype(np.int16), 16000, **{"n_overflows": 0, **more})


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ({"n_overflows": 3}, "overflow", "lost sound 3 times"),
        ({"interrupted": True}, "interrupted", "unplugged or stopped answering after 1.6 s"),
    ],
)
def test_what_went_wrong_in_the_recorder_stays_with_the_take(
    made: tuple[Library, Project], fault: dict[str, Any], code: str, words: str
) -> None:
    lib, project = made
    prompt = ids(lib, project)[0]
    saved = save_captured(lib, project, prompt, "me", heard(**fault), WHO)
    assert saved.findings[0].code == code and not saved.usable
    assert words in queue(lib, project).again[prompt]  # also after a reload
    assert audio_of(lib, saved.clip.id).exists()
    assert save_captured(lib, project, prompt, "me", heard(), WHO).usable


def test_a_silent_take_is_saved_and_said_to_be_unusable(made: tuple[Library, Project]) -> None:
    lib, project = made
    saved = save_captured(lib, project, None, "", Captured(np.zeros(16000, np.int16), 16000, 0), WHO)
    assert not saved.usable
    assert "Nothing was said" in saved.findings[0].sentence
    assert lib.clips.get(saved.clip.id).quality["seconds"] == 1.0


def test_the_queue_goes_on_with_the_first_prompt_that_has_no_take(
    made: tuple[Library, Project], tmp_path: Path
) -> None:
    lib, project = made
    first, second, third = ids(lib, project)
    assert queue(lib, project).next_index == 0
    for prompt_id in (first, third):
        save_take(lib, project, prompt_id, "anna", wav(tmp_path / f"{prompt_id}.wav"), WHO)
    found = queue(lib, project, "anna")
    assert (found.next_index, found.n_done, found.n_total) == (1, 2, 3)
    assert found.minutes == pytest.approx(1.2 / 60)
    lib.prompts.skip(second, "too long")
    assert queue(lib, project, "anna").next_index is None


def test_musts_come_first(made: tuple[Library, Project], tmp_path: Path) -> None:
    lib, project = made
    first, second, third = ids(lib, project)
    prompts.mark_must(lib, project, [second, third], True, WHO)
    found = queue(lib, project)
    assert [prompt.id for prompt in found.prompts] == [first, second, third], "the order of the script stays"
    assert found.next_index == 1
    save_take(lib, project, second, "anna", wav(tmp_path / "2.wav"), WHO)
    assert queue(lib, project).next_index == 2
    assert queue(lib, project, "ben").next_index == 1, "somebody else has them before them"
    prompts.skip(lib, project, [third], "not today", WHO)
    assert queue(lib, project).next_index == 0


def test_each_speaker_has_a_queue(made: tuple[Library, Project], tmp_path: Path) -> None:
    lib, project = made
    save_take(lib, project, ids(lib, project)[0], "Zoë", wav(tmp_path / "a.wav"), WHO)
    assert queue(lib, project, "Zoë").next_index == 1
    assert queue(lib, project, " Zoe\u0308 ").next_index == 1, "the same name, typed in another way"
    assert (queue(lib, project, "ben").next_index, queue(lib, project, "ben").minutes) == (0, 0.0)
    assert queue(lib, project, "Zoë").minutes == queue(lib, project).minutes > 0
    assert queue(lib, project).next_index == 1, "anybody's takes"


def test_a_retake_takes_the_older_one_s_place_and_undo_brings_it_back(
    made: tuple[Library, Project], tmp_path: Path
) -> None:
    lib, project = made
    prompt = ids(lib, project)[0]
    old = save_take(lib, project, prompt, "anna", wav(tmp_path / "a.wav"), WHO).clip
    new = save_take(lib, project, prompt, "anna", wav(tmp_path / "b.wav", pitch=300), WHO).clip
    assert [v.clip.id for v in lib.clips.views(project.id)] == [new.id]
    assert lib.prompts.get(prompt).take_id == new.id  # type: ignore[union-attr]
    assert audio_of(lib, old.id).exists()
    assert "the choice of a take" in review.undo(lib, project, WHO)
    assert [v.clip.id for v in lib.clips.views(project.id)] == [old.id]
    assert lib.prompts.get(prompt).take_id == old.id  # type: ignore[union-attr]
    assert lib.prompts.get(prompt).n_takes == 2  # type: ignore[union-attr]


def test_another_speaker_s_take_of_the_same_prompt_stays(
    made: tuple[Library, Project], tmp_path: Path
) -> None:
    lib, project = made
    prompt = ids(lib, project)[0]
    for speaker in ("anna", "ben"):
        save_take(lib, project, prompt, speaker, wav(tmp_path / f"{speaker}.wav"), WHO)
    assert {v.speaker for v in lib.clips.views(project.id)} == {"anna", "ben"}


def test_a_prompt_of_another_project_is_refused_before_anything_is_kept(
    data_root: DataRoot, tmp_path: Path
) -> None:
    lib, mine = library(data_root, "mine", "yours")
    lib.prompts.add(lib.projects.get("yours").id, [("x", "")])
    source = wav(tmp_path / "a.wav")
    for prompt_id in (1, 99):
        with pytest.raises(NotFound, match=f"Prompt {prompt_id} does not belong"):
            save_take(lib, mine, prompt_id, "anna", source, WHO)
    assert not (data_root.path / "mine" / "takes").exists()


@pytest.mark.parametrize("name", ["a", "take", "x.wä v", "y.!!"])
def test_a_file_without_a_proper_ending_is_a_take_all_the_same(
    made: tuple[Library, Project], tmp_path: Path, name: str
) -> None:
    lib, project = made
    source = wav(tmp_path / "a.wav").rename(tmp_path / name)
    saved = save_take(lib, project, None, "", source, WHO)
    assert audio_of(lib, saved.clip.id).read_bytes() == source.read_bytes()
    assert recover(lib) == 0


def test_a_long_take_is_refused_by_its_header(made: tuple[Library, Project], tmp_path: Path) -> None:
    lib, project = made
    with pytest.raises(BadInput, match="lasts 180 minutes; a take lasts at most 10"):
        save_take(lib, project, None, "", long_wav(tmp_path / "long.wav", 3 * 3600), WHO)
    assert lib.clips.views(project.id) == []


def crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the process "ends" between the file's rename and the row."""

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(record, "_enter", killed)


def lose(made: tuple[Library, Project], prompt_id: int | None, source: Path) -> None:
    lib, project = made
    with pytest.MonkeyPatch.context() as patch:
        crash(patch)
        with pytest.raises(KeyboardInterrupt):
            save_take(lib, project, prompt_id, "Anna", source, WHO)


def test_a_take_without_a_row_is_taken_in_once(made: tuple[Library, Project], tmp_path: Path) -> None:
    lib, project = made
    source, prompt = wav(tmp_path / "a.wav"), ids(lib, project)[1]
    lose(made, prompt, source)
    assert lib.clips.views(project.id) == []
    assert recover(lib) == 1
    assert recover(lib) == 0
    view = lib.clips.views(project.id)[0]
    assert (view.prompt, view.speaker, view.clip.decision) == ("three", "Anna", "todo")
    assert (lib.root.path / view.clip.audio).read_bytes() == source.read_bytes()


def test_a_take_that_is_recovered_later_pushes_no_newer_one_away(
    made: tuple[Library, Project], tmp_path: Path
) -> None:
    lib, project = made
    prompt = ids(lib, project)[0]
    lose(made, prompt, wav(tmp_path / "a.wav"))
    lost = next((lib.root.project(project.slug) / "takes").iterdir())
    os.utime(lost, (1e9, 1e9))
    good = save_take(lib, project, prompt, "Anna", wav(tmp_path / "b.wav", pitch=300), WHO).clip
    assert recover(lib) == 1
    assert len(lib.clips.views(project.id)) == 2
    # type: ignore[union-attr]
    assert lib.prompts.get(prompt).take_id == good.id, "the newest by the time of recording"


def test_recover_leaves_alone_what_is_no_whole_take(made: tuple[Library, Project], tmp_path: Path) -> None:
    lib, project = made
    takes = lib.root.project(project.slug) / "takes"
    whole = wav(takes / "0123456789ab.p0.s0.wav").read_bytes()
    (takes / ".0123456789ac.p0.s0.wav.1234abcd.tmp").write_bytes(whole[:900])
    (takes / "0123456789ad.p0.s0.wav").write_bytes(whole[:900])
    (takes / "notes.wav").write_bytes(whole)
    assert recover(lib) == 1
    assert [v.clip.id for v in lib.clips.views(project.id)] == ["0123456789ab"]
    assert len(list(takes.iterdir())) == 4, "all of it is still there"


def test_takes_from_another_data_folder_come_in_without_their_strangers(
    data_root: DataRoot,
) -> None:
    lib, mine = library(data_root, "mine", "yours")
    yours = lib.projects.get("yours")
    lib.prompts.add(yours.id, [("x", "")])
    lib.speakers.named(yours.id, "ben")
    wav(lib.root.project("mine") / "takes" / "0123456789ab.p1.s1.wav")
    wav(lib.root.project("mine") / "takes" / "0123456789ac.p77.s88.wav", pitch=300)
    assert recover(lib) == 2
    for view in lib.clips.views(mine.id):
        assert (view.prompt, view.speaker, view.clip.role) == (None, None, "target")


def test_two_that_enter_the_same_take_make_one_row(made: tuple[Library, Project], tmp_path: Path) -> None:
    lib, project = made
    clip = save_take(lib, project, ids(lib, project)[0], "anna", wav(tmp_path / "a.wav"), WHO).clip
    again = record._enter(lib, project, audio_of(lib, clip.id), retake_by=WHO)
    assert again.clip == clip
    assert [v.clip.id for v in lib.clips.views(project.id)] == [clip.id], "it does not trash itself"


def test_a_take_in_which_other_words_were_heard_is_asked_for_again_until_somebody_decides(
    made: tuple[Library, Project], tmp_path: Path
) -> None:
    lib, project = made
    prompt = ids(lib, project)[1]
    clip = save_captured(lib, project, prompt, "me", heard(), WHO).clip
    assert queue(lib, project).again == {}
    lib.transcripts.append(
        project.id, [Draft(clip.id, "nothing of the kind was ever said", "model:starter", None)], "run:1"
    )
    assert "nothing of the kind" in queue(lib, project).again[prompt]
    lib.changes.apply(project.id, [Change(clip.id, "decision", "todo", "accepted")], "me")
    assert queue(lib, project).again == {}
