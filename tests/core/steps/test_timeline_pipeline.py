"""The steps of recordings: their states, counts, times, and the settings that differ from the defaults."""
from __future__ import annotations

from pathlib import Path

import pytest

from core.config import DataRoot
from core.library import Library, Project
from core.run_dir import RunDir
from core.steps import pipeline, review, spot_check, timeline
from core.steps.pipeline import Step
from core.steps.recordings import Options, source
from tests.long_made import WHO, ran, recorded
from tests.made import library

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def steps(made: Made) -> dict[str, Step]:
    return {step.name: step for step in pipeline.pipeline(*made)}


def test_before_anything_all_steps_wait_with_their_defaults(made: Made) -> None:
    found = steps(made)
    assert list(found) == list(pipeline.STEPS)
    assert {step.state for step in found.values()} == {"waiting"}
    values = {setting.name: setting.value for step in found.values() for setting in step.settings}
    assert values == Options().model_dump()
    assert (values["similarity"], values["confidence"], values["min_rate"], values["max_rate"]) == (
        0.55, 0.6, 1.5, 3.5)
    assert not any(setting.is_changed for step in found.values() for setting in step.settings)


def test_a_finished_run_is_counted_and_a_changed_setting_is_marked(made: Made, tmp_path: Path) -> None:
    lib, project = made
    ran(lib, project, recorded(lib, project, tmp_path), similarity=0.7)
    first, second = timeline.segments(lib, project)
    review.decide(lib, project, first.clip.id, "accepted", "todo", WHO)
    spot_check.mark(lib, project, second.clip.id, "wrong", "", WHO)
    found = steps(made)
    assert [found[name].state for name in pipeline.STEPS] == ["done"] * 4 + ["running"] * 2
    assert found["heard"].counts == {"seconds": 90.0, "total": 90.0}
    assert found["matched"].counts == {"anchors": 7, "chains": 1}
    assert found["matched"].sources == {"ctc:starter": 6, "hand": 2}
    assert found["segments"].counts == {"n": 2, "sure": 1, "uncertain": 1}
    assert found["reviewed"].counts == {"n": 1, "of": 2, "accepted": 1, "rejected": 0}
    assert found["checked"].counts == {"n": 1, "of": 2, "right": 0, "wrong": 1}
    changed = [setting for step in found.values() for setting in step.settings if setting.is_changed]
    assert [(one.name, one.value, one.default) for one in changed] == [("similarity", 0.7, 0.55)]


def test_a_run_is_where_its_last_phase_began(made: Made, tmp_path: Path) -> None:
    lib, project = made
    sound = recorded(lib, project, tmp_path)
    sounds = [source(sound.id, sound.name, tmp_path, sound.sha256, sound.seconds)]
    order = {"options": Options().model_dump(), "recordings": sounds}
    run = RunDir.create(lib.root.runs(project.slug), "segment", order)
    lock = run.acquire()
    run.event("phase", name="heard")
    run.report("Hearing meeting.wav.", 0.45)
    found = steps(made)
    assert [found[name].state for name in pipeline.OF_RUN] == ["running", "waiting", "waiting", "waiting"]
    assert found["heard"].counts["seconds"] == pytest.approx(45)
    run.event("phase", name="matched")
    run.event("phase", name="aligned")
    run.report("Aligning meeting.wav.", 0.95)
    found = steps(made)
    assert [found[name].state for name in pipeline.OF_RUN] == ["done", "done", "running", "waiting"]
    assert all(found[name].seconds is not None for name in ("heard", "matched", "aligned"))
    lock.release()
    run.finish("stopped", "Stopped by you.")
    assert steps(made)["aligned"].state == "stopped"
    run.event("phase", name="heard")  # resumed: it begins again
    assert steps(made)["heard"].state == "stopped" and steps(made)["aligned"].state == "waiting"
