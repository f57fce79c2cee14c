"""A training run in the form of another program: merged in fp32, written, opened again, compared, and only
then given its name."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core import files
from core.errors import BadInput, Refused
from core.families import named
from core.families.base import Check, Exports, KnowsItsSize
from core.families.base.tuned import open_tuned
from core.files import sync
from core.modelling.weights import n_parameters
from core.run_dir import RunDir
from core.training.merging import MergeReport, examples_of, merge_run

PLAIN = "transformers"
"""The form that every family merges to."""
SIZES = {"fp32": 4, "fp16": 2, "bf16": 2, "int8": 1}
"""Bytes of a number by its type."""


@dataclass(frozen=True)
class ExportReport:
    """What the merge was compared with, and what the other program's model was."""

    form: str
    merge: MergeReport
    checks: tuple[Check, ...]

    def figures(self) -> dict[str, Any]:
        """As rows and figures of a run hold it."""
        return {**self.merge.figures(), "form": self.form, "checks": [asdict(each) for each in self.checks]}


def exporting(family: Any, form: str, dtype: str) -> Exports:
    """`family`, if it can be written as `form`; BadInput or Unavailable says why it cannot."""
    if not isinstance(family, Exports):
        raise BadInput(f"{family.title} cannot be written for {form}; it is merged for {PLAIN} only.")
    family.check_export(form, dtype)
    return family


def check_room(family: Any, base: Path, form: str, dtype: str, out: Path) -> None:
    """Unavailable, with both numbers, where the disk of `out` has no room for a model tuned on `base` as
    `form`. Another form is made of a merged folder in fp32, which needs its room meanwhile."""
    wanted = _bytes(family, base, form, dtype)
    if form != PLAIN:
        wanted += _bytes(family, base, PLAIN, "fp32")
    files.check_room(wanted, out.parent)


def _bytes(family: Any, base: Path, form: str, dtype: str) -> int:
    if isinstance(family, KnowsItsSize):
        return family.export_bytes(base, form, dtype)
    return n_parameters(base) * SIZES[dtype]


def export_run(run_path: Path, out: Path, form: str, dtype: str, which: str = "best") -> ExportReport:
    """Checkpoint `which` of `run_path` as `form` in the new folder `out`; compared on the clips of the run's
    dataset that were not trained on. Raises Refused when `out` exists, StudioError when something differs;
    nothing is left behind then."""
    if out.exists():
        raise Refused(f"{out.name} exists already and is not overwritten; choose another name.")
    order = RunDir(run_path).order()
    family = named(str(order.get("family", "ctc")))
    writer = exporting(family, form, dtype)
    merged, temporary = out.with_name(f".{out.name}.merged"), out.with_name(f".{out.name}.tmp")
    try:
        _clear(merged, temporary)
        report = merge_run(run_path, merged, "fp32", which=which)
        tuned = open_tuned(family, run_path, which)
        examples = examples_of(family, tuned, [], None, order)
        checks = writer.export(merged, form, dtype, temporary, examples, tuned.prepared)
        os.rename(temporary, out)
        sync(out.parent)
    finally:
        _clear(merged, temporary)
    return ExportReport(form, report, checks)


def _clear(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
