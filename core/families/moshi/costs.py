"""What a clip costs a model, term by term. Needs torch."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import Any

from core.families.base import Example, Prepared
from core.families.moshi import labels, network
from core.families.moshi.labels import Talk

FIRST = "codebook_1"


def of_clip(model: Any, example: Example, prepared: Prepared) -> dict[str, tuple[float, float]]:
    """(nats, items) of the text, as a run weighs its frames, of the first codebook, and of all others."""
    import torch

    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    with network.evaluating(model) as at, torch.no_grad():
        for part in parts(network.as_talk(example), prepared):
            batch = {name: value.to(at) for name, value in network.batch_of([part], prepared).items()}
            counts = network.count(batch)
            for term, (nats, _) in network.loss(model, batch).items():
                found = sums[_name(term)]
                found[0] += float(nats)
                found[1] += counts[term]
    return {name: (nats, items) for name, (nats, items) in sums.items() if items}


def parts(one: Talk, prepared: Prepared) -> list[Talk]:
    """A clip in parts that a run reads at once, about as long as each other; they leave nothing out."""
    n, most = len(one.features), int(prepared.extra["window"])
    if n <= most:
        return [one]
    n_parts = math.ceil(n / most)
    edges = [round(n * at / n_parts) for at in range(n_parts + 1)]
    return [labels.part(one, first, end - first, prepared) for first, end in pairwise(edges)]


def _name(term: str) -> str:
    if not term.startswith("codebook_"):
        return term
    return "first_codebook" if term == FIRST else "other_codebooks"
