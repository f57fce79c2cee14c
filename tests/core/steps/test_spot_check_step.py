"""Spot-check: figures beside each take, marks that can be undone, and what they prove."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.capture import Captured
from core.config import DataRoot
from core.errors import BadInput, Stale
from core.library import Library, Project
from core.library.transcripts import Draft
from core.steps import review, spot_check
from core.steps.record import save_captured
from tests.made import library, take, tone

ANNA = "page:anna"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    """Three takes: soft, loud, long."""
    lib, project = library(data_root)
    for sound in (tone() * 0.05, tone(), np.concatenate([tone(1.0), tone(1.0)])):
        heard = Captured((sound * 32767).astype(np.int16), 16000, 0)
        save_captured(lib, project, None, "anna", heard, ANNA)
    return lib, project


@pytest.mark.parametrize("metric", spot_check.METRICS)
@pytest.mark.parametrize("descending", [False, True])
def test_takes_are_sorted_by_any_metric(made: Made, metric: str, descending: bool) -> None:
    found = [
        getattr(row.quality, metric) for row in spot_check.rows(*made, sort=metric, descending=descending)
    ]
    known = [value for value in found if value is not None]
    assert len(found) == 3
    assert known == sorted(known, reverse=descending)
    assert found[: len(known)] == known, "takes without the figure come last"
    assert sorted(spot_check.values(*made, metric)) == sorted(known)


def test_the_figures_are_those_of_the_sound(made: Made) -> None:
    rows = spot_check.rows(*made, sort="seconds")
    assert [round(row.quality.seconds, 2) for row in rows] == [0.6, 0.6, 2.0]
    soft, loud = (row.quality.rms_dbfs for row in spot_check.rows(*made, sort="rms_dbfs")[:2])
    assert loud - soft == pytest.approx(26, abs=0.5)
    assert any(finding.code == "too_quiet" for row in rows for finding in row.findings)


def test_the_speaking_rate_is_that_of_the_text_as_it_is_now(made: Made) -> None:
    lib, project = made
    clip = spot_check.rows(lib, project, "seconds", True)[0].view.clip
    assert spot_check.rows(lib, project, "seconds", True)[0].quality.words_per_second is None
    lib.transcripts.append(project.id, [Draft(clip.id, "one two three four", "person", None)], ANNA)
    assert spot_check.values(lib, project, "words_per_second")[0] == pytest.approx(4 / 1.75, rel=0.05)


def test_rejected_takes_are_not_checked_and_odd_metrics_are_told(made: Made) -> None:
    lib, project = made
    review.decide(lib, project, lib.clips.views(project.id)[0].clip.id, "rejected", "todo", ANNA)
    assert len(spot_check.rows(lib, project)) == 2
    with pytest.raises(BadInput, match="“beauty” is no metric"):
        spot_check.rows(lib, project, "beauty")


def test_marks_prove_something_and_can_be_taken_back(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    clips = [take(lib, project, "x") for _ in range(4)]
    assert "Nothing was checked yet" in spot_check.proof(lib, project)
    for clip in clips[:3]:
        spot_check.mark(lib, project, clip, "right", "", ANNA)
    assert spot_check.proof(lib, project).startswith("3 of 3 right")
    spot_check.mark(lib, project, clips[3], "wrong", "", ANNA)
    assert (
        spot_check.proof(lib, project) == "3 of 4 right, and all were checked: 25.0 % of the clips are wrong."
    )
    with pytest.raises(Stale):
        spot_check.mark(lib, project, clips[3], "right", "", "page:ben")
    with pytest.raises(BadInput, match="“perhaps” is no mark"):
        spot_check.mark(lib, project, clips[3], "perhaps", "wrong", ANNA)
    assert review.undo(lib, project, ANNA) == "Undone: a mark of 1 take."
    assert lib.clips.get(clips[3]).mark == ""


def test_a_skipped_take_proves_nothing(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    clip = take(lib, project, "x")
    spot_check.mark(lib, project, clip, "skip", "", ANNA)
    assert "Nothing was checked yet" in spot_check.proof(lib, project)


def test_an_empty_project_has_no_rows(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    assert spot_check.rows(lib, project) == []
    assert spot_check.values(lib, project, "snr_db") == []
