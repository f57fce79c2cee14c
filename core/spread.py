"""One piece of work after another, here or over a Ray cluster: the same function, the same results in order.

Ray is used where it is installed and `RAY_ADDRESS` names a cluster (Ray's own variable; inside its jobs it is
set). Its machines see the same files at the same paths. Work whose process or machine dies is done again
elsewhere, so a function for it may be called twice: what it writes has to be the same each time.
"""
from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Protocol, TypeVar

from core.errors import Unavailable

log = logging.getLogger(__name__)
Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")

ADDRESS = "RAY_ADDRESS"
RETRIES = 5
"""How often a piece is done again whose process died; one that kills each of them ends with an error."""
AHEAD = 2
"""Pieces for each core of the cluster that are under way at once."""


class Spread(Protocol):
    """Where work is done."""

    def map(
        self, function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item]
    ) -> Iterator[Result]:
        """`function(shared, item)` of each item, in the order of the items; `shared` is sent once."""


class Here:
    """This process, one piece after the other."""

    def map(
        self, function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item]
    ) -> Iterator[Result]:
        """As `Spread.map`."""
        return (function(shared, item) for item in items)


class OnRay:
    """The cluster that this process is connected to."""

    def map(
        self, function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item]
    ) -> Iterator[Result]:
        """As `Spread.map`; what `function` raises comes back as it was. Unavailable for a lost cluster."""
        import ray

        task = ray.remote(num_cpus=1, max_retries=RETRIES)(function)
        sent = ray.put(shared)
        most = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
        under_way: deque[Any] = deque()
        for item in items:
            under_way.append(task.remote(sent, item))
            if len(under_way) >= most:
                yield _got(under_way.popleft())
        while under_way:
            yield _got(under_way.popleft())


def _got(piece: Any) -> Any:
    import ray

    try:
        return ray.get(piece)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayError as error:
        raise Unavailable(
            f"The Ray cluster could not end its work ({type(error).__name__}): start it again, or take"
            f" {ADDRESS} away, so that this machine works alone. What is ready is kept."
        ) from error


@contextmanager
def spread() -> Iterator[Spread]:
    """Ray where it is wanted and installed, else this process. A connection that was there before stays."""
    address = os.environ.get(ADDRESS, "")
    if not address:
        yield Here()
        return
    if find_spec("ray") is None:
        log.warning("%s names a cluster, but Ray is not installed here (requirements-ray.txt): this process "
                    "does the work alone.", ADDRESS)
        yield Here()
        return
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would report to its makers
    import ray

    if ray.is_initialized():
        yield OnRay()
        return
    ray.init(address=address, log_to_driver=False)
    try:
        yield OnRay()
    finally:
        ray.shutdown()
