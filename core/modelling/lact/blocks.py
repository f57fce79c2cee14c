"""A block of the network: a LaCT layer and a feed-forward part, each behind a norm and beside its input."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from core.modelling.lact.config import MLP_RATIO, LactConfig
from core.modelling.lact.layer import LactLayer, LactState


class FeedForward(nn.Module):
    """SwiGLU (Shazeer 2020, arXiv 2002.05202), as many weights as a plain one of `MLP_RATIO` has."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        inner = max(8, round(hidden * MLP_RATIO * 2 / 3 / 8) * 8)
        self.up = nn.Linear(hidden, 2 * inner, bias=False)
        self.down = nn.Linear(inner, hidden, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., hidden) -> the same shape."""
        gate, value = self.up(x).chunk(2, dim=-1)
        y: torch.Tensor = self.down(functional.silu(gate) * value)
        return y


class LactBlock(nn.Module):
    """(batch, frames, hidden) -> the same shape."""

    def __init__(self, config: LactConfig, dropout: float) -> None:
        super().__init__()
        self.lact_norm, self.lact = nn.RMSNorm(config.hidden_size, eps=1e-5), LactLayer(config)
        self.feed_norm, self.feed = nn.RMSNorm(config.hidden_size, eps=1e-5), FeedForward(config.hidden_size)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: torch.Tensor, valid: torch.Tensor, state: LactState | None = None, carry: bool = False
    ) -> tuple[torch.Tensor, LactState | None]:
        """As `LactLayer`: `valid` (batch, frames) is False for padding."""
        y, state = self.lact(self.lact_norm(x), valid, state, carry)
        x = x + self.dropout(y)
        return x + self.dropout(self.feed(self.feed_norm(x))), state
