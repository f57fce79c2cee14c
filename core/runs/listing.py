"""Which runs there are and how they stand, read from their folders each time."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.config import DataRoot
from core.errors import BadInput, NotFound, StudioError
from core.run_dir import RunDir, State

LOST = (
    "Its process ended without a word (killed, out of memory, or the machine went down). "
    "Resume goes on from the last save."
)


@dataclass(frozen=True)
class RunCard:
    """One run as a list shows it; `started` and `at` (the last sign of life) are seconds since 1970."""

    id: str
    path: Path
    project: str
    kind: str
    state: State
    message: str = ""
    progress: float = 0.0
    seconds_left: float | None = None
    started: float = 0.0
    at: float = 0.0
    figures: dict[str, Any] = field(default_factory=dict)
    order: dict[str, Any] = field(default_factory=dict)

    @property
    def run(self) -> RunDir:
        """The run folder itself."""
        return RunDir(self.path)


def runs(data: DataRoot, project: str | None = None, kind: str | None = None) -> list[RunCard]:
    """All runs, newest first; of one project (its slug) or one kind, if given."""
    folders = [path.parent for path in data.path.glob(f"{project or '*'}/runs/*/run.json")]
    cards = [_card(RunDir(folder)) for folder in folders]
    wanted = [card for card in cards if kind in (None, card.kind)]
    return sorted(wanted, key=lambda card: (card.started, card.id), reverse=True)


def find(data: DataRoot, name: str) -> RunDir:
    """The run whose id is `name`, begins or ends with it (the short id); StudioError if none or several."""
    ids = {path.parent.name: path.parent for path in data.path.glob("*/runs/*/run.json")}
    if name in ids:
        return RunDir(ids[name])
    fitting = sorted(run for run in ids if name and (run.startswith(name) or run.endswith(f"-{name}")))
    if not fitting:
        raise NotFound(f"There is no run “{name}” in {data.path}; the list of runs shows their names.")
    if len(fitting) > 1:
        some = ", ".join(fitting[:3])
        raise BadInput(f"“{name}” fits {len(fitting)} runs ({some}, ...); write more of the name.")
    return RunDir(ids[fitting[0]])


def _card(run: RunDir) -> RunCard:
    project = run.path.parents[1].name
    try:
        order, status, state = run.order(), run.status(), run.state()
    except StudioError as error:  # a damaged folder must not hide the others
        return RunCard(run.id, run.path, project, "unknown", "failed", str(error))
    message = LOST if state == "lost" else status.message
    return RunCard(
        run.id,
        run.path,
        project,
        order["kind"],
        state,
        message,
        status.progress,
        status.seconds_left,
        order["order"] / 1e9,
        status.at,
        status.figures,
        order,
    )
