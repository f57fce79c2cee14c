"""What a person brings wrongly is told by the commands as one sentence, and before anything is written."""
from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

import app
from core.config import DataRoot
from core.errors import StudioError, Unavailable
from core.library import Library, Project
from core.modelling.kyutai import building
from core.run_dir import RunDir
from core.runs import start as runs
from core.runs.jobs import merge as job
from core.steps import merge, preflight, train
from tests.kyutai_project import MODEL, kyutai_model, kyutai_project
from tests.tiny_kyutai import PIECES, TOKENIZER, write_tokenizer

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot, tmp_path: Path, kyutai: Callable[[str], Path]) -> Made:
    """A project with word times, and the tiny model with pause heads."""
    lib = Library(data_root)
    shutil.copytree(kyutai("candle"), lib.root.models / MODEL)
    return lib, kyutai_project(lib, tmp_path)


def call(lib: Library, *given: str) -> Result:
    """A command on this library."""
    return CliRunner().invoke(app.app, [*given, "--data", str(lib.root.path)])


def said(result: Result) -> str:
    """The sentence of a command that was refused."""
    assert isinstance(result.exception, StudioError), result
    return str(result.exception)


def test_a_folder_without_heads_names_the_repository_that_has_them(made: Made, tmp_path: Path) -> None:
    lib, _ = made
    native = kyutai_model(lib, "native", "tiny/native")
    told = said(call(lib, "probe", native, "--audio", str(tmp_path)))
    assert told == ("native has no semantic pause heads: they are only in kyutai/stt-1b-en_fr-candle."
                    " Download that model, and choose its folder.")


@pytest.mark.parametrize("command", [("train", "tones"), ("preflight", "tones")])
def test_a_tokenizer_of_another_model_is_told_before_a_run(made: Made, command: tuple[str, ...]) -> None:
    lib, project = made
    write_tokenizer(lib.root.models / MODEL / TOKENIZER, PIECES[:-2])
    done = call(lib, *command, "--family", "kyutai", "--base", MODEL, "--preset", "Numbers, 50 clips",
                *(["--quick"] if command[0] == "preflight" else []))
    told = done.output if command[0] == "preflight" else said(done)
    assert "has 62 pieces and the model writes 64: it belongs to another model" in told
    assert done.exit_code == 1 and not list(lib.root.runs(project.slug).glob("*"))


def test_another_tokenizer_after_the_run_began_is_told(made: Made, kyutai: Callable[[str], Path]) -> None:
    from core.families.kyutai import labels, layouts
    from core.families.kyutai.options import KyutaiOptions

    lib, _ = made
    folder = lib.root.models / MODEL
    prepared = labels.prepared_for(layouts.read(folder), KyutaiOptions())
    write_tokenizer(folder / TOKENIZER, (*PIECES[:-1], "zz"))
    with pytest.raises(StudioError, match="is not the one that this run began with"):
        labels.vocabulary(prepared)


def old(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A transformers from before it had this kind of model."""
    monkeypatch.setattr(building, "find_spec", lambda _: SimpleNamespace(
        submodule_search_locations=[str(folder)]))
    monkeypatch.setattr(building, "version", lambda _: "4.50.0")


def test_a_transformers_that_is_too_old_is_told_before_a_run(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lib, project = made
    building.check_version()
    old(monkeypatch, tmp_path)
    told = said(call(lib, "train", "tones", "--family", "kyutai", "--base", MODEL, "--preset",
                     "Numbers, 50 clips"))
    assert "transformers 4.50.0 is too old" in told and "pip install transformers==5.23.0" in told
    wish = preflight.Wish("kyutai", MODEL, "Numbers, 50 clips")
    (base,) = (check for check in preflight.look(lib, project, wish).checks if check.name == "base")
    assert base.outcome == "refused" and "too old" in base.sentence
    assert not list(lib.root.runs(project.slug).glob("*"))


def test_takes_without_word_times_are_told_with_the_command(
    data_root: DataRoot, tmp_path: Path
) -> None:
    lib = Library(data_root)
    kyutai_project(lib, tmp_path, with_times=False)
    kyutai_model(lib)
    done = call(lib, "preflight", "tones", "--family", "kyutai", "--base", MODEL, "--quick", "--preset",
                "Numbers, 50 clips")
    assert "of 8 clips have no word times and are left out: align them first" in done.output
    assert "`app.py words`" in done.output


@pytest.fixture
def trained(made: Made, monkeypatch: pytest.MonkeyPatch) -> RunDir:
    """A run that has a checkpoint, as far as a merge asks before it starts."""
    lib, project = made
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    run = train.start(lib, project, "kyutai", MODEL, "Numbers, 50 clips")
    run.write_status("done", "Trained.")
    (run.checkpoints / "manifest.json").write_text("{}")
    return run


@pytest.mark.parametrize(("form", "dtype", "free", "told"), [
    ("transformers", "bf16", 0.05, "needs 0.1 GB, and 0.1 GB are free"),
    ("candle", "bf16", 0.1, "needs 0.1 GB, and 0.1 GB are free")])
def test_no_room_for_an_export_is_told_before_it_starts(
    made: Made, trained: RunDir, monkeypatch: pytest.MonkeyPatch,
    form: str, dtype: str, free: float, told: str,
) -> None:
    lib, project = made
    monkeypatch.setattr("core.files.free_gb", lambda _: free)
    with pytest.raises(Unavailable, match=told):
        merge.start(lib, trained.id, "x", dtype, form)
    assert [path.name for path in lib.root.runs(project.slug).iterdir()] == [trained.id], "no run was made"
    assert told in said(call(lib, "merge", trained.id, "--for", form))
    order = {"train_run": str(trained.path), "out": str(lib.root.models / "tones" / "x"), "dtype": dtype,
             "form": form}
    with pytest.raises(Unavailable, match=told):  # the disk filled up while the run waited
        job.run_job(RunDir.create(lib.root.runs(project.slug), "merge", order), order)
    assert not (lib.root.models / "tones").exists()


def test_another_form_needs_the_room_of_the_merged_folder_too(made: Made) -> None:
    from core.families import named
    from core.training import room

    lib, _ = made
    base, family = lib.root.models / MODEL, named("kyutai")
    asked: list[int] = []

    def ask(form: str, dtype: str) -> int:
        room.check_room(family, base, form, dtype, base / "out")
        return asked[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.files.check_room", lambda n_bytes, folder: asked.append(n_bytes))
        merged, exported = ask("transformers", "fp32"), ask("candle", "bf16")
    assert exported > merged > sum(tensor for tensor in sizes(base))


def sizes(folder: Path) -> list[int]:
    """Bytes of the files of a model."""
    return [path.stat().st_size for path in folder.iterdir() if path.suffix == ".safetensors"]
