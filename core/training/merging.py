"""Base + adapter as one plain folder: compared before the cast, read back, compared again, and
only then given its name."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput, Refused, StudioError
from core.families import named
from core.families.base import LEFT_OUT, Check, Example, Prepared, Trains
from core.families.base.speaking import LearnsToSpeak
from core.families.base.tuned import Tuned, open_tuned
from core.files import sync
from core.run_dir import RunDir
from core.training.pairing import paired
from core.training.room import PLAIN, check_room
from core.types import Prediction, Row

# Largest difference of the outputs as a share of their largest value: rounding in fp32, 8 bits in bf16.
TOLERANCE = {"fp32": 1e-3, "bf16": 0.1}


@dataclass(frozen=True)
class Difference:
    """One clip that two models write differently."""

    id: str
    reference: str
    before: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """Two models on the same clips, `ids`; `wer_cost` is the change of WER in points (0.5 is
    half a percent point), None for models that speak."""

    ids: tuple[str, ...]
    max_logit_difference: float
    largest_logit: float
    wer_cost: float | None
    items: tuple[Difference, ...]

    @property
    def n(self) -> int:
        """How many clips both models heard."""
        return len(self.ids)

    def check(self, name: str, what: str, dtype: str) -> Check:
        """The comparison as one line of a checklist; `what` is the model that base + adapter was compared
        with, and `dtype` decides how much is rounding."""
        share = self.max_logit_difference / max(1.0, self.largest_logit)
        return Check(
            name,
            f"{what} writes {len(self.items)} of {self.n} clips otherwise than base + adapter; its logits"
            f" differ by at most {self.max_logit_difference:.2g}, which is {100 * share:.2g} % of the"
            f" largest; at most {100 * TOLERANCE[dtype]:g} % pass in {dtype}.",
            share, TOLERANCE[dtype], self.ids,
        )


@dataclass(frozen=True)
class MergeReport:
    """The merge in fp32 against base + adapter (`exact`), and the folder as read back against the same."""

    exact: Comparison
    dtype: str
    written: Comparison

    @property
    def merged_equal(self) -> bool:
        """Whether the merged model writes every clip as base + adapter does."""
        return not self.exact.items

    @property
    def n(self) -> int:
        """How many clips were compared."""
        return self.exact.n

    @property
    def max_logit_difference(self) -> float:
        """Of the merge in fp32."""
        return self.exact.max_logit_difference

    @property
    def checks(self) -> tuple[Check, ...]:
        """Both comparisons as lines of a checklist."""
        return (self.exact.check("merged", "Merged in fp32, the model", "fp32"),
                self.written.check("written", f"Read back as saved in {self.dtype}, it", self.dtype))

    def figures(self) -> dict[str, Any]:
        """As rows and figures of a run hold it; the entry of the dtype is named after it."""
        written = {
            "n_different": len(self.written.items),
            "wer_cost": self.written.wer_cost,
            "max_logit_difference": self.written.max_logit_difference,
            "items": [dataclasses.asdict(item) for item in self.written.items],
        }
        return {
            "merged_equal": self.merged_equal,
            "n": self.n,
            "max_logit_difference": self.max_logit_difference,
            "dtype": self.dtype,
            self.dtype: written,
            "compared": [dataclasses.asdict(each) for each in self.checks],
        }


def merge_run(
    run_path: Path,
    out: Path,
    dtype: str = "bf16",
    rows: Sequence[Row] = (),
    folder: Path | None = None,
    which: str = "best",
) -> MergeReport:
    """Merge checkpoint `which` of `run_path` into the new folder `out`; `rows` (audio below `folder`)
    are what it is compared on.

    Without rows the comparison uses the clips of the run's own dataset that were not trained on.
    Raises Refused when `out` exists, StudioError when the merged model does not equal base +
    adapter; nothing is left behind then.
    """
    if out.exists():
        raise Refused(f"{out.name} exists already and is not overwritten; choose another name.")
    order = RunDir(run_path).order()
    family: Trains = named(str(order.get("family", "ctc")))
    check_room(family, Path(order["base"]), PLAIN, dtype, out)
    tuned = open_tuned(family, run_path, which)
    examples = examples_of(family, tuned, list(rows), folder, order)
    temporary = out.with_name(f".{out.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        report = _merged(family, tuned.model, tuned.base, tuned.prepared, examples, temporary, dtype)
        os.rename(temporary, out)
        sync(out.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return report


def examples_of(
    family: Trains, tuned: Tuned, rows: list[Row], folder: Path | None, order: dict[str, Any]
) -> list[Example]:
    """What a merged model is compared on: `rows`, else the clips of the run's dataset that were not trained
    on, but for those that no run can learn from."""
    if not rows:
        from core import manifest

        folder = Path(order["dataset"])
        held = manifest.read(folder)
        rows = [row for row in held if row.split != "train"] or held
    if folder is None:
        raise BadInput("Comparing a merge needs the folder that the clips lie in.")
    found = family.preflight(rows, tuned.base, family.options(**tuned.options))
    gone = {clip for finding in found if finding.code == LEFT_OUT for clip in finding.ids}
    kept, where = [row for row in rows if row.id not in gone], folder
    options = family.options(**tuned.options)

    def make(i: int) -> Example:
        return family.example(kept[i], family.encode(kept[i], where, tuned.base), tuned.prepared)

    return [paired(family, kept, i, make, options) for i in range(len(kept))]


def _merged(
    family: Trains, model: Any, base: Path, prepared: Prepared, examples: list[Example], out: Path, dtype: str
) -> MergeReport:
    merged = family.merge(model, base, out, dtype)
    exact = compare(family, prepared, examples, model, merged)
    within(exact, TOLERANCE["fp32"], "The merged model")
    written = compare(family, prepared, examples, model, family.load_plain(out))
    within(written, TOLERANCE[dtype], f"The folder as written in {dtype}")
    return MergeReport(exact, dtype, written)


def compare(family: Trains, prepared: Prepared, examples: list[Example], one: Any, other: Any) -> Comparison:
    """Texts and outputs of two models on the same examples; what a model says is compared code by code."""
    before, after = (family.predict(model, examples, prepared) for model in (one, other))
    apart, sizes = [0.0], [0.0]
    for example in examples:  # one by one: the outputs of a large vocabulary are megabytes a clip
        (a,), (b,) = (family.outputs(model, [example], prepared) for model in (one, other))
        apart.append(_distance(a, b))
        sizes.append(float(np.abs(a).max()))
    speaks = isinstance(family, LearnsToSpeak)
    cost = None if speaks else _cost([e.text for e in examples], before, after)
    items = tuple(
        Difference(e.id, e.text, b.text, a.text)
        for e, b, a in zip(examples, before, after, strict=True)
        if a.text != b.text
    )
    return Comparison(
        tuple(e.id for e in examples),
        float(np.max(apart)),
        float(np.max(sizes)),
        cost,
        items,
    )


def _cost(references: list[str], before: list[Prediction], after: list[Prediction]) -> float:
    """Points of WER that `after` is worse than `before`."""
    from core.evaluation.rates import wer

    rates = [wer(references, [p.text for p in said]).rate for said in (before, after)]
    return round(100 * (rates[1] - rates[0]), 4)


def _distance(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    if one.shape != other.shape:
        raise StudioError(
            f"The merged model gives {other.shape} outputs where base and adapter give {one.shape}; it was"
            " not kept."
        )
    return float(np.abs(one - other).max())


def within(found: Comparison, share: float, what: str) -> None:
    """StudioError, naming `what`, where the outputs differ by more than that share of the largest."""
    if not np.isfinite(found.max_logit_difference) or found.max_logit_difference > share * max(
        1.0, found.largest_logit
    ):
        raise StudioError(
            f"{what} differs from base and adapter by {found.max_logit_difference:.3g} in its outputs (at"
            f" most {share * max(1.0, found.largest_logit):.3g} is rounding); it was not kept. Please report"
            " this run."
        )
