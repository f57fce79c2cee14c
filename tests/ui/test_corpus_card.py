"""The card of a large folder on the Project tab: who gets it, what it says of a run."""
from __future__ import annotations

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
from tests.corpora import libri_light
from tests.made import library, wav
from ui.corpus_card import newest, picture

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A project, and workers that have ended when `spawn` is back."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: worker.work(run))
    return library(data_root, "p")


def ids(blocks: gr.Blocks) -> set[str]:
    return {block.elem_id for block in blocks.blocks.values() if getattr(block, "elem_id", None)}


def test_only_a_page_on_loopback_has_it(data_root: DataRoot) -> None:
    lib = Library(data_root)
    assert "corpus-folder" in ids(ui.build(lib, is_local=True))
    assert "corpus-folder" not in ids(ui.build(lib))


def test_it_says_what_was_found(made: Made, tmp_path: Path) -> None:
    lib, project = made
    assert picture(newest(lib, project))[0] == ""
    libri_light(tmp_path / "in")
    (tmp_path / "in" / "bad.wav").write_text("<dear> all")
    start_index(lib, project, tmp_path / "in")
    card, cancel, resume = picture(newest(lib, project))
    assert "3 files, 0.2 hours of sound" in card
    assert "Libri-Light: 3 files, 0.2 hours, 2 speakers. Recognised by: folders SPEAKER/BOOK" in card
    assert "Lengths: 1.5 to 600.0 s, 210.5 s on average." in card
    assert "1 file cannot be read" in card and "bad.wav" in card
    assert not cancel["visible"] and not resume["visible"]


def test_a_stopped_look_can_be_gone_on_with(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lib, project = made
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    libri_light(tmp_path / "in")
    run = start_index(lib, project, tmp_path / "in")
    assert picture(newest(lib, project))[1]["visible"]
    runs.stop(run)
    _, cancel, resume = picture(newest(lib, project))
    assert not cancel["visible"] and resume["visible"]


def test_what_is_no_folder_is_told(made: Made, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no folder"):
        start_index(*made, tmp_path / "gone")
    with pytest.raises(BadInput, match=r"a\.wav is no folder"):
        start_index(*made, wav(tmp_path / "a.wav"))
