"""Whether the weights in a folder are numbers, tensor by tensor, so that a large model needs no large
memory."""

from __future__ import annotations

from pathlib import Path


def odd_weights(files: list[Path]) -> list[str]:
    """Names of the tensors in safetensors `files` that hold NaN or infinity."""
    import torch
    from safetensors import safe_open

    odd = []
    for file in files:
        with safe_open(file, framework="pt") as held:
            for name in held.keys():
                value = held.get_tensor(name)
                if value.is_floating_point() and not bool(torch.isfinite(value).all()):
                    odd.append(name)
    return odd
