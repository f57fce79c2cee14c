"""Dataset: a frozen snapshot of what was accepted; refused where its figures could not be trusted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core import manifest
from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused, Unavailable
from core.files import sha256_of
from core.library import Change, Library, Project, WordTimes
from core.steps import dataset, review
from core.steps.importing import import_files
from core.types import Word
from tests.made import library, take, wav

ANNA = "page:anna"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def accept(made: Made, n: int, start: int = 0, **more: str) -> list[str]:
    return [
        take(*made, f"text {'x' * i}", f"text {'x' * i}", decision="accepted", **more)
        for i in range(start, start + n)
    ]


def folder_of(lib: Library, name: str = "dataset-1") -> Path:
    return lib.root.path / "p" / "datasets" / name


def test_a_snapshot_holds_what_was_accepted_and_only_that(made: Made) -> None:
    lib, project = made
    clips = accept(made, 10)
    take(lib, project, "todo"), take(lib, project, "no", decision="rejected")
    review.trash(lib, project, [accept(made, 1, 20)[0]], ANNA)
    done = dataset.make(lib, project)
    rows = manifest.read(folder_of(lib))
    assert {row.id for row in rows} == set(clips)
    assert sum(done.counts[part]["clips"] for part in ("train", "val", "test")) == 10
    assert sum(done.counts[part]["seconds"] for part in ("train", "val", "test")) == pytest.approx(10)
    assert done.dataset == lib.datasets.get(project.id)
    assert done.dataset.fingerprint == manifest.fingerprint(rows)
    told = json.loads((folder_of(lib) / "dataset.json").read_text())
    assert (told["fingerprint"], told["options"]["seed"]) == (done.dataset.fingerprint, 1)
    for row in rows:
        clip = lib.clips.get(row.id)
        assert (folder_of(lib) / row.audio).resolve() == (lib.root.path / clip.audio).resolve()
        assert (row.text, row.sha256, row.speaker) == (lib.clips.view(row.id).text, clip.sha256, "me")


def test_a_snapshot_stays_as_it_was(made: Made) -> None:
    lib, project = made
    clips = accept(made, 5)
    dataset.make(lib, project)
    before = (folder_of(lib) / "manifest.jsonl").read_bytes()
    review.edit(lib, project, clips[0], "other", lib.clips.get(clips[0]).transcript_id, ANNA)
    assert dataset.make(lib, project).dataset.name == "dataset-2"
    assert (folder_of(lib) / "manifest.jsonl").read_bytes() == before
    first, second = (lib.datasets.get(project.id, f"dataset-{n}").fingerprint for n in (1, 2))
    assert first != second


def test_current_notices_every_change_of_what_would_be_learned(made: Made) -> None:
    lib, project = made
    assert dataset.current(lib, project) is None
    clips = accept(made, 5)
    assert dataset.current(lib, project) is None
    newest = dataset.make(lib, project).dataset
    assert dataset.current(lib, project) == newest
    take(lib, project, "not accepted")
    assert dataset.current(lib, project) == newest
    seen = lib.clips.get(clips[0]).transcript_id
    changes = [
        lambda: review.edit(lib, project, clips[0], "other", seen, ANNA),
        lambda: review.decide(lib, project, clips[0], "todo", "accepted", ANNA),
        lambda: review.trash(lib, project, clips[:1], ANNA),
        lambda: lib.changes.apply(project.id, [Change(clips[0], "start", 0.0, 0.1)], ANNA),
        lambda: accept(made, 1, 30),
    ]
    for number, change in enumerate(changes):
        change()
        assert dataset.current(lib, project) is None, number
        if number < len(changes) - 1:
            review.undo(lib, project, ANNA)
            assert dataset.current(lib, project) == newest, "and that it was taken back"


def test_words_bring_their_times_and_new_times_make_it_another(made: Made) -> None:
    lib, project = made
    clips = accept(made, 4)
    dataset.make(lib, project)
    assert not any(row.words for row in manifest.read(folder_of(lib)))
    at = lib.clips.get(clips[0]).transcript_id or 0
    words = tuple(Word(word, 0.1 * n, 0.1 * n + 0.05, 0.9)
                  for n, word in enumerate((lib.clips.view(clips[0]).text or "").split()))
    lib.word_times.put(WordTimes(at, "ctc:starter", words))
    assert dataset.current(lib, project) is None, "it was made before the words were timed"
    newest = dataset.make(lib, project).dataset
    assert {row.id: row.words for row in manifest.read(folder_of(lib, newest.name)) if row.words} == {
        clips[0]: words}
    assert dataset.current(lib, project) == newest
    review.edit(lib, project, clips[0], "something else", at, ANNA)
    dataset.make(lib, project)
    assert not any(row.words for row in manifest.read(folder_of(lib, "dataset-3"))), "times of another text"


def test_a_snapshot_whose_folder_is_gone_is_not_current(made: Made) -> None:
    lib, project = made
    accept(made, 4)
    dataset.make(lib, project)
    (folder_of(lib) / "manifest.jsonl").unlink()
    assert dataset.current(lib, project) is None
    assert dataset.make(lib, project).dataset.name == "dataset-2"


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_takes_are_refused_and_nothing_is_left_behind(made: Made, n: int) -> None:
    lib, project = made
    accept(made, n)
    with pytest.raises(Refused, match=f"this project has {n}"):
        dataset.make(lib, project)
    assert lib.datasets.of(project.id) == []
    assert not folder_of(lib).exists()


def test_an_accepted_take_whose_text_was_undone_is_left_out(made: Made) -> None:
    lib, project = made
    accept(made, 4)
    clip = take(lib, project, prompt="five")
    review.use_prompt(lib, project, clip, None, ANNA)
    review.decide(lib, project, clip, "accepted", "todo", "page:ben")
    review.undo(lib, project, ANNA)
    assert lib.clips.view(clip).text is None
    dataset.make(lib, project)
    assert clip not in {row.id for row in manifest.read(folder_of(lib))}
    assert dataset.current(lib, project) is not None


def test_digits_in_a_numbers_project_are_refused_with_an_example(data_root: DataRoot) -> None:
    lib, project = library(data_root, template="numbers")
    accept((lib, project), 4)
    take(lib, project, "order 12", decision="accepted", name="bad.wav")
    with pytest.raises(Refused, match=r"1 of 5 accepted .* bad\.wav: “order 12”.*app\.py convert"):
        dataset.make(lib, project)
    assert lib.datasets.of(project.id) == []


def test_other_projects_may_hold_digits(made: Made) -> None:
    accept(made, 3)
    take(*made, "order 12", decision="accepted")
    assert dataset.make(*made).counts["train"]["clips"] >= 1


def test_ordinary_sentences_are_measured_against_their_prompt(made: Made) -> None:
    lib, project = made
    accept(made, 4)
    heard = take(lib, project, "the son is out", "the sun is out", role="regression")
    unheard = take(lib, project, prompt="good morning", role="regression")
    take(lib, project, "x", "rejected one", role="regression", decision="rejected")
    take(lib, project, "y", role="regression")
    done = dataset.make(lib, project)
    rows = manifest.read(folder_of(lib) / "regression")
    assert {(row.id, row.text, row.split) for row in rows} == {
        (heard, "the sun is out", "test"),
        (unheard, "good morning", "test"),
    }
    assert done.counts["regression"] == {"clips": 2, "words": 6}
    assert all(
        (folder_of(lib) / "regression" / r.audio).resolve().is_relative_to(lib.root.path.resolve())
        for r in rows
    )
    assert not {heard, unheard} & {row.id for row in manifest.read(folder_of(lib))}


def test_the_notes_say_what_a_verdict_will_be_worth(made: Made) -> None:
    accept(made, 6)
    notes = dataset.make(*made).notes
    assert notes[0].startswith("Divided by prompt")
    assert "fewer than 20 proves little" in notes[1]
    assert "not measured" in notes[2]


def test_the_options_decide(made: Made) -> None:
    lib, project = made
    accept(made, 10)
    accept(made, 2, 40, name="held.wav")
    done = dataset.make(lib, project, dataset.options(name="Mine", hold_out=("held*",), val_share=0.2))
    assert (done.dataset.name, done.counts["test"]["clips"], done.counts["val"]["clips"]) == ("Mine", 2, 2)
    with pytest.raises(BadInput, match="already a dataset called “Mine”"):
        dataset.make(lib, project, dataset.options(name="Mine"))
    with pytest.raises(BadInput, match="cannot be a dataset name"):
        dataset.make(lib, project, dataset.options(name="../../x"))


@pytest.mark.parametrize(
    "wrong", [{"test_share": 0.9}, {"seed": -1}, {"split_by": "moon"}, {"colour": "red"}, {"name": "x" * 61}]
)
def test_an_option_that_does_not_fit_is_named(wrong: dict) -> None:
    with pytest.raises(BadInput, match=f"The option “{next(iter(wrong))}” cannot be"):
        dataset.options(**wrong)


def test_a_snapshot_that_broke_off_blocks_no_other(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    accept(made, 4)

    def full(*_: object) -> None:
        raise Unavailable("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(dataset, "write_json", full)
        with pytest.raises(Unavailable):
            dataset.make(lib, project)
    assert lib.datasets.of(project.id) == []
    assert dataset.make(lib, project).dataset.name == "dataset-2"


@pytest.mark.parametrize("rate", [16000, 24000])
def test_an_export_is_mono_pcm16_and_the_originals_stay(made: Made, tmp_path: Path, rate: int) -> None:
    lib, project = made
    kinds = [{"rate": 44100, "channels": 2}, {"rate": 48000, "subtype": "PCM_24"}, {}, {"rate": 8000}]
    files = [wav(tmp_path / f"{i}.wav", pitch=200 + 20 * i, **kind) for i, kind in enumerate(kinds)]
    import_files(lib, project, files, texts={f"{i}.wav": f"text {'x' * i}" for i in range(4)})
    review.use_prompts(lib, project, lib.clips.views(project.id), ANNA)
    clip = lib.clips.views(project.id)[0].clip
    lib.changes.apply(
        project.id, [Change(clip.id, "start", 0.0, 0.1), Change(clip.id, "end", clip.end, 0.5)], ANNA
    )
    before = {
        view.clip.audio: sha256_of(lib.root.path / view.clip.audio) for view in lib.clips.views(project.id)
    }
    name = dataset.make(lib, project).dataset.name
    out = dataset.export(lib, project, name, rate)
    rows = {row.id: row for row in manifest.read(out)}
    assert len(rows) == 4
    for row in rows.values():
        found = soundfile.info(out / row.audio)
        assert (found.samplerate, found.channels, found.subtype) == (rate, 1, "PCM_16")
        assert found.duration == pytest.approx(row.end, abs=0.001)
        assert (row.start, row.sample_rate, row.audio.split("/")[0]) == (0.0, rate, row.split)
        assert np.abs(soundfile.read(out / row.audio)[0]).max() == pytest.approx(0.3, abs=0.03)
    assert rows[clip.id].end == pytest.approx(0.4)
    assert {audio: sha256_of(lib.root.path / audio) for audio in before} == before
    assert manifest.read(dataset.export(lib, project, name, rate)) == list(rows.values()), "again is the same"


def test_an_export_of_nothing_or_at_an_odd_rate_is_told(made: Made) -> None:
    with pytest.raises(NotFound, match="make one on the Data tab"):
        dataset.export(*made)
    with pytest.raises(BadInput, match="not 44100"):
        dataset.export(*made, rate=44100)


def test_enough_ordinary_sentences_are_rehearsed_and_never_judge_too(made: Made) -> None:
    lib, project = made
    accept(made, 20)
    for n in range(20):
        take(lib, project, prompt="the weather is fine" + " so" * n, role="regression")
    done = dataset.make(lib, project)
    learned = [r for r in manifest.read(folder_of(lib)) if r.text.startswith("the weather")]
    judging = manifest.read(folder_of(lib) / "regression")
    assert done.counts["rehearsed"] == len(learned) > 5
    assert len(judging) == done.counts["regression"]["clips"] == 20 - len(learned) > 5
    assert not {r.text for r in learned} & {r.text for r in judging}
    assert all(r.split != "test" for r in learned)
    assert f"{len(learned)} ordinary sentences are rehearsed" in " ".join(done.notes)
    takes = {c.audio for c in (v.clip for v in lib.clips.views(project.id, role="regression"))}
    found = {(folder_of(lib) / "regression" / r.audio).resolve() for r in judging}
    assert found <= {(lib.root.path / audio).resolve() for audio in takes}
    assert dataset.current(lib, project) == done.dataset
    take(lib, project, prompt="one more ordinary sentence", role="regression")
    assert dataset.current(lib, project) is None
