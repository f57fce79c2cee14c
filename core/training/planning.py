"""From an order to a plan: everything that can be refused is refused here, before
anything heavy is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core import manifest
from core.cache import ArrayCache
from core.errors import BadInput, Refused
from core.families import named
from core.families.base import Trains
from core.families.base.options import LoopOptions
from core.modelling.weights import weights_id
from core.run_dir import RunDir
from core.training import items, preflight, resuming
from core.training import options as training_options
from core.training.checks.parts import keep_closed
from core.training.corpus import Corpus
from core.training.reporting import Reporter
from core.training.session import Plan


def plan(run: RunDir, order: dict[str, Any], report: Reporter) -> Plan:
    """The plan of `order`. Raises StudioError with a sentence for an unknown option, a broken base, data
    that would spoil the run."""
    family = _trainable(str(order.get("family", "ctc")))
    options = _options(family, order)
    base, dataset = Path(order["base"]), Path(order["dataset"])
    rows = manifest.read(dataset)
    found = manifest.fingerprint(rows)
    if order.get("fingerprint") and order["fingerprint"] != found:
        raise Refused(
            f"The dataset {dataset.name} changed since this run was ordered ({found} instead of"
            f" {order['fingerprint']}); order a new run."
        )
    noticed = preflight.findings(family, rows, base, options)
    preflight.refuse(noticed)
    for finding in noticed:
        if finding.level != "ok":
            report.warn(finding.sentence)
    rows = preflight.learnable(rows, noticed)
    parts = {split: [row for row in rows if row.split == split] for split in ("train", "val")}
    keep_closed(manifest.read(dataset), [*parts["train"], *parts["val"]])
    prepared = family.prepare(parts["train"], base, options)
    cache = ArrayCache(cache_of(run, order))
    corpora = {split: Corpus(family, chosen(family, parts[split], options), dataset, base, prepared, cache,
                             options)
               for split, chosen in (("train", items.learned), ("val", items.looked_at))}
    return Plan(
        order,
        family,
        options,
        base,
        weights_id(base),
        dataset,
        found,
        prepared,
        corpora["train"],
        corpora["val"],
    )


def cache_of(run: RunDir, order: dict[str, Any]) -> Path:
    """Where encoded features are kept: the order's `cache`, else `.cache/features` of the project."""
    return Path(order["cache"]) if order.get("cache") else run.path.parent.parent / ".cache" / "features"


def _trainable(name: str) -> Trains:
    family = named(name)
    if not isinstance(family, Trains):
        raise BadInput(f"{family.title} cannot be trained here yet; choose another family.")
    return family


def _options(family: Trains, order: dict[str, Any]) -> LoopOptions:
    way = order.get("way", "start")
    if way not in resuming.WAYS:
        raise BadInput(f"“{way}” is no way to begin a run; choose one of: {', '.join(resuming.WAYS)}.")
    given = dict(order.get("options") or {})
    if way == "warm start" or (way == "continue" and not given):
        return training_options.resolve(family, "", {**resuming.parent_options(order), **given})
    return training_options.resolve(family, str(order.get("preset") or ""), given)
