"""Base and tuned are probed with a verdict; the helper, a step and a command probe any model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import app
from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused, StudioError
from core.evaluation.turns import Rule
from core.files import read_json
from core.library import Library
from core.run_dir import RunDir
from core.runs import worker
from core.runs.helper import Warm, answer
from core.steps import probe as step
from core.steps.verdict import of_run
from tests.tiny_kyutai import make_kyutai, make_spoken
from ui import probe_card, verdict_card

pytestmark = pytest.mark.usefixtures("one_thread")
TEXTS = ["six", "six two seven", "one", "three is my order", "one two three", "four five six"]
HELP = {"batch_size": 2, "rank": 4, "alpha": 8, "steps": 3, "lr": 0.01, "eval_every": 9, "sample_every": 9,
        "save_every": 9}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with recordings, and one model with pause heads and one without."""
    place = tmp_path_factory.mktemp("probing")
    make_spoken(place / "set", TEXTS, n_val=1, n_test=3)
    make_spoken(place / "ordinary", ["please", "is the order"], n_val=0)
    for layout in ("candle", "native"):
        make_kyutai(place / layout, layout)
    return place


def trained(home: Path, layout: str) -> RunDir:
    order = {"family": "kyutai", "base": str(home / layout), "dataset": str(home / "set"), "device": "cpu",
             "way": "start", "options": HELP, "regression": str(home / "ordinary"), "precision": "auto"}
    run = RunDir.create(home / "project" / "runs", "train", order)
    assert worker.work(run) == 0
    return run


@pytest.fixture(scope="module")
def run(one_thread: None, home: Path) -> RunDir:
    return trained(home, "candle")


@pytest.fixture
def lib(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library whose helper is this process."""
    warm = Warm()

    def ask(_: Library, request: dict[str, Any]) -> dict[str, Any]:
        reply = answer(warm, {**request, "id": 1})
        if "error" in reply:
            raise StudioError(reply["error"])
        return reply

    monkeypatch.setattr(step, "ask", ask)
    root = tmp_path / "data"
    root.mkdir()
    return Library(DataRoot(root))


@pytest.mark.budget(20)
def test_a_verdict_tells_whether_callers_are_cut_off(run: RunDir) -> None:
    status = run.status()
    assert status.state == "done", status.message
    shown = of_run(run)
    assert shown and shown.turns and shown.turns.numbers and shown.turns.ordinary
    assert (shown.turns.numbers.tuned.n, shown.turns.ordinary.tuned.n) == (1, 4), (
        "test part and ordinary speech")
    assert shown.turns.numbers.base and shown.turns.sentence.startswith("Callers cut off in mid-number: ")
    assert status.message.endswith(shown.turns.sentence) and status.figures["turns"] == shown.turns.sentence
    assert read_json(run.path / "verdict.json")["turns"]["rule"]["threshold"] == 0.6
    assert "Callers cut off in mid-number" in verdict_card.verdict(shown)


@pytest.mark.slow
def test_without_heads_there_is_a_verdict_and_a_sentence(home: Path) -> None:
    run = trained(home, "native")
    shown = of_run(run)
    assert run.state() == "done" and shown and shown.turns is None
    warnings = [row["sentence"] for row in run.events()[0] if row["kind"] == "warning"]
    (said,) = (each for each in warnings if "Turns were not measured" in each)
    assert "kyutai/stt-1b-en_fr-candle" in said


def test_a_run_is_probed_with_its_base(run: RunDir, lib: Library, home: Path) -> None:
    sounds = step.in_folder(home / "set")
    heard: list[str] = []
    found = step.probe(lib, str(run.path), sounds, heard.append)
    assert found.names == ("base", run.path.name) and len(found.rows[0]) == len(sounds) == len(TEXTS)
    assert len(heard) == 2 * len(TEXTS)
    row = found.rows[1][1]
    assert np.shape(row["probabilities"]) == (len(row["probabilities"]), 4)
    assert 0 < row["finished"] <= row["seconds"] and row["front"] == 13
    loose = found.table(Rule(threshold=0.0, hold=1, words=0))
    assert loose.ordinary or loose.numbers
    assert len(found.table(Rule(threshold=1.0)).cut) == 0 < len(loose.cut), "moved without hearing anew"


def test_the_command_gives_the_table(
    run: RunDir, lib: Library, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "calls"
    folder.mkdir()
    sound, rate = soundfile.read(home / "set" / "4.wav")
    soundfile.write(folder / "call.wav", sound, rate)
    (folder / "call.txt").write_text("one two three")
    (folder / "notes.md").write_text("no sound")
    given = ["probe", str(run.path), "--audio", str(folder), "--data", str(lib.root.path)]
    said = CliRunner().invoke(app.app, [*given, "--threshold", "0", "--hold", "1"])
    assert said.exit_code == 0, said.output
    assert "numbers, base" in said.stdout and "numbers, tuned" in said.stdout
    assert "Callers cut off in mid-number: " in said.stdout
    made = json.loads(CliRunner().invoke(app.app, [*given, "--json"]).stdout)
    assert made["numbers"]["tuned"]["n"] == 1 and made["ordinary"] is None
    assert [each["model"] for each in made["utterances"]] == ["base", run.path.name]


def test_what_cannot_be_probed_is_told(lib: Library, home: Path, tmp_path: Path) -> None:
    sounds = step.in_folder(home / "ordinary")
    with pytest.raises(Refused, match="kyutai/stt-1b-en_fr-candle"):
        step.probe(lib, str(home / "native"), sounds)
    with pytest.raises(BadInput, match="no pause heads"):
        step.probe(lib, "starter", sounds)
    with pytest.raises(Refused, match="no utterances"):
        step.probe(lib, str(home / "candle"), [])
    with pytest.raises(NotFound, match="no sound"):
        step.in_folder(tmp_path)
    (home / "set" / "broken.wav").write_bytes(b"RIFF")
    try:
        assert len(step.in_folder(home / "set")) == len(TEXTS), "what is no sound is passed over"
    finally:
        (home / "set" / "broken.wav").unlink()


def test_a_project_is_probed_on_its_test_part(lib: Library, home: Path) -> None:
    project = lib.projects.add("calls", "Calls", "blank", "en")
    with pytest.raises(NotFound, match="no dataset yet"):
        step.of_project(lib, project.slug)
    folder = lib.root.path / "calls" / "datasets" / "one"
    shutil.copytree(home / "set", folder)
    shutil.copytree(home / "ordinary", folder / "regression")
    lib.datasets.add(project.id, "one", "calls/datasets/one", "f", {})
    sounds = step.of_project(lib, project.slug)
    assert [sound.text for sound in sounds] == [*TEXTS[1:4], "please", "is the order"]
    found = step.probe(lib, str(home / "candle"), sounds).table()
    assert found.numbers and found.numbers.base is None and found.numbers.tuned.n == 1


def test_the_page_draws_both_models_and_moves_the_rule(run: RunDir, lib: Library, home: Path) -> None:
    found = step.side_by_side(lib, str(home / "candle"), str(run.path), home / "set" / "4.wav")
    told, drawn = probe_card.paint(found, 2, 0.6, 3)
    figure = drawn["value"]["figure"]
    lines = [trace for trace in figure["data"] if trace["mode"] == "lines" and "yaxis" not in trace]
    assert len(lines) == 8 and sum(trace["visible"] is True for trace in lines) == 2, "one head of each"
    assert {trace["line"]["dash"] for trace in lines} == {"solid", "dot"}
    assert [each["text"] for each in figure["layout"]["annotations"]] == [
        word for _, word in found.rows[1][0]["words"]]
    assert "Callers cut off" in told and figure["layout"]["shapes"][0]["y0"] == 0.6
    json.dumps(figure)
    said = probe_card.paint(found, 0, 0.05, 1)[1]["value"]["figure"]["layout"]["shapes"][0]
    assert said["y0"] == 0.05
    assert drawn["visible"] is True
    assert probe_card.paint(None, 2, 0.6, 3)[1]["visible"] is False, "an empty box says nothing"
    one = step.side_by_side(lib, str(run.path), str(run.path), home / "set" / "4.wav")
    assert len(one.names) == 1 and probe_card.paint(one, 2, 0.6, 3)[1]["value"]["figure"]
