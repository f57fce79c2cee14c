"""The devices of this machine by name, with their free memory: asked without torch, which no page loads."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata

GIB = 1 << 30
QUERY = "index,uuid,name,memory.total,memory.free"
FRESH = 15.0
"""Seconds after which the free memory is asked again."""


@dataclass(frozen=True)
class Offer:
    """One device: `key` as an order names it (cpu, mps, cuda:N), memory in GiB (None: not known), and for the
    processor its cores."""

    key: str
    name: str
    free: float | None = None
    total: float | None = None
    cores: int = 0

    @property
    def sentence(self) -> str:
        """The device as one line: "NVIDIA H200 (cuda:0), 120 of 139 GB free"."""
        name = f"Processor, {self.cores} cores" if self.key == "cpu" else f"{self.name} ({self.key})"
        if self.free is None or self.total is None:
            return name
        return f"{name}, {self.free:.0f} of {self.total:.0f} GB free"


Ask = Callable[[], str]


def nvidia_smi() -> str:
    """What nvidia-smi says, a line a graphics processor in the order of their slots; "" where none is."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    command = [program, f"--query-gpu={QUERY}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def nvidia(said: str, visible: str | None = None) -> list[Offer]:
    """The graphics processors in what nvidia-smi said; of them only those that CUDA_VISIBLE_DEVICES names, in
    its order, because so CUDA numbers them."""
    rows = [[part.strip() for part in line.split(",")] for line in said.splitlines() if line.count(",") == 4]
    if visible is not None:
        rows = _seen(rows, visible)
    return [Offer(f"cuda:{number}", name, _gib(free), _gib(total))
            for number, (_index, _uuid, name, total, free) in enumerate(rows)]


def _seen(rows: Sequence[list[str]], visible: str) -> list[list[str]]:
    """CUDA stops at the first name that fits none."""
    chosen = []
    for wish in filter(None, (part.strip() for part in visible.split(","))):
        fits = [row for row in rows if wish == row[0] or (wish[:4] == "GPU-" and row[1].startswith(wish))]
        if len(fits) != 1:
            break
        chosen.append(fits[0])
    return chosen


def _gib(mebibytes: str) -> float | None:
    return int(mebibytes) / 1024 if mebibytes.isdigit() else None


def processor() -> Offer:
    """The processor, with the memory that programs may still have."""
    import psutil

    memory = psutil.virtual_memory()
    return Offer("cpu", "", memory.available / GIB, memory.total / GIB, os.cpu_count() or 1)


def apple() -> Offer | None:
    """The graphics processor of an Apple chip, which shares the memory of the machine."""
    if sys.platform != "darwin" or platform.machine() != "arm64":
        return None
    shared = processor()
    return Offer("mps", "Apple GPU", shared.free, shared.total)


def torch_has_cuda() -> bool:
    """Whether the torch that is installed was built for CUDA: by its version, without loading it."""
    return sys.platform != "darwin" and not metadata.version("torch").endswith("+cpu")


def offers(ask: Ask = nvidia_smi, has_cuda: Callable[[], bool] = torch_has_cuda,
           environment: Mapping[str, str] = os.environ) -> list[Offer]:
    """All devices that a run can be started on, the fastest kind first."""
    cuda = nvidia(ask(), environment.get("CUDA_VISIBLE_DEVICES")) if has_cuda() else []
    return [*cuda, *filter(None, [apple()]), processor()]


class Watch:
    """The offers as they were at most `FRESH` seconds ago; asked in the background, because a program that
    has to wake a graphics processor may take seconds."""

    def __init__(self, find: Callable[[], list[Offer]] = offers) -> None:
        self._find = find
        self._found: list[Offer] = []
        self._at = -FRESH
        self._asking = threading.Lock()

    def known(self, patience: float = 0.0) -> list[Offer]:
        """What is known now, after `patience` seconds at most for a newer look; at first the processor."""
        if time.monotonic() - self._at >= FRESH:
            looking = threading.Thread(target=self._look, name="devices", daemon=True)
            looking.start()
            looking.join(patience)
        return self._found or [processor()]

    def _look(self) -> None:
        with self._asking:
            if time.monotonic() - self._at >= FRESH:  # another thread may have looked meanwhile
                self._found = self._find()
                self._at = time.monotonic()
