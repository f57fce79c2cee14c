"""The card of a large folder on the Project tab: who gets it, what it says of a run."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

import ui
from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.library import Library, Project
from core.runs import start as runs
from core.runs import worker
from core.steps.index import start_index
from tests.corpora import libri_light, spoken_libri_light
from tests.made import library, wav
from tests.ui.home import Home
from tests.ui.test_import_page import ids
from ui.corpus_card import mark, newest, picture

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A project, and workers that have ended when `spawn` is back."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: worker.work(run))
    return library(data_root, "p")


def test_only_a_page_on_loopback_has_it(
    local_studio: tuple[Library, gr.Blocks], studio: tuple[Library, gr.Blocks]
) -> None:
    assert "corpus-folder" in ids(local_studio[1])
    assert "corpus-folder" not in ids(studio[1])


def test_it_says_what_was_found(made: Made, tmp_path: Path) -> None:
    lib, project = made
    assert picture(newest(lib, project))[0] == ""
    libri_light(tmp_path / "in")
    (tmp_path / "in" / "bad.wav").write_text("<dear> all")
    start_index(lib, project, tmp_path / "in")
    card, cancel, resume, then = picture(newest(lib, project))
    assert f"{tmp_path / 'in'}: 3 files, 11 min of sound" in card
    assert "<strong>Libri-Light</strong><br><small>folders SPEAKER/BOOK" in card
    assert "<td>3</td><td>11 min</td><td>2</td></tr>" in card
    assert "Lengths: 1.5 to 600.0 s, 210.5 s on average." in card
    assert "1 file cannot be read" in card and "bad.wav" in card
    assert not cancel["visible"] and not resume["visible"] and then["visible"]


def test_a_folder_without_sound_leads_nowhere(made: Made, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    start_index(*made, tmp_path / "in")
    card, _, _, then = picture(newest(*made))
    assert "0 files" in card and "vw-warn" in card and "<table>" not in card and not then["visible"]


def test_what_was_found_becomes_a_dataset_where_it_lies(made: Made, tmp_path: Path) -> None:
    lib, project = made
    blocks = ui.build(lib, is_local=True)
    make = Home(lib, blocks, project, []).handler("corpus-make", "click")
    with pytest.raises(gr.Error, match="Look through a folder first"):
        make(project.slug, "")
    spoken_libri_light(tmp_path / "chapters", [1.0, 1.2, 1.4, 1.6])
    start_index(lib, project, tmp_path / "chapters")
    said = make(project.slug, " ")
    assert "The dataset “chapters” is made: 2 clips to learn from, 1 to validate, 1 to judge by." in said
    assert [each.name for each in lib.datasets.of(project.id)] == ["chapters"]
    with pytest.raises(gr.Error, match="already a dataset called “chapters”"):
        make(project.slug, "")
    assert "“other” is made" in make(project.slug, "other")


def test_one_folder_at_a_time(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    libri_light(tmp_path / "in")
    begin = Home(lib, ui.build(lib, is_local=True), project, []).handler("corpus-look", "click")
    card, cancel, *_ = begin(project.slug, str(tmp_path / "in"))
    assert f"Folder: {tmp_path / 'in'}" in card and cancel["visible"]
    assert "progressbar" not in card, "how many there are is not known before the end"
    with pytest.raises(gr.Error, match="still being looked through"):
        begin(project.slug, str(tmp_path))


def test_a_stopped_look_can_be_gone_on_with(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lib, project = made
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    libri_light(tmp_path / "in")
    run = start_index(lib, project, tmp_path / "in")
    waits = newest(lib, project)
    assert waits and picture(waits)[1]["visible"]
    works = replace(waits, state="running")
    before = mark(works)
    run.request_stop()
    card, cancel, *_ = picture(works)
    assert "Stopping after the files in hand" in card and not cancel["visible"] and mark(works) != before
    runs.stop(run)
    _, cancel, resume, then = picture(newest(lib, project))
    assert not cancel["visible"] and resume["visible"] and not then["visible"]


def test_what_is_no_folder_is_told(made: Made, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no folder"):
        start_index(*made, tmp_path / "gone")
    with pytest.raises(BadInput, match=r"a\.wav is no folder"):
        start_index(*made, wav(tmp_path / "a.wav"))
