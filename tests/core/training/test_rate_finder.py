"""The sweep over learning rates: what it sees, what it suggests, and that it leaves no trace."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from core.families import named
from core.families.base.phases import Phase
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training import loop, rate_finder, resuming, stepping
from core.training.loop import train
from core.training.rate_finder import Point, find, suggestion

RunMaker = Callable[..., RunDir]
pytestmark = pytest.mark.usefixtures("one_thread")
OPTIONS = {"steps": 4, "batch_size": 4, "lr": 0.01, "adapter_dropout": 0.1}


def everything(session: Any) -> dict[str, Any]:
    """Weights, optimizer and generators of a session, by name."""
    from core.training import rng

    tensors, held = rng.capture()
    state = session.optimizer.state_dict()["state"]
    return {
        **{f"w {name}": p.detach().clone() for name, p in session.model.named_parameters()},
        **{f"o {i} {k}": v.clone() for i, each in state.items() for k, v in each.items()},
        **{f"r {name}": t.clone() for name, t in tensors.items()},
        "python": held, "progress": session.progress.to_json(), "phase": session.phase,
        "moved": [name for name, p in session.model.named_parameters() if p.requires_grad],
        "gradients": [name for name, p in session.model.named_parameters() if p.grad is not None],
    }


def equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Bit for bit."""
    import torch

    return set(one) == set(other) and all(
        torch.equal(one[k], other[k]) if isinstance(one[k], torch.Tensor) else one[k] == other[k] for k in one
    )


def test_it_leaves_no_trace_in_a_session_or_in_what_is_trained_after_it(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the first of two phases, after a step, so that the optimizer holds something."""
    parts = (Phase("head", 2, 0.01, 0, "constant", ("lm_head",)), Phase("all", 2, 0.01, 0, "linear"))
    monkeypatch.setattr(named("ctc"), "phases", lambda options, n: parts)
    whole, run = new_run(OPTIONS), new_run(OPTIONS)
    train(whole, whole.order())
    real, swept = stepping.one_step, []

    def one_step(session: Any) -> None:
        real(session)
        if session.progress.step == 1:
            before = everything(session)
            swept.extend(find(session, 8))
            assert equal(everything(session), before)

    monkeypatch.setattr(stepping, "one_step", one_step)
    train(run, run.order())
    assert len(swept) == 8
    one, other = ({name: t for file in (folders.ADAPTER, folders.OPTIMIZER)
                   for name, t in folders.read_tensors(each.checkpoints / "step-000004", file).items()}
                  for each in (whole, run))
    assert all(one[name].equal(other[name]) for name in one) and set(one) == set(other)


@pytest.fixture
def session(new_run: RunMaker) -> Any:
    """A session that is ready to train."""
    run = new_run(OPTIONS)
    made = loop.opened(run, run.order())
    assert made is not None
    resuming.begin(made)
    return made


def test_rates_grow_and_the_sweep_ends_when_the_loss_explodes(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([3.0 - 0.02 * n for n in range(20)] + [500.0 * n for n in range(1, 30)])
    monkeypatch.setattr(rate_finder, "_step", lambda session, rate: next(losses))
    points = find(session, 50)
    assert points[0].rate == pytest.approx(1e-6) and 20 < len(points) < 30
    ratios = {round(b.rate / a.rate, 6) for a, b in pairwise(points)}
    assert len(ratios) == 1
    lowest = min(p.smoothed for p in points)
    assert points[-1].smoothed > 4 * lowest >= points[-2].smoothed
    assert [p.rate for p in find(session, 3)][-1] == pytest.approx(0.1)


def test_it_ends_at_a_loss_that_is_no_number_and_when_it_is_told_to(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, rates = session.family.loss, []

    def loss(model: Any, batch: Any) -> Any:
        rates.append(1)
        found = real(model, batch)
        return {k: (v * float("nan"), w) for k, (v, w) in found.items()} if len(rates) == 3 else found

    monkeypatch.setattr(session.family, "loss", loss)
    assert len(find(session, 20)) == 2
    assert len(find(session, 20, lambda point: point.rate < 2e-6)) == 3


def test_a_third_of_the_steepest_is_suggested() -> None:
    rates = [1e-6 * 1e5 ** (n / 99) for n in range(100)]
    losses = [3.0 - 2.0 / (1 + math.exp(-4 * math.log10(rate / 1e-3))) for rate in rates]
    found = suggestion([Point(r, x, x) for r, x in zip(rates, losses, strict=True)])
    assert found == pytest.approx(1e-3 / 3, rel=0.15)
    rising = [Point(r, n, n) for n, r in enumerate(rates)]
    assert suggestion(rising) is None and suggestion([]) is None
