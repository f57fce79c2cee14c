"""The run's page without a browser: curves that runs share, advice that fills the form, notes, files."""
from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import gradio as gr
import pytest
from starlette.testclient import TestClient

from core.config import STARTER
from core.evaluation.advice import Advice
from core.run_dir import RunDir
from core.runs import listing, notes
from tests.ui.home import WHO, Home
from ui import (
    advice_card,
    guard,
    live_plot,
    run_card,
    run_files,
    run_notes,
    run_panel,
    runs_compare,
    sample_table,
    skipped_card,
)
from ui.languages import AsAsked
from ui.routes import own_app
from ui.texts import speaking

EVIL = "<img src=x onerror=alert(1)>"


def run_of(home: Home, status: str = "done", **order: Any) -> RunDir:
    """A run of ten steps, as a worker leaves it."""
    options = {"lr": 0.001, "steps": 120, "warmup_steps": 0, **order.pop("options", {})}
    given = {"project": home.project.slug, "preset": "Quick", "family": "ctc", "base": str(STARTER),
             "options": options, **order}
    run = RunDir.create(home.library.root.runs(home.project.slug), "train", given)
    for step in range(1, 11):
        run.event("step", step, loss=2.0 / step)
    run.write_status(status, f"It is {status}.", figures={"step": 10})  # type: ignore[arg-type]
    return run


def shown(home: Home, run: RunDir) -> dict[str, Any]:
    """What the tab draws of a run, by name."""
    return dict(zip(run_panel.DRAWN, run_panel.paint(home.library, home.project, run.id), strict=True))


# --- curves

def test_several_runs_are_smoothed_as_the_longest_of_them(home: Home) -> None:
    short, long = run_of(home), run_of(home, options={"steps": 5000})
    asked = [{"id": run.id, "had": None} for run in (short, long)]
    both = live_plot.answers(home.library, asked)
    assert [got["run"] for got in both] == [short.id, long.id]
    assert both[0]["curves"] == both[1]["curves"]
    alone = live_plot.answers(home.library, asked[:1])[0]
    assert alone["curves"]["smoothed"] != both[0]["curves"]["smoothed"]
    again = live_plot.answers(home.library, [{"id": got["run"], "had": got["had"]} for got in both])
    assert [got["curves"] for got in again] == [{}, {}] and not again[0]["reset"]


# --- advice

def test_advice_has_a_button_that_fills_the_form_as_for_that_run(
        home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(gr, "Info", said.append)
    run = run_of(home, preset="Careful", options={"rank": 4}, device="cpu")
    html = advice_card.card([Advice("plateau", "Try more.", {"lr": 0.003})], run.id)
    found = re.search(r'data-change="([^"]+)"', html)
    assert found is not None
    change = json.loads(found[1].replace("&quot;", '"'))
    again = home.handler("train-advice", "again")
    values = again(home.project.slug, gr.EventData(None, {"change": change}))
    fn = next(fn for fn in home.blocks.fns.values() if fn.fn is again)
    by_id = {out.elem_id: value for out, value in zip(fn.outputs, values, strict=True)}
    options = by_id["train-options"]
    assert (options["lr"], options["rank"]) == (0.003, 4)
    assert by_id["train-base"]["value"] == "starter"
    assert by_id["train-preset"]["value"] == "Careful" and by_id["train-device"] == "cpu"
    assert "lr = 0.003" in said[0]
    with pytest.raises(gr.Error, match="does not belong"):
        again(home.project.slug, gr.EventData(None, {"change": {**change, "run": "../x"}}))


def test_advice_without_an_option_has_no_button_and_none_is_nothing() -> None:
    html = advice_card.card([Advice("speaker", f"Record more of {EVIL}.")], "r")
    assert "<button" not in html and "<img" not in html
    assert advice_card.card([], "r") == ""


def test_advice_is_read_from_the_curves_of_the_run(home: Home) -> None:
    run = run_of(home)
    assert shown(home, run)["advice"] == ""
    for step in range(11, 121):
        run.event("step", step, loss=2.0)
    assert "learning rate" in shown(home, run)["advice"]
    with speaking("fr"):
        assert "taux d’apprentissage" in shown(home, run)["advice"]


# --- samples and skipped clips

def samples(*said: str) -> list[dict[str, Any]]:
    return [{"kind": "sample", "id": "a", "step": 25 * n, "reference": "one two", "prediction": text}
            for n, text in enumerate(said, 1)]


def test_what_is_written_of_one_sentence_is_a_row_for_each_change() -> None:
    html = sample_table.over_time(samples("", "one to", "one to", EVIL, "one two"))
    steps = re.findall(r"<tr><td>([\d–]+)</td>", html)
    assert steps == ["25", "50–75", "100", "125"]
    assert "<ins>to</ins>" in html and "<img" not in html and 'data-play="a"' in html
    assert sample_table.over_time(samples("one two")) == ""


def test_a_sentence_that_changed_very_often_keeps_its_first_and_its_newest_rows() -> None:
    html = sample_table.over_time(samples(*(f"one {n}" for n in range(100))))
    steps = re.findall(r"<tr><td>(\d+)</td>", html)
    assert (steps[0], steps[-1], len(steps)) == ("25", "2500", 40) and "60 rows are left out" in html


def test_skipped_clips_say_why_and_where_and_can_be_heard(home: Home) -> None:
    run, clip = run_of(home), home.ids[0]
    for step in (3, 7):
        run.event("skipped", step, ids=[clip, "gone"], reason="the loss is not finite",
                  module="encoder.layers.3", what="output")
    run.event("skipped", 9, ids=[clip], reason="the gradient is not finite")
    html = shown(home, run)["warnings"]
    assert "2 clips were skipped" in html and "encoder.layers.3, output" in html and "3, 7" in html
    assert f'data-play="{clip}"' in html and 'data-play="gone"' not in html
    with speaking("fr"):
        assert "la perte n’est pas un nombre fini" in skipped_card.card(run.events()[0], {})
    assert skipped_card.card([], {}) == ""


def test_a_file_of_a_corpus_that_is_gone_is_named_with_its_reason(home: Home) -> None:
    run = run_of(home)
    run.event("skipped", 0, ids=["100/book/part_01"], reason="part_01.flac is gone, or cannot be looked at")
    html = shown(home, run)["warnings"]
    assert "1 clip was skipped" in html and "100/book/part_01" in html and "part_01.flac is gone" in html
    with speaking("fr"):
        assert "part_01.flac a disparu" in skipped_card.card(run.events()[0], {})


# --- notes

def test_a_note_is_saved_shown_in_the_list_and_its_tag_filters(
        home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gr, "Info", lambda said: None)
    run, save = run_of(home), home.handler("run-note-save", "click")
    values = save(home.project.slug, WHO, run.id, f"worked {EVIL}", "good, small", 0)
    assert values[:3] == [f"worked {EVIL}", "good, small", 1]
    history = shown(home, run)["history"]
    assert 'data-only="good"' in history and 'data-tag="small"' in history and "<img" not in history
    with pytest.raises(gr.Error, match="Somebody else changed the note"):
        save(home.project.slug, WHO, run.id, "another page", "", 0)
    assert notes.of_run(run).note.startswith("worked")
    with pytest.raises(gr.Error, match="does not belong"):
        save(home.project.slug, WHO, "gone", "x", "", 0)
    assert run_notes.of_run(home.library, home.project, "gone") == ["", "", 0]


# --- comparing

def test_compared_runs_show_what_differs_and_how_they_ended(home: Home) -> None:
    one, other = run_of(home), run_of(home, options={"lr": 0.01}, preset="Careful")
    rates = {"wer": 0.5, "cer": 0.25, "regression_wer": None}
    other.write_status("done", "Done.", figures={"step": 10, "base": rates, "tuned": {**rates, "wer": 0.1}})
    ids, picks, plot, tables = runs_compare.paint(home.library, home.project, [one.id, "gone", other.id])
    assert ids == [one.id, other.id] and picks.count('aria-pressed="true"') == 2
    assert [run for run, _ in plot["value"]["runs"]] == ids and plot["visible"]
    assert "50.0 % → <b>10.0 %</b>" in tables and "<td>0.001</td><td>0.01</td>" in tables
    assert "Careful" in tables and "rank" not in tables
    assert runs_compare.paint(home.library, home.project, [one.id])[2]["visible"] is False


def test_runs_are_chosen_and_left_out_by_their_buttons_and_at_most_six(home: Home) -> None:
    runs = [run_of(home) for _ in range(7)]
    pick = home.handler("compare-picks", "pick")
    chosen: list[str] = []
    for run in runs[:6]:
        chosen = pick(home.project.slug, chosen, gr.EventData(None, {"run": run.id}))[0]
    assert chosen == [run.id for run in runs[:6]]
    with pytest.raises(gr.Error, match="Choose 2 to 6 runs to compare; 7 are chosen now"):
        pick(home.project.slug, chosen, gr.EventData(None, {"run": runs[6].id}))
    assert len(pick(home.project.slug, chosen, gr.EventData(None, {"run": runs[0].id}))[0]) == 5


def test_one_run_alone_says_when_it_can_be_compared(home: Home) -> None:
    run_of(home)
    assert "Once there are two runs" in runs_compare.paint(home.library, home.project, [])[1]
    assert runs_compare.paint(home.library, None, [])[1] == ""


# --- files

def test_figures_and_report_are_kept_by_the_browser_in_its_language(home: Home) -> None:
    run = run_of(home)
    app = own_app(home.library)
    app.add_middleware(guard.Guard)
    app.add_middleware(AsAsked)
    client = TestClient(app, base_url="http://127.0.0.1:7860")
    links = re.findall(r'href="([^"]+)"', run_files.links(listing.runs(home.library.root, kind="train")[0]))
    table, page = (client.get(link, headers={"accept-language": "fr"}) for link in links)
    assert [int(row["step"]) for row in csv.DictReader(io.StringIO(table.text))] == [*range(1, 11)]
    assert "Rapport d’un entraînement" in page.text and "Cet entraînement n’a pas de verdict." in page.text
    assert '<html lang="fr">' in page.text and "Learning rate" not in page.text
    for answer in (table, page):
        assert answer.headers["content-disposition"].startswith("attachment") and answer.status_code == 200
    merge = RunDir.create(home.library.root.runs(home.project.slug), "merge", {})
    assert client.get(f"/run/{merge.id}.html").status_code == 404
    assert client.get("/run/nothing.csv").status_code == 404
    assert run.id in client.get(f"/run/{run.id}.csv").headers["content-disposition"]


def test_the_page_keeps_the_chosen_run_while_no_project_is_open_yet(home: Home) -> None:
    values = dict(zip(run_panel.DRAWN, run_panel.paint(home.library, None, "chosen"), strict=True))
    assert values["run"] == "chosen" and values["panel"]["visible"] is False
    assert "CSV" in shown(home, run_of(home))["samples"] and run_card.history([], "") != ""


def test_the_scripts_of_the_plots_come_whole(studio: tuple[Any, gr.Blocks]) -> None:
    _, blocks = studio
    plots = {block.elem_id: block for block in blocks.blocks.values()
             if isinstance(block, gr.HTML) and block.elem_id in ("train-plot", "compare-plot")}
    assert set(plots) == {"train-plot", "compare-plot"}
    for block in plots.values():
        assert "extendTraces" in str(block.js_on_load) and "const dressed" in str(block.js_on_load)
