"""Transcribe: which models there are, and which takes a run is asked to hear."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused
from core.library import Change, Library, Project
from core.run_dir import RunDir
from core.runs import start as runs
from core.steps import transcribe
from tests.made import ctc_folder, library, take

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    return library(data_root)


def names(found: list[transcribe.ModelChoice], where: str) -> list[str]:
    return [choice.name for choice in found if choice.where == where]


def trained(lib: Library, family: str = "ctc") -> RunDir:
    run = RunDir.create(lib.root.runs("p"), "train", {"family": family, "base": "x"})
    (run.checkpoints / "manifest.json").write_text('{"best": "step-1", "last": "step-1"}')
    return run


def test_models_are_the_starter_merged_ones_runs_and_whisper(made: Made) -> None:
    lib, _ = made
    ctc_folder(lib.root.models / "p" / "mine")
    (lib.root.models / "p" / "odd").mkdir()
    (lib.root.models / "p" / "odd" / "config.json").write_text('{"architectures": ["GPT2"]}')
    run = trained(lib)
    RunDir.create(lib.root.runs("p"), "train", {"family": "ctc"})
    found = transcribe.models(lib)
    assert names(found, "starter") == ["starter"]
    assert names(found, "merged") == ["p/mine"]
    assert names(found, "run") == [run.id], "a run without a checkpoint is no model yet"
    assert "tiny.en" in names(found, "whisper")
    assert [choice.name for choice in transcribe.trainable(lib)] == ["starter", "p/mine", "lact-blank"]


def test_a_model_is_found_by_name_or_folder(made: Made, tmp_path: Path) -> None:
    lib, _ = made
    merged = ctc_folder(lib.root.models / "p" / "mine")
    assert transcribe.model_named(lib, "p/mine").path == str(merged)
    assert transcribe.model_named(lib, str(merged)).where == "merged"
    elsewhere = ctc_folder(tmp_path / "own")
    found = transcribe.model_named(lib, str(elsewhere))
    assert (found.family, found.where, found.path) == ("ctc", "folder", str(elsewhere))
    with pytest.raises(NotFound, match="no model “nothing”: name a folder, or one of starter, p/mine, "):
        transcribe.model_named(lib, "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no model that this app knows"):
        transcribe.model_named(lib, str(tmp_path / "empty"))


def test_a_run_hears_what_no_model_has_heard(made: Made) -> None:
    lib, project = made
    new, typed = take(lib, project), take(lib, project, "typed", source="person")
    done, rejected = take(lib, project, "heard"), take(lib, project, decision="rejected")
    lib.changes.apply(project.id, [Change(new, "start", 0.0, 0.25)], "anna")
    run = transcribe.start(lib, project, precision="fp32")
    order = run.order()
    assert [item["id"] for item in order["items"]] == [new, typed]
    first = order["items"][0]
    assert (first["start"], first["end"]) == (0.25, 1.0)
    assert first["audio"] == str((lib.root.path / lib.clips.get(new).audio).resolve())
    assert (order["kind"], order["project"], order["family"], order["precision"]) == (
        "transcribe",
        "p",
        "ctc",
        "fp32",
    )
    assert run.status().state == "queued"
    again = transcribe.start(lib, project, again=True).order()["items"]
    assert [item["id"] for item in again] == [new, typed, done]
    assert rejected not in {item["id"] for item in again}


def test_nothing_to_hear_is_told(made: Made) -> None:
    lib, project = made
    with pytest.raises(Refused, match="“P” has no takes yet"):
        transcribe.start(lib, project)
    take(lib, project, "heard")
    with pytest.raises(Refused, match="choose “again”"):
        transcribe.start(lib, project)
    assert not lib.root.runs("p").exists()


def test_each_language_of_a_model_is_a_model(
    made: Made, mms_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lib, project = made
    folder = Path(shutil.copytree(mms_base, lib.root.models / "facebook" / "mms-1b-all"))
    found = {choice.name: choice for choice in transcribe.models(lib) if choice.where == "language"}
    assert list(found) == [f"facebook/mms-1b-all:{language}" for language in ("eng", "fij", "smo")]
    assert found["facebook/mms-1b-all:smo"].path == f"{folder}:smo"
    assert "facebook/mms-1b-all:smo" not in [choice.name for choice in transcribe.trainable(lib)]
    take(lib, project)
    order = transcribe.start(lib, project, "facebook/mms-1b-all:smo").order()
    assert (order["family"], order["model"]) == ("ctc", f"{folder}:smo")
    monkeypatch.setattr(transcribe, "MOST_LANGUAGES", 2)
    assert not [choice for choice in transcribe.models(lib) if choice.where == "language"]
    assert transcribe.model_named(lib, "facebook/mms-1b-all:fij").path == f"{folder}:fij"
    assert transcribe.model_named(lib, f"{folder}:fij").path == f"{folder}:fij"


@pytest.mark.parametrize("name", ["facebook/mms-1b-all", "facebook/mms-1b-all:smo"])
def test_an_mms_model_that_is_not_here_is_told_with_its_files_and_place(made: Made, name: str) -> None:
    lib, _ = made
    with pytest.raises(NotFound, match=r"not on this machine: put its config\.json, ") as told:
        transcribe.model_named(lib, name)
    assert str(told.value).endswith(f"into {lib.root.models / 'facebook' / 'mms-1b-all'}.")
