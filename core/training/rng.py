"""The state of every generator that dropout or a library may draw from, as tensors and JSON."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch


def seed_all(seed: int) -> None:
    """Start every generator from `seed`."""
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def capture() -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """(tensors, JSON) that `restore` takes: torch and each device; python and numpy."""
    import torch

    tensors = {"torch": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors |= {f"cuda{i}": state for i, state in enumerate(torch.cuda.get_rng_state_all())}
    if torch.backends.mps.is_available():
        tensors["mps"] = torch.mps.get_rng_state()
    version, internal, gauss = random.getstate()
    state: Any = np.random.get_state(legacy=False)
    inner = {"key": state["state"]["key"].tolist(), "pos": int(state["state"]["pos"])}
    return tensors, {
        "python": [version, list(internal), gauss],
        "numpy": {"inner": inner, "has_gauss": int(state["has_gauss"]), "gauss": float(state["gauss"])},
    }


def restore(tensors: dict[str, torch.Tensor], held: dict[str, Any]) -> None:
    """Put back what `capture` gave; generators of devices that are not here are left out."""
    import torch

    torch.set_rng_state(tensors["torch"])
    for name, state in tensors.items():
        if name.startswith("cuda") and int(name[4:]) < torch.cuda.device_count():
            torch.cuda.set_rng_state(state, int(name[4:]))
        if name == "mps" and torch.backends.mps.is_available():
            torch.mps.set_rng_state(state)
    version, internal, gauss = held["python"]
    random.setstate((version, tuple(internal), gauss))
    numpy = held["numpy"]
    np.random.set_state(
        {
            "bit_generator": "MT19937",
            "has_gauss": numpy["has_gauss"],
            "gauss": numpy["gauss"],
            "state": {"key": np.array(numpy["inner"]["key"], dtype=np.uint32), "pos": numpy["inner"]["pos"]},
        }
    )


@contextmanager
def untouched() -> Iterator[None]:
    """Whatever is drawn inside leaves no trace: looking at the validation clips must
    not change the training."""
    tensors, held = capture()
    try:
        yield
    finally:
        restore(tensors, held)
