"""The devices of this machine as the page and the commands tell them, and how many processes each takes."""
from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.errors import BadInput, Refused
from core.modelling.offered import Offer, Watch
from core.runs.machines import MOST, Machines
from core.runs.queue import device_key

HARDWARE = Watch()


def offers(patience: float = 5.0) -> list[Offer]:
    """All devices with their free memory, as it was a few seconds ago at most."""
    return HARDWARE.known(patience)


def together(device: str, machines: Machines) -> dict[str, Any]:
    """How many processes, for an order. Refused where the device cannot take so many."""
    if machines.n_processes < 1 or machines.here > MOST:
        raise BadInput(f"A run takes 1 to {MOST} processes on a machine, not {machines.here}.")
    if machines.n > 1 or machines.elsewhere:
        return {"devices": machines.n_processes, "machines": asdict(machines)}
    if machines.n_processes > 1:
        _enough(device_key(device), machines.n_processes)
    return {"devices": machines.n_processes}


def _enough(key: str, n: int) -> None:
    """Each process on graphics processors has one of its own; those on the processor share its cores."""
    if key == "mps":
        raise Refused(f"The graphics processor of a Mac takes one process, not {n}; choose 1, or cpu.")
    if key.startswith("cuda-"):
        first = int(key.removeprefix("cuda-"))
        here = [offer.key for offer in offers() if offer.key.startswith("cuda:")]
        if here and f"cuda:{first + n - 1}" not in here:
            raise Refused(
                f"{n} processes need as many graphics processors from cuda:{first} on, and the last one here"
                f" is {here[-1]}; choose fewer."
            )
