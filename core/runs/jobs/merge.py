"""Merge a training run into a model folder of its own, if wanted in the form of another program, with a card
that says where it comes from."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from core.errors import Refused
from core.families import named
from core.files import sync, write_atomic
from core.run_dir import RunDir
from core.runs.jobs.card import model_card


def run_job(run: RunDir, order: dict[str, Any]) -> None:
    """Merge and compare beside `out`, write the card, and only then give the folder its name."""
    out, trained = Path(order["out"]), RunDir(Path(order["train_run"]))
    if out.exists():
        raise Refused(f"{out.name} exists already and is not overwritten; choose another name.")
    run.report("Merging, and comparing with base + adapter on every held-out clip.", 0.1)
    beside = out.with_name(f".{out.name}.{run.id}")
    shutil.rmtree(beside, ignore_errors=True)  # of an attempt that was killed
    try:
        figures = _written(trained.path, beside, order)
        card = model_card(order.get("name") or out.name, trained, figures, order.get("consents") or (),
                          order.get("corpora") or ())
        write_atomic(beside / "README.md", card)
        figures["files"] = files_in(beside)
        os.rename(beside, out)
        sync(out.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    for check in figures.get("checks", []):
        run.event("check", 0, **check)
    run.report(_sentence(out.name, figures), 1.0, figures=figures)


def files_in(folder: Path) -> list[list[Any]]:
    """Name below `folder` and size in bytes of each file there."""
    return [[str(file.relative_to(folder)), file.stat().st_size]
            for file in sorted(folder.rglob("*")) if file.is_file()]


def _written(trained: Path, out: Path, order: dict[str, Any]) -> dict[str, Any]:
    """Merge to `out` in the form of the order; what was compared, as figures."""
    from core.training.exporting import export_adapter, export_run, is_adapter
    from core.training.merging import merge_run
    from core.training.room import PLAIN

    form, dtype = order.get("form") or PLAIN, order.get("dtype") or "bf16"
    if form == PLAIN:
        return merge_run(trained, out, dtype).figures()
    if is_adapter(named(str(RunDir(trained).order().get("family", "ctc"))), form):
        return export_adapter(trained, out, form, dtype).figures()
    return export_run(trained, out, form, dtype).figures()


def _sentence(name: str, figures: dict[str, Any]) -> str:
    if "n" not in figures:  # an adapter alone
        return (f"{name} is ready for {figures['form']}: the adapter alone. Read back beside its base, all of"
                f" its {len(figures['checks'])} checks passed.")
    dtype, n = figures["dtype"], figures["n"]
    exact = "writes the same as" if figures["merged_equal"] else "differs from"
    written = figures[dtype]
    if "form" in figures:
        return (f"{name} is ready for {figures['form']}. In fp32 the merged model {exact} base + adapter on"
                f" {n} clips. Read back, all of its {len(figures['checks'])} checks passed.")
    cost = "" if written["wer_cost"] is None else f", which costs {written['wer_cost']:.2f} points of WER"
    return (
        f"{name} is ready. In fp32 it {exact} base + adapter on {n} clips; as saved in {dtype}, "
        f"{written['n_different']} of them differ{cost}."
    )
