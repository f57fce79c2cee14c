"""Safetensors files read and written one tensor at a time, so that turning a model needs little more memory
than its largest tensor."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from core.files import replacing
from core.modelling import weights

if TYPE_CHECKING:
    import torch

DTYPES = {"fp32": "F32", "bf16": "BF16", "fp16": "F16"}
"""What the format calls our types of number."""


class Held(Mapping[str, "torch.Tensor"]):
    """The tensors of `files` by their names, each read when it is asked for; a context. `renamed` says under
    which name one is shown that the file calls otherwise."""

    def __init__(self, files: Sequence[Path], renamed: Mapping[str, str] | None = None) -> None:
        self._where = {name: file for file in files for name in weights.shapes_in(file)}
        self._called = {(renamed or {}).get(name, name): name for name in self._where}
        self._open: dict[Path, Any] = {}
        self._exit = ExitStack()
        # tables are cut into many tensors one after the other, and read once
        self._last: tuple[str, torch.Tensor] | None = None

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        self._last = None
        self._open.clear()
        self._exit.close()

    def __getitem__(self, name: str) -> torch.Tensor:
        if self._last is None or self._last[0] != name:
            theirs = self._called[name]
            self._last = None
            self._last = (name, self._file(self._where[theirs]).get_tensor(theirs))
        return self._last[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._called)

    def __contains__(self, name: object) -> bool:
        return name in self._called  # not by reading it

    def __len__(self) -> int:
        return len(self._called)

    def _file(self, path: Path) -> Any:
        from safetensors import safe_open

        if path not in self._open:
            self._open[path] = self._exit.enter_context(safe_open(path, framework="pt"))
        return self._open[path]


def write(path: Path, tensors: Mapping[str, torch.Tensor], shapes: Mapping[str, tuple[int, ...]],
          dtypes: Mapping[str, str]) -> None:
    """Write `tensors` of the given `shapes` to a safetensors file, each as the type of number in `dtypes`
    (fp32, bf16, fp16), one after the other.

    Raises Unavailable when the disk is full, BadInput when a tensor has another shape; nothing is left then.
    """
    header, size = _header(shapes, dtypes)
    with replacing(path) as file:
        file.write(len(header).to_bytes(8, "little"))
        file.write(header)
        for name, shape in shapes.items():
            tensor = tensors[name]
            if tuple(tensor.shape) != tuple(shape):
                raise BadInput(f"{name} is {tuple(tensor.shape)} and not {tuple(shape)}; {path.name} was not"
                               " written.")
            file.write(_bytes(tensor, dtypes[name]))
        if file.tell() != 8 + len(header) + size:
            raise BadInput(f"{path.name} was not written whole; try again.")


def size_of(shapes: Mapping[str, tuple[int, ...]], dtypes: Mapping[str, str]) -> int:
    """How many bytes these tensors take."""
    return _header(shapes, dtypes)[1]


def _header(shapes: Mapping[str, tuple[int, ...]], dtypes: Mapping[str, str]) -> tuple[bytes, int]:
    at, found = 0, {"__metadata__": {"format": "pt"}}
    entries: dict[str, Any] = found
    for name, shape in shapes.items():
        n = 4 if dtypes[name] == "fp32" else 2
        for side in shape:
            n *= side
        entries[name] = {"dtype": DTYPES[dtypes[name]], "shape": list(shape), "data_offsets": [at, at + n]}
        at += n
    text = json.dumps(entries, separators=(",", ":")).encode()
    return text + b" " * (-len(text) % 8), at


def _bytes(tensor: torch.Tensor, dtype: str) -> Any:
    import torch

    from core.modelling.kyutai.building import torch_type

    plain = tensor.detach().cpu().to(torch_type(dtype)).contiguous().reshape(-1)
    return plain.view(torch.uint8).numpy().data
