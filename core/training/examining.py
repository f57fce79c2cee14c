"""What a preflight can only say with the model loaded: keys, weights, adapter, losses. A few passes over a
few clips, in a process of its own, since it loads torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import StudioError
from core.families.base import Example, Prepared, Trains
from core.families.base.options import LoopOptions
from core.families.base.speaking import LearnsToSpeak
from core.training import items, rng, speaking
from core.training.checks import Check, adapters, batching, machine, passed, refused, spoken, spoken_model
from core.training.guards import is_finite
from core.training.pairing import paired
from core.types import Row

if TYPE_CHECKING:
    import torch

CLIPS = 3
"""Of so many clips, the shortest to the longest, losses are taken."""
STEPS = 2
"""The first step moves only the second half of a fresh adapter, which begins at zero."""


def examine(
    family: Trains,
    rows: Sequence[Row],
    folder: Path,
    base: Path,
    options: LoopOptions,
    device: str = "auto",
    precision: str = "auto",
    sounds: Path | None = None,
) -> list[Check]:
    """Load `base` as a run would and check it on training clips of `rows`, which lie below `folder`.

    What a model that speaks would learn from them is written to `sounds`, a WAV a clip, to be heard.
    """
    from core.modelling import devices

    found = [machine.device(device, precision)]
    if found[0].outcome == "refused":
        return found
    learned = [row for row in rows if row.split == "train"]
    prepared = family.prepare(learned, base, options)
    rng.seed_all(options.seed)
    try:
        model = family.load(base, prepared, options)
    except StudioError as error:
        return [*found, refused("keys", str(error))]
    found.append(passed("keys", f"No weight of {base.name} is missing or left over."))
    found.append(_weights(model, base))
    found.append(adapters.landed(model))
    if not learned or any(check.outcome == "refused" for check in found):
        return found
    model.to(devices.choose(device, precision, training=True).device)
    try:
        examples = _some(family, items.learned(family, learned, options), folder, base, prepared, options)
    except StudioError as error:
        return [*found, refused("examples", str(error))]
    if isinstance(family, LearnsToSpeak):
        model.eval()
        found += spoken_model.checks(family, model, examples, prepared)
        if sounds and all(check.outcome != "refused" for check in found):
            found = _to_hear(family, examples, prepared, found, sounds)
        if any(check.outcome == "refused" for check in found):
            return found
    return [*found, *_losses(family, model, examples, base, prepared, options)]


def _weights(model: torch.nn.Module, base: Path) -> Check:
    """NaN in a base makes every output NaN, whatever is learned."""
    bad = [name for name, value in model.state_dict().items() if not is_finite({name: value})]
    if bad:
        return refused("weights", f"{len(bad)} parts of {base.name} hold weights that are no numbers, such as"
                       f" {bad[0]}; copy the model again from where it came from.", n=len(bad))
    return passed("weights", f"All weights of {base.name} are numbers.")


def _some(family: Trains, rows: Sequence[Row], folder: Path, base: Path, prepared: Prepared,
          options: LoopOptions) -> list[Example]:
    """Training clips from the shortest to the longest, encoded, with the references of the first epoch."""
    ranked = sorted(rows, key=lambda row: row.seconds)
    places = sorted({round(i * (len(ranked) - 1) / (CLIPS - 1)) for i in range(CLIPS)})

    def make(i: int) -> Example:
        return family.example(ranked[i], family.encode(ranked[i], folder, base), prepared)

    return [paired(family, ranked, i, make, options) for i in places]


def _to_hear(family: LearnsToSpeak, examples: Sequence[Example], prepared: Prepared, found: list[Check],
             sounds: Path) -> list[Check]:
    """The same checks; that of the labels names the clips whose labels lie in `sounds`, read back."""
    for example in examples:
        speaking.keep(speaking.sound_in(sounds, example.id), family.sound_of(example, prepared))
    ids = tuple(example.id for example in examples)
    return [replace(check, ids=ids) if check.name == spoken.LABELS else check for check in found]


def _losses(family: Trains, model: torch.nn.Module, examples: Sequence[Example], base: Path,
            prepared: Prepared, options: LoopOptions) -> list[Check]:
    model.eval()
    found = [batching.finite(family, model, examples, prepared)]
    if found[0].outcome == "refused":
        return found
    found.append(batching.accumulation(family, model, examples[-1], prepared))
    if family.batch_limit(base) == 1:
        found.append(passed("padding", "Clips go through this model one by one, because padding would change"
                            " its results."))
    else:
        found.append(batching.padding(family, model, examples, prepared))
    found.append(adapters.moved(model, _two_steps(family, model, examples[-1], prepared, options)))
    return found


def _two_steps(family: Trains, model: Any, example: Example, prepared: Prepared, options: LoopOptions
               ) -> Callable[[], None]:
    def learn() -> None:
        import torch

        at = next(model.parameters()).device
        optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=options.lr)
        batch = {n: v.to(at) if hasattr(v, "to") else v
                 for n, v in family.collate([example], prepared).items()}
        for _ in range(STEPS):
            loss: Any = sum(weight * value for value, weight in family.loss(model, batch).values())
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    return learn
