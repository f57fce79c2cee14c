"""Two orders of a head's rows under rotary positions (arXiv 2104.09864): the native program turns neighbours,
transformers turns the first half against the second."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def to_halves(rows: torch.Tensor, heads: int) -> torch.Tensor:
    """`rows` (heads * width, ...) of a query or key, each head's even rows before its odd ones."""
    size, *rest = rows.shape
    return rows.reshape(heads, size // heads // 2, 2, *rest).transpose(1, 2).reshape(size, *rest)


def to_pairs(rows: torch.Tensor, heads: int) -> torch.Tensor:
    """The inverse of `to_halves`."""
    size, *rest = rows.shape
    return rows.reshape(heads, 2, size // heads // 2, *rest).transpose(1, 2).reshape(size, *rest)


def third(rows: torch.Tensor, place: int, heads: int) -> torch.Tensor:
    """Query, key or value (`place` 0, 1, 2) of the native program's fused rows; with `heads`, in the order of
    halves."""
    size = rows.shape[0] // 3
    part = rows[place * size : (place + 1) * size]
    return to_halves(part, heads) if heads else part


def fused(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, heads: int) -> torch.Tensor:
    """The inverse of taking all three thirds."""
    import torch

    return torch.cat([to_pairs(query, heads), to_pairs(key, heads), value])
