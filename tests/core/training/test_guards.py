"""Numbers that are no numbers: skipped and named, never saved; five in a row end the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import StudioError
from core.families import named
from core.families.base import Example
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training import guards, stepping
from core.training.loop import train

RunMaker = Callable[..., RunDir]
pytestmark = pytest.mark.usefixtures("one_thread")
CTC = named("ctc")


def spoil(monkeypatch: pytest.MonkeyPatch, *ids: str) -> None:
    """The features of `ids` (of all clips without any) become NaN in training."""
    real = CTC.augment

    def augment(example: Example, *rest: Any) -> Example:
        found: Example = real(example, *rest)
        if not ids or example.id in ids:
            found.features[:] = np.nan
        return found

    monkeypatch.setattr(CTC, "augment", augment)


def of(run: RunDir, kind: str) -> list[dict[str, Any]]:
    """The events of one kind."""
    return [row for row in run.history() if row["kind"] == kind]


def test_a_clip_without_a_finite_loss_is_named_and_the_rest_is_learned(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, "c7")
    run = new_run({"steps": 6, "batch_size": 4})
    assert train(run, run.order()).ended == "done"
    skipped = of(run, "skipped")
    assert [row["ids"] for row in skipped] == [["c7"]] * 3, "eight clips by four: one window in two holds it"
    assert all(row["reason"] == "the loss is not finite" for row in skipped)
    assert len(of(run, "step")) == 3
    assert guards.is_finite(folders.read_tensors(folders.chosen(run.path, "last"), folders.ADAPTER))


def test_the_step_without_the_skipped_micro_batch_is_the_step_on_the_others(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sum is divided by what was learned from, not by what was planned."""
    losses = {}
    for name in ("spoiled", "left out"):
        run = new_run({"steps": 1, "batch_size": 1, "accumulation": 8})
        with monkeypatch.context() as patched:
            if name == "spoiled":
                spoil(patched, "c7")
            else:
                real = stepping.next_window
                patched.setattr(
                    stepping,
                    "next_window",
                    lambda session, real=real: [e for e in real(session) if e.id != "c7"],
                )
            patched.setattr("torch.nn.functional.dropout", lambda x, *_, **__: x)
            train(run, run.order())
        losses[name] = of(run, "step")[0]["loss"], of(run, "step")[0]["grad_norm"]
    assert losses["spoiled"] == pytest.approx(losses["left out"], rel=1e-4)


def test_five_in_a_row_end_the_run_and_keep_the_last_checkpoint(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run({"steps": 20, "save_every": 1})
    real, begun = CTC.augment, []

    def augment(example: Example, *rest: Any) -> Example:
        found: Example = real(example, *rest)
        begun.append(example.id)
        if len(begun) > 8:
            found.features[:] = np.nan
        return found

    monkeypatch.setattr(CTC, "augment", augment)
    with pytest.raises(StudioError, match="5 batches in a row gave no usable numbers"):
        train(run, run.order())
    assert len(of(run, "skipped")) == 5 and len(of(run, "step")) == 2
    folder = folders.chosen(run.path, "last")
    assert guards.is_finite(folders.read_tensors(folder, folders.ADAPTER))


def test_four_in_a_row_and_a_good_one_do_not(new_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run({"steps": 12})
    real, windows = stepping.next_window, []

    def window(session: Any) -> list[Example]:
        found = real(session)
        windows.append(1)
        if len(windows) % 5:
            for example in found:
                example.features[:] = np.nan
        return found

    monkeypatch.setattr(stepping, "next_window", window)
    assert train(run, run.order()).ended == "done"
    assert len(of(run, "step")) == 2


def test_a_gradient_that_is_not_finite_skips_the_step_and_leaves_the_weights(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    run = new_run({"steps": 3})
    real, calls = torch.nn.utils.clip_grad_norm_, []

    def clip(parameters: Any, *rest: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            parameters[0].grad.fill_(float("inf"))
        return real(parameters, *rest)

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", clip)
    assert train(run, run.order()).ended == "done"
    skipped = of(run, "skipped")
    assert [row["step"] for row in skipped] == [2] and len(skipped[0]["ids"]) == 4
    assert skipped[0]["reason"] == "the gradient is not finite"
    assert [row["step"] for row in of(run, "step")] == [1, 3]


def test_a_weight_that_is_no_number_ends_the_run_and_is_not_saved(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    run = new_run({"steps": 9, "save_every": 1})
    real, calls = torch.optim.AdamW.step, []

    def step(self: Any, *rest: Any, **named_rest: Any) -> Any:
        real(self, *rest, **named_rest)
        calls.append(1)
        if len(calls) == 3:
            with torch.no_grad():
                self.param_groups[0]["params"][0][0] = float("nan")

    monkeypatch.setattr(torch.optim.AdamW, "step", step)
    with pytest.raises(StudioError, match="at step 3: the weights are no longer numbers"):
        train(run, run.order())
    assert sorted(p.name for p in run.checkpoints.glob("step-*")) == ["step-000001", "step-000002"]


def test_finite_is_finite() -> None:
    import torch

    assert guards.is_finite({})
    assert guards.is_finite({"a": torch.ones(3), "b": torch.zeros(2, dtype=torch.long)})
    for odd in (float("nan"), float("inf"), -float("inf")):
        assert not guards.is_finite({"a": torch.ones(3), "b": torch.tensor([1.0, odd])})


def test_when_the_memory_runs_out_fewer_clips_go_at_once_and_it_says_so(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    real = CTC.loss

    def loss(model: Any, batch: Any) -> Any:
        if len(batch["label_lengths"]) > 2 and torch.is_grad_enabled():
            raise torch.OutOfMemoryError
        return real(model, batch)

    monkeypatch.setattr(CTC, "loss", loss)
    run = new_run({"steps": 2, "batch_size": 8})
    assert train(run, run.order()).ended == "done"
    assert ["from now on 4" in row["sentence"] for row in of(run, "warning")] == [True, False]
    assert "from now on 2" in of(run, "warning")[1]["sentence"]
    assert len(of(run, "step")) == 2


def test_when_not_even_one_clip_fits_it_is_told(new_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def loss(model: Any, batch: Any) -> Any:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(CTC, "loss", loss)
    run = new_run({"steps": 2, "batch_size": 2})
    with pytest.raises(StudioError, match="too small for even one clip"):
        train(run, run.order())


def test_the_guilty_are_singled_out(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spoil(monkeypatch, "c5", "c9")
    run = new_run({"steps": 2, "batch_size": 8})
    train(run, run.order())
    assert [sorted(row["ids"]) for row in of(run, "skipped")] == [["c5", "c9"]] * 2
