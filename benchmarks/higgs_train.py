"""How fast a Higgs-Audio v2 of the released size learns, and in how much memory: its architecture with random
weights and random codes, the pairs, the loss and the optimizer of our own training.

    python benchmarks/higgs_train.py [--steps 50] [--batch 2] [--seconds 8] [--rank 16] [--device cuda:0]
        [--weights bf16|fp32] [--tables] [--no-checkpointing] [--json]
    python benchmarks/higgs_train.py --shapes       the released size without its weights: what is trained
    python benchmarks/higgs_train.py --small        a cut-down model on the processor

A pair is a reference and a target of `--seconds` each. Community trainers promise 16 GB and were seen to take
43; released weights are 11.6 GB in bf16.
"""
from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.families.base import Prepared
from core.families.higgs.labels import Take
from core.modelling.higgs import tiny
from core.modelling.higgs.generating import FRAME_RATE

SMALL: dict[str, int] = {"hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 4, "head_dim": 64,
                         "num_attention_heads": 4, "num_key_value_heads": 2}
WARM = 2
"""Steps that do not count: the first ones allocate."""
WORDS = "the quick brown fox jumps over the lazy dog and runs away"
LR = 1e-4


@dataclass(frozen=True)
class Given:
    """What is measured."""

    small: bool
    steps: int
    batch: int
    seconds: float
    rank: int
    device: str
    weights: str
    tables: bool
    checkpointing: bool


def empty(small: bool = False) -> Any:
    """The network without weights, on the meta device: of the released size, or cut down."""
    import torch
    from transformers import HiggsAudioV2Config, HiggsAudioV2ForConditionalGeneration

    config = HiggsAudioV2Config(codebook_size=tiny.ROWS, **(SMALL if small else {}))
    with torch.device("meta"):
        return HiggsAudioV2ForConditionalGeneration(config)


def adapted(model: Any, rank: int, tables: bool) -> Any:
    """`model` with the adapters of our training."""
    from core.families.higgs.network import TABLES, targets_in
    from core.modelling import lora

    return lora.attach(model, targets_in(model), rank, 2 * rank, 0.0, list(TABLES) if tables else [])


def shapes(rank: int = 16) -> dict[str, int]:
    """How many weights the released size has, and how many of them are trained, by preset; nothing is held in
    memory."""
    voice, language = adapted(empty(), rank, False), adapted(empty(), 2 * rank, True)
    return {
        "n_parameters": sum(p.numel() for p in empty().parameters()),
        "n_adapters": sum(hasattr(module, "lora_A") for module in voice.modules()),
        f"voice_r{rank}": sum(p.numel() for p in voice.parameters() if p.requires_grad),
        f"language_r{2 * rank}": sum(p.numel() for p in language.parameters() if p.requires_grad),
    }


def model_of(given: Given) -> Any:
    """The network with random weights on the device, as our training holds it."""
    import torch

    kind = torch.bfloat16 if given.weights == "bf16" else torch.float32
    model = empty(given.small)
    for module in model.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            made = torch.empty(parameter.shape, dtype=kind, device=given.device)
            made = made.fill_(1.0) if made.ndim == 1 else made.normal_(0, 0.02)
            setattr(module, name, torch.nn.Parameter(made))
    _fill_buffers(model, given.device)
    model = adapted(model, given.rank, given.tables).to(given.device)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    if given.weights == "bf16":
        from core.families.higgs.network import halve

        halve(model)
    if given.checkpointing:
        from core.training import layers

        layers.recompute(model, "Higgs-Audio v2")
    return model.train()


def _fill_buffers(model: Any, device: str) -> None:
    """What is computed from the config, and was not on the meta device."""
    import torch

    inner = model.model
    inner.rotary_emb = type(inner.rotary_emb)(model.config).to(device)
    inner.embed_audio_tokens.audio_tokens_offsets = (
        torch.arange(model.config.num_codebooks, device=device) * model.config.codebook_size)


def batch_of(given: Given, prepared: Prepared, seed: int) -> dict[str, Any]:
    """A batch of pairs of random codes as our training collates them, on the device."""
    from core.families.higgs import labels
    from core.families.higgs.network import collate

    rng, frames = np.random.default_rng(seed), round(given.seconds * FRAME_RATE)

    def take(name: str, reference: Take | None = None) -> Take:
        codes = rng.integers(0, tiny.CODES, (frames, tiny.CODEBOOKS))
        return Take(name, codes, labels.of_text(WORDS, prepared), WORDS, given.seconds, reference)

    pairs = [take(f"target{n}", take(f"reference{n}")) for n in range(given.batch)]
    return {name: value.to(given.device) for name, value in collate(pairs, prepared).items()}


def prepared_in(folder: Path, config: Any) -> Prepared:
    """What a run knows of its folder: the marks of a tokenizer of bytes, as the model's own is not here."""
    ids = tiny.write_tokenizer(folder)
    config.audio_token_id, config.audio_delay_token_id = ids[tiny.tokens.AUDIO], ids[tiny.tokens.DELAY]
    return Prepared({}, "", {"folder": str(folder), "codebooks": tiny.CODEBOOKS, "rows": tiny.ROWS,
                             "begin": tiny.CODES, "end": tiny.CODES + 1, "pad": ids[tiny.tokens.PAD],
                             "sound": [config.audio_token_id, config.audio_delay_token_id]})


def one_step(model: Any, optimizer: Any, batch: dict[str, Any]) -> float:
    """A step of training as the loop takes it; its loss."""
    import torch

    from core.families.higgs.network import count, loss

    counts = count(batch)
    total: Any = sum(value / counts[name] for name, (value, _) in loss(model, batch).items())
    total.backward()
    torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(total.detach())


def measure(given: Given) -> dict[str, Any]:
    """Steps a second, peak memory, and the first and last losses."""
    import torch

    torch.manual_seed(1)
    model = model_of(given)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=LR)
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepared_in(Path(folder), model.get_base_model().config)
        batches = [batch_of(given, prepared, seed) for seed in range(4)]
    is_cuda = given.device.startswith("cuda")
    if is_cuda:
        torch.cuda.reset_peak_memory_stats(given.device)
    seconds, losses = [], []
    for step in range(WARM + given.steps):
        began = time.perf_counter()
        losses.append(one_step(model, optimizer, batches[step % len(batches)]))  # waits for it
        seconds.append(time.perf_counter() - began)
    counted = seconds[WARM:]
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9
    return {
        "n_parameters": sum(p.numel() for p in model.parameters()),
        "n_trained": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "places": batches[0]["input_ids"].numel(), "steps_per_second": len(counted) / sum(counted),
        "step_ms": 1000 * statistics.median(counted),
        "audio_per_second": given.batch * given.seconds * len(counted) / sum(counted),
        "peak_gb": torch.cuda.max_memory_allocated(given.device) / 1e9 if is_cuda else rss,
        "first_loss": losses[0], "last_loss": losses[-1],
    }


def lines(given: Given, found: dict[str, Any]) -> Iterator[str]:
    """The figures for a person."""
    yield (f"{found['n_parameters']:,} weights, {found['n_trained']:,} trained (rank {given.rank}"
           f"{', tables whole' if given.tables else ''}), frozen ones in {given.weights}")
    yield (f"batch {given.batch} pairs of 2 x {given.seconds:g} s = {found['places']:,} places:"
           f" {found['steps_per_second']:.2f} steps/s ({found['step_ms']:.0f} ms),"
           f" {found['audio_per_second']:.1f} s of target sound a second")
    yield (f"peak memory {found['peak_gb']:.2f} GB; loss {found['first_loss']:.2f} ->"
           f" {found['last_loss']:.2f}")


def main() -> None:
    """Measure, and print the figures."""
    import torch

    usual = "cuda:0" if torch.cuda.is_available() else "cpu"
    plain = argparse.RawDescriptionHelpFormatter
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    reader.add_argument("--small", action="store_true")
    reader.add_argument("--shapes", action="store_true")
    reader.add_argument("--steps", type=int)
    reader.add_argument("--batch", type=int, default=2)
    reader.add_argument("--seconds", type=float)
    reader.add_argument("--rank", type=int, default=16)
    reader.add_argument("--device", default=usual)
    reader.add_argument("--weights", choices=("fp32", "bf16"), help="What the frozen weights are kept in.")
    reader.add_argument("--tables", action="store_true", help="Train the tables of sound whole.")
    reader.add_argument("--no-checkpointing", action="store_true")
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    if asked.shapes:
        told = shapes(asked.rank)
        print(json.dumps(told) if asked.json else "\n".join(f"{name}: {n:,}" for name, n in told.items()))
        return
    small = asked.small
    given = Given(
        small, asked.steps or (4 if small else 50), asked.batch, asked.seconds or (2.0 if small else 8.0),
        asked.rank, "cpu" if small else asked.device, asked.weights or ("fp32" if small else "bf16"),
        asked.tables, not asked.no_checkpointing)
    found = measure(given)
    print(json.dumps(found) if asked.json else "\n".join(lines(given, found)))


if __name__ == "__main__":
    main()
