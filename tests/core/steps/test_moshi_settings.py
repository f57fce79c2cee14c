"""Settings of moshi-finetune that are about a Moshi start a run of a Moshi, and go back as they came."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

import app
from core import manifest
from core.config import DataRoot
from core.errors import BadInput
from core.families import named
from core.families.base import finetune
from core.families.moshi import finetune_config
from core.library import Library, Project
from core.runs import listing
from core.runs import start as runs
from core.steps import train_request
from tests.core.families.kyutai.test_finetune import EXAMPLE
from tests.made import library
from tests.tiny_moshi import make_moshi, make_talks

MOSHI: Any = named("moshi")
THEIRS = EXAMPLE.replace("kyutai/stt-1b-en_fr", "kyutai/moshiko-pytorch-bf16").replace(
    "first_codebook_weight_multiplier: 100.", "first_codebook_weight_multiplier: 50.")
BASE = "tiny/moshiko"
Made = tuple[Library, Project]


def read(text: str, family: str | None = None) -> train_request.Request:
    return train_request.read(text.encode(), "theirs.yaml", family)


def test_it_is_the_model_that_says_whose_settings_they_are() -> None:
    found = read(THEIRS)
    assert (found.get("family"), found.get("preset")) == ("moshi", "Conversation")
    assert found.options == {
        "steps": 500, "batch_size": 8, "accumulation": 1, "lr": 2e-5, "weight_decay": 0.1,
        "schedule": "one-cycle", "warmup_steps": 25, "clip_norm": 1.0, "rank": 128, "alpha": 256.0,
        "learns": "adapter", "hears_user": True, "text_weight": 1.0, "padding_weight": 0.5,
        "first_codebook_weight": 50.0, "window_seconds": 30.0, "seed": 4, "eval_every": 100,
        "save_every": 500, "keep_last": 4, "gradient_checkpointing": True}
    MOSHI.options(**{**MOSHI.presets["Conversation"], **found.options})
    told = " ".join(found.notes)
    assert found.notes[0] == "These are settings of moshi-finetune, read for Moshi (experimental)."
    assert "Keys that are not known here and were left out: optim_extra.betas, vad_loss_weight." in told
    assert "lora.ft_embed of moshi-finetune is left out: the tables" in told
    assert "first_codebook_weight_multiplier" not in told


@pytest.mark.parametrize(("text", "asked", "family"), [
    (EXAMPLE, None, "kyutai"), (EXAMPLE, "moshi", "moshi"), (THEIRS, "kyutai", "kyutai"),
    ("max_steps: 5", None, "kyutai"), ("max_steps: 5", "moshi", "moshi"),
    ("first_codebook_weight_multiplier: 100", None, "moshi"),
    ("first_codebook_weight_multiplier: 100\nmoshi_paths: {moshi_path: /m/stt-1b/model.safetensors}", None,
     "kyutai")])
def test_who_asks_for_a_family_gets_it_and_else_the_settings_tell(text: str, asked: str | None, family: str
                                                                  ) -> None:
    assert read(text, asked).get("family") == family


def test_what_is_left_out_means_what_it_means_there() -> None:
    found = read("max_steps: 40", "moshi").options
    assert (found["first_codebook_weight"], found["padding_weight"]) == (1.0, 0.5)
    assert found["window_seconds"] == 10.0
    assert (found["rank"], found["alpha"], found["learns"], found["text_weight"]) == (64, 128.0, "adapter", 1)


@pytest.mark.parametrize("text", ["full_finetuning: true\nmax_steps: 5",
                                  "lora: {enable: false}\nmax_steps: 5"])
def test_all_weights_learn_where_that_is_wanted(text: str) -> None:
    found = read(text, "moshi").options
    assert found["learns"] == "all"
    with pytest.raises(BadInput, match="here an adapter is trained"):
        read(text, "kyutai")
    theirs = finetune.config_of(found, finetune_config.DIALECT)
    assert theirs["full_finetuning"] is True and theirs["lora"]["enable"] is False
    assert read(yaml.safe_dump(theirs), "moshi").options == found


def test_wrong_values_are_named() -> None:
    with pytest.raises(BadInput, match="first_codebook_weight_multiplier is 'much': write a number"):
        read("first_codebook_weight_multiplier: much")
    with pytest.raises(BadInput, match=r"set one of full_finetuning and lora\.enable to false"):
        read("full_finetuning: true\nlora: {enable: true}", "moshi")


@pytest.fixture
def made(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A project with conversations and a tiny model; no worker is spawned."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    lib, project = library(data_root)
    make_moshi(lib.root.models / BASE)
    folder = make_talks(lib.root.path / "p" / "datasets" / "talks", [("six", "one"), ("one two", "four")])
    lib.datasets.add(project.id, "talks", "p/datasets/talks", manifest.fingerprint(manifest.read(folder)), {})
    return lib, project


def call(lib: Library, *given: str) -> Result:
    """A command on this library, which must succeed."""
    done = CliRunner().invoke(app.app, [*given, "--data", str(lib.root.path)])
    assert done.exit_code == 0, done.output
    return done


def test_a_run_is_started_by_them_and_goes_back(made: Made, tmp_path: Path) -> None:
    lib, project = made
    (tmp_path / "theirs.yaml").write_text(THEIRS)
    done = call(lib, "train", project.slug, "--base", BASE, "--dataset", "talks", "--options",
                str(tmp_path / "theirs.yaml"), "--set", "steps=300", "--set", "ttt_layers=middle",
                "--background")
    assert "read for Moshi (experimental)" in done.output and "vad_loss_weight" in done.output
    (run,) = listing.runs(lib.root, project.slug, "train")
    ours = run.order["options"]
    assert (run.order["family"], ours["steps"], ours["first_codebook_weight"]) == ("moshi", 300, 50.0)
    out = tmp_path / "there.yaml"
    done = call(lib, "settings", run.id, "--for", "moshi-finetune", "--out", str(out))
    left = done.output.partition("No place there for: ")[2]
    assert all(name in left for name in ("train_depth", "hears_user", "text_weight", "ttt_layers", "beta2"))
    assert not any(name in left for name in ("learns", "first_codebook_weight", "warmup_steps", "alpha"))
    theirs = yaml.safe_load(out.read_text())
    assert theirs["first_codebook_weight_multiplier"] == 50.0 and theirs["max_steps"] == 300
    assert theirs["lora"] == {"rank": 128, "enable": True, "scaling": 2.0}
    assert theirs["moshi_paths"] == {"hf_repo_id": "kyutai/moshiko-pytorch-bf16"}
    assert theirs["data"]["train_data"].endswith("-moshi/train/data.jsonl")
    again = read(out.read_text())
    assert again.get("family") == "moshi" and {name: ours[name] for name in again.options} == again.options
    assert not any("not known here" in note for note in again.notes)


def test_the_model_is_named_where_the_folder_tells_it_alone(tmp_path: Path) -> None:
    for name, place in (("hf-moshika", "kyutai/moshika-pytorch-bf16"), ("mine", None)):
        theirs, _ = finetune_config.of_run(MOSHI.options().model_dump(), tmp_path / name, {})
        assert theirs.get("moshi_paths", {}).get("hf_repo_id") == place
        assert finetune.speaks(theirs), "so that it comes back as what it is"
