"""A training job of a family that goes on with what it hears, to its verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import soundfile

from core import manifest
from core.files import read_json
from core.run_dir import RunDir
from core.runs.jobs import train
from core.runs.jobs.card import model_card
from core.steps.verdict import of_run
from tests.tiny_moshi import make_moshi, make_talks

TALKS = [("six", "one"), ("one two", "four"), ("four six", "two"), ("two", "six")]
HELD_OUT = [("six two", "one"), ("two one", "four"), ("six four", "two"), ("one", "six"), ("four", "two"),
            ("two six", "one"), ("one four", "two"), ("four one", "six"), ("two four", "one"),
            ("one six", "two")]
"""The same words in another order: they are not known by heart, and yet what was learned is heard in them."""
QUIET: dict[str, Any] = {"steps": 1, "batch_size": 2, "rank": 4, "alpha": 8.0, "warmup_steps": 0, "lr": 1e-12,
                         "weight_decay": 0.0, "eval_every": 1000, "sample_every": 1000, "save_every": 1000,
                         "samples": 1, "first_codebook_weight": 1.0}
LEARNS = {"steps": 12, "lr": 0.02, "train_depth": True, "warmup_steps": 1}
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def base(one_thread: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_moshi(tmp_path_factory.mktemp("costing") / "tiny")


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Conversations, of which ten are held out."""
    return make_talks(tmp_path_factory.mktemp("talks") / "set", TALKS + HELD_OUT, n_test=len(HELD_OUT))


def judged(home: Path, base: Path, dataset: Path, **options: Any) -> RunDir:
    """A run that has trained and was judged."""
    run = RunDir.create(home / "project" / "runs", "train", {
        "family": "moshi", "base": str(base), "dataset": str(dataset), "device": "cpu", "way": "start",
        "options": {**QUIET, **options}})
    train.run_job(run, run.order())
    return run


def test_what_was_learned_costs_surely_less(base: Path, talks: Path, tmp_path: Path) -> None:
    run = judged(tmp_path, base, talks, **LEARNS)
    told, status = read_json(run.path / "costs.json"), run.status()
    changes = {term["name"]: term["change"] for term in told["terms"]}
    assert list(changes) == ["text", "first_codebook", "other_codebooks"]
    assert told["judgement"] == "better" and all(change["high"] < 0 for change in changes.values())
    assert told["sentence"] in status.message and status.figures["costs"]["n"] == 10
    assert not {"base", "tuned"} & set(status.figures), "which pages read as rates of words"
    card = model_card("mine", run, {"dtype": "bf16", "form": "transformers", "checks": []})
    assert "pipeline_tag: audio-to-audio" in card and told["sentence"] in card
    held = [row.id for row in manifest.read(talks) if row.split == "test"]
    assert [item["id"] for item in told["items"]["base"]] == held
    (sound,) = told["sounds"]
    assert sound["id"] in held and of_run(run) is None, "there is no verdict on a text"
    for role in ("base", "tuned"):
        heard, rate = soundfile.read(run.path / "samples" / "verdict" / f"{sound['id']}-{role}.wav")
        assert len(heard) / rate == pytest.approx(sound[role]["seconds"], abs=1e-3)


def test_an_adapter_that_learned_nothing_makes_no_difference(base: Path, talks: Path, tmp_path: Path) -> None:
    told = read_json(judged(tmp_path, base, talks, samples=0).path / "costs.json")
    assert told["judgement"] == "no clear change" and told["sounds"] == []
    assert told["plain"].startswith("No difference could be shown between the tuned model and its base.")
    assert told["items"]["base"] != [] and all(term["base"] > 1 for term in told["terms"])


def test_sound_alone_is_judged_without_a_text(base: Path, tmp_path: Path) -> None:
    lefts = [left for left, _ in TALKS + HELD_OUT[:2]]
    alone = make_talks(tmp_path / "set", [(left, None) for left in lefts], n_test=2)
    told = read_json(judged(tmp_path, base, alone, text_weight=0.0, hears_user=False).path / "costs.json")
    assert [term["name"] for term in told["terms"]] == ["first_codebook", "other_codebooks"]
    assert "The text was not measured" in told["sentence"] and "So few clips prove little" in told["plain"]


def test_without_a_held_out_clip_it_is_a_run_without_a_verdict(base: Path, tmp_path: Path) -> None:
    run = judged(tmp_path, base, make_talks(tmp_path / "set", TALKS))
    assert "No verdict: The dataset set has no held-out clip" in run.status().message
    assert not (run.path / "costs.json").exists()
