"""What a run is likely to take: sums of arithmetic and memory, from the config and the clips alone."""

from __future__ import annotations

import os
from collections.abc import Sequence

from core.families.base import Estimate, ttt
from core.families.base.estimating import on_processor
from core.families.kyutai import frames
from core.families.kyutai.frames import FRONT
from core.families.kyutai.layouts import Source
from core.families.kyutai.options import KyutaiOptions
from core.modelling.kyutai.stream import FRAME_RATE
from core.modelling.ttt.config import chosen, n_weights
from core.types import Row

FLOPS_PER_CORE = 30e9  # what one core was seen to do, forward and backward
STARTING = 15.0  # seconds: imports, loading
ENCODING = 0.3  # seconds of a core for a second of sound
PYTHON_GB = 0.6  # torch and transformers themselves
VALUES = 34
"""Values kept for the way back in a frame and layer, by a rule of thumb, as multiples of the width."""


def estimate(rows: Sequence[Row], source: Source, options: KyutaiOptions) -> Estimate:
    """Seconds and GB on this machine's processor; a graphics processor is faster."""
    used = {part: [row for row in rows if row.split == part] for part in ("train", "val")}
    around = FRONT + frames.tail(source)
    most = around + FRAME_RATE * options.window_seconds
    lengths = [min(most, around + FRAME_RATE * row.seconds) for row in used["train"]] or [float(around)]
    mean = sum(lengths) / len(lengths)
    looked = sum(around + FRAME_RATE * row.seconds for row in used["val"])
    held = 2 if options.hold_heads else 1
    frame = 2 * linear(source)
    step = frame * options.batch_size * options.accumulation * mean * (2 + held)
    work = options.steps * (step + 2 * frame * looked / options.eval_every)
    cores = os.cpu_count() or 1
    sound = ENCODING * sum(row.seconds for row in [*used["train"], *used["val"]]) / cores
    seconds = STARTING + sound + work / (FLOPS_PER_CORE * cores)
    memory = PYTHON_GB + (
        4 * parameters(source) + 16 * trained(source, options) + _kept(source, options, max(lengths))
    ) / 1e9
    return on_processor(seconds, memory, options.steps, len(used["train"]))


def linear(source: Source) -> int:
    """Weights that every frame is multiplied with."""
    shape = source.shape
    layer = 4 * shape.width**2 + 3 * shape.width * shape.inner
    return shape.layers * layer + shape.width * (shape.text + 1)


def parameters(source: Source) -> int:
    """All weights of the model without its codec."""
    return linear(source) + source.shape.width * source.shape.rows


def trained(source: Source, options: KyutaiOptions) -> int:
    """Weights that move: two thin matrices for each layer with an adapter, and what is trained whole."""
    shape = source.shape
    layer = 4 * 2 * shape.width + (shape.width + 2 * shape.inner) + (shape.inner + shape.width)
    whole = (shape.width * (shape.text + 1) * options.train_lm_head
             + shape.width * shape.rows * options.train_embeddings)
    return options.rank * shape.layers * layer + whole + _of_ttt(source, options)


def _of_ttt(source: Source, options: KyutaiOptions) -> int:
    """The weights of the TTT layers."""
    if (wanted := ttt.chosen(options)) is None:
        return 0
    config, which = wanted
    return len(chosen(source.shape.layers, which)) * n_weights(source.shape.width, config)


def _kept(source: Source, options: KyutaiOptions, longest: float) -> float:
    """Bytes kept for the way back; layers that are computed twice keep one value a unit."""
    shape = source.shape
    values = shape.layers * (2 if options.gradient_checkpointing else VALUES) * shape.width
    return 4.0 * options.batch_size * longest * (values + 3 * (shape.text + 1))
