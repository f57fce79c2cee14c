"""What Kyutai's own program computes from a native file, written down again in plain torch: a second opinion
on a file before it is called ready, that shares nothing with the class of transformers. Layer by layer, so
that no whole model is held.

Source: moshi 0.2.13, models/lm.py, modules/transformer.py, modules/rope.py and modules/gating.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from core.modelling.kyutai.shape import RMS_EPS, Shape

if TYPE_CHECKING:
    import torch


class Heard(NamedTuple):
    """`logits` (batch, frames, text) and `hidden` (batch, frames, width), which the pause heads read."""

    logits: torch.Tensor
    hidden: torch.Tensor


def forward(tensors: Mapping[str, torch.Tensor], shape: Shape, ids: torch.Tensor) -> Heard:
    """`ids` (batch, frames, 1 + codebooks): text, then codes, the start at first. Computed in fp32."""
    import torch
    from torch.nn.functional import embedding, linear

    with torch.no_grad():
        x = embedding(ids[..., 0], tensors["text_emb.weight"].float())
        for i in range(shape.codebooks):
            x = x + embedding(ids[..., i + 1], tensors[f"emb.{i}.weight"].float())
        for layer in range(shape.layers):
            at = f"transformer.layers.{layer}"
            x = x + _attention(_normal(x, tensors[f"{at}.norm1.alpha"]), tensors, f"{at}.self_attn", shape)
            x = x + _gated(_normal(x, tensors[f"{at}.norm2.alpha"]), tensors, f"{at}.gating")
        hidden = _normal(x, tensors["out_norm.alpha"])
        return Heard(linear(hidden, tensors["text_linear.weight"].float()), hidden)


def _normal(x: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    return x * alpha.float() * (x.pow(2).mean(2, keepdim=True) + RMS_EPS).rsqrt()


def _attention(x: torch.Tensor, tensors: Mapping[str, torch.Tensor], at: str, shape: Shape) -> torch.Tensor:
    import torch
    from torch.nn.functional import linear, scaled_dot_product_attention

    batch, frames, _ = x.shape
    fused = linear(x, tensors[f"{at}.in_proj_weight"].float())
    query, key, value = fused.view(batch, frames, 3, shape.heads, -1).permute(2, 0, 3, 1, 4)
    ago = torch.arange(frames)[:, None] - torch.arange(frames)
    seen = scaled_dot_product_attention(
        _turned(query, shape.theta), _turned(key, shape.theta), value,
        attn_mask=(ago >= 0) & (ago < shape.context),
    )
    seen = seen.transpose(1, 2).reshape(batch, frames, -1)
    return linear(seen, tensors[f"{at}.out_proj.weight"].float())


def _turned(x: torch.Tensor, theta: float) -> torch.Tensor:
    """Neighbouring rows turned by their position: (batch, heads, frames, width)."""
    import torch

    frames, width = x.shape[2:]
    speed = torch.exp(torch.arange(width // 2) * (-math.log(theta) * 2 / width))
    angle = torch.arange(frames)[:, None] * speed
    pairs = torch.view_as_complex(x.float().reshape(*x.shape[:3], width // 2, 2).contiguous())
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angle), angle)).flatten(3)


def _gated(x: torch.Tensor, tensors: Mapping[str, torch.Tensor], at: str) -> torch.Tensor:
    from torch.nn.functional import linear, silu

    gate, held = linear(x, tensors[f"{at}.linear_in.weight"].float()).chunk(2, -1)
    return linear(silu(gate) * held, tensors[f"{at}.linear_out.weight"].float())
