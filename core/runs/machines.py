"""The processes of one run: how many on how many machines, as an order or a file of `accelerate config` has
it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.settings_file import mapping_in

MOST = 64
PORT = 29500
"""The port at which machines meet where the file names none, as accelerate has it."""
KINDS = ("NO", "MULTI_CPU", "MULTI_GPU")
"""Ways of sharing the work that the one loop knows: each process has the whole model."""


@dataclass(frozen=True)
class Machines:
    """`n_processes` in all, the same number on each of `n` machines; this is machine `rank`, and they meet at
    `host`:`port`, which is on machine 0."""

    n_processes: int = 1
    n: int = 1
    rank: int = 0
    host: str = ""
    port: int = PORT
    elsewhere: bool = False
    """Another program starts them (core/runs/launch), on machines that may not be here."""

    @classmethod
    def of(cls, order: Mapping[str, Any]) -> Machines:
        """What an order says; one process where it says nothing."""
        held = order.get("machines")
        return cls(**held) if held else cls(int(order.get("devices") or 1))

    @property
    def here(self) -> int:
        """Processes on one machine."""
        return self.n_processes // self.n

    def arguments(self) -> list[str]:
        """The options of torch.distributed.run."""
        each = ["--nproc-per-node", str(self.here)]
        if self.n == 1:
            return ["--standalone", *each]
        meeting = ["--master-addr", self.host, "--master-port", str(self.port)]
        return ["--nnodes", str(self.n), *each, "--node-rank", str(self.rank), *meeting]


@dataclass(frozen=True)
class Shared:
    """What a file of `accelerate config` asks for."""

    machines: Machines
    device: str = "auto"
    precision: str = "auto"


def from_accelerate(path: Path) -> Shared:
    """What a file that `accelerate config` wrote asks for. Raises BadInput with what does not fit."""
    held = mapping_in(path)
    kind = str(held.get("distributed_type", "NO"))
    if str(held.get("compute_environment", "LOCAL_MACHINE")) != "LOCAL_MACHINE" or kind not in KINDS:
        raise BadInput(
            f"{path.name} shares the work in a way that this app does not know ({kind}); run accelerate"
            " config again and choose multi-CPU or multi-GPU."
        )
    precision = str(held.get("mixed_precision") or "no")
    return Shared(_machines(held, path.name), _device(held, kind, path.name),
                  precision if precision in ("bf16", "fp16") else "auto")


def _machines(held: Mapping[str, Any], name: str) -> Machines:
    n, total = _whole(held, "num_machines", 1, name), _whole(held, "num_processes", 1, name)
    if n < 1 or total < 1 or total % n or total > MOST * n:
        raise BadInput(
            f"{name} asks for {total} processes on {n} machines; make it the same number on each, 1 to"
            f" {MOST}."
        )
    host = str(held.get("main_process_ip") or "")
    if n > 1 and not host:
        raise BadInput(f"{name} names no main_process_ip, at which the {n} machines would meet; add it.")
    rank, port = _whole(held, "machine_rank", 0, name), _whole(held, "main_process_port", PORT, name)
    if rank >= n:
        raise BadInput(
            f"{name} says that this is machine {rank}, but {n} machines count from 0 to {n - 1}."
        )
    return Machines(total, n, rank, host, port)


def _device(held: Mapping[str, Any], kind: str, name: str) -> str:
    if held.get("use_cpu") or kind == "MULTI_CPU":
        return "cpu"
    named = [part.strip() for part in str(held.get("gpu_ids") or "all").split(",")]
    if not all(part.isdigit() for part in named):
        return "auto"
    numbers = [int(part) for part in named]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise BadInput(
            f"{name} names graphics processors that do not follow each other ({', '.join(named)}); name"
            " neighbours, or set CUDA_VISIBLE_DEVICES."
        )
    return f"cuda:{numbers[0]}"


def _whole(held: Mapping[str, Any], option: str, usual: int, name: str) -> int:
    value = held.get(option)
    if value is None:
        return usual
    if isinstance(value, bool) or not str(value).isdigit():
        raise BadInput(f"{option} in {name} is {value!r}, but should be a whole number.")
    return int(value)
