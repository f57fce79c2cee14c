"""The learning rate of every step, by name of the schedule."""

from __future__ import annotations

import pytest

from core.families.base.options import LoopOptions, ScheduleName
from core.training.schedule import rate_at


def rates(schedule: ScheduleName, steps: int = 100, warmup: int = 10) -> list[float]:
    """Rates of steps 1 to `steps` for a peak of 1."""
    options = LoopOptions(steps=steps, lr=1.0, warmup_steps=warmup, schedule=schedule)
    return [rate_at(step, options) for step in range(1, steps + 1)]


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant"])
def test_it_rises_through_the_warm_up(schedule: ScheduleName) -> None:
    found = rates(schedule)
    assert found[:10] == pytest.approx([i / 11 for i in range(1, 11)])
    assert found[10] == 1.0 and max(found) == 1.0


@pytest.mark.parametrize("schedule", ["linear", "cosine", "one-cycle"])
def test_it_falls_to_nearly_nothing_but_never_to_zero(schedule: ScheduleName) -> None:
    found = rates(schedule)
    peak = found.index(max(found))
    assert all(a >= b for a, b in zip(found[peak:], found[peak + 1 :], strict=False))
    assert 0 < found[-1] < 0.02


def test_linear_falls_evenly_and_constant_does_not_fall() -> None:
    found = rates("linear", warmup=0)
    assert found == pytest.approx([1 - i / 100 for i in range(100)])
    assert set(rates("constant")[10:]) == {1.0}


def test_one_cycle_has_its_peak_at_thirty_percent() -> None:
    found = rates("one-cycle", steps=101)
    assert found.index(max(found)) == 30
    assert found[0] == pytest.approx(0.04)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant", "one-cycle"])
@pytest.mark.parametrize(("steps", "warmup"), [(1, 0), (1, 10), (2, 10), (5, 5)])
def test_short_runs_learn_at_every_step(schedule: ScheduleName, steps: int, warmup: int) -> None:
    assert all(0 < rate <= 1 for rate in rates(schedule, steps, warmup))
