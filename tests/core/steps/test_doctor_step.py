"""What the doctor found is kept by the weights and the machine; a model that has changed is untried again."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import pytest

from core.errors import NotFound
from core.library import Library, Project
from core.runs.looks import rows_of
from core.steps import doctor
from core.steps.transcribe import model_named
from core.training.checks import passed, refused
from tests.made import ctc_folder, library

Made = tuple[Library, Project]
GOOD = [passed("keys", "The model opened: no weight is missing or left over.")]
BAD = [*GOOD, refused("outputs", "The model guesses.", kinds=1)]


@pytest.fixture
def made(data_root: Any) -> Made:
    lib, project = library(data_root)
    ctc_folder(lib.root.models / "p" / "base")
    return lib, project


def answering(monkeypatch: pytest.MonkeyPatch, checks: list[Any]) -> list[dict[str, Any]]:
    """Let the process of its own answer `checks`; what it was asked."""
    asked: list[dict[str, Any]] = []

    def apart(request: dict[str, Any], *_: Any) -> dict[str, Any]:
        asked.append(request)
        return {"checks": rows_of(checks)}

    monkeypatch.setattr(doctor, "apart", apart)
    return asked


def test_a_model_is_untried_until_it_was_examined_here(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, _ = made
    model = model_named(lib, "p/base")
    assert doctor.known(lib, model) == doctor.Health("untried")
    asked = answering(monkeypatch, GOOD)
    assert doctor.examine(lib, "p/base").state == "checked"
    assert doctor.known(lib, model).checks == tuple(GOOD)
    assert asked[0]["language"] == "en", "its project is English"
    monkeypatch.setattr(platform, "node", lambda: "another-machine")
    assert doctor.known(lib, model).state == "untried"


def test_other_weights_are_another_model(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, _ = made
    answering(monkeypatch, BAD)
    assert doctor.examine(lib, "p/base").reason == "The model guesses."
    model = model_named(lib, "p/base")
    assert doctor.known(lib, model).state == "refused"
    file = Path(model.path) / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    assert doctor.known(lib, model).state == "untried"


def test_a_damaged_note_is_as_if_there_were_none(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, _ = made
    answering(monkeypatch, GOOD)
    doctor.examine(lib, "p/base")
    kept = next((lib.root.cache / "doctor").glob("*.json"))
    for text in ("{", "[]", "{}", '{"checks": [{}], "at": 0}'):
        kept.write_text(text)
        assert doctor.known(lib, model_named(lib, "p/base")).state == "untried"
    with pytest.raises(NotFound, match="no model “nowhere”"):
        doctor.examine(lib, "nowhere")
