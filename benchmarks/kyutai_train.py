"""How fast a Kyutai STT of the published size learns, and in how much memory: its architecture with random
weights and random codes, the batches, the loss and the optimizer of our own training.

    python benchmarks/kyutai_train.py [--steps 500] [--batch 8] [--seconds 30] [--rank 128] [--device cuda:0]
        [--weights fp32|bf16] [--embeddings] [--hold-heads W] [--checkpointing] [--json]
    python benchmarks/kyutai_train.py --small        a cut-down model on the processor, operations counted

A token is a frame: the published figures are about 18,000 tokens/s and 6.6 GB at batch 8 of 4 to 10 s, rank
128 and the embeddings whole, on a Blackwell card.
"""
from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.families.base import Example, Prepared
from core.modelling.kyutai.shape import EPAD, HEADS, PAD, PAUSES, Shape

PUBLISHED = Shape(width=2048, layers=16, heads=16, inner=5632, text=8000, audio=2048, codebooks=32,
                  context=750, theta=100_000.0)
SMALL = replace(PUBLISHED, width=256, layers=4, heads=4, inner=704, text=800, audio=256, codebooks=8)
RATE = 12.5
WARM = 3
"""Steps that do not count: the first ones allocate."""
SPOKEN = 0.3
"""Share of frames that carry a piece, as in dictation."""


@dataclass(frozen=True)
class Given:
    """What is measured."""

    shape: Shape
    steps: int
    batch: int
    seconds: float
    rank: int
    device: str
    weights: str
    embeddings: bool
    hold_heads: float
    checkpointing: bool


def model_of(given: Given) -> Any:
    """The network with random weights on the device, adapters in it."""
    import torch

    from core.families.kyutai.network import TABLES, TARGETS, with_heads
    from core.modelling import lora
    from core.modelling.kyutai import building

    kind = building.torch_type(given.weights)
    model = building.empty(given.shape, {"model_type": "mimi"})
    for module in model.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            made = torch.empty(parameter.shape, dtype=kind, device=given.device)
            made = made.fill_(1.0) if made.ndim == 1 else made.normal_(0, 0.02)
            setattr(module, name, torch.nn.Parameter(made))
    heads = torch.randn(HEADS, PAUSES, given.shape.width) * 0.02
    model = with_heads(model.to(given.device), heads.to(given.device))
    targets = [name for name, _ in model.named_modules() if TARGETS.fullmatch(name)]
    whole = [TABLES] if given.embeddings else []
    model = lora.attach(model, targets, given.rank, 2 * given.rank, 0.0, whole).to(given.device)
    if given.checkpointing:
        from core.training import layers

        layers.recompute(model, "Kyutai STT")
    for parameter in model.parameters():
        if parameter.requires_grad:  # what moves is moved in fp32, whatever the rest is kept in
            parameter.data = parameter.data.float()
    return model.train()


def batch_of(given: Given, seed: int) -> dict[str, Any]:
    """A batch of random codes and text as our training collates it, on the device."""
    from core.families.kyutai.network import collate

    rng, shape, frames = np.random.default_rng(seed), given.shape, round(given.seconds * RATE)
    prepared = Prepared({}, "", {"text_card": shape.text, "audio_card": shape.audio,
                                 "nothing": shape.rows - 1, "padding_weight": 0.5,
                                 "hold_heads": given.hold_heads})
    examples = []
    for number in range(given.batch):
        codes = rng.integers(0, shape.audio, (frames, shape.codebooks)).astype(np.uint16)
        text = np.where(rng.random(frames) < SPOKEN, rng.integers(4, shape.text, frames),
                        rng.choice([PAD, EPAD], frames, p=[0.8, 0.2]))
        examples.append(Example(str(number), codes, tuple(map(int, text)), ""))
    return {name: value.to(given.device) for name, value in collate(examples, prepared).items()}


def halved(given: Given) -> Any:
    """bf16 where the loop would use it, or where the weights are bf16."""
    import torch

    kind = given.device.split(":")[0]
    return torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda" or given.weights == "bf16")


def one_step(model: Any, optimizer: Any, batch: dict[str, Any], given: Given) -> float:
    """A step of training as the loop takes it; its loss."""
    import torch

    from core.families.kyutai.network import count, loss

    with halved(given):
        terms = loss(model, batch)
    counts = count(batch)
    total: Any = sum(weight * value / max(1.0, counts[name]) for name, (value, weight) in terms.items())
    total.backward()
    torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(total.detach())


def measure(given: Given) -> dict[str, Any]:
    """Tokens a second, peak memory, time, and the first and last losses."""
    import torch

    torch.manual_seed(1)
    model = model_of(given)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-5,
                                  betas=(0.9, 0.95), weight_decay=0.1)
    batches = [batch_of(given, seed) for seed in range(4)]
    is_cuda = given.device.startswith("cuda")
    if is_cuda:
        torch.cuda.reset_peak_memory_stats(given.device)
    seconds, losses = [], []
    for step in range(WARM + given.steps):
        began = time.perf_counter()
        losses.append(one_step(model, optimizer, batches[step % len(batches)], given))  # waits for it
        seconds.append(time.perf_counter() - began)
        if step % 50 == 0:
            print(f"  step {step}: {seconds[-1]:.3f} s, loss {losses[-1]:.3f}", file=sys.stderr)
    counted = seconds[WARM:]
    tokens = given.batch * round(given.seconds * RATE)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9
    return {
        "n_parameters": sum(p.numel() for p in model.parameters()),
        "n_trained": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "tokens_per_step": tokens, "tokens_per_second": tokens * len(counted) / sum(counted),
        "step_ms": 1000 * statistics.median(counted), "seconds": sum(seconds),
        "peak_gb": torch.cuda.max_memory_allocated(given.device) / 1e9 if is_cuda else rss,
        "first_loss": losses[0], "last_loss": losses[-1],
        "operations": operations(model, batches[0], given),
    }


def operations(model: Any, batch: dict[str, Any], given: Given) -> int:
    """Floating point operations of a forward and backward pass, counted by PyTorch."""
    from torch.utils.flop_counter import FlopCounterMode

    from core.families.kyutai.network import loss

    with FlopCounterMode(display=False) as counter, halved(given):
        sum(value for value, _ in loss(model, batch).values()).backward()  # type: ignore[union-attr]
    return int(counter.get_total_flops())


def lines(given: Given, found: dict[str, Any]) -> Iterator[str]:
    """The figures for a person."""
    yield (f"{found['n_parameters']:,} weights, {found['n_trained']:,} trained (rank {given.rank}"
           f"{', embeddings whole' if given.embeddings else ''}), frozen ones in {given.weights}")
    yield (f"batch {given.batch} x {given.seconds:g} s = {found['tokens_per_step']:,} tokens:"
           f" {found['tokens_per_second']:,.0f} tokens/s, {found['step_ms']:.0f} ms a step,"
           f" {given.steps} steps in {found['seconds']:.0f} s")
    rate = found["operations"] / (found["step_ms"] / 1000)
    yield (f"peak memory {found['peak_gb']:.2f} GB; {found['operations'] / 1e12:.3f} tera-operations a step,"
           f" {rate / 1e12:.3f} a second")
    yield f"loss {found['first_loss']:.3f} -> {found['last_loss']:.3f}"


def main() -> None:
    """Measure, and print the figures."""
    import torch

    usual = "cuda:0" if torch.cuda.is_available() else "cpu"
    plain = argparse.RawDescriptionHelpFormatter
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    reader.add_argument("--small", action="store_true")
    reader.add_argument("--steps", type=int)
    reader.add_argument("--batch", type=int)
    reader.add_argument("--seconds", type=float)
    reader.add_argument("--rank", type=int)
    reader.add_argument("--device", default=usual)
    reader.add_argument("--weights", choices=("fp32", "bf16"), help="What the frozen weights are kept in.")
    reader.add_argument("--embeddings", action="store_true", help="Train the input tables whole.")
    reader.add_argument("--hold-heads", type=float, default=0.0)
    reader.add_argument("--checkpointing", action="store_true")
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    small = asked.small
    given = Given(
        SMALL if small else PUBLISHED,
        asked.steps or (6 if small else 500), asked.batch or (2 if small else 8),
        asked.seconds or (8.0 if small else 30.0), asked.rank or (16 if small else 128),
        "cpu" if small else asked.device,
        asked.weights or ("bf16" if asked.device.startswith("cuda") and not small else "fp32"),
        asked.embeddings, asked.hold_heads, asked.checkpointing)
    found = measure(given)
    print(json.dumps(found) if asked.json else "\n".join(lines(given, found)))


if __name__ == "__main__":
    main()
