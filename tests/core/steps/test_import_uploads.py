"""Uploads to be imported in the background: laid out as their tables name them, and gone when all is in."""
from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput
from core.library import Library, Project
from core.runs import listing, worker
from core.runs import start as runs
from core.steps.import_uploads import lay_out, new_uploads
from core.steps.importing import TABLE_ENDINGS, TEXT_ENDINGS, brought, start_import
from core.steps.ingest import ingest
from tests.layouts import LAYOUTS, lines
from tests.made import library, wav
from ui.importing import begin

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A project, and workers that have ended when `spawn` is back."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: worker.work(run))
    return library(data_root, "p")


def flat(source: Path, target: Path) -> list[Path]:
    """The files of a folder as a browser sends them: each in a folder of its own, only its name is known."""
    uploads = []
    for n, path in enumerate(sorted(path for path in source.rglob("*") if path.is_file())):
        place = target / f"upload-{n}" / path.name
        place.parent.mkdir(parents=True)
        shutil.copy(path, place)
        uploads.append(place)
    return uploads


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "nemo"])
def test_every_layout_arrives_although_its_folders_were_lost(layout: str, made: Made, tmp_path: Path) -> None:
    lib, project = made
    expected = LAYOUTS[layout](tmp_path / "set")
    uploads = flat(tmp_path / "set", tmp_path / "uploads")
    begin(lib, project, uploads, "ada", False)
    ingest(lib)
    assert sorted(view.text or "" for view in lib.clips.views(project.id)) == sorted(
        told.text for told in expected
    )
    assert list((lib.root.path / "p" / "uploads").iterdir()) == [], "all is in, so nothing is kept twice"
    assert all(path.exists() for path in uploads)


def test_whole_paths_in_an_uploaded_table_are_refused(made: Made, tmp_path: Path) -> None:
    lib, project = made
    LAYOUTS["nemo"](tmp_path / "set")
    begin(lib, project, flat(tmp_path / "set", tmp_path / "uploads"), "ada", False)
    ingest(lib)
    assert [view.clip.name for view in lib.clips.views(project.id)] == ["whole.wav"]
    (run,) = listing.runs(lib.root, "p", "import")
    assert {"leads out of the folder" in why for _, why in brought(run.run).refused} == {True, False}


def test_what_may_be_chosen_has_an_ending_that_the_field_knows(tmp_path: Path) -> None:
    for name, layout in LAYOUTS.items():
        layout(tmp_path / name)
    endings = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    sounds = {ending for ending in endings if ending in (".wav", ".flac", ".mp3", ".ogg")}
    assert endings - sounds <= {*TEXT_ENDINGS, *TABLE_ENDINGS}


def test_two_sounds_of_one_name_are_not_mistaken_for_each_other(tmp_path: Path) -> None:
    lines(tmp_path / "0" / "metadata.csv", ["file_name,transcription", "x/a.wav,one", "y/a.wav,two"])
    first, second = wav(tmp_path / "0" / "a.wav"), wav(tmp_path / "1" / "a.wav", pitch=300)
    lay_out(tmp_path)
    assert first.exists() and second.exists()
    second.unlink()
    lay_out(tmp_path)
    assert first.exists(), "it could be either of them"


def test_a_table_cannot_move_an_upload_out_of_its_folder(tmp_path: Path) -> None:
    lines(tmp_path / "in" / "0" / "metadata.csv", ["file_name,transcription", "../../out/a.wav,one"])
    sound = wav(tmp_path / "in" / "0" / "a.wav")
    lay_out(tmp_path / "in")
    assert sound.exists() and not (tmp_path / "out").exists()


def test_uploads_stay_until_a_stopped_import_is_resumed(made: Made, tmp_path: Path) -> None:
    lib, project = made
    folder = new_uploads(lib, project)
    for n in range(3):
        wav(folder / f"{n}.wav", pitch=200 + n)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runs, "spawn", lambda run, python=None: None)
        run = start_import(lib, project, [folder], uploads=folder)
    runs.stop(run)
    assert run.state() == "stopped" and len(os.listdir(folder)) == 3
    runs.resume(run)
    assert run.state() == "done" and brought(run).n_clips == 3 and not folder.exists()


def test_an_import_that_cannot_begin_keeps_no_uploads(made: Made, tmp_path: Path) -> None:
    lib, project = made
    table = lines(tmp_path / "metadata.csv", ["file_name,transcription", "a.wav,one"])
    with pytest.raises(BadInput, match="no audio among the chosen"):
        begin(lib, project, [table], "ada", False)
    assert list((lib.root.path / "p" / "uploads").iterdir()) == []


def test_a_folder_that_a_person_named_is_never_removed(made: Made, tmp_path: Path) -> None:
    lib, project = made
    wav(tmp_path / "mine" / "a.wav")
    run = start_import(lib, project, [tmp_path / "mine"])
    assert run.state() == "done" and (tmp_path / "mine" / "a.wav").exists()
