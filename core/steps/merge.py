"""Merge: base + adapter become a standalone model folder, compared before and after it is written; if wanted
in the form of another program."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import BadInput, Refused
from core.families import named
from core.families.base import Exports
from core.families.base.sharing import SharesAdapters
from core.families.base.speaking import GoesOn, Speaks
from core.files import safe_name
from core.library import Library
from core.run_dir import RunDir
from core.runs import listing
from core.runs.start import start as start_run
from core.steps import consent
from core.training.exporting import check
from core.training.room import PLAIN, check_room

DTYPES = ("bf16", "fp32")


def start(lib: Library, run_id: str, name: str = "", dtype: str = "bf16", form: str = PLAIN) -> RunDir:
    """Merge a training run into `models/<project>/<name>`, as `form`. Returns at once.

    Raises Refused where a model that has a voice learned from somebody whose consent is not recorded, and
    BadInput where there is a model of that name: nothing is overwritten.
    """
    if form == PLAIN and dtype not in DTYPES:
        raise BadInput(f"A merged model is written as {' or '.join(DTYPES)}, not “{dtype}”.")
    run = listing.find(lib.root, run_id)
    order = run.order()
    if order["kind"] != "train":
        raise BadInput(f"Run {run.id} is no training run, so there is nothing to merge.")
    if run.state() in ("queued", "running"):
        raise Refused(f"Run {run.id} is still {run.state()}; stop it or wait for its end, then merge.")
    if not (run.checkpoints / "manifest.json").exists():
        raise Refused(f"Run {run.id} has no checkpoint yet, so there is nothing to merge.")
    if form != PLAIN:
        check(named(order["family"]), form, dtype)
    agreed = _agreed(lib, run, named(order["family"]))
    folder = lib.root.models / order["project"] / safe_name(name or _usual_name(run, form), "model name")
    if folder.exists():
        there = f"{folder.parent.name}/{folder.name}"
        raise BadInput(f"There is already a model at {there}; choose another name.")
    check_room(named(order["family"]), Path(order["base"]), form, dtype, folder)
    return start_run(lib.root, order["project"], "merge", {
        "project": order["project"], "train_run": str(run.path.resolve()), "out": str(folder.resolve()),
        "dtype": dtype, "form": form, "name": folder.name,
        "family": order["family"], **agreed})


def _agreed(lib: Library, run: RunDir, family: object) -> dict[str, Any]:
    """Who agreed that the model has their voice, where it has one. A model that only goes on with what it
    heard cannot be told to speak as somebody, and learns from corpora of thousands: of these the names."""
    if isinstance(family, Speaks):
        return {"consents": consent.of_run(lib, run)}
    if isinstance(family, GoesOn):
        return {"consents": consent.of_run(lib, run, corpora_too=False), "corpora": consent.corpora(run)}
    return {}


def forms(family: str) -> dict[str, tuple[str, ...]]:
    """Form -> the types of number in which a run of that family can be written so."""
    known = named(family)
    return {PLAIN: DTYPES, **(known.exports if isinstance(known, Exports) else {}),
            **(known.adapter_forms if isinstance(known, SharesAdapters) else {})}


def _usual_name(run: RunDir, form: str) -> str:
    return f"tuned-{run.id[-6:]}" + ("" if form == PLAIN else f"-{form}")
