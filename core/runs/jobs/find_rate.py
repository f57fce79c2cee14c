"""Sweep the learning rate over some windows of the training clips, and say which one fits."""

from __future__ import annotations

from typing import Any

from core.errors import StudioError
from core.run_dir import RunDir
from core.runs.jobs import Countdown, Stopped


def run_job(run: RunDir, order: dict[str, Any]) -> None:
    """The sweep of `order` (that of a training run, with `steps`) as `rate` events; figures: `suggestion`."""
    from contextlib import closing

    from core.training import feeding, loop, rate_finder

    session = loop.opened(run, order)
    if session is None:
        raise Stopped("before the first step")
    steps, done = int(order.get("steps") or rate_finder.STEPS), 0
    run.event("attempt", from_step=0)  # an earlier one is not gone on with: the weights are not kept
    clock = Countdown(steps)

    def tell(point: rate_finder.Point) -> bool:
        nonlocal done
        done += 1
        run.event("rate", done, rate=point.rate, loss=point.loss, smoothed=point.smoothed)
        run.report(f"Rate {done} of {steps}.", done / steps, clock.left(done))
        return not run.stop_requested()

    with feeding.deaths_told(), closing(session):
        points = rate_finder.find(session, steps, tell)
    if run.stop_requested():
        raise Stopped(f"at step {done}")
    found = rate_finder.suggestion(points)
    if found is None:
        raise StudioError(
            f"The loss did not fall at any of {len(points)} learning rates, so none can be suggested; look at"
            " the clips and the options first."
        )
    run.report(f"A learning rate of {found:.1e} fits.", 1.0, figures={"suggestion": found, "n": len(points)})
