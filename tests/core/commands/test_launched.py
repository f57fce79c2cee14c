"""A run for other machines by its command: made by a recipe on a corpus, started by the line that was
printed, by two processes, and at home again judged and merged."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.commands import models, training
from core.config import REPOSITORY, DataRoot
from core.library import Library, Project
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.steps import corpus_dataset
from tests.corpora import spoken_librispeech
from tests.made import library

RECIPE: dict[str, Any] = {
    "family": "lact", "base": "lact-blank", "device": "cpu", "preset": "Tiny (experimental)",
    "options": {"steps": 4, "batch_size": 2, "accumulation": 1, "warmup_steps": 1, "eval_every": 100,
                "sample_every": 100, "save_every": 2, "updates_per_clip": 1, "lr": 0.002, "data_workers": 1},
}
TEXTS = ["one two", "six", "three four", "five", "two", "six one", "seven", "nine two", "eight", "zero four",
         "one", "ten"]


@pytest.fixture
def made(tmp_path: Path) -> tuple[DataRoot, Library, Project]:
    root = DataRoot(tmp_path / "data")
    root.path.mkdir()
    return root, *library(root)


def printed(made: tuple[DataRoot, Library, Project], corpus: Path, recipe: Path) -> Any:
    """What `app.py train --print-launch 1 --devices 2` says of the recipe on a corpus."""
    root, lib, project = made
    corpus_dataset.make(lib, project, corpus, "libri")
    recipe.write_text(yaml.safe_dump(RECIPE))
    return training.train([].append, "p", options=recipe, dataset="libri", devices=2, print_launch=1,
                          data=root.path)


def test_every_option_of_the_recipe_is_in_the_order_and_the_corpus_is_named(
    made: tuple[DataRoot, Library, Project], tmp_path: Path
) -> None:
    spoken_librispeech(tmp_path / "libri", TEXTS, 2)
    told = printed(made, tmp_path / "libri", tmp_path / "recipe.yaml")
    run = RunDir(made[0].runs("p") / told.value["run"])
    order = json.loads((run.path / "run.json").read_text())
    assert {name: order["options"][name] for name in RECIPE["options"]} == RECIPE["options"]
    assert (order["family"], order["preset"], order["device"]) == ("lact", "Tiny (experimental)", "cpu")
    assert set(order["options"]) == set(training_fields()), "and those that it does not name, as they are"
    assert told.value["same_there"] == [str(tmp_path / "libri")], "its sounds lie outside of the data folder"
    assert f"It must lie at the same place there: {tmp_path / 'libri'}" in told.text


def test_a_corpus_in_the_data_folder_is_carried(
    made: tuple[DataRoot, Library, Project], tmp_path: Path
) -> None:
    corpus = made[0].path / "corpora" / "libri"
    spoken_librispeech(corpus, TEXTS, 2)
    told = printed(made, corpus, tmp_path / "recipe.yaml")
    assert told.value["same_there"] == []
    carried = [line.split("/./")[1] for line in told.value["carry"]]
    assert carried == ["p THERE:DATA/", "corpora/libri THERE:DATA/"]


def training_fields() -> dict[str, Any]:
    """The options that the family has."""
    from core.steps import train

    return train.form("lact")[0].model_fields


@pytest.mark.slow
def test_the_printed_line_trains_it_there_and_at_home_it_is_judged_and_merged(
    made: tuple[DataRoot, Library, Project], tmp_path: Path
) -> None:
    root = made[0]
    spoken_librispeech(tmp_path / "libri", TEXTS, 2)
    told = printed(made, tmp_path / "libri", tmp_path / "recipe.yaml")
    run = RunDir(root.runs("p") / told.value["run"])
    there, away = tmp_path / "there", tmp_path / "away"
    shutil.copytree(root.path / "p", there / "p")  # what the lines to carry it name
    root.path.rename(away)  # what is looked for at the old place is not found
    enter, start = told.value["start"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    env = {**os.environ, "VOICEWRIGHT": str(REPOSITORY), "PYTHON": sys.executable, "VOICEWRIGHT_PORT": port}
    line = f"{enter.replace('DATA', str(there))} && {start.split('   or   ')[1]}"
    done = subprocess.run(["bash", "-c", line], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    away.rename(root.path)
    shutil.copytree(there / "p" / "runs" / run.id, run.path, dirs_exist_ok=True)
    shutil.rmtree(there)

    assert run.state() == "done", run.status().message
    assert folders.read_state(folders.chosen(run.path, "last"))["world"] == 2
    assert [row["step"] for row in run.history() if row["kind"] == "step"] == [1, 2, 3, 4]
    assert json.loads((run.path / "verdict.json").read_text())["items"], "judged clip by clip"
    merged = models.merge([].append, run.id, "fp32", data=root.path)
    assert (Path(merged.value["out"]) / "model.safetensors").is_file()
    heard = models.recognise(merged.value["out"], [next((tmp_path / "libri").rglob("*.flac"))], root.path)
    assert len(heard.value) == 1, "and the merged model can be used"
