"""The line of waiting runs: who is next, for whom each waits, and how a person changes it."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import DataRoot
from core.errors import BadInput
from core.runs import listing, places
from core.runs.jobs import EXCLUSIVE
from core.runs.listing import RunCard
from core.runs.queue import device_keys


@dataclass(frozen=True)
class Waiting:
    """A waiting run: its place from 1, the devices that it wants, and the run that it waits for ("" for none:
    it starts by itself, or another program has its device)."""

    card: RunCard
    place: int
    devices: tuple[str, ...]
    behind: str = ""

    @property
    def reason(self) -> str:
        """Why it waits, as a sentence."""
        return self.card.message if self.card.message.startswith("Waiting for") else "Waiting to start."


def line(data: DataRoot, cards: list[RunCard] | None = None) -> list[Waiting]:
    """All waiting runs that want a device for themselves, first come first."""
    cards = listing.runs(data) if cards is None else cards
    living = [card for card in cards if card.kind in EXCLUSIVE and card.state in ("queued", "running")]
    rank = places.ranking(data)
    working = [card for card in living if card.state == "running"]
    waiting = sorted((card for card in living if card.state == "queued"),
                     key=lambda card: rank(card.id, int(card.order["order"])))
    made = []
    for place, card in enumerate(waiting, 1):
        wanted = set(device_keys(card.order))
        ahead = [each for each in [*working, *waiting[: place - 1]] if wanted & set(device_keys(each.order))]
        made.append(Waiting(card, place, tuple(sorted(wanted)), ahead[-1].id if ahead else ""))
    return made


def move(data: DataRoot, run_id: str, place: int) -> list[Waiting]:
    """Give a waiting run another place, 1 being the next; a number past the end means the last.

    Raises BadInput for a run that does not wait: one that works keeps its device until it ends.
    """
    name = listing.find(data, run_id).id

    def change() -> list[str]:
        ids = [each.card.id for each in line(data)]
        if name not in ids:
            raise BadInput(f"Run {name} does not wait, so it has no place in the queue.")
        ids.remove(name)
        ids.insert(max(0, place - 1), name)
        return ids

    places.rearrange(data, change)
    return line(data)
