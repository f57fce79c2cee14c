"""Demo data: made twice it is the same, the check finds nothing in it, and it comes in with both voices."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import app
from core.config import DataRoot
from core.datasets.formats.search import search
from core.errors import Refused, Unavailable
from core.quality.clip import faults, measure
from core.runs import start as runs
from core.runs import worker
from core.steps import demo_data, voices
from core.steps.importing import start_import
from core.steps.ingest import ingest
from tests.made import library

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng makes the voices")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command makes."""
    made = tmp_path_factory.mktemp("demo") / "voices"
    assert app.main(["demo-data", str(made)]) == 0
    return made


@needs_espeak
def test_the_check_of_its_folder_and_of_its_file_passes(
    folder: Path, data_root: DataRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(folder), str(folder / "chatml.jsonl"), "--measure", "--json"]
    assert app.main(["check", *paths, "--data", str(data_root.path)]) == 0
    for told in json.loads(capsys.readouterr().out):
        assert (told["kind"], told["n"], told["findings"]) == ("ChatML", 20, [])


@needs_espeak
def test_every_take_is_one_that_a_reviewer_would_keep(folder: Path) -> None:
    from core.audio.read import read

    found = list(search(folder))
    assert [one.speaker for one in found] == ["Ada"] * 10 + ["Omar"] * 10
    for one in found:
        sound = read(one.audio)
        assert sound.rate == demo_data.RATE
        assert faults(measure(sound.samples, sound.rate, len(one.text.split()))) == []


@needs_espeak
def test_the_same_call_makes_the_same_and_leaves_other_folders_alone(folder: Path, tmp_path: Path) -> None:
    again = demo_data.make(tmp_path / "again")
    assert (again.n_takes, again.speakers) == (20, ("Ada", "Omar"))
    for file in folder.rglob("*"):
        if file.is_file() and file.name != "export.json":
            assert (tmp_path / "again" / file.relative_to(folder)).read_bytes() == file.read_bytes()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    with pytest.raises(Refused, match="choose another folder"):
        demo_data.make(tmp_path / "mine")
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["letter.txt"]


@needs_espeak
def test_both_voices_come_in_with_their_own_pace_and_references(
    folder: Path, data_root: DataRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: worker.work(run))
    lib, project = library(data_root)
    start_import(lib, project, [folder], "nobody", accept=True)
    assert ingest(lib, project) == 20
    for name, script in (("Ada", "LATIN"), ("Omar", "ARABIC")):
        pace = voices.pace(lib, project, name).of(script)
        assert pace.n == 10 and 0.04 < pace.median < 0.2
        references = voices.references(lib, project, name)
        assert len(references) == 10 and references[0].score > 0.4


def test_without_espeak_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="apt-get install espeak-ng"):
        demo_data.make(tmp_path / "voices")
    assert not (tmp_path / "voices").exists()
