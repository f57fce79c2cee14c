"""A training run in the form of another program, whole or its adapter alone: written, opened again, compared,
and only then given its name."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, Refused
from core.families import named
from core.families.base import Check, Example, Exports, Prepared
from core.families.base.growing import KeepsToItself
from core.families.base.sharing import Brought, SharesAdapters
from core.families.base.tuned import Tuned, open_tuned
from core.files import sync
from core.modelling.weights import n_tensors
from core.run_dir import RunDir
from core.training.merging import TOLERANCE, MergeReport, compare, examples_of, merge_run, within
from core.training.room import PLAIN, check_room


@dataclass(frozen=True)
class ExportReport:
    """What the merge was compared with, and what the other program's model was."""

    form: str
    merge: MergeReport
    checks: tuple[Check, ...]

    def figures(self) -> dict[str, Any]:
        """As rows and figures of a run hold it."""
        return {**self.merge.figures(), "form": self.form, "checks": [asdict(each) for each in self.checks]}


@dataclass(frozen=True)
class AdapterReport:
    """What an adapter that was written alone was compared with."""

    form: str
    dtype: str
    checks: tuple[Check, ...]

    def figures(self) -> dict[str, Any]:
        """As rows and figures of a run hold it."""
        return {"form": self.form, "dtype": self.dtype, "checks": [asdict(each) for each in self.checks]}


def is_adapter(family: Any, form: str) -> bool:
    """Whether `form` is an adapter alone, without its base."""
    return isinstance(family, SharesAdapters) and form in family.adapter_forms


def check(family: Any, form: str, dtype: str) -> None:
    """BadInput or Unavailable, saying why, where a run of `family` cannot be written so."""
    if not is_adapter(family, form):
        exporting(family, form, dtype)
    elif dtype not in family.adapter_forms[form]:
        raise BadInput(f"An adapter for {form} is written as {', '.join(family.adapter_forms[form])}, not"
                       f" “{dtype}”.")


def exporting(family: Any, form: str, dtype: str) -> Exports:
    """`family`, if it can be written as `form`; BadInput or Unavailable says why it cannot."""
    if not isinstance(family, Exports):
        raise BadInput(f"{family.title} cannot be written for {form}; it is merged for {PLAIN} only.")
    family.check_export(form, dtype)
    return family


def export_run(run_path: Path, out: Path, form: str, dtype: str, which: str = "best") -> ExportReport:
    """Checkpoint `which` of `run_path` as `form` in the new folder `out`; compared on the clips of the run's
    dataset that were not trained on. Raises Refused when `out` exists, StudioError when something differs;
    nothing is left behind then."""
    if out.exists():
        raise Refused(f"{out.name} exists already and is not overwritten; choose another name.")
    order = RunDir(run_path).order()
    family = named(str(order.get("family", "ctc")))
    writer = exporting(family, form, dtype)
    _may_leave(family, order)
    check_room(family, Path(order["base"]), form, dtype, out)
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


def export_adapter(run_path: Path, out: Path, form: str, dtype: str, which: str = "best") -> AdapterReport:
    """The adapter of a checkpoint alone, as `form` in the new folder `out`: read back beside its base, and
    compared on the clips of the run's dataset that were not trained on. Raises as `export_run`."""
    if out.exists():
        raise Refused(f"{out.name} exists already and is not overwritten; choose another name.")
    order = RunDir(run_path).order()
    family = named(str(order.get("family", "ctc")))
    check(family, form, dtype)
    _may_leave(family, order)
    tuned, temporary = open_tuned(family, run_path, which), out.with_name(f".{out.name}.tmp")
    try:
        _clear(temporary)
        family.write_adapter(tuned.model, family.options(**tuned.options), tuned.base, form, dtype, temporary)
        checks = _read_back(family, tuned, temporary, dtype, examples_of(family, tuned, [], None, order))
        os.rename(temporary, out)
        sync(out.parent)
    finally:
        _clear(temporary)
    return AdapterReport(form, dtype, checks)


def _may_leave(family: Any, order: dict[str, Any]) -> None:
    """Refused, saying why, for a run with parts that no other program knows."""
    options = family.options(**order["options"])
    if isinstance(family, KeepsToItself) and (why := family.why_not_shared(options)):
        raise Refused(why)


def _read_back(
    family: Any, tuned: Tuned, folder: Path, dtype: str, examples: list[Example]
) -> tuple[Check, ...]:
    brought = family.read_adapter(folder, tuned.base)
    again = open_brought(family, tuned.base, tuned.prepared, tuned.options, brought)
    seen = compare(family, tuned.prepared, examples, tuned.model, again)
    within(seen, TOLERANCE[dtype], f"The adapter as written in {dtype}")
    n = sum(n_tensors(file) for file in folder.glob("*.safetensors"))
    rank, alpha = brought.options["rank"], brought.options["alpha"]
    held = Check("tensors", f"It holds {n} tensors in {dtype}: adapters of rank {rank} with the factor"
                 f" {alpha / rank:g}.", 0.0, 0.0)
    return held, seen.check("logits", "Read back beside its base, it", dtype)


def open_brought(
    family: Any, base: Path, prepared: Prepared, options: dict[str, Any], brought: Brought
) -> Any:
    """`base` with an adapter that came from elsewhere, in evaluation mode."""
    model = family.load(base, prepared, family.options(**{**options, **brought.options}))
    family.restore(model, brought.state)
    return model.eval()


def _clear(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
