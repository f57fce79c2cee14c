"""The queue without a daemon: a worker waits until no run before it wants its device, then locks it."""

from __future__ import annotations

import logging
import platform
import re
import socket
import sys
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from core.config import DataRoot
from core.errors import StudioError
from core.files import read_json
from core.locks import FileLock
from core.run_dir import RunDir
from core.runs import places
from core.runs.jobs import EXCLUSIVE, Stopped
from core.runs.machines import Machines

log = logging.getLogger(__name__)
POLL = 0.5


class Turn:
    """The locks of the devices that a run works on."""

    def __init__(self, locks: Sequence[FileLock]) -> None:
        self._locks = list(locks)

    @classmethod
    def try_take(cls, paths: Sequence[Path]) -> Turn | None:
        """All of them, or None and none of them."""
        held: list[FileLock] = []
        for path in paths:
            lock = FileLock.try_take(path)
            if lock is None:
                cls(held).release()
                return None
            held.append(lock)
        return cls(held)

    def release(self) -> None:
        """Free the devices."""
        for lock in self._locks:
            lock.release()


def data_root(run: RunDir) -> DataRoot:
    """The data root that a run lies in: `DATA/<project>/runs/<id>`."""
    return DataRoot(run.path.resolve().parents[2])


def device_key(device: str) -> str:
    """Which physical device an order means, without importing torch: `cpu`, `mps` or `cuda-N`.

    "auto" is guessed as torch will choose it. A wrong guess costs waiting or company, never correctness.
    """
    if device == "auto":
        return _likely_device()
    if device == "cuda":
        return "cuda-0"
    return re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-")


def device_keys(order: dict[str, Any]) -> list[str]:
    """All devices that an order means: several processes take as many graphics processors, in a row."""
    first = device_key(str(order.get("device") or "auto"))
    if not re.fullmatch(r"cuda-\d+", first):
        return [first]
    start = int(first.removeprefix("cuda-"))
    return [f"cuda-{number}" for number in range(start, start + Machines.of(order).here)]


def _likely_device() -> str:
    if sys.platform == "darwin":
        return "mps" if platform.machine() == "arm64" else "cpu"
    if metadata.version("torch").endswith("+cpu"):
        return "cpu"
    nodes = ("/dev/nvidia0", "/dev/dxg", "/dev/kfd")
    return "cuda-0" if any(Path(node).exists() for node in nodes) else "cpu"


def lock_path(data: DataRoot, device: str) -> Path:
    """The lock file of a device of this machine (the data root may lie on a shared disk)."""
    host = re.sub(r"[^\w-]+", "-", socket.gethostname()) or "host"
    return data.locks / f"{host}-{device_key(device)}"


def take_turn(run: RunDir, order: dict[str, Any]) -> Turn:
    """Wait until this run is first on its devices and lock them. Raises Stopped when asked to stop."""
    data, keys = data_root(run), device_keys(order)
    data.locks.mkdir(parents=True, exist_ok=True)
    told = ""
    while True:
        if run.stop_requested():
            raise Stopped("while it waited for its turn")
        ahead, at_work = _rivals(run, order, data, set(keys))
        if not ahead and (turn := Turn.try_take([lock_path(data, key) for key in keys])):
            return turn
        told = _tell(run, ahead or at_work, told)
        time.sleep(POLL)


def _rivals(
    run: RunDir, order: dict[str, Any], data: DataRoot, keys: set[str]
) -> tuple[list[RunDir], list[RunDir]]:
    """Living runs that want one of these devices: those whose turn is before this one's, those at work."""
    living = [other for other in _living(data) if other[0].id != run.id and keys & set(device_keys(other[1]))]
    rank = places.ranking(data)
    mine = rank(run.id, int(order["order"]))
    first = sorted(living, key=lambda other: rank(other[0].id, int(other[1]["order"])))
    ahead = [other for other, wish, _ in first if rank(other.id, int(wish["order"])) < mine]
    return ahead, [other for other, _, state in first if state == "running"]


def _living(data: DataRoot) -> list[tuple[RunDir, dict[str, Any], str]]:
    """Runs that want a device for themselves and wait or work: run, order and state."""
    found = []
    for path in data.path.glob("*/runs/*/run.json"):
        run = RunDir(path.parent)
        try:
            if run.status().state not in ("queued", "running"):
                continue
            order, state = read_json(path), run.state()
        except StudioError as error:  # a damaged folder must not keep the others waiting
            log.warning("%s: %s", run.id, error)
            continue
        if order["kind"] in EXCLUSIVE and state in ("queued", "running"):
            found.append((run, order, str(state)))
    return found


def in_order(data: DataRoot, runs: Sequence[RunDir]) -> list[RunDir]:
    """Runs in the order in which their turns come."""
    rank = places.ranking(data)
    return sorted(runs, key=lambda run: rank(run.id, int(run.order()["order"])))


def _tell(run: RunDir, ahead: list[RunDir], told: str) -> str:
    sentence = f"Waiting for {ahead[0].id}." if ahead else "Waiting for the device, which another run holds."
    if sentence != told:
        run.write_status("queued", sentence)
    return sentence
