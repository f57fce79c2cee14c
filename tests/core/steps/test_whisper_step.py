"""A Whisper folder below models/ is a base like any other: listed, named with a language, planned, and
written for other programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput, Unavailable
from core.run_dir import RunDir
from core.steps import merge, train
from core.steps.transcribe import model_named, models, trainable
from tests.made import library, take
from tests.tiny_whisper import make_whisper


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper(tmp_path_factory.mktemp("whispers") / "tiny")


@pytest.fixture
def root(data_root: DataRoot, whisper: Path) -> DataRoot:
    (data_root.models / "openai").mkdir(parents=True)
    (data_root.models / "openai" / "tiny").symlink_to(whisper)
    return data_root


def test_it_is_listed_as_a_base_and_named_with_a_language(root: DataRoot) -> None:
    lib, _ = library(root)
    assert "openai/tiny" in [choice.name for choice in trainable(lib) if choice.family == "whisper"]
    assert {choice.name for choice in models(lib) if choice.where == "language"} >= {"openai/tiny:de"}
    assert model_named(lib, "openai/tiny:de").path.endswith("tiny:de")
    assert "tiny.en" not in [choice.name for choice in trainable(lib)], "a size by name is a pickle: no base"


def test_the_projects_language_is_the_one_that_the_model_is_told(root: DataRoot) -> None:
    lib, _ = library(root)
    project = lib.projects.add("deutsch", "Deutsch", "blank", "de")
    for n in range(6):
        take(lib, project, "eins zwei", f"eins {n}", decision="accepted")
    options = train.options_of("whisper")
    assert train.taught(project, options).language == "de"
    named = train.options_of("whisper", overrides={"language": "en"})
    assert train.taught(project, named).language == "en"
    assert train.taught(project, train.options_of("ctc")).language == "", "LoRA of a CTC model is told none"
    assert "6 clips" in train.estimate(lib, project, "whisper", "openai/tiny", options).sentence


def test_only_what_can_be_written_is_merged_for_another_program(
    root: DataRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lib, project = library(root)
    runs = {}
    for family in ("ctc", "whisper"):
        order = {"project": "p", "family": family, "base": str(root.models / "openai" / "tiny")}
        runs[family] = RunDir.create(root.runs(project.slug), "train", order)
        runs[family].write_status("done", "Trained.")
        (runs[family].checkpoints / "manifest.json").write_text('{"best": "step-000001"}')
    with pytest.raises(BadInput, match="merged for transformers only"):
        merge.start(lib, runs["ctc"].id, form="ctranslate2")
    with pytest.raises(BadInput, match="no form"):
        merge.start(lib, runs["whisper"].id, form="onnx")
    with pytest.raises(BadInput, match="fp16, bf16, int8, not “fp8”"):
        merge.start(lib, runs["whisper"].id, dtype="fp8", form="ctranslate2")
    monkeypatch.setattr("core.families.whisper.exporting.find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="needs the package ctranslate2"):
        merge.start(lib, runs["whisper"].id, form="ctranslate2")
    ordered = {}
    monkeypatch.setattr(merge, "start_run", lambda root, slug, kind, order: ordered.update(order))
    merge.start(lib, runs["whisper"].id, form="openai-whisper")
    assert ordered["form"] == "openai-whisper" and ordered["name"].endswith("-openai-whisper")
