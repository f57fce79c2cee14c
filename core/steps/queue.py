"""The queue of training runs: what a tab and a command show of it, and how people change it."""
from __future__ import annotations

from core.errors import Refused
from core.library import Library
from core.runs import line as lines
from core.runs import listing
from core.runs import start as runs
from core.runs.line import Waiting
from core.runs.listing import RunCard


def line(lib: Library, cards: list[RunCard] | None = None) -> list[Waiting]:
    """The waiting runs of all projects, first come first: they share the devices. `cards` are all runs where
    they were read already."""
    return lines.line(lib.root, cards)


def move(lib: Library, run_id: str, place: int) -> list[Waiting]:
    """Give a waiting run another place, 1 being the next."""
    return lines.move(lib.root, run_id, place)


def take_out(lib: Library, run_id: str) -> None:
    """End a run that has not begun; Resume puts it in again. Refused for one that works: that is stopped."""
    run = listing.find(lib.root, run_id)
    if (state := run.state()) != "queued":
        raise Refused(f"Run {run.id} does not wait, it is {state}; stop it instead.")
    runs.stop(run)
