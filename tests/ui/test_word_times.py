"""The line that offers to find word times: there while a model wants them and some are missing."""
from __future__ import annotations

from pathlib import Path

import pytest

from core.library import Project
from core.run_dir import RunDir
from core.steps import align, dataset, train
from tests.kyutai_project import kyutai_project
from tests.ui.home import Home
from ui import word_times
from ui.texts import speaking


@pytest.fixture
def untimed(home: Home, tmp_path: Path) -> Project:
    """Twelve accepted takes whose words nobody has timed."""
    return kyutai_project(home.library, tmp_path, f"Tones {tmp_path.name}", with_times=False)


def test_takes_without_word_times_are_counted_for_whom_it_matters(home: Home, untimed: Project) -> None:
    lib = home.library
    assert train.untimed(lib, untimed, "kyutai") == (12, 12)
    assert train.untimed(lib, untimed, "ctc") == (0, 0), "it learns without"
    assert train.untimed(lib, home.project, "kyutai") == (0, 0), "nothing is accepted there"
    row, said, button = word_times.picture(lib, untimed, "kyutai", "")
    assert row["visible"] and button["visible"] and "12 of 12 clips do not tell it yet" in said
    assert "app.py words" in said
    assert word_times.picture(lib, untimed, "ctc", "")[0]["visible"] is False
    assert word_times.picture(lib, None, "kyutai", "")[0]["visible"] is False
    with speaking("fr"):
        assert "12 prises sur 12" in word_times.picture(lib, untimed, "kyutai", "")[1]


def test_the_button_has_them_found_and_is_not_there_meanwhile(
    home: Home, untimed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def begin(lib: object, project: Project) -> RunDir:
        asked.append(project.slug)
        return RunDir.create(home.library.root.runs(project.slug), "align", {"project": project.slug})

    monkeypatch.setattr(align, "start", begin)
    row, said, button = home.handler("train-untimed-find", "click")(untimed.slug, "kyutai", "")
    assert asked == [untimed.slug] and row["visible"]
    assert button["visible"] is ("vw-queued" not in said and "vw-running" not in said)


def test_a_frozen_dataset_says_that_it_stays_and_timed_takes_say_nothing(
    home: Home, untimed: Project, tmp_path: Path
) -> None:
    lib = home.library
    made = dataset.make(lib, untimed).dataset.name
    assert f"The dataset {made} stays as it is" in word_times.picture(lib, untimed, "kyutai", made)[1]
    timed = kyutai_project(lib, tmp_path, f"Timed {tmp_path.name}")
    assert train.untimed(lib, timed, "kyutai") == (0, 12)
    assert word_times.picture(lib, timed, "kyutai", "") == [
        {"visible": False, "__type__": "update"}, "", {"visible": False, "__type__": "update"}]
