"""What can only be said with the model loaded of one that learns to speak: its loss worked out by hand, where
its adapters work, and whether it listens to its reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.families.base import Batch, Example, Prepared, Trains
from core.training.checks import IGNORE, Check, passed, refused, spoken, warned
from core.training.checks.batching import by_hand

if TYPE_CHECKING:
    import torch

NOTICED = 0.01
"""Share of the loss by which a reference that does not fit must cost more, to count as heard."""


def checks(family: Any, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
           ) -> list[Check]:
    """Every check on pairs, as the training collates them, with the model as a run loads it."""
    found = {}
    for example in examples:
        for check in spoken.of_pair(family.taught(example, prepared)):
            if check.name not in found or check.outcome == "refused":
                found[check.name] = check
    if any(check.outcome == "refused" for check in found.values()):
        return list(found.values())
    return [*found.values(), mean(family, model, examples, prepared),
            adapter(family, model, examples, prepared), conditioning(family, model, examples, prepared)]


def mean(family: Trains, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared) -> Check:
    """The loss that is told must be the sum over codebooks of the mean over their learned codes, of the whole
    batch, worked out again one by one in float64."""
    import torch

    batch = _placed_at(model, family.collate(examples, prepared))
    with torch.no_grad():
        counts = family.count(batch)
        told = sum(float(value) * weight / max(1.0, counts[term])
                   for term, (value, weight) in family.loss(model, batch).items())
    losses = one_by_one(family, model, examples, prepared)
    # as many codes in each codebook, so the sum of their means is the mean of all, times the codebooks
    return by_hand([loss * len(counts) for loss in losses], told)


def one_by_one(family: Any, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
                ) -> list[float]:
    """The loss of every learned code of every example, in float64."""
    losses: list[float] = []
    for example, made in zip(examples, family.outputs(model, examples, prepared), strict=True):
        one = family.taught(example, prepared)
        targets = one.targets[len(one.targets) - len(made) :]
        scores = made.astype(np.float64).reshape(len(made), targets.shape[1], -1)
        top = scores.max(-1, keepdims=True)
        logs = scores - top - np.log(np.exp(scores - top).sum(-1, keepdims=True))
        place, book = np.nonzero(targets != IGNORE)
        losses += (-logs[place, book, targets[place, book]]).tolist()
    return losses


def adapter(family: Any, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared) -> Check:
    """Layers that work on the places of texts alone must have no adapter, and those that work on the places
    of sounds must have one: seen by what goes through them, not by their names."""
    for example in examples:
        is_sound = family.taught(example, prepared).is_sound
        n_sound, n_text = int(is_sound.sum()), int((~is_sound).sum())
        if n_sound != n_text:
            break
    else:
        return warned("adapter_place", "Every pair has as many places of text as of sound, so nobody can see"
                      " which layers work on which.")
    adapted = [name for name, module in model.named_modules() if hasattr(module, "lora_A")]
    layers = {name: m for name, m in model.named_modules() if name in set(adapted) or _is_plain(name, m)}
    seen = _places(family, model, layers, example, prepared)
    wrong = [name for name in adapted if seen.get(name) == n_text]
    bare = [name for name in layers if seen.get(name) == n_sound and name not in adapted]
    return _placed(adapted, wrong, bare)


def _places(family: Any, model: torch.nn.Module, layers: dict[str, Any], example: Example, prepared: Prepared
            ) -> dict[str, int]:
    """How many places went through each of `layers` in one pass."""
    import torch

    seen: dict[str, int] = {}

    def watch(name: str) -> Any:
        return lambda _module, given, _made: seen.__setitem__(name, given[0].numel() // given[0].shape[-1])

    hooks = [module.register_forward_hook(watch(name)) for name, module in layers.items()]
    try:
        with torch.no_grad():
            family.loss(model, _placed_at(model, family.collate([example], prepared)))
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def _placed_at(model: torch.nn.Module, batch: Batch) -> Batch:
    """A batch where the model is."""
    at = next(model.parameters()).device
    return {name: value.to(at) if hasattr(value, "to") else value for name, value in batch.items()}


def _is_plain(name: str, module: Any) -> bool:
    """A linear layer that is no part of an adapter, nor a head that writes."""
    import torch

    return isinstance(module, torch.nn.Linear) and ".layers." in name and not any(
        part in name for part in (".lora_", ".base_layer"))


def _placed(adapted: Sequence[str], wrong: Sequence[str], bare: Sequence[str]) -> Check:
    figures: dict[str, Any] = {"n": len(adapted), "n_wrong": len(wrong), "n_bare": len(bare)}
    if wrong:
        return refused("adapter_place", f"{len(wrong)} adapters are in layers that work on texts alone, such"
                       f" as {wrong[0]}: they would change how the model reads, not how it sounds.",
                       **figures)
    if bare:
        return refused("adapter_place", f"{len(bare)} layers that work on sounds have no adapter, such as"
                       f" {bare[0]}.", **figures)
    return passed("adapter_place", f"All {len(adapted)} adapters work on sounds; none is in a layer of"
                  " texts.", **figures)


def conditioning(family: Any, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
                 ) -> Check:
    """A reference that does not fit has to cost: a model that does not listen to it clones nobody."""
    right = np.mean(one_by_one(family, model, examples, prepared))
    wrong = np.mean(one_by_one(family, model, family.misheard(examples), prepared))
    gain = float(wrong - right)
    figures: dict[str, Any] = {"right": float(right), "shuffled": float(wrong), "gain": gain,
                               "n": len(examples)}
    said = (f"With references that do not fit a code costs {gain:+.3f} nats more than with the right ones"
            f" ({right:.3f}), on {len(examples)} clips")
    if gain < NOTICED * right:
        return warned("conditioning", f"{said}: the base hardly listens to its reference yet.", **figures)
    return passed("conditioning", f"{said}: the reference is heard.", **figures)
