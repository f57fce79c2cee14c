"""Whose voice a model has learned, and whether they agreed to that: asked before it is handed on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import manifest
from core.errors import Refused
from core.library import Library, Project
from core.run_dir import RunDir
from core.steps import speakers

_NAMED = 5


def of_run(lib: Library, run: RunDir, corpora_too: bool = True) -> list[dict[str, Any]]:
    """Name and consent (version, date, text) of every speaker that a training run has learned from, also
    through the runs that it went on from; not `corpora_too`: of those who were recorded or imported here.

    Raises Refused, with how to record it, where a consent is missing or was taken back, and where it cannot
    be known who speaks.
    """
    order = run.order()
    project = lib.projects.get(order["project"])
    names = {row.speaker for folder in _datasets(run) if corpora_too or not manifest.corpus_of(folder)
             for row in manifest.read(folder)}
    if "" in names:
        raise Refused(f"Some takes of the dataset of run {run.id} have no speaker, so nobody can say whether "
                      "they agreed: name their speaker, and train again.")
    found = {one["name"]: one["consent"] for one in speakers.records(lib, project, names)}
    _refuse_taken_back(sorted(name for name in names if (word := found.get(name)) and not word["given"]))
    _refuse_missing(sorted(name for name in names if not found.get(name)), project)
    return [{"name": name, **{key: found[name][key] for key in ("version", "date", "text")}}
            for name in sorted(names)]


def corpora(run: RunDir) -> list[str]:
    """The names of the corpora, where they lie on the disk, that a training run has learned from."""
    return sorted({Path(place).name for folder in _datasets(run) if (place := manifest.corpus_of(folder))})


def _datasets(run: RunDir) -> Iterator[Path]:
    """What the run learned from, and the runs before it."""
    while True:
        order = run.order()
        yield Path(order["dataset"])
        parent = order.get("parent")
        if not parent:
            return
        before = RunDir(Path(parent))
        if not (before.path / "run.json").exists():
            raise Refused(f"Run {before.id}, from which run {run.id} went on, is not there any more, so "
                          "nobody can say whose voice it learned: train again from the base model.")
        run = before


def _refuse_taken_back(names: list[str]) -> None:
    if names:
        raise Refused(f"The model has learned the voice of {_listed(names)}, who took the consent back, so "
                      "it is not handed on: make a new dataset, which leaves them out, and train again.")


def _refuse_missing(names: list[str], project: Project) -> None:
    if names:
        command = f"app.py speakers {project.slug}"
        raise Refused(
            f"The model speaks with the voice of {_listed(names)}, and no consent to that is recorded, so it "
            f"is not handed on. Write what is to be agreed to in a text file, and ask for it with `{command} "
            f"--consent FILE`; then let them agree on their own recording link (`{command} --link NAME`), or "
            f"note with `{command} --agreed NAME` that they did so on paper.")


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
