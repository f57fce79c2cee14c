"""Thresholds: what they would drop is told, nothing is dropped unasked, and one undo brings it back."""
from __future__ import annotations

import numpy as np
import pytest

from core.audio.capture import Captured
from core.config import DataRoot
from core.errors import BadInput, Stale
from core.library import Library, Project
from core.quality.limits import Limit, outside
from core.steps import review, spot_check, thresholds
from core.steps.record import save_captured
from tests.made import library, tone

ANNA = "page:anna"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    """Five takes: 0.6 s to 3 s long."""
    lib, project = library(data_root)
    for n in range(1, 6):
        sound = Captured((np.concatenate([tone(0.6)] * n) * 32767).astype(np.int16), 16000, 0)
        save_captured(lib, project, None, "anna", sound, ANNA)
    return lib, project


def test_limits_tell_what_they_would_drop_and_drop_nothing(made: Made) -> None:
    lib, project = made
    limits = thresholds.limits_of({"seconds": [1, 2.5], "snr_db": ["", None], "lead": [None, 0.001]})
    assert set(limits) == {"seconds", "lead"}
    found = thresholds.outcome(spot_check.checks(lib, project), limits)
    assert found.counts["seconds"] == 2 and found.counts["lead"] == 5 and found.n_all == 5
    assert len(found.dropped) == 5 and found.dropped[0][1] == ("seconds", "lead")
    assert len(spot_check.checks(lib, project).clips) == 5


def test_what_was_shown_is_rejected_and_one_undo_brings_it_back(made: Made) -> None:
    lib, project = made
    limits = thresholds.limits_of({"seconds": [1, 2.5]})
    found, plan = thresholds.plan(lib, project, limits)
    assert thresholds.reject(lib, project, limits, plan.mark, ANNA) == len(found.dropped) == 2
    assert [round(clip.seconds, 1) for clip in lib.clips.checks(project.id)] == [1.2, 1.8, 2.4]
    review.undo(lib, project, ANNA)
    assert len(lib.clips.checks(project.id)) == 5


def test_nothing_is_done_where_the_list_is_another_one_now(made: Made) -> None:
    lib, project = made
    limits = thresholds.limits_of({"seconds": [1, None]})
    _, plan = thresholds.plan(lib, project, limits)
    review.decide(lib, project, plan.lines[0].clip_id, "rejected", "todo", "page:ben")
    with pytest.raises(Stale, match="have changed since they were listed"):
        thresholds.reject(lib, project, limits, plan.mark, ANNA)
    assert len(lib.clips.checks(project.id)) == 4


@pytest.mark.parametrize(("raw", "told"), [
    ({"beauty": [1, 2]}, "“beauty” is no metric"), ({"seconds": ["x", None]}, "“x” is no number"),
    ({"seconds": [3, 1]}, "The least, 3, is more than the most, 1")])
def test_limits_that_make_no_sense_are_told(raw: dict[str, list[object]], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        thresholds.limits_of(raw)


def test_what_was_never_measured_is_not_dropped() -> None:
    figures = {"a": [None, 1.0, float("nan"), 5.0], "b": [0.0, 0.0, 9.0, 0.0]}
    assert outside(figures, {"a": Limit(low=2.0), "b": Limit(high=1.0)}) == {1: ("a",), 2: ("b",)}
    assert outside(figures, {"a": Limit(1.0, 5.0)}) == {}, "a limit allows itself"


def test_unknown_figures_are_counted(made: Made) -> None:
    lib, project = made
    found = thresholds.outcome(spot_check.checks(lib, project), {"edge_cer": Limit(high=0.1)})
    assert (found.n_unknown["edge_cer"], found.dropped) == (5, ())
