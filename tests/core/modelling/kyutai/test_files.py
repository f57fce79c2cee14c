"""Safetensors files written one tensor after the other: any program reads them, and nothing half is left."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import BadInput
from core.modelling import weights
from core.modelling.kyutai import files

TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.ones(1), "c": torch.full((1, 1, 3), 1 / 3)}
SHAPES = {name: tuple(tensor.shape) for name, tensor in TENSORS.items()}


def test_written_files_are_read_by_everybody(tmp_path: Path) -> None:
    types = {"a": "fp32", "b": "bf16", "c": "fp16"}
    files.write(tmp_path / "x.safetensors", TENSORS, SHAPES, types)
    held = load_file(tmp_path / "x.safetensors")
    assert {name: tensor.dtype for name, tensor in held.items()} == {
        "a": torch.float32, "b": torch.bfloat16, "c": torch.float16}
    assert torch.equal(held["a"], TENSORS["a"]) and torch.equal(held["c"], TENSORS["c"].half())
    assert weights.shapes_in(tmp_path / "x.safetensors") == SHAPES
    assert files.size_of(SHAPES, types) == 24 + 2 + 6


def test_parts_of_tensors_are_written_as_they_look(tmp_path: Path) -> None:
    turned = {"a": TENSORS["a"].t()[:, 1:]}
    files.write(tmp_path / "x.safetensors", turned, {"a": (3, 1)}, {"a": "fp32"})
    assert torch.equal(load_file(tmp_path / "x.safetensors")["a"], turned["a"])


def test_another_shape_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"a is \(2, 3\) and not \(3, 2\)"):
        files.write(tmp_path / "x.safetensors", TENSORS, {"b": (1,), "a": (3, 2)}, {"a": "fp32", "b": "fp32"})
    assert not list(tmp_path.iterdir())


def test_several_files_are_read_as_one(tmp_path: Path) -> None:
    for name in "ab":
        save_file({name: TENSORS[name]}, tmp_path / f"{name}.safetensors")
    with files.Held([tmp_path / "a.safetensors", tmp_path / "b.safetensors"], {"b": "other"}) as held:
        assert set(held) == {"a", "other"} and len(held) == 2 and "b" not in held
        assert torch.equal(held["a"], TENSORS["a"]) and torch.equal(held["other"], TENSORS["b"])
        assert held["a"] is held["a"], "read once while it is asked for again"
