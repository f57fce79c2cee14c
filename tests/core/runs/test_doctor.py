"""The doctor: a good model passes on a known clip, nonsense is refused with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.config import SAMPLE, STARTER
from core.runs import doctor
from core.steps.doctor import CLIP
from core.training.checks import Check

BaseMaker = Callable[..., Path]
pytestmark = pytest.mark.usefixtures("one_thread")


def examined(model: Path, **more: Any) -> dict[str, Check]:
    """The checks by name."""
    clip = {"audio": str(SAMPLE / CLIP[0]), "text": CLIP[1]}
    order = {"family": "ctc", "model": str(model), "device": "cpu", "precision": "auto", "clip": clip}
    return {check.name: check for check in doctor.examine({**order, **more})}


def outcome(checks: dict[str, Check]) -> tuple[str, str]:
    """(name, sentence) of the check that refused."""
    bad = [check for check in checks.values() if check.outcome == "refused"]
    assert len(bad) == 1, checks
    return bad[0].name, bad[0].sentence


def test_the_starter_passes_on_the_known_clip() -> None:
    checks = examined(STARTER, language="en")
    assert {name: check.outcome for name, check in checks.items() if name != "speed"} == {
        "weights": "passed", "keys": "passed", "device": "passed", "outputs": "passed", "clip": "passed"}
    assert checks["clip"].figures["wer"] == 0 and checks["speed"].figures["real_time_factor"] > 0


def test_a_model_with_random_weights_guesses(tiny_base: BaseMaker) -> None:
    name, sentence = outcome(examined(tiny_base()))
    assert name == "outputs" and "The model guesses" in sentence


def test_weights_that_are_no_numbers(own_base: BaseMaker) -> None:
    from safetensors.torch import load_file, save_file

    base = own_base()
    held = load_file(base / "model.safetensors")
    held["lm_head.bias"][0] = float("inf")
    save_file(held, base / "model.safetensors", metadata={"format": "pt"})
    assert outcome(examined(base)) == ("weights", "1 parts of this model hold weights that are no numbers:"
                                       " lm_head.bias; copy it again from where it came from.")


def test_missing_keys_a_pickle_and_another_vocabulary(own_base: BaseMaker) -> None:
    base = own_base()
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 2}))
    name, sentence = outcome(examined(base))
    assert name == "keys" and "missing or left over" in sentence
    (base / "vocab.json").write_text(json.dumps({"<pad>": 0, "|": 1}))
    assert "do not belong together" in outcome(examined(base))[1]
    (base / "model.safetensors").rename(base / "pytorch_model.bin")
    assert "can run code when it is opened" in outcome(examined(base))[1]


@pytest.mark.parametrize(
    ("said", "language", "told"),
    [
        (CLIP[1], "en", "passed"),
        ("please open the windows before dinner", "", "passed"),
        ("si prego apri la finestra", "", "warned"),
        ("", "", "warned"),
        ("si prego apri la finestra", "en", "refused"),
        ("please close a window before lunch", "en", "warned"),
    ],
)
def test_an_answer_is_judged_by_the_language_that_the_model_is_for(
    monkeypatch: pytest.MonkeyPatch, said: str, language: str, told: str
) -> None:
    from core.families.base import Prediction

    class Voice:
        choice = "here"

        def transcribe(self, clip: Any) -> Prediction:
            return Prediction(clip.id, said)

    monkeypatch.setattr(doctor, "open_recogniser", lambda *_: Voice())
    monkeypatch.setattr(doctor, "_outputs", lambda order: [])
    assert examined(STARTER, language=language)["clip"].outcome == told
