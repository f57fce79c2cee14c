"""The import of folders on the page: what is typed, what is told of a folder and of a run."""
from __future__ import annotations

from pathlib import Path

import gradio as gr
import pytest

from core.config import DataRoot
from core.errors import BadInput
from core.library import Library, Project
from core.runs import start as runs
from core.runs import worker
from core.steps.import_look import survey
from core.steps.importing import start_import
from tests.made import library, wav
from ui import import_folder, import_run

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A project, and workers that have ended when `spawn` is back."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: worker.work(run))
    return library(data_root, "p")


def ids(blocks: gr.Blocks) -> set[str]:
    return {block.elem_id for block in blocks.blocks.values() if getattr(block, "elem_id", None)}


def test_only_a_page_on_loopback_has_a_box_for_folders(
    local_studio: tuple[Library, gr.Blocks], studio: tuple[Library, gr.Blocks]
) -> None:
    assert "import-folder" in ids(local_studio[1])
    assert "import-folder" not in ids(studio[1])


@pytest.mark.parametrize(("typed", "sentence"), [("  ", "No folder is named"), ("sounds", "whole path")])
def test_a_folder_must_be_named_from_the_root_on(typed: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        import_folder.place_of(typed)


def test_a_path_in_quotes_or_from_home_is_a_path() -> None:
    assert import_folder.place_of(' "/sounds of mine" ') == Path("/sounds of mine")
    assert import_folder.place_of("~/sounds") == Path.home() / "sounds"


def test_a_look_tells_what_is_there_and_what_would_stay_out(data_root: DataRoot, tmp_path: Path) -> None:
    wav(tmp_path / "good.wav")
    (tmp_path / "<bad>.wav").write_text("no sound")
    said = import_folder.told(survey(data_root, tmp_path))
    assert "1 sound, 0.6 seconds" in said and "1 file would stay out" in said
    assert "&lt;bad&gt;.wav is a text file" in said and "<bad>" not in said


def test_many_bad_files_are_folded_up(tmp_path: Path) -> None:
    listed = tuple((f"{n}.wav", "It is broken.") for n in range(60))
    said = import_folder.problems(listed, "import.bad")
    assert "60 files could not be imported" in said and "… and 10 more" in said and " open>" not in said
    assert "3.wav: It is broken." in said


def test_the_card_follows_an_import_to_its_end(made: Made, tmp_path: Path) -> None:
    lib, project = made
    assert import_run.picture(import_run.newest(lib, project))[0] == ""
    wav(tmp_path / "a.wav")
    (tmp_path / "b.wav").write_text("no sound")
    start_import(lib, project, [tmp_path])
    card, bad, cancel, resume, listed = import_run.picture(import_run.newest(lib, project))
    assert "1 clips imported" in card and "b.wav is a text file" in bad == listed
    assert (cancel["visible"], resume["visible"]) == (False, False)
    again = import_run.picture(import_run.newest(lib, project), listed)
    assert again[1] == gr.skip(), "a list that somebody reads is not drawn anew"


def test_a_stopped_import_can_be_resumed(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    wav(tmp_path / "a.wav")
    with monkeypatch.context() as patched:
        patched.setattr(runs, "spawn", lambda run, python=None: None)
        run = start_import(lib, project, [tmp_path])
        assert import_run.picture(import_run.newest(lib, project))[2]["visible"] is True
        runs.stop(run)
    card, _, cancel, resume, _ = import_run.picture(import_run.newest(lib, project))
    assert "stopped by you" in card and "Resume goes on with the file after the last one" in card
    assert (cancel["visible"], resume["visible"]) == (False, True)
    runs.resume(run)
    assert "done" in import_run.picture(import_run.newest(lib, project))[0]
