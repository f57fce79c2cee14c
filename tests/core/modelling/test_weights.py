"""Weight files without torch: only whole safetensors pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import BadInput, Refused, Unavailable
from core.modelling import weights

BaseMaker = Callable[..., Path]


def test_shapes_and_counts_are_those_of_the_model(tiny_base: BaseMaker) -> None:
    from core.families.ctc.network import load_plain

    base = tiny_base()
    model = load_plain(base)
    assert weights.shapes(base) == {name: tuple(t.shape) for name, t in model.state_dict().items()}
    assert weights.n_parameters(base) == sum(t.numel() for t in model.state_dict().values())


def test_a_folder_without_weights_says_what_to_put_there(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"put model\.safetensors there"):
        weights.weight_files(tmp_path)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.ckpt"])
def test_a_pickle_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x80\x02.")
    with pytest.raises(Refused, match="can run code"):
        weights.weight_files(tmp_path)


def test_a_pickle_beside_safetensors_is_left_alone(own_base: BaseMaker) -> None:
    base = own_base()
    (base / "pytorch_model.bin").write_bytes(b"\x80\x02.")
    assert [p.name for p in weights.weight_files(base)] == ["model.safetensors"]


def test_a_file_that_is_cut_short_is_told(own_base: BaseMaker) -> None:
    file = own_base() / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(BadInput, match="cut short"):
        weights.weight_files(file.parent)


@pytest.mark.parametrize("content", [b"", b"hello, this is text", b"\x10" + b"\0" * 7 + b"not json at all!!"])
def test_something_else_with_that_name_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(BadInput, match="no safetensors file"):
        weights.weight_files(tmp_path)


def test_the_id_follows_the_weights_and_not_the_place(own_base: BaseMaker, tiny_base: BaseMaker) -> None:
    own = own_base()
    assert weights.weights_id(own) == weights.weights_id(tiny_base())
    data = bytearray((own / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (own / "model.safetensors").write_bytes(bytes(data))
    assert weights.weights_id(own) != weights.weights_id(tiny_base())
