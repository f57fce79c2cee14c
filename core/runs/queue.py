"""The queue without a daemon: a worker waits until no older run wants its device, then locks the device."""

from __future__ import annotations

import platform
import re
import socket
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from core.config import DataRoot
from core.files import read_json
from core.locks import FileLock
from core.run_dir import RunDir
from core.runs.jobs import EXCLUSIVE, Stopped

POLL = 0.5


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


def take_turn(run: RunDir, order: dict[str, Any]) -> FileLock:
    """Wait until this run is first on its device and lock the device. Raises Stopped when asked to stop."""
    data, device = data_root(run), order.get("device", "auto")
    path = lock_path(data, device)
    path.parent.mkdir(parents=True, exist_ok=True)
    told = ""
    while True:
        if run.stop_requested():
            raise Stopped("while it waited for its turn")
        rivals = _rivals(run, data, device_key(device))
        older = [other for other, number, _ in rivals if number < order["order"]]
        if not older and (lock := FileLock.try_take(path)):
            return lock
        told = _tell(run, older or [other for other, _, state in rivals if state == "running"], told)
        time.sleep(POLL)


def _rivals(run: RunDir, data: DataRoot, device: str) -> list[tuple[RunDir, int, str]]:
    """Other living runs that want `device` for themselves: run, order and state, oldest order first."""
    found = []
    for path in data.path.glob("*/runs/*/run.json"):
        other = RunDir(path.parent)
        if other.id == run.id or other.status().state not in ("queued", "running"):
            continue
        wish, state = read_json(path), other.state()
        same = wish["kind"] in EXCLUSIVE and device_key(wish.get("device", "auto")) == device
        if same and state in ("queued", "running"):
            found.append((other, int(wish["order"]), str(state)))
    return sorted(found, key=lambda rival: rival[1])


def _tell(run: RunDir, ahead: list[RunDir], told: str) -> str:
    sentence = f"Waiting for {ahead[0].id}." if ahead else "Waiting for the device, which another run holds."
    if sentence != told:
        run.write_status("queued", sentence)
    return sentence
