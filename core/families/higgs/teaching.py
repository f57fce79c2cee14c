"""What the training teaches, laid open for the checks: pairs as they are collated, and pairs that do not fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.families.base import Example, Prepared
from core.families.base.speaking import Taught
from core.families.higgs import labels, network, template
from core.families.higgs.labels import NOT_LEARNED, Take


def taught(example: Example, prepared: Prepared) -> Taught:
    """One pair read back from the batch that the training makes of it."""
    one, held = network.as_take(example), prepared.extra
    batch = {name: value.numpy() for name, value in network.collate([one], prepared).items()}
    ids, last = batch["input_ids"][0], batch["targets"][0]
    targets = np.full((len(ids), last.shape[1]), NOT_LEARNED, np.int64)
    targets[len(ids) - len(last) :] = last
    before = labels.prompt_of(one, prepared)[1]
    return Taught(
        ids=ids, is_sound=np.isin(ids, held["sound"]), columns=batch["audio_input_ids"][0],
        n_before=len(before), targets=targets, codes=one.features, begin=int(held["begin"]),
        end=int(held["end"]), rows=int(held["rows"]), asked=labels.prompt_of(one, prepared),
        template=template.ids_by_template(one, prepared))


def misheard(examples: Sequence[Example]) -> list[Example]:
    """Each pair with the reference of another speaker's pair; where there is none, with its own reference in
    another order of frames, which keeps the codes and takes the speech."""
    takes = [network.as_take(example) for example in examples]
    return [replace(one, reference=_other(one, takes)) for one in takes]


def _other(one: Take, takes: Sequence[Take]) -> Take | None:
    if one.reference is None:
        return None
    foreign = sorted((t.reference for t in takes if t.reference and t.speaker != one.speaker),
                     key=lambda take: take.id)
    if foreign:
        return foreign[len(one.id.encode()) % len(foreign)]
    order = np.random.default_rng(list(one.id.encode())).permutation(len(one.reference.features))
    return replace(one.reference, features=one.reference.features[order])
