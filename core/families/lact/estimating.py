"""What a run is likely to take: sums of arithmetic and memory, from the measures and the clips alone."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import replace

from core.families.base import Estimate, Prepared
from core.families.base.estimating import on_processor
from core.families.lact.options import LactOptions
from core.families.lact.preparing import frames_of, network_of
from core.modelling.lact.asr_config import AsrConfig
from core.types import Row

FLOPS_PER_CORE = 15e9  # what one core was seen to do at the tiny size, forward and backward
STARTING = 10.0  # seconds: imports, encoding
PYTHON_GB = 0.5  # torch itself
PASSES = 6  # operations a weight and frame: forward, backward, and the gradients of the weights
KEPT = 40  # numbers that are kept for the way back, by the width of a layer and by frame


def estimate(rows: Sequence[Row], prepared: Prepared, options: LactOptions) -> Estimate:
    """Seconds and GB on this machine's processor, and how often the fast weights learn in a clip."""
    config = network_of(prepared)
    train = [r.seconds for r in rows if r.split == "train" and r.seconds <= options.longest] or [1.0]
    val = [frames_of(r.seconds) for r in rows if r.split == "val"]
    n, frames = n_weights(config), frames_of(statistics.fmean(train))
    a_step = PASSES * n * frames * options.batch_size * options.accumulation
    looks = 2 * n * sum(val) / options.eval_every
    seconds = STARTING + options.steps * (a_step + looks) / (FLOPS_PER_CORE * (os.cpu_count() or 1))
    layers = config.layers
    longest = frames_of(max(train)) * options.batch_size
    activations = 4 * KEPT * layers.num_hidden_layers * layers.hidden_size * longest
    made = on_processor(seconds, PYTHON_GB + (16 * n + activations) / 1e9, options.steps, len(train))
    return replace(made, sentence=f"{made.sentence} {learning(train, config)}")


def learning(seconds: Sequence[float], config: AsrConfig) -> str:
    """How often the fast weights learn in clips of these lengths, as a sentence."""
    if config.layers.frozen:
        return "The fast weights are frozen and never learn."
    updates = [config.layers.updates(frames_of(each)) for each in seconds]
    return (f"In a clip the fast weights learn {statistics.fmean(updates):.1f} times on average"
            f" ({min(updates)} to {max(updates)}); {sum(n == 0 for n in updates)} of {len(updates)} clips are"
            " too short for it.")


def n_weights(config: AsrConfig) -> int:
    """Trainable numbers, but for norms and biases."""
    layers, width = config.layers, config.layers.hidden_size
    fast = 3 * layers.num_lact_heads * (width // layers.num_lact_heads) * layers.inner
    rates = 4 * layers.num_lact_heads * width
    block = 12 * width**2 + fast + rates
    front = 3 * width * (config.bins + (config.convs - 1) * width)
    return layers.num_hidden_layers * block + front + width * config.vocabulary
