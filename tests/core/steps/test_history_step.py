"""Who changed what and when goes with every dataset and export, and changes nothing that is learned."""
from __future__ import annotations

import json

from core.config import DataRoot
from core.steps import dataset, history, review
from tests.made import library, take

ANNA, BEN = "page:anna", "page:ben"


def test_a_dataset_says_who_changed_its_clips(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    clips = [take(lib, project, f"text {'x' * i}", f"text {'x' * i}") for i in range(10)]
    version = lib.clips.get(clips[0]).transcript_id
    review.edit(lib, project, clips[0], "text of ben", version, BEN)
    for clip in clips:
        review.decide(lib, project, clip, "accepted", "todo", ANNA)
    other = take(lib, project, "left out", decision="rejected")
    made = dataset.make(lib, project)
    folder = lib.root.path / made.dataset.folder
    raw = (folder / history.NAME).read_text()
    lines = [json.loads(line) for line in raw.splitlines()]
    assert {line["clip"] for line in lines} == set(clips) and other not in raw
    mine = [(line["field"], line["before"], line["after"], line["who"])
            for line in lines if line["clip"] == clips[0]]
    assert mine[-2:] == [("text", "text ", "text of ben", BEN), ("decision", "todo", "accepted", ANNA)]
    assert lines[0]["at"].endswith("Z") and lines == sorted(lines, key=lambda line: line["at"])
    history.write(lib, project, folder, clips)
    assert (folder / history.NAME).read_text() == raw, "the same changes are the same file"


def test_later_changes_leave_the_fingerprint(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    for i in range(10):
        take(lib, project, f"text {'x' * i}", f"text {'x' * i}", decision="accepted")
    first = dataset.make(lib, project).dataset
    clip = lib.clips.views(project.id)[0].clip.id
    review.decide(lib, project, clip, "rejected", "accepted", ANNA)
    review.undo(lib, project, ANNA)
    second = dataset.make(lib, project).dataset
    assert first.fingerprint == second.fingerprint
    files = [(lib.root.path / one.folder / history.NAME).read_text() for one in (first, second)]
    assert len(files[1].splitlines()) == len(files[0].splitlines()) + 2
