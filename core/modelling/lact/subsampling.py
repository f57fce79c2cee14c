"""Convolutions over time that make one frame of four, without a look at padding or, where the layers are
causal, at what comes later."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

KERNEL, HALVING = 3, 2
"""Width of each convolution in frames; how many of them, the first ones, halve the frames."""


class Subsampling(nn.Module):
    """(batch, mel frames, bins) -> (batch, mel frames / 4, hidden). LayerNorm, which sees one frame at a
    time: batch and group norms would see the padding."""

    def __init__(self, bins: int, hidden: int, n_convs: int, is_causal: bool) -> None:
        super().__init__()
        self.is_causal = is_causal
        self.strides = [2] * HALVING + [1] * (n_convs - HALVING)
        self.convs = nn.ModuleList(nn.Conv1d(bins if i == 0 else hidden, hidden, KERNEL, stride)
                                   for i, stride in enumerate(self.strides))
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in self.strides)

    def forward(
        self, x: torch.Tensor, lengths: torch.Tensor, before: list[torch.Tensor] | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
        """Frames, their number in each clip (batch,), and what goes before the next ones of a stream.

        `before` are the last frames that each convolution was given, as an earlier call gave them back; the
        frames of that call must have been a multiple of four.
        """
        kept = []
        for at, (conv, norm, stride) in enumerate(zip(self.convs, self.norms, self.strides, strict=True)):
            x = x * within(x.shape[1], lengths)[..., None]
            left = before[at] if before else x.new_zeros(len(x), self._left, x.shape[2])
            x = torch.cat([left, x], dim=1)
            kept.append(x[:, x.shape[1] - self._left :])
            x = functional.pad(x, (0, 0, 0, KERNEL - 1 - self._left))
            x = functional.silu(norm(conv(x.mT).mT))
            lengths = -(-lengths // stride)
        return x, lengths, kept

    @property
    def _left(self) -> int:
        """Frames that a convolution sees before the one it answers."""
        return KERNEL - 1 if self.is_causal else KERNEL // 2


def within(n: int, lengths: torch.Tensor) -> torch.Tensor:
    """(batch, n), True for the frames of each clip, which `lengths` (batch,) counts, False for padding."""
    return torch.arange(n, device=lengths.device)[None] < lengths[:, None]
