"""The names that moshi_mlx gives the weights of a Kyutai model: Kyutai's own with few changes.

Source: moshi_mlx 0.3.0, models/lm.py (`Lm.load_pytorch_weights` says how it turns native files; its
`run_inference` loads these names, strictly).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from core.modelling.kyutai.recipes import Made, Recipe, Recipes, same

if TYPE_CHECKING:
    import torch


def name(native: str) -> str:
    """What moshi_mlx calls the native weight `native`."""
    for pattern, theirs in ((r"^emb\.(\d+)\.", r"audio_embs.\1."), (r"\.alpha$", ".weight"),
                            (r"\.in_proj_weight$", ".in_proj.weight")):
        native = re.sub(pattern, theirs, native)
    return native


def to_mlx(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors of a native or candle file by moshi_mlx's names, pause heads included."""
    return dict(Made(recipes(tensors), tensors))


def from_mlx(tensors: Mapping[str, torch.Tensor], native: Iterable[str]) -> Mapping[str, torch.Tensor]:
    """The inverse of `to_mlx`, for the given native names; each is made when it is asked for."""
    return Made({each: Recipe((name(each),), _boxed if each.endswith(".alpha") else same)
                 for each in native}, tensors)


def recipes(native: Iterable[str]) -> Recipes:
    """How each tensor of moshi_mlx is made of the native ones."""
    return {name(each): Recipe((each,), _flat if each.endswith(".alpha") else same) for each in native}


def shapes(native: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The shapes by moshi_mlx's names of native ones."""
    return {name(each): size[-1:] if each.endswith(".alpha") else size for each, size in native.items()}


def _flat(alpha: torch.Tensor) -> torch.Tensor:
    return alpha.reshape(-1)


def _boxed(weight: torch.Tensor) -> torch.Tensor:
    return weight.reshape(1, 1, -1)
