"""A project whose takes a tiny Higgs-Audio v2 can learn: two speakers, each with texts of their own."""
from __future__ import annotations

from pathlib import Path

from core.library import Library, Project
from core.steps import importing, projects, review
from tests.tiny_higgs import PITCHES, make_take

TEXTS = ("one two three", "four five", "six seven", "eight nine", "ten eleven", "twelve", "thirteen two",
         "five six seven", "nine ten", "two four six", "three five", "one one two")
WHO = "test"


def higgs_project(lib: Library, folder: Path, name: str = "Voices", seconds: float = 1.0) -> Project:
    """The project, all of its takes accepted."""
    project = projects.create(lib, name, "blank").project
    for who, pitch in PITCHES.items():
        said: dict[Path, str] = {}
        for i, text in enumerate(TEXTS):
            path = folder / f"{who}-{i:02}.wav"
            make_take(path, text if who == "Ada" else f"{text} please", pitch, seconds)
            said[path] = text if who == "Ada" else f"{text} please"
        importing.import_files(lib, project, list(said), who, WHO, {p.name: t for p, t in said.items()})
    review.use_prompts(lib, project, lib.clips.views(project.id), WHO)
    return project
