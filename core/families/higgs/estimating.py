"""What a run is likely to take: sums of arithmetic and memory, from the config and the clips alone."""

from __future__ import annotations

import os
from collections.abc import Sequence

from core.families.base import Estimate
from core.families.base.estimating import on_processor
from core.families.higgs.folder import Folder
from core.families.higgs.options import HiggsOptions
from core.modelling.higgs.generating import FRAME_RATE
from core.types import Row

FLOPS_PER_CORE = 30e9  # what one core was seen to do, forward and backward
STARTING = 20.0  # seconds: imports, loading
ENCODING = 0.3  # seconds of a core for a second of sound
PYTHON_GB = 0.8  # torch and transformers themselves
VALUES = 34
"""Values kept for the way back at a place and layer, by a rule of thumb, as multiples of the width."""
TEXT_PLACES = 60
"""Marks and words of both turns."""


def estimate(rows: Sequence[Row], source: Folder, options: HiggsOptions) -> Estimate:
    """Seconds and GB on this machine's processor; a graphics processor is faster."""
    used = {part: [row for row in rows if row.split == part] for part in ("train", "val")}
    places = [2 * FRAME_RATE * min(row.seconds, options.most_target) + TEXT_PLACES for row in used["train"]]
    mean = sum(places) / len(places) if places else float(TEXT_PLACES)
    per_place = 2 * (linear(source))
    step = per_place * options.batch_size * options.accumulation * mean * (4 if _twice(options) else 3)
    looked = per_place * sum(2 * FRAME_RATE * row.seconds + TEXT_PLACES for row in used["val"])
    steps = options.steps + (options.table_steps if options.train_tables else 0)
    cores = os.cpu_count() or 1
    sound = ENCODING * sum(row.seconds for row in [*used["train"], *used["val"]]) / cores
    seconds = STARTING + sound + steps * (step + looked / options.eval_every) / (FLOPS_PER_CORE * cores)
    return on_processor(seconds, memory_gb(source, options, max(places, default=float(TEXT_PLACES))), steps,
                        len(used["train"]))


def memory_gb(source: Folder, options: HiggsOptions, longest: float) -> float:
    """The most memory at once: while the base is loaded in fp32, or while a step of `longest` places runs."""
    held = (2 if options.half_base else 4) * parameters(source)
    running = held + 16 * trained(source, options) + _kept(source, options, longest)
    return PYTHON_GB + max(running, 4 * parameters(source)) / 1e9


def parameters(source: Folder) -> int:
    """All weights, without the codec: attention once, and feed-forward layers for text and for sound."""
    width, layers, inner = _shape(source)
    layer = _attention(source) + 2 * 3 * width * inner
    tables = 2 * width * int(source.config.get("vocab_size", 128_256))
    return layers * layer + tables + 2 * width * source.codebooks * source.rows


def linear(source: Folder) -> int:
    """Weights that a place of sound is multiplied with."""
    width, layers, inner = _shape(source)
    return layers * (_attention(source) + 3 * width * inner) + width * source.codebooks * source.rows


def trained(source: Folder, options: HiggsOptions) -> int:
    """Weights that move: two thin matrices for each layer with an adapter, and the tables of sound."""
    width, layers, inner = _shape(source)
    queries, keys = _heads(source)
    layer = 2 * (width + queries) + 2 * (width + keys) + 3 * (width + inner)
    whole = 2 * width * source.codebooks * source.rows if options.train_tables else 0
    return options.rank * layers * layer + whole


def _shape(source: Folder) -> tuple[int, int, int]:
    config = source.config
    return (int(config.get("hidden_size", 3072)), int(config.get("num_hidden_layers", 28)),
            int(config.get("intermediate_size", 8192)))


def _heads(source: Folder) -> tuple[int, int]:
    size = int(source.config.get("head_dim") or 128)
    return (size * int(source.config.get("num_attention_heads", 24)),
            size * int(source.config.get("num_key_value_heads", 8)))


def _attention(source: Folder) -> int:
    width = _shape(source)[0]
    queries, keys = _heads(source)
    return 2 * width * queries + 2 * width * keys


def _twice(options: HiggsOptions) -> bool:
    return options.gradient_checkpointing


def _kept(source: Folder, options: HiggsOptions, longest: float) -> float:
    """Bytes kept for the way back; layers that are computed twice keep one value a unit."""
    width, layers, _ = _shape(source)
    values = layers * (2 if _twice(options) else VALUES) * width
    logits = 3 * source.codebooks * source.rows
    return 4.0 * options.batch_size * longest * (values + logits)
