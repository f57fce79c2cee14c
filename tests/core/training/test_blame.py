"""The module in which the first number arose that is no number, forward and on the way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import StudioError
from core.families import named
from core.run_dir import RunDir
from core.training import blame, watching
from core.training.loop import train

RunMaker = Callable[..., RunDir]
CTC = named("ctc")
pytestmark = pytest.mark.usefixtures("one_thread")


def planted(monkeypatch: pytest.MonkeyPatch, ending: str, change: Callable[[Any], Any]) -> None:
    """What the module whose name ends so makes in training is changed."""
    load = CTC.load

    def spoiled(*given: Any) -> Any:
        model = load(*given)
        (module,) = [m for name, m in model.named_modules() if name.endswith(ending)]
        real = module.forward

        def forward(*args: Any, **kwargs: Any) -> Any:
            made = real(*args, **kwargs)
            return change(made) if module.training else made

        module.forward = forward
        return model

    monkeypatch.setattr(CTC, "load", spoiled)


def bad_way_back() -> Callable[[Any], Any]:
    """Nothing forward, and a gradient that is infinite on the way back."""
    import torch

    class Break(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * float("inf")

    return Break.apply


def skips(run: RunDir) -> list[dict[str, Any]]:
    """What was skipped."""
    return [row for row in run.history() if row["kind"] == "skipped"]


def test_the_module_whose_output_is_odd_is_named_in_the_event_and_at_the_end(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(monkeypatch, "layers.0.ffn2.intermediate_dense", lambda made: made * float("nan"))
    run = new_run({"steps": 9})
    module = "wav2vec2_bert.encoder.layers.0.ffn2.intermediate_dense"
    with pytest.raises(StudioError, match=rf"it began in the output of {re.escape(module)}\)"):
        train(run, run.order())
    assert {(row["module"], row["what"]) for row in skips(run)} == {(module, "output")}


@pytest.mark.parametrize("module", ["ffn2.intermediate_dense", "self_attn.linear_v", "ffn1"])
def test_the_module_that_spoils_the_gradient_is_named(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    planted(monkeypatch, f"layers.0.{module}", bad_way_back())
    run = new_run({"steps": 2})
    assert train(run, run.order()).ended == "done"
    assert [row["what"] for row in skips(run)] == ["gradient"] * 2
    named_module = skips(run)[0]["module"]
    assert named_module.startswith(f"wav2vec2_bert.encoder.layers.0.{module.split('.')[0]}"), named_module


def test_features_that_are_odd_already_are_the_clips_fault(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = CTC.augment

    def augment(example: Any, *rest: Any) -> Any:
        found = real(example, *rest)
        if found.id == "c7":
            found.features[0] = float("inf")
        return found

    monkeypatch.setattr(CTC, "augment", augment)
    run = new_run({"steps": 2, "batch_size": 8})
    train(run, run.order())
    assert {(*row["ids"], row["module"], row["what"]) for row in skips(run)} == {("c7", "the clips", "input")}


def test_a_loss_that_is_odd_by_itself_is_named(new_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    real = CTC.loss

    def loss(model: Any, batch: Any) -> Any:
        terms = real(model, batch)
        return {name: (value * float("inf"), weight) for name, (value, weight) in terms.items()}

    monkeypatch.setattr(CTC, "loss", loss)
    run = new_run({"steps": 1, "eval_every": 9})
    train(run, run.order())
    assert (skips(run)[0]["module"], skips(run)[0]["what"]) == ("the loss", "output")


def test_nothing_is_watched_while_all_is_well(new_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blame, "_watched", lambda *_: pytest.fail("watched"))
    run = new_run({"steps": 2})
    assert train(run, run.order()).ended == "done"


def test_the_common_part_of_several_takers() -> None:
    assert watching.common(["a.b.q", "a.b.k", "a.bc.v"]) == "a"
    assert watching.common(["a.b.q", "a.b.k"]) == "a.b" and watching.common(["a.b"]) == "a.b"
