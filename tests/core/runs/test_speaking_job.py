"""A training job of a family that speaks, to its verdict."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from core import manifest
from core.families import named
from core.files import read_json
from core.run_dir import RunDir
from core.runs.jobs import train
from core.steps.verdict import of_run
from tests.tiny_higgs import make_higgs, make_takes

HIGGS = named("higgs")
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_higgs(tmp_path_factory.mktemp("speaking") / "tiny")


def ordered(home: Path, base: Path, dataset: Path) -> RunDir:
    options = {**HIGGS.tiny_options, "least_reference": 0.1, "steps": 1, "batch_size": 1, "accumulation": 1,
               "samples": 0, "eval_every": 1, "save_every": 1}
    return RunDir.create(home / "project" / "runs", "train", {
        "family": "higgs", "base": str(base), "dataset": str(dataset), "device": "cpu", "options": options})


def test_the_verdict_is_about_what_is_heard(base: Path, tmp_path: Path) -> None:
    takes = make_takes(tmp_path / "set", ["one", "two three"], ("Ada",), ("train", "val", "test"), 0.2)
    run = ordered(tmp_path, base, takes)
    train.run_job(run, run.order())
    told, status = read_json(run.path / "speech.json"), run.status()
    assert told["n"] == 2 and told["judgement"] == "no clear change" and "So few" in told["sentence"]
    assert told["sentence"] in status.message and status.figures["speech"]["n"] == 2
    held = {row.id for row in manifest.read(takes) if row.split == "test"}
    for name in ("base", "tuned"):
        items = told["items"][name]
        assert {item["id"] for item in items} == held
        for item in items:
            sound, rate = soundfile.read(run.path / "samples" / "verdict" / f"{item['id']}-{name}.wav")
            assert len(sound) / rate == pytest.approx(item["seconds"], abs=1e-3)
        assert 6 < told[name]["loss"]["value"] < 8, "nats a code of a model that knows nothing"
    assert of_run(run) is None, "there is no verdict on a text"
    assert not {"base", "tuned"} & set(status.figures), "which pages read as rates of words"


def test_without_two_held_out_clips_of_a_speaker_it_is_a_run_without_a_verdict(base: Path, tmp_path: Path
                                                                              ) -> None:
    takes = make_takes(tmp_path / "set", ["one", "two three"], ("Ada",), ("train", "val"), 0.3)
    run = ordered(tmp_path, base, takes)
    train.run_job(run, run.order())
    assert "No verdict: The dataset set has no two held-out clips of one speaker" in run.status().message
    assert not (run.path / "speech.json").exists()
