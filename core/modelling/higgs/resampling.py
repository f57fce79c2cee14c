"""The one function of torchaudio that the codec's class calls. torchaudio is not installed on most machines
(its last release breaks transformers beside newer torch), so the class gets this in its place."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

ZEROS, ROLLOFF = 6, 0.99
"""Zero crossings of the sinc on each side, and the share of the lower rate that passes: torchaudio's own, as
the codec was trained with them."""


def resample(sound: torch.Tensor, rate: int, wanted: int) -> torch.Tensor:
    """`sound` (..., n) at `rate` Hz as (..., ceil(n * wanted / rate)) at `wanted` Hz, by a sinc under a
    squared cosine (J. O. Smith, "Digital Audio Resampling")."""
    import torch

    common = math.gcd(rate, wanted)
    step, phases = rate // common, wanted // common
    if step == phases:
        return sound
    kernel, width = _kernel(step, phases)
    n = sound.shape[-1]
    flat = torch.nn.functional.pad(sound.reshape(-1, 1, n), (width, width + step))
    made = torch.nn.functional.conv1d(flat, kernel.to(flat), stride=step)  # (sounds, phases, places)
    length = -(-n * phases // step)
    return made.transpose(1, 2).reshape(*sound.shape[:-1], -1)[..., :length]


@lru_cache(maxsize=4)
def _kernel(step: int, phases: int) -> tuple[torch.Tensor, int]:
    """Filters (phases, 1, 2 * width + step), one for each place of an output between two inputs, float32."""
    import torch

    cut = min(step, phases) * ROLLOFF
    width = math.ceil(ZEROS * step / cut)
    places = torch.arange(-width, width + step, dtype=torch.float64) / step
    shifts = torch.arange(phases, dtype=torch.float64)[:, None] / phases
    at = ((places - shifts) * cut).clamp(-ZEROS, ZEROS)
    window = torch.cos(at * math.pi / ZEROS / 2) ** 2
    return (torch.sinc(at) * window * cut / step)[:, None].float(), width
