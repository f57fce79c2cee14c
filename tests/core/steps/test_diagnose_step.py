"""Which clips a diagnosis hears, which model it opens, and what the command says of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from core.commands import preflight as command
from core.config import STARTER
from core.errors import BadInput, NotFound
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs.looks import LOOKS
from core.steps import diagnose as step
from core.training.diagnosing import Diagnosis, Fault
from tests.made import library, take, wav
from ui.texts import speaking
from ui.texts.retold import retold

Made = tuple[Library, Project]
pytestmark = pytest.mark.usefixtures("one_thread", "tiny_base")  # its making imports what takes seconds


@pytest.fixture
def made(data_root: Any) -> Made:
    return library(data_root)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the other process would be asked; the answer is made here, as it makes it."""
    requests: list[dict[str, Any]] = []

    def apart(request: dict[str, Any], *_: Any) -> dict[str, Any]:
        requests.append(request)
        reply: dict[str, Any] = json.loads(json.dumps(LOOKS[request["do"]](request)))
        return reply

    monkeypatch.setattr(step, "apart", apart)
    return requests


def test_a_sound_a_project_or_a_list_but_one_of_them(
    made: Made, asked: list[dict[str, Any]], tmp_path: Path
) -> None:
    lib, project = made
    sound = wav(tmp_path / "long.wav", seconds=31.0)
    assert [(clip["id"], clip["end"]) for clip in step._clips(lib, sound, "", None)] == [("long.wav", 30.0)]
    with pytest.raises(NotFound, match="has no takes yet"):
        step.diagnose(lib, "starter", project=project.slug)
    clip = take(lib, project)
    wav(lib.root.path / project.slug / "takes" / f"{clip}.wav")
    assert step.diagnose(lib, "starter", project=project.slug).found.clips == (clip,)
    (tmp_path / "list.jsonl").write_text(json.dumps({"audio": "long.wav", "text": "one", "end": 1.0}) + "\n")
    assert step.diagnose(lib, "starter", manifest=tmp_path / "list.jsonl").found.clips == ("1",)
    with pytest.raises(BadInput, match="Name one of"):
        step.diagnose(lib, "starter", audio=sound, project=project.slug)


def test_the_command_ends_with_1_where_something_is_found(
    made: Made, asked: list[dict[str, Any]], own_base: Callable[..., Path]
) -> None:
    lib, _ = made
    fine = command.diagnose("starter", data=lib.root.path)
    assert fine.code == 0 and fine.value["sound"] and json.dumps(fine.value)
    assert fine.text and fine.text.startswith("Nothing wrong was found.")
    assert sum("encoder.layers." in line for line in fine.text.splitlines()) == 5, "a line a layer"
    folder = own_base()
    held = load_file(folder / "model.safetensors")
    held["lm_head.bias"][0] = float("inf")
    save_file(held, folder / "model.safetensors", metadata={"format": "pt"})
    broken = command.diagnose(str(folder), data=lib.root.path)
    assert broken.code == 1 and broken.value["odd"] == ("lm_head.bias",)
    assert broken.value["fault"]["module"] == "lm_head"


def test_a_run_that_was_stopped_before_its_first_checkpoint_is_found(made: Made) -> None:
    lib, project = made
    run = RunDir.create(lib.root.runs(project.slug), "train", {"family": "lact"})
    found = step._model(lib, run.id)
    assert (found.family, found.path) == ("lact", str(run.path))
    other = RunDir.create(lib.root.runs(project.slug), "transcribe", {"family": "ctc"})
    with pytest.raises(BadInput, match="trains no model"):
        step._model(lib, other.id)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("the clips", "input"), "The clip itself holds"),
        (Fault("a.1", "gradient", "Linear"), "first gradient that is no number comes from a.1 (Linear)"),
        (Fault("a.1", "output", "Linear", "float32", -2.0, 1e29), "was given float32 from -2 to 1e+29"),
        (Fault("a.1", "output", "Linear", "float32", is_given_odd=True), "between the modules before it"),
        (Fault("the loss", "output"), "is that of the loss."),
    ],
)
def test_each_fault_has_its_sentence_in_both_languages(fault: Fault, said: str) -> None:
    found = Diagnosis(("w",), 3, fault, (), ("c",), False)
    sentences = step.Diagnosed("m", (), found).sentences
    assert said in sentences[1] and sentences[0] == "One tensor of weights holds NaN or infinity: w."
    with speaking("fr"):
        assert not set(map(retold, sentences)) & set(sentences)


def test_the_starter_has_no_part_that_fp16_could_not_hold(made: Made, asked: list[dict[str, Any]]) -> None:
    seen = step.diagnose(made[0], str(STARTER))
    assert not any("would overflow" in sentence for sentence in seen.sentences)
    big = [step.Block("layers.1", 70_000.0, "layers.1.fc", "float32"),
           step.Block("layers.2", 1.0, "layers.2.fc", "float32")]
    assert step._foreseen(tuple(big)) == [
        "In fp16, which ends at 65,504, 1 of 2 parts would overflow: layers.1."]
