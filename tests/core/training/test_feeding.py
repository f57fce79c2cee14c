"""Clips made ahead by other processes: the same windows, the same weights, and nobody left behind."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import BadInput, StudioError
from core.families import named
from core.families.base import Example
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training import feeding, planning
from core.training.loop import train
from core.training.reporting import Reporter
from core.training.session import Plan

RunMaker = Callable[..., RunDir]
CTC = named("ctc")
pytestmark = pytest.mark.usefixtures("one_thread")


def plan_of(run: RunDir) -> Plan:
    """What the order of a run means."""
    return planning.plan(run, run.order(), Reporter(run))


def same(one: list[Example], other: list[Example]) -> bool:
    """Bit for bit."""
    return [e.id for e in one] == [e.id for e in other] and all(
        np.array_equal(a.features, b.features) and a.labels == b.labels
        for a, b in zip(one, other, strict=True)
    )


def test_windows_come_in_their_order_from_any_place_on(new_run: RunMaker) -> None:
    import torch

    windows = feeding.Windows(plan_of(new_run({"batch_size": 3})))
    torch.manual_seed(1)
    before = torch.get_rng_state()
    feed, place = feeding.Feed(windows, workers=2), (0, 1)
    for _ in range(5):  # over the end of the epoch, which has three
        assert same(feed.take(place), windows[place])
        place = feed.after(place)
    assert place == (2, 0)
    assert same(feed.take((0, 2)), windows[(0, 2)]), "another place than the next one"
    assert torch.equal(torch.get_rng_state(), before), "the training's random numbers stay where they were"
    feed.close()
    assert multiprocessing.active_children() == []


def test_windows_can_be_sent_to_a_process_that_is_no_copy_of_this_one(new_run: RunMaker) -> None:
    windows = feeding.Windows(plan_of(new_run({"batch_size": 3})), rank=1, world=2)
    sent: feeding.Windows = pickle.loads(pickle.dumps(windows))
    assert same(sent[(4, 0)], windows[(4, 0)]) and len(sent[(4, 0)]) == 1


def test_a_clip_that_cannot_be_read_is_the_same_sentence(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Example:
        raise BadInput("Clip c7 is broken; record it again.")

    monkeypatch.setattr(CTC, "augment", broken)
    feed = feeding.Feed(feeding.Windows(plan_of(new_run())), workers=1)
    with pytest.raises(BadInput, match=r"^Clip c7 is broken; record it again\.$"):
        feed.take((0, 0))
    feed.close()


def test_a_process_that_dies_is_a_sentence_and_the_last_checkpoint_is_kept(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, tell = new_run({"steps": 500, "save_every": 1, "data_workers": 2}), RunDir.event

    def kill_one(self: RunDir, kind: str, step: int = 0, **values: Any) -> None:
        tell(self, kind, step, **values)
        if kind == "step" and step == 2:
            os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)

    monkeypatch.setattr(RunDir, "event", kill_one)
    with pytest.raises(StudioError, match="A process that prepares clips ended unexpectedly"):
        train(run, run.order())
    assert multiprocessing.active_children() == []
    assert folders.is_whole(folders.chosen(run.path, "last"))


@pytest.mark.parametrize("ends", ["done", "stopped"])
def test_nobody_is_left_when_a_run_ends(
    new_run: RunMaker, ends: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run, tell, seen = new_run({"steps": 3, "data_workers": 2}), RunDir.event, []

    def look(self: RunDir, kind: str, step: int = 0, **values: Any) -> None:
        tell(self, kind, step, **values)
        if kind == "step":
            seen.append(len(multiprocessing.active_children()))
            if ends == "stopped":
                self.request_stop()

    monkeypatch.setattr(RunDir, "event", look)
    assert train(run, run.order()).ended == ends
    assert set(seen) == {2}
    assert multiprocessing.active_children() == []
