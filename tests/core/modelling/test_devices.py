"""What is computed where: told by what the machine has, in a sentence, and never more than is there."""

from __future__ import annotations

import pytest

from core.errors import BadInput, Unavailable
from core.modelling.devices import Machine, choose

PLAIN = Machine()
MAC = Machine(mps=True, mac=True)
OLD_MAC = Machine(mac=True)
GPU = Machine(cuda=("H200", "H200"), bf16=True)
OLD_GPU = Machine(cuda=("GTX 1080",), bf16=False)


@pytest.mark.parametrize(
    ("machine", "device", "precision", "training", "expected"),
    [
        (PLAIN, "auto", "auto", True, ("cpu", "fp32")),
        (PLAIN, "auto", "bf16", True, ("cpu", "fp32")),
        (PLAIN, "cpu", "fp16", False, ("cpu", "fp32")),
        (MAC, "auto", "auto", False, ("mps", "fp32")),
        (MAC, "auto", "fp16", False, ("mps", "fp32")),
        (MAC, "mps", "bf16", True, ("mps", "fp32")),
        (MAC, "cpu", "auto", False, ("cpu", "fp32")),
        (OLD_MAC, "auto", "auto", False, ("cpu", "fp32")),
        (GPU, "auto", "auto", True, ("cuda:0", "fp32")),
        (GPU, "cuda:1", "bf16", True, ("cuda:1", "bf16")),
        (GPU, "cuda", "fp16", False, ("cuda:0", "fp16")),
        (GPU, "cuda", "fp16", True, ("cuda:0", "bf16")),
        (OLD_GPU, "auto", "bf16", True, ("cuda:0", "fp32")),
        (OLD_GPU, "auto", "fp16", True, ("cuda:0", "fp32")),
    ],
)
def test_what_works_there_is_chosen(
    machine: Machine, device: str, precision: str, training: bool, expected: tuple[str, str]
) -> None:
    choice = choose(device, precision, machine, training)
    assert (choice.device, choice.precision) == expected
    assert choice.sentence.endswith(".") and expected[1] in choice.sentence
    if precision not in ("auto", expected[1]):
        assert f"though {precision} was asked for" in choice.sentence


@pytest.mark.parametrize(
    ("machine", "device"), [(PLAIN, "mps"), (PLAIN, "cuda"), (MAC, "cuda:0"), (GPU, "cuda:2"), (GPU, "mps")]
)
def test_what_is_not_there_is_told(machine: Machine, device: str) -> None:
    with pytest.raises(Unavailable, match=r"choose|the last one is"):
        choose(device, "auto", machine)


def test_a_mac_hears_nothing_of_missing_cuda() -> None:
    with pytest.raises(Unavailable) as told:
        choose("cuda", "auto", MAC)
    assert "not found" not in str(told.value).lower()
    assert "Mac" in str(told.value)
    assert "cuda" not in choose("auto", "auto", MAC).sentence.lower()


@pytest.mark.parametrize(("device", "precision"), [("gpu", "auto"), ("cuda:x", "auto"), ("auto", "int8")])
def test_unknown_words_are_refused(device: str, precision: str) -> None:
    with pytest.raises(BadInput, match="choose"):
        choose(device, precision, PLAIN)


def test_this_machine_can_be_asked() -> None:
    assert choose("cpu").device == "cpu"
