"""A folder of weights and state with a manifest of hashes: written beside, fsynced, renamed;
opened without trust."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput, NotFound
from core.files import read_json, sha256_of, sync, told, write_json

if TYPE_CHECKING:
    import torch

HASHES = "hashes.json"
CHOSEN = "manifest.json"
STATE = "state.json"
ADAPTER = "adapter.safetensors"
OPTIMIZER = "optimizer.safetensors"
RNG = "rng.safetensors"
FILES = (STATE, ADAPTER, OPTIMIZER, RNG)


def write(folder: Path, tensors: dict[str, dict[str, torch.Tensor]], state: dict[str, Any]) -> None:
    """Write `folder` whole or not at all: every file fsynced in `<folder>.tmp`,
    hashes last, then the rename.

    Raises Unavailable when the disk is full; what was there before is untouched then.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    temporary = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir(parents=True)
        for name, held in tensors.items():
            save_file(held, temporary / name)
            sync(temporary / name)
        write_json(temporary / STATE, state)
        write_json(
            temporary / HASHES, {name: sha256_of(temporary / name) for name in sorted([*tensors, STATE])}
        )
        if folder.exists():
            shutil.rmtree(folder)
        os.rename(temporary, folder)
        sync(folder.parent)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(temporary, ignore_errors=True)
        cause = _of_the_system(error)
        raise told(cause, folder) from cause


def _of_the_system(error: Exception) -> OSError:
    """The error of the system that safetensors tells in words of its own; any other as it is."""
    if isinstance(error, OSError):
        return error
    number = re.search(r"\(os error (\d+)\)", str(error))
    if number is None:
        raise error
    return OSError(int(number[1]), os.strerror(int(number[1])))


def is_whole(folder: Path) -> bool:
    """Whether every file that belongs to a checkpoint is there and still has the hash it was written with."""
    try:
        hashes = read_json(folder / HASHES)
        return set(FILES) <= set(hashes) and all(
            sha256_of(folder / name) == value for name, value in hashes.items()
        )
    except (OSError, BadInput):
        return False


def read_state(folder: Path) -> dict[str, Any]:
    """Everything of a checkpoint that is no tensor."""
    state: dict[str, Any] = read_json(folder / STATE)
    return state


def read_tensors(folder: Path, name: str) -> dict[str, torch.Tensor]:
    """One file of tensors, on the CPU."""
    from safetensors.torch import load_file

    return load_file(folder / name)


def names(run: Path) -> list[str]:
    """The checkpoints of a training run, oldest first, whole or not."""
    return sorted(p.name for p in (run / "checkpoints").glob("step-*") if p.suffix != ".tmp" and p.is_dir())


def chosen(run: Path, which: str = "best") -> Path:
    """The checkpoint folder of a training run, `which` being best, last or a folder's name.

    Raises NotFound when the run has none, BadInput when it is damaged.
    """
    index = run / "checkpoints" / CHOSEN
    name = read_json(index).get(which, which) if index.exists() else which
    folder = run / "checkpoints" / str(name)
    if str(name) not in (known := names(run)):
        if not known:
            raise NotFound(f"Run {run.name} has no checkpoint “{which}” yet; train a little further first.")
        raise NotFound(f"Run {run.name} has no checkpoint “{which}”; it has: {', '.join(known)}.")
    if not is_whole(folder):
        raise BadInput(
            f"Checkpoint {folder.name} of run {run.name} is damaged (its files do not have the hashes they"
            " were written with); Resume the run to make it again, or choose another checkpoint."
        )
    return folder
