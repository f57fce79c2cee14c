"""A smoke run: two steps of a tiny random model on a project's own takes, to see that everything works here
before a large model is downloaded."""
from __future__ import annotations

import shutil
from pathlib import Path

from core.errors import BadInput
from core.families import FAMILIES, named
from core.families.base.tiny import HasTiny
from core.library import Library
from core.steps.train_request import Request

STEPS = 2


def request(lib: Library, said: Request) -> Request:
    """What was said, with a tiny model as the base and options that take seconds. BadInput for a family that
    cannot make one, or where a base was named."""
    if said.get("base"):
        raise BadInput("A smoke run makes a tiny model of its own: leave --base out, or --smoke.")
    name = str(said.get("family", "ctc"))
    family = named(name)
    if not isinstance(family, HasTiny):
        able = ", ".join(known for known, each in FAMILIES.items() if isinstance(each, HasTiny))
        raise BadInput(f"{family.title} has no tiny model for a smoke run; these have: {able}.")
    base = _tiny(family, lib.root.cache / "smoke" / name)
    few = {"steps": STEPS, "eval_every": STEPS, "sample_every": STEPS, "save_every": STEPS, "samples": 1,
           "batch_size": 1, "accumulation": 1, **family.tiny_options}
    return said.over(Request({"base": str(base), "smoke": True}, few))


def _tiny(family: HasTiny, folder: Path) -> Path:
    """The tiny model in the cache, made once."""
    if not folder.exists():
        beside = folder.with_name(f".{folder.name}")
        shutil.rmtree(beside, ignore_errors=True)  # of an attempt that was interrupted
        folder.parent.mkdir(parents=True, exist_ok=True)
        family.make_tiny(beside).rename(folder)
    return folder
