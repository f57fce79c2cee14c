"""Where a number that is no number began, and what is checked before a run, on this family."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from core import manifest
from core.errors import StudioError
from core.families import named
from core.families.lact.options import LactOptions
from core.run_dir import RunDir
from core.training import examining, preflight
from core.training.loop import train

RunMaker = Callable[..., RunDir]
LACT = named("lact")
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("module", ["subsampling.convs.1", "blocks.1.lact.rates", "blocks.2.feed.down"])
def test_the_first_layer_with_a_value_that_is_no_number_is_named(
    module: str, lact_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = LACT.load

    def spoiled(*given: Any) -> Any:
        model = load(*given)
        model.get_submodule(module).register_forward_hook(
            lambda layer, _, made: made * float("nan") if layer.training else None)
        return model

    monkeypatch.setattr(LACT, "load", spoiled)
    run = lact_run({"steps": 9})
    with pytest.raises(StudioError, match=rf"it began in the output of {re.escape(module)}\)"):
        train(run, run.order())
    skips = [row for row in run.history() if row["kind"] == "skipped"]
    assert {(row["module"], row["what"]) for row in skips} == {(module, "output")}


def test_what_is_checked_before_a_run_passes_from_nothing(lact_data: Path) -> None:
    rows, options = manifest.read(lact_data), LactOptions(lr=1e-3)
    looked = preflight.checks(LACT, rows, lact_data, LACT.blank(), options)
    examined = examining.examine(LACT, rows, lact_data, LACT.blank(), options, "cpu")
    outcomes = {check.name: check.outcome for check in [*looked, *examined]}
    assert {outcomes[name] for name in ("keys", "weights", "adapter", "loss", "accumulation", "padding",
                                        "delta", "base", "letters", "label_room")} == {"passed"}
    delta = next(check for check in examined if check.name == "delta")
    assert delta.figures["n_still"] == 0, "every weight moves in two steps, those of the fast weights too"


def test_frozen_fast_weights_leave_rates_and_momentum_where_they_are(lact_data: Path) -> None:
    rows, base = manifest.read(lact_data), LACT.blank()
    options = LactOptions(frozen=True)
    prepared = LACT.prepare(rows, base, options)
    model = LACT.load(base, prepared, options)
    example = LACT.example(rows[1], LACT.encode(rows[1], lact_data, base), prepared)
    (loss, _), = LACT.loss(model, LACT.collate([example], prepared)).values()
    loss.backward()
    idle = {name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()}
    assert idle == {name for name, p in model.named_parameters() if not p.requires_grad}
    assert idle and all(".lact.rates." in name or ".lact.momentum." in name for name in idle)
    one, other = (LACT.load(base, LACT.prepare(rows, base, each), each) for each in (options, LactOptions()))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True)), (
        "the same start, so that both can be compared")
