"""Weight files of a model folder, read without torch: only safetensors are ever loaded, never a pickle."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from core.errors import BadInput, Refused, Unavailable

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
SAMPLE, STRIDE = 1 << 16, 1 << 24
COPIED = (
    "vocab.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "preprocessor_config.json",
    "processor_config.json",
    "tokenizer.json",
    "generation_config.json",
)


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of `folder`, whole ones.

    Raises Refused when there is only a pickle, Unavailable when there are no weights, BadInput
    when a file is cut short.
    """
    files = sorted(p for p in folder.glob("*.safetensors") if p.name.startswith("model") or "-of-" in p.name)
    if files:
        for file in files:
            header(file)
        return files
    pickles = sorted(p.name for p in folder.iterdir() if p.suffix in PICKLES) if folder.is_dir() else []
    if pickles:
        raise Refused(
            f"{folder.name} holds its weights only as {pickles[0]}, a format that can run code when it is"
            " opened; convert it to model.safetensors where you trust it, and try again."
        )
    raise Unavailable(f"{folder} holds no weights: put model.safetensors there.")


def header(file: Path) -> dict[str, Any]:
    """Names, shapes and types in a safetensors file; BadInput when the file is cut
    short or is something else."""
    size = file.stat().st_size
    with open(file, "rb") as handle:
        length = int.from_bytes(handle.read(8), "little")
        if not 2 <= length <= min(size - 8, 1 << 27):
            raise BadInput(f"{file.name} in {file.parent} is no safetensors file; copy it there again.")
        try:
            entries: dict[str, Any] = json.loads(handle.read(length))
        except ValueError as error:
            raise BadInput(
                f"{file.name} in {file.parent} is no safetensors file; copy it there again."
            ) from error
    ends = [e["data_offsets"][1] for name, e in entries.items() if name != "__metadata__"]
    if 8 + length + max(ends, default=0) != size:
        raise BadInput(
            f"{file.name} in {file.parent} is cut short: {size} bytes of {8 + length + max(ends, default=0)};"
            " copy it there again."
        )
    return {name: e for name, e in entries.items() if name != "__metadata__"}


def shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor in `folder`, by name."""
    return {name: shape for file in weight_files(folder) for name, shape in shapes_in(file).items()}


def shapes_in(file: Path) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor in one safetensors file, by name."""
    return {name: tuple(e["shape"]) for name, e in header(file).items()}


def n_tensors(file: Path) -> int:
    """How many tensors a safetensors file holds."""
    return len(header(file))


def n_parameters(folder: Path) -> int:
    """How many numbers the weights of `folder` hold."""
    total = 0
    for shape in shapes(folder).values():
        n = 1
        for side in shape:
            n *= side
        total += n
    return total


def weights_id(folder: Path) -> str:
    """Sixteen hex digits that change with the weights: headers, sizes, and a sample of every 16 MB."""
    digest = hashlib.sha256()
    for file in weight_files(folder):
        size = file.stat().st_size
        digest.update(f"{file.name} {size}".encode())
        with open(file, "rb") as handle:
            for at in [*range(0, size, STRIDE), max(0, size - SAMPLE)]:
                handle.seek(at)
                digest.update(handle.read(SAMPLE))
    return digest.hexdigest()[:16]


def part_id(folder: Path, prefix: str) -> str:
    """Twelve hex digits that change with the weights whose names begin with `prefix`: names, shapes, types
    and the beginning of each."""
    digest = hashlib.sha256()
    for file in weight_files(folder):
        entries = header(file)
        with open(file, "rb") as handle:
            begin = 8 + int.from_bytes(handle.read(8), "little")
            for name in sorted(each for each in entries if each.startswith(prefix)):
                first, last = entries[name]["data_offsets"]
                handle.seek(begin + first)
                digest.update(json.dumps([name, entries[name]["shape"], entries[name]["dtype"]]).encode())
                digest.update(handle.read(min(SAMPLE >> 4, last - first)))
    return digest.hexdigest()[:12]
