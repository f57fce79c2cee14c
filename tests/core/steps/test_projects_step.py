"""Projects: made from a template or a file, the sample opened once, and the one thing to do next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput, Unavailable
from core.library import Library
from core.steps import projects, review
from core.steps.projects import create, open_sample, overview
from tests.made import library, take, wav


def test_the_numbers_template_brings_fifty_prompts(data_root: DataRoot) -> None:
    made = create(Library(data_root), "My Numbers", "numbers")
    assert (made.n_prompts, made.project.slug, made.project.name) == (50, "my-numbers", "My Numbers")
    assert not any(
        any(sign.isdigit() for sign in p.text) for p in Library(data_root).prompts.of(made.project.id)
    )


def test_a_file_brings_its_prompts_and_says_what_it_left_out(data_root: DataRoot) -> None:
    lib = Library(data_root)
    made = create(lib, "x", "file", script=b"eins\n\nzwei\neins\n", script_name="a.txt")
    assert [prompt.text for prompt in lib.prompts.of(made.project.id)] == ["eins", "zwei"]
    assert len(made.notes) == 2, "one sentence for the empty line, one for the double one"


@pytest.mark.parametrize(
    ("name", "template", "language", "script", "sentence"),
    [
        ("../../x", "blank", "en", None, "cannot be a project name"),
        ("", "blank", "en", None, "cannot be a project name"),
        ("Sample", "blank", "en", None, "kept for the app"),
        ("models", "blank", "en", None, "kept for the app"),
        ("a", "nonsense", "en", None, "is no template"),
        ("a", "file", "en", None, "needs a file"),
        ("a", "file", "en", b"\x00\x01", "not a text file"),
        ("a", "numbers", "tlh", None, "tlh"),
    ],
)
def test_nothing_is_made_of_what_cannot_be_used(
    data_root: DataRoot, name: str, template: str, language: str, script: bytes | None, sentence: str
) -> None:
    lib = Library(data_root)
    with pytest.raises(BadInput, match=sentence):
        create(lib, name, template, language, script, "p.txt")
    assert lib.projects.all() == []


@pytest.mark.parametrize("name", ["हिन्दी पाठ", "ตัวเลข", "数字", "Ζ1 τεστ", "می\u200cخواهم"])
def test_a_project_may_be_named_in_any_script(data_root: DataRoot, name: str) -> None:
    lib = Library(data_root)
    made = create(lib, name).project
    assert made.name == name
    assert lib.root.project(made.slug).resolve().parent == data_root.path.resolve()


def test_a_name_is_taken_once_in_any_case(data_root: DataRoot) -> None:
    lib = Library(data_root)
    create(lib, "Mine")
    with pytest.raises(BadInput, match="already a project called “mine”"):
        create(lib, "mine")


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sample of three takes and an ordinary sentence."""
    folder = tmp_path / "sample"
    said = [
        ("one two", "target", "Andrea"),
        ("three", "target", "Andrea"),
        ("four", "target", "Ben"),
        ("the sun is out", "regression", "Ben"),
    ]
    items = []
    for i, (prompt, role, speaker) in enumerate(said):
        wav(folder / f"{i}.flac", pitch=200 + 40 * i)
        items.append({"file": f"{i}.flac", "prompt": prompt, "group": "g", "role": role, "speaker": speaker})
    (folder / "sample.json").write_text(json.dumps(items))
    monkeypatch.setattr(projects, "SAMPLE", folder)
    return folder


def test_the_sample_is_opened_as_one_copy(data_root: DataRoot, sample: Path) -> None:
    lib = Library(data_root)
    before = {file.name: file.read_bytes() for file in sample.iterdir()}
    project = open_sample(lib)
    views = lib.clips.views(project.id)
    assert [
        (v.clip.name, v.prompt, v.speaker, v.clip.role) for v in sorted(views, key=lambda v: v.clip.name)
    ] == [
        ("0.flac", "one two", "Andrea", "target"),
        ("1.flac", "three", "Andrea", "target"),
        ("2.flac", "four", "Ben", "target"),
        ("3.flac", "the sun is out", "Ben", "regression"),
    ]
    assert open_sample(lib) == project
    assert len(lib.clips.views(project.id)) == 4
    assert {file.name: file.read_bytes() for file in sample.iterdir()} == before


def test_a_copy_that_broke_off_is_completed(data_root: DataRoot, sample: Path) -> None:
    lib = Library(data_root)
    whole = (sample / "2.flac").read_bytes()
    (sample / "2.flac").write_bytes(b"")
    assert len(lib.clips.views(open_sample(lib).id)) == 3
    (sample / "2.flac").write_bytes(whole)
    assert len(lib.clips.views(open_sample(lib).id)) == 4


def test_a_trashed_take_of_the_sample_stays_in_the_trash(data_root: DataRoot, sample: Path) -> None:
    lib = Library(data_root)
    project = open_sample(lib)
    review.trash(lib, project, [lib.clips.views(project.id)[0].clip.id], "anna")
    open_sample(lib)
    assert (len(lib.clips.views(project.id)), len(review.trashed(lib, project))) == (3, 1)


def test_a_missing_sample_is_told(
    data_root: DataRoot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(projects, "SAMPLE", tmp_path / "nowhere")
    lib = Library(data_root)
    with pytest.raises(Unavailable, match=r"no sample.json"):
        open_sample(lib)
    assert lib.projects.all() == []


def test_each_state_has_its_next_step(data_root: DataRoot) -> None:
    lib, project = library(data_root)

    def step() -> tuple[str, str]:
        now = overview(lib, project)
        return now.next_step, now.next_tab

    assert step() == ("Add prompts from a file, or import recordings.", "Project")
    lib.prompts.add(project.id, [("one", ""), ("two", "")])
    assert step() == ("Record the first of 2 prompts; one key starts and stops.", "Record")
    unheard = take(lib, project, prompt="one")
    assert step() == ("Transcribe 1 take; it runs in the background.", "Review")
    lib.changes.apply(project.id, [projects_change(unheard, "rejected")], "anna")
    assert step() == ("Record the 1 prompt still without a take.", "Record"), (
        "a rejected take needs no transcript"
    )
    second = take(lib, project, "two", prompt="two")
    assert step()[0].startswith("Review 1 take: ")
    lib.changes.apply(project.id, [projects_change(second, "rejected")], "anna")
    assert step() == ("Every take was rejected; record new ones.", "Record")
    take(lib, project, "two", prompt="two", decision="accepted")
    assert step() == ("Train on 1 accepted take.", "Train")
    lib.datasets.add(project.id, "d", "p/datasets/d", "ff", {})
    assert step() == ("Train again or read the verdict.", "Train")


def projects_change(clip_id: str, after: str):  # type: ignore[no-untyped-def]
    from core.library import Change

    return Change(clip_id, "decision", "todo", after)


def test_the_overview_counts(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    lib.prompts.add(project.id, [("nobody said this", "")])
    take(lib, project, "one two", prompt="one two")
    take(lib, project, "one free", prompt="one three")
    take(lib, project, prompt="five", decision="rejected")
    take(lib, project, "six", prompt="six", decision="accepted")
    take(lib, project, "the sun", prompt="the son", role="regression")
    now = overview(lib, project)
    assert (now.n_prompts, now.n_recorded, now.n_clips) == (6, 5, 5)
    assert (now.n_todo, now.n_accepted, now.n_rejected, now.n_transcribed, now.n_mismatch) == (2, 1, 1, 3, 1)
    assert now.minutes == pytest.approx(5 / 60)
