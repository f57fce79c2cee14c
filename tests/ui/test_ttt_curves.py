"""The curves of layers that go on learning: in the plot, the table and the report of a run that has them."""
from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from core.config import DataRoot
from core.library import Library
from core.run_dir import RunDir
from core.runs import curves
from core.steps import projects, report, run_table
from tests.ui.driving import App, Visit
from tests.ui.home import Home
from tests.ui.test_live_page import run_of
from ui import live_plot
from ui.texts import speaking
from ui.texts.retold import retold


@pytest.fixture
def run(home: Home) -> RunDir:
    """A run that got its layers on the way, as one that is gone on from does."""
    made = run_of(home, family="moshi")
    for step in range(11, 14):
        made.event("step", step, loss=8.0, ttt_inner_loss=1 / step, ttt_gate=0.0997)
    return made


def test_they_are_drawn_where_a_run_has_them_alone(home: Home, run: RunDir) -> None:
    asked = [{"id": each.id, "had": None} for each in (run_of(home), run)]
    without, drawn = (answer["curves"] for answer in live_plot.answers(home.library, asked))
    at, values = drawn["ttt_inner_loss"]
    assert at == [11, 12, 13] and values == pytest.approx([1 / 11, 1 / 12, 1 / 13], abs=1e-4)
    assert drawn["ttt_gate"][1] == [0.0997] * 3
    assert not set(curves.TTT) & set(without) and "codebook_1" not in drawn


def test_they_are_columns_of_the_table(home: Home, run: RunDir) -> None:
    head, *rows = run_table.as_csv(run).splitlines()
    assert head.split(",")[-2:] == list(curves.TTT)
    assert rows[-1].endswith(",0.0997") and rows[0].endswith(",,"), "a step without them has empty cells"
    assert "ttt" not in run_table.as_csv(run_of(home))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_report_draws_them_and_says_what_they_mean(home: Home, run: RunDir, language: str) -> None:
    with speaking(language):
        page, plain = (report.html(each, retold, language) for each in (run, run_of(home)))
        meanings = [retold(curves.MEANINGS[name]) for name in curves.TTT]
    assert page.count("<svg") == plain.count("<svg") + 2
    for said in meanings:
        assert said in page and said not in plain
    assert (curves.MEANINGS["ttt_gate"] in page) == (language == "en")


def test_their_panel_is_on_the_page_with_its_meaning(studio: tuple[Any, gr.Blocks]) -> None:
    (plot,) = [block for block in studio[1].blocks.values()
               if isinstance(block, gr.HTML) and block.elem_id == "train-plot"]
    panel = str(plot.html_template).partition('data-panel="ttt"')[2].partition("</section>")[0]
    assert all(said in panel for said in curves.MEANINGS.values())


@pytest.mark.browser
@pytest.mark.slow
def test_in_the_browser_each_has_an_axis_of_its_own(visit: Visit, app: App) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    project = projects.create(lib, "Layers that learn").project
    made = RunDir.create(lib.root.runs(project.slug), "train", {"project": project.slug, "family": "moshi",
                                                                "options": {"steps": 13}})
    for step in range(1, 14):
        made.event("step", step, loss=8.0, ttt_inner_loss=1 / step, ttt_gate=0.0997)
    made.write_status("done", "It is done.", figures={"step": 13})
    for key, value in (("project", project.slug), ("tab", "Train"), ("run", made.id)):
        page.evaluate("([key, value]) => voicewright.remember(key, value)", [key, value])
    page.reload()
    plot = "document.querySelector('#train-plot [data-panel=ttt] .js-plotly-plot')"
    page.wait_for_function(f"() => {plot}?.data?.[0].x.length === 13")
    assert page.evaluate(f"() => {plot}.data.map((each) => each.yaxis || 'y')") == ["y", "y2"]
    titles = page.evaluate(f"() => [{plot}.layout.yaxis.title.text, {plot}.layout.yaxis2.title.text]")
    assert titles == ["inner loss of the TTT layers", "gate of the TTT layers"] and not visit.bugs
    assert page.locator("#train-plot [data-panel=ttt] p").inner_text().startswith("Inner loss: how far")
    assert page.locator("#train-plot [data-panel=codebooks]").is_hidden()
    loss = plot.replace("ttt", "loss")
    seen = f"() => [{loss}.layout.yaxis2?.title?.text, {loss}.data.some((each) => each.yaxis === 'y2')]"
    assert page.evaluate(seen) == [None, False], "a Moshi has no error rate of words"
