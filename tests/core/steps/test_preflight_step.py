"""Preflight on what is accepted now: it makes nothing, and says in a sentence what is missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from core.commands.preflight import preflight as command
from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.library import Library, Project
from core.runs.looks import LOOKS
from core.steps import dataset
from core.steps import preflight as step
from core.training.checks import Check
from tests.made import ctc_folder, library, take, tone

Made = tuple[Library, Project]
WISH = step.Wish(base="p/base")
WORDS = "one two three four five six seven eight nine zero ten eleven".split()


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    lib, project = library(data_root)
    ctc_folder(lib.root.models / "p" / "base")
    return lib, project


def accepted(lib: Library, project: Project, word: str, seconds: float = 1.0) -> str:
    """An accepted take with a sound behind it."""
    clip_id = take(lib, project, word, word, decision="accepted")
    path = lib.root.path / lib.clips.get(clip_id).audio
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(seconds, pitch=200 + 10 * len(word)), 16000)
    return clip_id


@pytest.fixture
def ready(made: Made) -> Made:
    for word in WORDS:
        accepted(*made, word)
    return made


def seen(made: Made, wish: step.Wish = WISH) -> dict[str, Check]:
    """The checks by name, those that are not passed before others of their name."""
    checks = sorted(step.look(*made, wish).checks, key=lambda check: check.outcome != "passed")
    return {check.name: check for check in checks}


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_takes_are_told_and_no_model_is_loaded(
    made: Made, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for word in WORDS[:n]:
        accepted(*made, word)
    monkeypatch.setattr(step, "apart", lambda *_: pytest.fail("nothing to load a model for"))
    checks = seen(made)
    assert set(checks) == {"parts"} and checks["parts"].outcome == "refused"
    assert f"this project has {n}" in checks["parts"].sentence
    assert step.examine(*made, WISH) == []


def test_a_good_set_is_looked_at_without_making_anything(ready: Made) -> None:
    lib, project = ready
    checks = seen(ready)
    assert {check.outcome for check in checks.values()} <= {"passed", "warned"}, checks
    assert [name for name, check in checks.items() if check.outcome == "warned"] == ["parts"]
    assert lib.datasets.of(project.id) == []
    shown = step.look(lib, project, WISH).decoded
    assert 0 < len(shown) <= 6 and all(each.text == each.written for each in shown)


def test_what_is_wrong_with_clips_is_told_by_clip(ready: Made) -> None:
    lib, project = ready
    rows = {row.split: row for row in dataset.draft(lib, project, lib.root.path).rows}
    sound = lib.root.path / rows["train"].audio
    soundfile.write(sound, 0 * tone(1.0), 16000)
    (lib.root.path / rows["val"].audio).write_bytes(b"RIFF")
    checks = [check for check in step.look(lib, project, WISH).checks if check.name == "sounds"]
    assert {check.outcome: check.ids for check in checks} == {
        "warned": (rows["train"].id,), "refused": (rows["val"].id,)}


def test_digits_and_letters_that_the_model_lacks(made: Made) -> None:
    for word in [*WORDS, "order 12", "жук"]:
        accepted(*made, word)
    checks = seen(made)
    assert checks["letters"].outcome == "refused" and "ж" in checks["letters"].sentence
    lib, project = made
    learned = {row.id for row in dataset.draft(lib, project, lib.root.path).rows if row.split == "train"}
    assert set(checks["digits"].ids) <= learned


def test_a_dataset_can_be_named_and_what_is_not_there_is_told(ready: Made) -> None:
    lib, project = ready
    dataset.make(lib, project)
    named = step.Wish(base="p/base", dataset="dataset-1")
    assert seen(ready, named)["sounds"].outcome == "passed"
    with pytest.raises(NotFound, match="“gone”"):
        step.look(lib, project, step.Wish(base="p/base", dataset="gone"))
    with pytest.raises(BadInput, match="“pocketsphinx” cannot be trained here"):
        step.look(lib, project, step.Wish(family="pocketsphinx", base="p/base"))
    with pytest.raises(BadInput, match="no option “colour”"):
        step.look(lib, project, step.Wish(base="p/base", overrides={"colour": "red"}))


def test_a_pickle_as_base_is_refused_by_a_check(ready: Made) -> None:
    lib, _ = ready
    folder = lib.root.models / "p" / "base"
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    checks = seen(ready)
    assert checks["base"].outcome == "refused" and "can run code" in checks["base"].sentence


def test_the_command_gives_a_table_and_fails_where_something_is_refused(
    ready: Made, monkeypatch: pytest.MonkeyPatch, tiny_base: Callable[..., Path]
) -> None:
    """The model is loaded in this process, to save starting another."""
    monkeypatch.setattr(step, "apart", lambda request, *_: LOOKS[request["do"]](request))
    lib, project = ready
    shutil.copytree(tiny_base(), lib.root.models / "p" / "base", dirs_exist_ok=True)
    told = command(project.slug, base="p/base", device="cpu", data=lib.root.path)
    assert told.code == 0, told.text
    assert {"keys", "padding", "delta", "labels"} <= {check["name"] for check in told.value["checks"]}
    assert "is taught as “" in (told.text or "")
    assert list(lib.root.cache.glob("preflight-*")) == []
    accepted(lib, project, "жук")
    again = command(project.slug, base="p/base", quick=True, data=lib.root.path)
    assert again.code == 1 and "REFUSED letters" in (again.text or "")
