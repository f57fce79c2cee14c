"""Stopped or killed at every step, with processes that prepare clips or without, with accumulation, in
phases: the weights and the optimizer of a run that nothing disturbed, bit for bit."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataRoot
from core.errors import Refused
from core.families import named
from core.families.base.phases import Phase
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.runs import start as runs
from core.training import stepping
from core.training.loop import train

BaseMaker = Callable[..., Path]
RunMaker = Callable[..., RunDir]
CTC = named("ctc")
STEPS = 5
OPTIONS = {"steps": STEPS, "eval_every": 3, "save_every": 2, "sample_every": 3, "lr": 0.01,
           "adapter_dropout": 0.1}
PHASES = (
    Phase("output layer", 2, 0.01, 0, "constant", ("lm_head",)),
    Phase("all", STEPS - 2, 0.01, 1, "linear"),
)
pytestmark = pytest.mark.usefixtures("one_thread")


class Killed(BaseException):
    """Stands for kill -9: nothing gets a chance to save."""


@pytest.fixture
def disturbed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], None]], Any]:
    """Inside `with disturbed(what):` that is done right after the weights of every step were moved."""
    from contextlib import contextmanager

    @contextmanager
    def meanwhile(what: Callable[[Any], None]) -> Iterator[None]:
        real = stepping.one_step

        def one_step(session: Any) -> None:
            real(session)
            what(session)

        with monkeypatch.context() as patched:
            patched.setattr(stepping, "one_step", one_step)
            yield

    return meanwhile


def kill_at(step: int) -> Callable[[Any], None]:
    """Die after `step`, before anything of it is saved."""

    def die(session: Any) -> None:
        if session.progress.step == step:
            raise Killed

    return die


def final(run: RunDir) -> dict[str, Any]:
    """Adapter and optimizer of the last checkpoint."""
    folder = run.checkpoints / f"step-{STEPS:06d}"
    return {name: t for file in (folders.ADAPTER, folders.OPTIMIZER)
            for name, t in folders.read_tensors(folder, file).items()}


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Bit for bit."""
    return set(one) == set(other) and all(one[name].equal(other[name]) for name in one)


def killed(run: RunDir, step: int, disturbed: Any) -> dict[str, Any]:
    """What a run ends with that was killed after `step`."""
    with disturbed(kill_at(step)), pytest.raises(Killed):
        train(run, run.order())
    assert train(run, run.order()).ended == "done"
    return final(run)


def stopped_everywhere(run: RunDir, disturbed: Any) -> dict[str, Any]:
    """What a run ends with that was stopped after every step."""
    with disturbed(lambda session: session.run.request_stop()):
        for _ in range(STEPS + 1):
            run.clear_stop()
            train(run, run.order())
    return final(run)


@pytest.mark.budget(20)
def test_killed_in_the_second_phase_with_two_processes_that_prepare_clips(
    new_run: RunMaker, disturbed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CTC, "phases", lambda options, n: PHASES)
    options = {**OPTIONS, "batch_size": 1, "accumulation": 3}
    whole = new_run(options)
    train(whole, whole.order())
    assert same(killed(new_run({**options, "data_workers": 2}), 3, disturbed), final(whole))


@pytest.mark.slow
@pytest.mark.parametrize("n_phases", [1, 2])
@pytest.mark.parametrize("accumulation", [1, 3])
@pytest.mark.parametrize("workers", [0, 2])
def test_killed_or_stopped_at_every_step(
    new_run: RunMaker, disturbed: Any, monkeypatch: pytest.MonkeyPatch, workers: int, accumulation: int,
    n_phases: int,
) -> None:
    if n_phases == 2:
        monkeypatch.setattr(CTC, "phases", lambda options, n: PHASES)
    options = {**OPTIONS, "batch_size": 3 // accumulation, "accumulation": accumulation}
    whole = new_run(options)
    train(whole, whole.order())
    options = {**options, "data_workers": workers}
    assert same(stopped_everywhere(new_run(options), disturbed), final(whole))
    for step in range(1, STEPS + 1):
        assert same(killed(new_run(options), step, disturbed), final(whole)), step


@pytest.mark.slow
def test_a_worker_that_sleeps_is_not_doubled_and_goes_on_when_it_wakes(
    data_root: DataRoot, new_run: RunMaker, tiny_base: BaseMaker, tiny_data: Path
) -> None:
    import torch

    options = {**OPTIONS, "rank": 2, "alpha": 4.0, "batch_size": 1, "accumulation": 3, "data_workers": 2}
    order = {"family": "ctc", "base": str(tiny_base()), "dataset": str(tiny_data), "device": "cpu",
             "way": "start", "options": options}
    run = runs.start(data_root, "p", "train", order)
    until = time.monotonic() + 120
    while not any(row["kind"] == "step" for row in run.events()[0]) and time.monotonic() < until:
        time.sleep(0.005)
    pid = int(re.findall(r"worker (\d+)", run.log.read_text())[-1])
    os.kill(pid, signal.SIGSTOP)
    n_before = len(run.events()[0])
    with pytest.raises(Refused, match="perhaps asleep"):
        runs.resume(run)
    assert run.state() == "running" and len(run.events()[0]) == n_before
    os.kill(pid, signal.SIGCONT)
    assert runs.wait(run, 180) == "done", run.log_tail()
    assert [row for row in run.events()[0] if row["kind"] == "attempt"] == []
    torch.set_num_threads(folders.read_state(run.checkpoints / f"step-{STEPS:06d}")["threads"])
    whole = new_run({**options, "data_workers": 0})
    train(whole, whole.order())
    assert same(final(run), final(whole))
