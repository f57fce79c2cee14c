"""Speech to text: mel frames, convolutions, blocks with fast weights, and an output layer for CTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from core.modelling.lact.asr_config import SUBSAMPLING, AsrConfig
from core.modelling.lact.blocks import LactBlock
from core.modelling.lact.layer import LactState
from core.modelling.lact.subsampling import Subsampling, within


@dataclass
class Heard:
    """What a stream carries from one piece to the next: the last frames before each convolution and the
    state of each layer; nothing at its start."""

    frames: list[torch.Tensor] | None = None
    layers: list[LactState | None] = field(default_factory=list)
    is_over: bool = False
    """After a piece that was no multiple of four frames nothing can follow."""


class LactAsr(nn.Module):
    """Log-mel frames (batch, frames, bins) -> logits (batch, frames / 4, vocabulary)."""

    supports_gradient_checkpointing = True

    def __init__(self, config: AsrConfig) -> None:
        super().__init__()
        self.config, layers = config, config.layers
        self.subsampling = Subsampling(config.bins, layers.hidden_size, config.convs,
                                       is_causal=not layers.bidirectional)
        self.blocks = nn.ModuleList(
            LactBlock(layers, config.dropout) for _ in range(layers.num_hidden_layers)
        )
        self.norm = nn.RMSNorm(layers.hidden_size, eps=1e-5)
        self.head = nn.Linear(layers.hidden_size, config.vocabulary)
        self._recomputed: dict[str, Any] | None = None

    def activation_checkpointing_enable(self, how: dict[str, Any]) -> None:
        """From now on each block is computed twice in training and keeps nothing for the way back."""
        self._recomputed = how

    def forward(self, mel: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """`lengths` (batch,) counts the frames of each clip before its padding; the logits, and how many of
        their frames belong to each clip."""
        x, lengths, _ = self.subsampling(mel, lengths)
        valid = within(x.shape[1], lengths)
        for block in self.blocks:
            if self._recomputed is not None and self.training:
                x = checkpoint(lambda x, block=block: block(x, valid)[0], x, **self._recomputed)
            else:
                x, _ = block(x, valid)
        return self.head(self.norm(x)), lengths

    def hear(self, mel: torch.Tensor, heard: Heard) -> tuple[torch.Tensor, Heard]:
        """Logits of the next frames of a stream, for each stream of the batch, and what comes with the piece
        after them. All pieces but the last are of a multiple of four frames. ValueError otherwise, and for a
        network that looks ahead."""
        if self.config.layers.bidirectional or heard.is_over:
            raise ValueError("a stream that is over goes on, or a network that looks ahead hears one")
        lengths = torch.full((len(mel),), mel.shape[1], device=mel.device)
        x, lengths, frames = self.subsampling(mel, lengths, heard.frames)
        valid, states = within(x.shape[1], lengths), []
        for at, block in enumerate(self.blocks):
            x, state = block(x, valid, heard.layers[at] if heard.layers else None, carry=True)
            states.append(state)
        return self.head(self.norm(x)), Heard(frames, states, mel.shape[1] % SUBSAMPLING != 0)
