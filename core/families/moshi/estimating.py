"""What a run is likely to take: sums of arithmetic and memory, from the config and the clips alone."""

from __future__ import annotations

import os
from collections.abc import Sequence

from core.families.base import Estimate, ttt
from core.families.base.estimating import on_processor
from core.families.moshi.folder import CODEC, Source
from core.families.moshi.options import MoshiOptions
from core.modelling import weights
from core.modelling.kyutai.stream import FRAME_RATE
from core.modelling.ttt.config import chosen, n_weights
from core.types import Row

FLOPS_PER_CORE = 30e9  # what one core was seen to do, forward and backward
STARTING = 15.0  # seconds: imports, loading
ENCODING = 0.6  # seconds of a core for a second of sound, of which there are two
PYTHON_GB = 0.6  # torch and transformers themselves
VALUES = 34
"""Values kept for the way back in a frame and layer, by a rule of thumb, as multiples of the width."""


def estimate(rows: Sequence[Row], source: Source, options: MoshiOptions) -> Estimate:
    """Seconds and GB on this machine's processor; a graphics processor is faster."""
    used = [row for row in rows if row.split in ("train", "val")]
    learned = [min(row.seconds, options.window_seconds) for row in used if row.split == "train"] or [1.0]
    mean = FRAME_RATE * sum(learned) / len(learned)
    whole = parameters(source)
    backward = 2 * whole + 2 * trained(source, options)
    step = (2 * whole + backward) * options.batch_size * options.accumulation * mean
    cores = os.cpu_count() or 1
    sound = ENCODING * sum(row.seconds for row in used) / cores
    seconds = STARTING + sound + options.steps * step / (FLOPS_PER_CORE * cores)
    kept = (2 if options.gradient_checkpointing else VALUES) * source.width * source.layers
    memory = 4.0 * whole + 16.0 * trained(source, options)
    memory += 4.0 * options.batch_size * FRAME_RATE * max(learned) * (kept + 3 * source.text)
    return on_processor(seconds, PYTHON_GB + memory / 1e9, options.steps, len(learned))


def parameters(source: Source) -> int:
    """Weights of the model without its codec."""
    return sum(_size(shape) for name, shape in weights.shapes(source.path).items()
               if not name.startswith(CODEC))


def trained(source: Source, options: MoshiOptions) -> int:
    """Weights that move."""
    shapes = weights.shapes(source.path)
    depth = sum(_size(shape) for name, shape in shapes.items() if name.startswith("depth_decoder."))
    if options.learns == "all":
        return parameters(source) + of_ttt(source, options)
    thin = sum(sum(shape) for name, shape in shapes.items() if name.startswith("decoder.model.layers.")
               and len(shape) == 2)
    return options.rank * thin + depth * options.train_depth + of_ttt(source, options)


def of_ttt(source: Source, options: MoshiOptions) -> int:
    """The weights of the TTT layers."""
    if (wanted := ttt.chosen(options)) is None:
        return 0
    config, which = wanted
    return len(chosen(source.layers, which)) * n_weights(source.width, config)


def _size(shape: tuple[int, ...]) -> int:
    n = 1
    for side in shape:
        n *= side
    return n
