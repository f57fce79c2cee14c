"""What TTT layers cost and what they bring: LoRA alone against LoRA with TTT layers, in the same run.

    python benchmarks/ttt.py [--steps 400] [--seed 1] [--sizes] [--json]

Cost: processor time of a training step and of a streamed frame, by turns, as ratios to LoRA alone, on a
cut-down Kyutai STT. Gain (left out with --steps 0): a tiny one, of which all learns, hears streams that
repeat themselves after 24 frames and sees 8 of them; a layer that learns while it hears can know what comes.
Told is the loss where each stream repeats itself, of which guessing has ln 16 = 2.77. It says nothing about
speech: there the published comparison is 0.656 for LoRA alone and 0.654 with TTT layers. With --sizes nothing
is measured: the weights of Moshi 7B and of its TTT layers are counted, without one of them in memory.
"""
from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.modelling.kyutai.shape import Shape

SMALL = Shape(width=256, layers=4, heads=4, inner=704, text=800, audio=256, codebooks=8, context=750,
              theta=100_000.0)
TINY = replace(SMALL, width=64, layers=2, inner=176, text=64, audio=16, codebooks=1, context=5)
WHICH = ("none", "middle", "all")
PERIOD, FRAMES, BATCH, FIRST = 24, 72, 16, 4
EAGER = {"gate": 1.0, "mini_batch": 8, "base_lr": 4.0}
"""Settings with which a tiny model finds out within a few hundred steps what the layers are for."""
TURNS = 7


@dataclass(frozen=True)
class Figures:
    """Of one choice of layers: weights that learn, seconds, and the loss on new streams."""

    n_trained: int
    step: float
    frame: float
    loss: float | None


def model_of(shape: Shape, which: str, seed: int, **config: Any) -> Any:
    """A random network with an adapter, its output layer whole, and TTT layers of that `config`."""
    import torch

    from core.families.kyutai.network import TARGETS
    from core.modelling import lora
    from core.modelling.kyutai import building
    from core.modelling.ttt import adapter
    from core.modelling.ttt.config import TttConfig, chosen

    torch.manual_seed(seed)
    model = building.empty(shape, {"model_type": "mimi"})
    for module in model.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            made = torch.ones(parameter.shape)
            if made.ndim > 1:
                made.normal_(0, made.shape[-1] ** -0.5)
            setattr(module, name, torch.nn.Parameter(made))
    if which != "none":
        places = chosen(shape.layers, which)  # type: ignore[arg-type]
        adapter.attach(model.model.layers, shape.width, TttConfig(**config), places)
    targets = [name for name, _ in model.named_modules() if TARGETS.fullmatch(name)]
    adapted = lora.attach(model, targets, 16, 32.0, 0.0, ["lm_head"])
    adapter.learn(adapted)
    return adapted


def moshi_sizes() -> dict[str, int]:
    """Weights of Moshi 7B (the defaults of its class) but for its codec, and of TTT layers in the middle half
    of its decoder and in all of it; nothing is allocated."""
    import torch
    import transformers

    from core.modelling.ttt import adapter
    from core.modelling.ttt.config import TttConfig, chosen

    config = transformers.MoshiConfig(audio_encoder_config={"model_type": "mimi"}, depth_decoder_config={})
    found: dict[str, int] = {}
    with torch.device("meta"):
        for which in ("middle", "all"):
            model = transformers.MoshiForConditionalGeneration(config)
            codec = sum(p.numel() for p in model.audio_encoder.parameters())
            found["Moshi 7B"] = sum(p.numel() for p in model.parameters()) - codec
            places = chosen(config.num_hidden_layers, which)  # type: ignore[arg-type]
            made = adapter.attach(model.decoder.model.layers, config.hidden_size, TttConfig(), places)
            found[which] = sum(p.numel() for layer in made for p in layer.parameters())
    return found


def streams(shape: Shape, n: int, frames: int, draw: Any) -> tuple[Any, Any]:
    """Inputs (n, frames, 1 + codebooks) and the token of each place: the code that is heard there. Each
    stream repeats one of its own."""
    import torch

    once = torch.randint(0, shape.audio, (n, PERIOD, shape.codebooks), generator=draw)
    codes = once.repeat(1, frames // PERIOD + 1, 1)[:, :frames]
    inputs = torch.full((n, frames, 1 + shape.codebooks), shape.audio)
    inputs[:, 0, 0] = shape.text
    inputs[:, 1:, 0], inputs[:, 1:, 1:] = 3, codes[:, :-1]
    return inputs, codes[..., 0] + FIRST


def loss_of(model: Any, inputs: Any, wanted: Any, first: int) -> Any:
    """The mean cross entropy (nats) from place `first` on."""
    import torch

    from core.families.kyutai.network import logits_of

    scores = logits_of(model, inputs)[:, first:]
    return torch.nn.functional.cross_entropy(scores.flatten(0, 1), wanted[:, first:].flatten())


def learned(which: str, steps: int, seed: int) -> float | None:
    """The loss on new streams after so many steps of all weights; None without any."""
    import torch

    if not steps:
        return None
    model, draw = model_of(TINY, which, seed, **EAGER), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.requires_grad_(True).parameters(), lr=2e-3)
    for _ in range(steps):
        loss = loss_of(model, *streams(TINY, BATCH, FRAMES, draw), FRAMES // 2)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    with torch.no_grad():
        return float(loss_of(model.eval(), *streams(TINY, 4 * BATCH, FRAMES, draw), FRAMES // 2))


def step_of(model: Any) -> Callable[[], None]:
    """A training step on four streams of 10 s."""
    import torch

    inputs, wanted = streams(SMALL, 4, 125, torch.Generator().manual_seed(1))

    def step() -> None:
        loss_of(model, inputs, wanted, 0).backward()

    return step


def frame_of(model: Any) -> Callable[[], None]:
    """Twenty frames of one stream."""
    import torch

    from core.modelling.kyutai.stepping import Writer

    writer = Writer(model.get_base_model(), 1)

    def frames() -> None:
        for _ in range(20):
            writer.step()
            writer.hear(torch.zeros((1, SMALL.codebooks), dtype=torch.long))

    return frames


def by_turns(works: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Median processor seconds of each work, one after the other in each turn; the first turn does not count.
    """
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(TURNS):
        for name, work in works.items():
            began = time.process_time()
            work()
            taken[name].append(time.process_time() - began)
    return {name: statistics.median(values[1:]) for name, values in taken.items()}


def main() -> None:
    import torch

    kind = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=kind)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.sizes:
        sizes = moshi_sizes()
        print(json.dumps(sizes, indent=2) if given.json else
              "\n".join(f"{name:10} {n / 1e9:6.2f} billion weights" for name, n in sizes.items()))
        return
    torch.set_num_threads(1)
    models = {which: model_of(SMALL, which, given.seed) for which in WHICH}
    steps = by_turns({which: step_of(model.train()) for which, model in models.items()})
    frames = by_turns({which: frame_of(model.eval()) for which, model in models.items()})
    gains = {which: learned(which, given.steps, given.seed) for which in ("none", "all")}
    found = {which: Figures(sum(p.numel() for p in model.parameters() if p.requires_grad), steps[which],
                            frames[which] / 20, gains.get(which))
             for which, model in models.items()}
    if given.json:
        print(json.dumps({which: vars(figures) for which, figures in found.items()}, indent=2))
        return
    usual = found["none"]
    for which, one in found.items():
        told = "" if one.loss is None else f"   loss beyond what is seen {one.loss:.3f}"
        print(f"TTT {which:6} {one.n_trained / 1e6:5.2f} M weights learn   step {one.step / usual.step:.2f} x"
              f"   streamed frame {one.frame / usual.frame:.2f} x{told}")


if __name__ == "__main__":
    main()
