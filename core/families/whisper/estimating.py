"""What a run is likely to take: sums of arithmetic and memory, from the config and the clips alone."""

from __future__ import annotations

import os
from collections.abc import Sequence

from core.families.base import Estimate
from core.families.base.estimating import on_processor
from core.families.whisper.folder import Folder
from core.families.whisper.options import WhisperOptions
from core.modelling.weights import shapes
from core.types import Row

FLOPS_PER_CORE = 30e9  # what one core was seen to do, forward and backward
STARTING = 12.0  # seconds: imports, loading, encoding
PYTHON_GB = 0.6  # torch and transformers themselves
TOKENS_PER_SECOND = 4  # what is spoken, in tokens


def estimate(rows: Sequence[Row], folder: Folder, options: WhisperOptions) -> Estimate:
    """Seconds and GB on this machine's processor; a graphics processor is faster. A clip costs the same
    however short it is: Whisper always hears 30 seconds."""
    train = [row for row in rows if row.split == "train"]
    val = [row for row in rows if row.split == "val"]
    hearing, writing = _weights(folder)
    n_tokens = TOKENS_PER_SECOND * sum(row.seconds for row in train) / max(1, len(train))
    heard = hearing * folder.n_frames / 2
    backwards = 3 if options.encoder else 1  # an encoder without adapters needs no way back
    clip = 2 * backwards * heard + 6 * writing * n_tokens
    look = len(val) * (4 * heard + 4 * writing * n_tokens)
    work = options.steps * (options.batch_size * options.accumulation * clip + look / options.eval_every)
    seconds = STARTING + work / (FLOPS_PER_CORE * (os.cpu_count() or 1))
    memory = PYTHON_GB + (
        4 * (hearing + writing) + 16 * _trained(folder, options) + _kept(folder, options)
    ) / 1e9
    return on_processor(seconds, memory, options.steps, len(train))


def _weights(folder: Folder) -> tuple[int, int]:
    """Numbers in the half that hears and in the half that writes."""
    counted = {"encoder": 0, "decoder": 0}
    for name, shape in shapes(folder.path).items():
        n = 1
        for side in shape:
            n *= side
        counted["encoder" if ".encoder." in name else "decoder"] += n
    return counted["encoder"], counted["decoder"]


def _trained(folder: Folder, options: WhisperOptions) -> int:
    """Numbers in the adapter: two thin matrices for each layer that has one; the decoder attends twice."""
    width = int(folder.config.get("d_model", 384))
    feed = 2 * 5 * width if options.targets == "all" else 0
    hears = int(folder.config.get("encoder_layers", 4)) * (4 * 2 * width + feed) if options.encoder else 0
    writes = int(folder.config.get("decoder_layers", 4)) * (8 * 2 * width + feed)
    return options.rank * (hears + writes)


def _kept(folder: Folder, options: WhisperOptions) -> float:
    """Bytes kept for the way back, by a rule of thumb of 30 values a unit of width; layers that are computed
    twice keep one."""
    width, layers = int(folder.config.get("d_model", 384)), int(folder.config.get("encoder_layers", 4))
    values = 2 * layers if options.gradient_checkpointing else 30 * layers if options.encoder else 30
    return 4.0 * width * values * options.batch_size * folder.n_frames / 2
