"""What a run takes from its base, its clips and its options before the first step: vocabulary and measures,
the chunk of the fast weights among them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from core.families.base import Prepared
from core.families.lact import folder as folders
from core.families.lact import labels
from core.families.lact.options import LactOptions
from core.modelling.lact import features
from core.modelling.lact.asr_config import SUBSAMPLING, AsrConfig, n_frames, of_size
from core.types import Row

BINS = 80
"""Mel bins of a model that begins from scratch."""
SECONDS_PER_FRAME = features.SECONDS_PER_FRAME * SUBSAMPLING


def prepared_for(rows: Sequence[Row], folder: folders.Folder, options: LactOptions) -> Prepared:
    """Of a blank folder the letters of `rows` and the size of the options; else what the folder holds."""
    vocabulary = folder.vocabulary or labels.vocabulary_of(rows)
    config = folder.config or _from_scratch(len(vocabulary), options)
    if rows:  # without, it is a folder that is used as it is
        config = _for_run(config, rows, options)
    return Prepared(vocabulary, labels.NORMALISER, {
        "network": config.model_dump(), "features": folders.MEL, "blank": 0,
        "delimiter": vocabulary[labels.GAP], "unknown": vocabulary[labels.UNKNOWN], "rate": features.RATE,
        "seconds_per_frame": SECONDS_PER_FRAME,
    })


def network_of(prepared: Prepared) -> AsrConfig:
    """The measures that a checkpoint holds."""
    return AsrConfig(**prepared.extra["network"])


def _from_scratch(n_tokens: int, options: LactOptions) -> AsrConfig:
    window = max(1, round(options.window / SECONDS_PER_FRAME))
    return of_size(options.size, n_tokens, window_size=window, use_muon=options.use_muon,
                   bidirectional=options.bidirectional)


def _for_run(config: AsrConfig, rows: Sequence[Row], options: LactOptions) -> AsrConfig:
    """What a run may choose anew for a model that was trained before, too."""
    chunk = chunk_of(rows, options) or config.layers.lact_chunk_size
    layers = config.layers.model_copy(update={"lact_chunk_size": chunk, "frozen": options.frozen})
    return config.model_copy(update={"layers": layers, "dropout": options.dropout})


def chunk_of(rows: Sequence[Row], options: LactOptions) -> int:
    """Frames of a chunk with which a clip of mean length has the wanted number of updates; 0 where none is
    wanted. A clip is answered by what was learned from its chunks but the last."""
    if not options.updates_per_clip:
        return 0
    kept = [row.seconds for row in rows if row.seconds <= options.longest] or [options.longest]
    return max(1, (frames_of(statistics.fmean(kept)) - 1) // options.updates_per_clip)


def frames_of(seconds: float) -> int:
    """Frames of the layers for a clip of `seconds`."""
    return n_frames(features.n_frames(round(seconds * features.RATE)))
