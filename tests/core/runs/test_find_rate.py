"""A sweep over learning rates as a run: points as events, a suggestion, and a wish to stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.config import DataRoot
from core.run_dir import RunDir
from core.runs import worker
from core.steps import find_rate
from core.training import rate_finder

BaseMaker = Callable[..., Path]
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def sweep(data_root: DataRoot, tiny_base: BaseMaker, tiny_data: Path) -> RunDir:
    """A sweep that waits."""
    options = {"rank": 2, "alpha": 4.0, "batch_size": 4}
    return RunDir.create(data_root.runs("p"), "find-rate", {
        "family": "ctc", "base": str(tiny_base()), "dataset": str(tiny_data), "device": "cpu", "way": "start",
        "options": options, "steps": 25})


def test_points_come_one_by_one_and_a_rate_is_suggested(sweep: RunDir) -> None:
    assert worker.work(sweep) == 0
    points, suggestion = find_rate.found(sweep)
    assert sweep.state() == "done", sweep.status().message
    assert 11 < len(points) <= 25 and points[0].rate == pytest.approx(1e-6)
    assert suggestion == rate_finder.suggestion([rate_finder.Point(**vars(p)) for p in points])
    assert suggestion is not None and 1e-6 < suggestion < 1e-1
    assert sweep.status().message == f"A learning rate of {suggestion:.1e} fits."
    assert list(sweep.checkpoints.iterdir()) == [], "nothing of it is kept"


def test_it_can_be_stopped_and_begins_anew(sweep: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    tell = RunDir.event

    def stop_at_three(self: RunDir, kind: str, step: int = 0, **values: Any) -> None:
        tell(self, kind, step, **values)
        if (kind, step) == ("rate", 3):
            self.request_stop()

    with monkeypatch.context() as patched:
        patched.setattr(RunDir, "event", stop_at_three)
        worker.work(sweep)
    assert sweep.status().message == "Stopped by you at step 3."
    assert (len(find_rate.found(sweep)[0]), find_rate.found(sweep)[1]) == (3, None)
    sweep.clear_stop()
    sweep.write_status("queued", "Waiting to go on.")
    worker.work(sweep)
    points, _ = find_rate.found(sweep)
    assert points[0].rate == pytest.approx(1e-6) and len({p.rate for p in points}) == len(points)


def test_a_loss_that_never_falls_suggests_nothing(sweep: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = iter([1.0 + 0.01 * n for n in range(25)])
    monkeypatch.setattr(rate_finder, "_step", lambda session, rate: next(losses))
    worker.work(sweep)
    assert sweep.status().state == "failed" and "did not fall at any of 25" in sweep.status().message
    assert find_rate.found(sweep)[1] is None
