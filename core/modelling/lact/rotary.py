"""Rotary positions (Su and others, arXiv 2104.09864), pairs a half apart."""

from __future__ import annotations

from typing import Any

import torch


def turned(x: torch.Tensor, first: int, base: float = 10_000.0) -> torch.Tensor:
    """`x` (batch, heads, tokens, width) turned by its positions, of which the first is `first`."""
    width = x.shape[-1]
    exact: Any = {"device": x.device, "dtype": torch.promote_types(x.dtype, torch.float32)}
    at = torch.arange(first, first + x.shape[-2], **exact)
    rates = base ** (-torch.arange(0, width, 2, **exact) / width)
    angles = at[:, None] * rates
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    one, two = x.chunk(2, dim=-1)
    return torch.cat([one * cos - two * sin, two * cos + one * sin], dim=-1)
