"""Which device and precision to use, and one sentence why. Asks the machine; never
promises what is not there."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from core.errors import BadInput, Unavailable

PRECISIONS = ("auto", "fp32", "bf16", "fp16")


@dataclass(frozen=True)
class Machine:
    """What PyTorch can use here: CUDA devices by name, whether each computes bf16, an
    Apple GPU, and the system."""

    cuda: tuple[str, ...] = ()
    bf16: bool = False
    mps: bool = False
    mac: bool = False


@dataclass(frozen=True)
class Choice:
    """`device` as PyTorch writes it, `precision` fp32, bf16 or fp16, and `sentence` for a person."""

    device: str
    precision: str
    sentence: str


def this_machine() -> Machine:
    """Look at this computer (loads torch)."""
    import torch

    n = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return Machine(
        cuda=tuple(torch.cuda.get_device_name(i) for i in range(n)),
        bf16=n > 0 and torch.cuda.is_bf16_supported(),
        mps=torch.backends.mps.is_available(),
        mac=sys.platform == "darwin",
    )


def choose(
    device: str = "auto", precision: str = "auto", machine: Machine | None = None, training: bool = False
) -> Choice:
    """What to compute on and how precisely. `device` is auto, cpu, mps, cuda or cuda:N.

    Raises Unavailable when a device is asked for that is not here, BadInput for an unknown word.
    """
    if precision not in PRECISIONS:
        raise BadInput(f"“{precision}” is no precision; choose one of: {', '.join(PRECISIONS)}.")
    here = machine or this_machine()
    found = _device(device, here)
    if found == "cpu":
        return _on_cpu(precision, device, here)
    if found == "mps":
        return _on_mps(precision)
    return _on_cuda(found, precision, here, training)


def _device(asked: str, here: Machine) -> str:
    if asked == "auto":
        return "cuda:0" if here.cuda else "mps" if here.mps else "cpu"
    if asked == "cpu":
        return "cpu"
    if asked == "mps":
        if here.mps:
            return "mps"
        raise Unavailable(
            "mps is the graphics processor of a Mac, and PyTorch finds none here; choose auto or cpu."
        )
    if asked == "cuda" or (asked.startswith("cuda:") and asked[5:].isdigit()):
        return _cuda(asked, here)
    raise BadInput(f"“{asked}” is no device; choose auto, cpu, mps or cuda:N.")


def _cuda(asked: str, here: Machine) -> str:
    number = int(asked[5:] or 0) if ":" in asked else 0
    if number < len(here.cuda):
        return f"cuda:{number}"
    if here.mac:
        raise Unavailable(
            f"Macs have no NVIDIA graphics processor, so {asked} is not for this one; choose auto, mps or"
            " cpu."
        )
    if not here.cuda:
        raise Unavailable(
            f"PyTorch finds no NVIDIA graphics processor here, so {asked} cannot be used; choose auto or cpu."
        )
    raise Unavailable(f"There is no {asked} here; the last one is cuda:{len(here.cuda) - 1}.")


def _on_cpu(precision: str, asked: str, here: Machine) -> Choice:
    why = "as asked" if asked == "cpu" else "no graphics processor was found that PyTorch can use"
    if precision in ("auto", "fp32"):
        return Choice(
            "cpu", "fp32", f"The processor (CPU) in fp32: {why}, and fp32 is exact and fastest there."
        )
    return Choice(
        "cpu",
        "fp32",
        f"The processor (CPU) in fp32, though {precision} was asked for: half precision is slow and coarse"
        " there.",
    )


def _on_mps(precision: str) -> Choice:
    if precision in ("auto", "fp32"):
        return Choice(
            "mps",
            "fp32",
            "The Mac's graphics processor (mps) in fp32: half precision gives wrong numbers there; the CTC"
            " loss runs on the CPU.",
        )
    return Choice(
        "mps",
        "fp32",
        f"The Mac's graphics processor (mps) in fp32, though {precision} was asked for: half precision gives"
        " wrong numbers there; the CTC loss runs on the CPU.",
    )


def _on_cuda(device: str, precision: str, here: Machine, training: bool) -> Choice:
    name = here.cuda[int(device[5:])]
    if precision == "bf16" and not here.bf16:
        return Choice(
            device,
            "fp32",
            f"{name} ({device}) in fp32, though bf16 was asked for: this graphics processor cannot compute"
            " bf16.",
        )
    if precision == "fp16" and training:
        instead = "bf16" if here.bf16 else "fp32"
        return Choice(
            device,
            instead,
            f"{name} ({device}) in {instead}, though fp16 was asked for: training overflows in fp16.",
        )
    if precision == "auto":
        return Choice(
            device,
            "fp32",
            f"{name} ({device}) in fp32: exact, and fast enough for models of this size; choose bf16 to save"
            " memory.",
        )
    return Choice(device, precision, f"{name} ({device}) in {precision}, as asked.")
