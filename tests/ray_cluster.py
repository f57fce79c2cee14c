"""Two Ray nodes on this machine, one core each: on the loopback address alone, telling nobody of themselves,
and ended with every process that they started."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import psutil
import pytest

from core.spread import ADDRESS

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # as there, nodes call themselves 127.0.0.1 and listen there
    "RAY_DEDUP_LOGS": "0",
}


def missing() -> None:
    """Without Ray the test is skipped, in .ci/run it fails."""
    give_up = pytest.fail if os.environ.get("VOICEWRIGHT_CI") else pytest.skip
    if find_spec("ray") is None:  # not imported yet: it reads QUIET when it is
        give_up("Ray is not installed here: pip install -r requirements-ray.txt")


@contextmanager
def two_nodes() -> Iterator[Any]:
    """The cluster, to which this process is connected; `address` is what RAY_ADDRESS names."""
    missing()
    home = tempfile.mkdtemp(prefix="ray")  # short: the paths of sockets hold 107 letters
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(ADDRESS, raising=False)
        for name, value in {**QUIET, "RAY_TMPDIR": home}.items():
            patch.setenv(name, value)
        import ray
        from ray.cluster_utils import Cluster

        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        try:
            made.add_node(num_cpus=1)
            ray.init(address=made.address, log_to_driver=False)
            yield made
        finally:
            started = psutil.Process().children(recursive=True)
            ray.shutdown()
            made.shutdown()
            _, left = psutil.wait_procs([each for each in started if "ray" in _line(each)], timeout=20)
            shutil.rmtree(home, ignore_errors=True)
    assert not left, f"still there: {left}"


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def connections() -> list[tuple[str, str]]:
    """(address here, address there, "" for one that listens) of this process and all that it started."""
    found = []
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        try:
            held = process.net_connections(kind="inet")
        except psutil.Error:
            continue
        found += [(each.laddr.ip, each.raddr.ip if each.raddr else "") for each in held]
    return found
