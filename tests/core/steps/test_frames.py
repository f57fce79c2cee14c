"""The frames of a training example, by the step, by the command and on the page."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from typer.testing import CliRunner

import app
from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused
from core.families.base.sharing import Frame
from core.library import Library, Project
from core.runs.looks import LOOKS
from core.steps import frames as step
from core.steps.frames import Shown
from core.steps.preflight import Wish
from tests.kyutai_project import MODEL, kyutai_model, kyutai_project
from tests.ui.test_tabs import filled
from ui import frames_card, train_form

PRESET = "Numbers, 50 clips"
WISH = Wish("kyutai", MODEL, PRESET)
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A project with word times; the helper is this process."""
    monkeypatch.setattr(step, "ask", lambda _, request: LOOKS[request["do"]](request))
    lib = Library(data_root)
    kyutai_model(lib)
    return lib, kyutai_project(lib, tmp_path)


def test_every_frame_has_its_token_word_and_energy(made: Made) -> None:
    lib, project = made
    found = step.of_clip(lib, project, WISH, "Tones-01")
    assert (found.name, found.text) == ("Tones-01.wav", "one two")
    said = [frame for frame in found.frames if frame.word]
    assert [frame.word for frame in said] == ["one", "two"]
    assert said[0].token == "▁one" and said[0].time == pytest.approx(0.12 + 0.5, abs=0.081)
    before = found.frames[found.frames.index(said[0]) - 1]
    assert before.token == "EPAD" and before.word == ""
    assert found.frames[0].time == pytest.approx(-1.04) and min(f.energy for f in found.frames) > 0
    steps = {round(b.time - a.time, 3) for a, b in zip(found.frames, found.frames[1:], strict=False)}
    assert steps == {0.08}
    assert step.of_clip(lib, project, WISH, found.id) == found, "by its id, too"


def test_the_command_prints_a_line_a_frame(made: Made) -> None:
    lib, _ = made
    given = ["preflight", "tones", "--family", "kyutai", "--base", MODEL, "--data", str(lib.root.path)]
    done = CliRunner().invoke(app.app, [*given, "--frames", "Tones-01.wav"])
    assert done.exit_code == 0, done.output
    assert "Tones-01.wav: one two" in done.output and "▁two" in done.output
    assert sum("PAD" in line for line in done.output.splitlines()) > 20


def test_what_has_no_frames_is_told(made: Made, tmp_path: Path) -> None:
    lib, project = made
    with pytest.raises(BadInput, match="does not learn frame by frame of text; this does: Kyutai STT"):
        step.of_clip(lib, project, Wish(), "Tones-01")
    with pytest.raises(NotFound, match="no clip “x” among the 12"):
        step.of_clip(lib, project, WISH, "x")
    untimed = kyutai_project(lib, tmp_path, "Untimed", with_times=False)
    with pytest.raises(BadInput, match="has no word times; align it first"):
        step.of_clip(lib, untimed, WISH, "Untimed-01")
    with pytest.raises(Refused):
        step.of_clip(lib, lib.projects.add("empty", "Empty", "blank", "en"), WISH, "x")


def test_the_page_offers_the_clips_of_a_family_that_has_frames(made: Made) -> None:
    lib, project = made
    with gr.Blocks():
        form = train_form.build()
    usual = filled(form)
    values: list[Any] = ["kyutai", MODEL, PRESET, *usual[3:]]
    fold, clip, drawn = frames_card.offers(lib, project.slug, None, form, values)
    assert fold["visible"] and len(clip["choices"]) == 12 and drawn == ""
    assert clip["choices"][1][0] == "Tones-01.wav: one two"
    known = clip["choices"][4][1]
    assert frames_card.offers(lib, project.slug, known, form, values)[1]["value"] == known
    assert frames_card.offers(lib, project.slug, None, form, usual)[0]["visible"] is False
    assert frames_card.offers(lib, "", None, form, values)[0]["visible"] is False


def test_what_is_drawn_is_text_with_a_bar_a_frame() -> None:
    frames = (Frame(-0.08, "PAD", "", 1.0), Frame(0.0, "<b>", "<i>x", 4.0))
    html = frames_card.picture(Shown("c", "a.wav", "x", frames))
    assert "&lt;b&gt;" in html and "&lt;i&gt;x" in html and "<b>" not in html
    assert "width:25%" in html and "width:100%" in html and 'src="/audio/c"' in html
    assert "something is written at 1 of them" in html
