"""What a run is likely to take: sums of arithmetic and memory, from the config and the clips alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from core.families.base import Estimate
from core.families.base.estimating import on_processor
from core.families.base.phases import Phase
from core.families.ctc import letters
from core.families.ctc.folder import Folder
from core.families.ctc.options import CtcOptions, phases_of
from core.modelling.weights import n_parameters
from core.types import Row

FLOPS_PER_CORE = 30e9  # what one core was seen to do, forward and backward (46e9 when nothing else ran)
STARTING = 12.0  # seconds: imports, loading, encoding
PYTHON_GB = 0.6  # torch and transformers themselves


def estimate(rows: Sequence[Row], folder: Folder, options: CtcOptions) -> Estimate:
    """Seconds and GB on this machine's processor; a graphics processor is faster."""
    n_clips = sum(r.split == "train" for r in rows)
    train = [r.seconds for r in rows if r.split == "train"] or [1.0]
    val = [r.seconds for r in rows if r.split == "val"]
    n = n_parameters(folder.path)
    mean, longest = sum(train) / len(train), max(train)
    frames = options.batch_size * options.accumulation * mean / folder.seconds_per_frame()
    phases = phases_of(options, -(-len(train) // (options.batch_size * options.accumulation)))
    steps = sum(phase.steps for phase in phases)
    look = 2 * n * sum(val) / folder.seconds_per_frame() / options.eval_every
    work = sum(phase.steps * (_passes(phase) * n * frames + look) for phase in phases)
    seconds = STARTING + work / (FLOPS_PER_CORE * (os.cpu_count() or 1))
    trained = _trained(rows, folder, options)
    memory = (
        PYTHON_GB
        + (4 * n + 16 * trained + _activations(folder, options.batch_size * longest)) / 1e9
    )
    made = on_processor(seconds, memory, steps, n_clips)
    if options.tune != "language":
        return made
    return replace(made, sentence=f"{made.sentence} {_share(trained, n)}")


def _passes(phase: Phase) -> int:
    """Operations a weight and frame: forward, backward through the layers, and their own gradients; an
    output layer alone needs no way back."""
    return 2 if phase.moves == ("lm_head",) else 6


def _share(trained: int, n: int) -> str:
    return f"Trained are {_millions(trained)} of {_millions(n)} million weights ({100 * trained / n:.2g} %)."


def _millions(n: int) -> str:
    return f"{n / 1e6:.0f}" if n >= 1e8 else f"{n / 1e6:.3g}"


def _trained(rows: Sequence[Row], folder: Folder, options: CtcOptions) -> int:
    """Trainable numbers: of a language its adapter and the output layer; else two thin matrices for each of
    about six layers a block, and the output layer."""
    if options.tune == "language":
        found = letters.counts([row for row in rows if row.split == "train"], folder)
        return _of_adapters(folder, len(letters.vocabulary(found, folder, options.language)))
    width, inner = int(folder.config.get("hidden_size", 768)), int(
        folder.config.get("intermediate_size", 3072)
    )
    blocks, feed = int(folder.config.get("num_hidden_layers", 12)), (
        2 if folder.model_type == "wav2vec2-bert" else 1
    )
    return blocks * options.rank * (4 * 2 * width + feed * 2 * (width + inner)) + width * len(
        folder.vocabulary
    )


def _of_adapters(folder: Folder, n_tokens: int) -> int:
    """Numbers in the adapters (a norm and two matrices a block) and in the output layer."""
    width, narrow = int(folder.config.get("hidden_size", 768)), int(folder.config["adapter_attn_dim"])
    blocks = int(folder.config.get("num_hidden_layers", 12))
    a_block = 2 * width + width * narrow + narrow + narrow * width + width
    return blocks * a_block + (width + 1) * n_tokens


def _activations(folder: Folder, seconds: float) -> float:
    """Bytes kept for the backward pass of `seconds` of audio, by a rule of thumb of 40
    values a unit of width."""
    width, inner = int(folder.config.get("hidden_size", 768)), int(
        folder.config.get("intermediate_size", 3072)
    )
    return (
        4
        * int(folder.config.get("num_hidden_layers", 12))
        * (30 * width + 6 * inner)
        * seconds
        / folder.seconds_per_frame()
    )
