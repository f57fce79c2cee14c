"""The codec: sound as eight codebooks at 25 frames a second, and back. Needs torch."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
import types
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.modelling import strict
from core.modelling.delay import Codes
from core.modelling.higgs import resampling

MODULE = "transformers.models.higgs_audio_v2_tokenizer.modeling_higgs_audio_v2_tokenizer"
UNUSED = "torchaudio"
Samples = npt.NDArray[np.float32]


@lru_cache(maxsize=1)
def codec_class() -> Any:
    """HiggsAudioV2TokenizerModel, also where torchaudio is not installed: its module calls one function of
    it, which is ours then, and nobody else sees it."""
    if UNUSED in sys.modules or importlib.util.find_spec(UNUSED):
        return importlib.import_module(MODULE).HiggsAudioV2TokenizerModel
    instead = types.ModuleType(UNUSED)
    instead.__spec__ = importlib.machinery.ModuleSpec(UNUSED, None)
    instead.functional = types.SimpleNamespace(resample=resampling.resample)  # type: ignore[attr-defined]
    sys.modules[UNUSED] = instead
    try:
        return importlib.import_module(MODULE).HiggsAudioV2TokenizerModel
    finally:
        del sys.modules[UNUSED]


def open_codec(folder: Path) -> Any:
    """The codec in `folder`, fp32 on the CPU, in evaluation mode. Missing or unexpected keys are a
    StudioError. Its shape is that of its config file: the defaults of its class are not the released ones."""
    return strict.load(codec_class(), folder).eval().requires_grad_(False)


def encode(codec: Any, samples: Samples) -> Codes:
    """Codes (frames, codebooks) of mono `samples` (n,) at the codec's rate; the last frame is filled up with
    silence, because the two halves of the codec count the rest of a frame differently."""
    import torch

    rest = -len(samples) % int(codec.config.hop_length)
    sound = torch.from_numpy(np.pad(np.asarray(samples, np.float32), (0, rest)))[None, None]
    with torch.no_grad():
        made = codec.encode(sound.to(next(codec.parameters()).device)).audio_codes
    return np.asarray(made[0].T.cpu().numpy(), np.int64)


def decode(codec: Any, codes: Codes) -> Samples:
    """Mono samples (frames * hop,) of codes (frames, codebooks), within -1 to 1; none of none."""
    import torch

    if not len(codes):
        return np.zeros(0, np.float32)
    given = torch.from_numpy(np.ascontiguousarray(codes.T, np.int64))[None]
    with torch.no_grad():
        made = codec.decode(given.to(next(codec.parameters()).device)).audio_values
    return np.asarray(made.reshape(-1).clamp(-1, 1).float().cpu().numpy(), np.float32)
