"""Sound as codes of a Mimi (arXiv 2410.00037): a whole clip at once, or frame after frame with the same
result. Needs torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

Codes = npt.NDArray[np.uint16]
FRAME_SAMPLES = 1920
CHUNK = 500
"""Frames of 80 ms that go through the codec at once: its first layers take 6 MB a second of sound."""


def encode(codec: Any, samples: npt.NDArray[np.float32], n_q: int, chunk: int = CHUNK) -> Codes:
    """Codes (frames, n_q) of mono `samples` (n,) at the codec's rate, n being a whole number of frames; long
    ones in chunks, as a stream."""
    if len(samples) > chunk * FRAME_SAMPLES:
        hearing, step = Hearing(codec, n_q), chunk * FRAME_SAMPLES
        return np.concatenate([hearing.push(samples[at : at + step]) for at in range(0, len(samples), step)])
    return _codes(codec, samples, n_q)[0]


def _codes(codec: Any, samples: npt.NDArray[np.float32], n_q: int, **state: Any) -> tuple[Codes, Any]:
    import torch

    with torch.no_grad():
        sound = torch.from_numpy(np.ascontiguousarray(samples))[None, None].to(device_of(codec))
        made = codec.encode(sound, num_quantizers=n_q, **state)
    return np.asarray(made.audio_codes[0].T.cpu().numpy(), np.uint16), made


def energies(codec: Any, codes: Codes) -> npt.NDArray[np.float32]:
    """How strong the sound is that each frame codes (frames,): the length of its latent vector."""
    import torch

    with torch.no_grad():
        given = torch.from_numpy(codes.astype(np.int64)).T[None].to(device_of(codec))
        latents = codec.quantizer.decode(given)[0]
    return np.asarray(latents.norm(dim=0).float().cpu().numpy(), np.float32)


def device_of(model: torch.nn.Module) -> torch.device:
    """Where a model's weights lie."""
    return next(model.parameters()).device


class Hearing:
    """The codec in the middle of a stream: what its layers still know is `state`."""

    def __init__(self, codec: Any, n_q: int) -> None:
        from transformers import DynamicCache

        self._codec, self._n_q = codec, n_q
        # one for all frames: the codec makes a window of its own context of it
        self.state: dict[str, Any] = {"encoder_past_key_values": DynamicCache(config=codec.config),
                                      "padding_cache": None}

    def push(self, samples: npt.NDArray[np.float32]) -> Codes:
        """Codes (frames, n_q) of the next whole frames of sound."""
        codes, made = _codes(self._codec, samples, self._n_q, use_streaming=True, **self.state)
        self.state = {name: getattr(made, name) for name in self.state}
        return codes
