"""The plain tables: projects, speakers, prompts, datasets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.library import Library
from tests.made import library, take


def test_projects_are_listed_oldest_first_and_names_are_taken_once(data_root: DataRoot) -> None:
    lib = Library(data_root)
    for name in ("b", "a"):
        lib.projects.add(name, name.upper(), "blank", "en")
    assert [project.slug for project in lib.projects.all()] == ["b", "a"]
    with pytest.raises(BadInput, match="already a project called “A2”"):
        lib.projects.add("a", "A2", "blank", "en")
    assert lib.projects.get("a").name == "A"


def test_a_missing_project_is_told_with_those_there_are(data_root: DataRoot) -> None:
    lib = Library(data_root)
    with pytest.raises(NotFound, match="none yet"):
        lib.projects.get("x")
    lib.projects.add("mine", "Mine", "blank", "en")
    with pytest.raises(NotFound, match=r"“x” here \(there are: mine\)"):
        lib.projects.get("x")


def test_a_speaker_is_made_once_a_project(data_root: DataRoot) -> None:
    lib, one = library(data_root, "one", "two")
    two = lib.projects.get("two")
    anna = lib.speakers.named(one.id, "Anna")
    assert lib.speakers.named(one.id, "Anna") == anna
    assert lib.speakers.named(two.id, "Anna").id != anna.id
    assert [speaker.name for speaker in lib.speakers.of(one.id)] == ["Anna"]


def test_prompts_keep_their_order_and_come_once(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    assert lib.prompts.add(project.id, [("b", "g"), ("a", "g"), ("b", "h")]) == 2
    assert lib.prompts.add(project.id, [("a", ""), ("ज़ीरो", "")]) == 1
    prompts = lib.prompts.of(project.id)
    assert [prompt.text for prompt in prompts] == ["b", "a", "ज़ीरो"]
    assert [prompt.position for prompt in prompts] == sorted({prompt.position for prompt in prompts})
    assert lib.prompts.with_text(project.id, "ज़ीरो") == prompts[2]
    assert lib.prompts.with_text(project.id, "zero") is None
    assert lib.prompts.get(prompts[1].id) == prompts[1]
    assert lib.prompts.get(0) is None


def test_prompts_know_their_newest_take_and_whose_it_is(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    lib.prompts.add(project.id, [("one", ""), ("two", "")])
    first = take(lib, project, prompt="one", speaker="anna")
    second = take(lib, project, prompt="one", speaker="ben")
    assert [(p.take_id, p.n_takes) for p in lib.prompts.of(project.id)] == [(second, 2), (None, 0)]
    assert [(p.take_id, p.n_takes) for p in lib.prompts.of(project.id, speaker="anna")] == [
        (first, 1),
        (None, 0),
    ]
    assert [p.take_id for p in lib.prompts.of(project.id, speaker="carl")] == [None, None]


def test_the_newest_take_is_the_newest_by_time(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    new = lib.clips.get(take(lib, project, prompt="one"))
    lib.clips.add(replace(new, id="older", audio="p/takes/older.wav", created_at=new.created_at - 60))
    assert lib.prompts.of(project.id)[0].take_id == new.id


def test_roles_are_kept_apart_and_a_skip_can_be_taken_back(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    lib.prompts.add(project.id, [("one", "")])
    lib.prompts.add(project.id, [("the sun is out", "")], role="regression")
    assert [prompt.text for prompt in lib.prompts.of(project.id, role="regression")] == ["the sun is out"]
    prompt = lib.prompts.of(project.id)[0]
    lib.prompts.skip(prompt.id, "a word I cannot say")
    assert lib.prompts.of(project.id)[0].skipped == "a word I cannot say"
    lib.prompts.skip(prompt.id, "")
    assert lib.prompts.of(project.id)[0] == prompt


def test_datasets_are_found_by_name_or_the_newest(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    with pytest.raises(NotFound, match=r"app.py dataset"):
        lib.datasets.get(project.id)
    for name in ("old", "new"):
        lib.datasets.add(project.id, name, f"p/datasets/{name}", "ff", {"train": {"clips": 3}})
    assert lib.datasets.get(project.id).name == "new"
    assert lib.datasets.get(project.id, "old").counts == {"train": {"clips": 3}}
    assert [dataset.name for dataset in lib.datasets.of(project.id)] == ["new", "old"]
    with pytest.raises(NotFound, match="“gone”"):
        lib.datasets.get(project.id, "gone")
    with pytest.raises(BadInput, match="already a dataset called “old”"):
        lib.datasets.add(project.id, "old", "x", "ff", {})
