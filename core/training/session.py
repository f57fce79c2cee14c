"""Everything that one run holds while it trains, and its progress: what must survive a kill."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.families.base import Prepared, Trains
from core.families.base.options import LoopOptions
from core.families.base.phases import Phase
from core.run_dir import RunDir
from core.training.corpus import Corpus

if TYPE_CHECKING:
    import torch

    from core.training.feeding import Feed
    from core.training.ranks import Ranks
    from core.training.reporting import Reporter


@dataclass(frozen=True)
class Best:
    """The newest checkpoint whose validation WER is not clearly above `lowest`, the lowest that was seen.

    A few clips prove little: of looks that differ by chance the later, annealed one is taken, which has
    forgotten less than one from the time of the high learning rate. A model that speaks has no WER (None): it
    is judged by its loss, of which the lowest is the best.
    """

    name: str
    wer: float | None
    loss: float
    lowest: float

    def followed_by(self, name: str, wer: float | None, loss: float, n_words: int) -> Best:
        """The best after another look at `n_words` words of the validation clips."""
        if wer is None:
            return Best(name, None, loss, loss) if loss < self.lowest else self
        lowest = min(self.lowest, wer)
        if _clearly_above(wer, lowest, n_words):
            return replace(self, lowest=lowest)
        return Best(name, wer, loss, lowest)


def _clearly_above(wer: float, lowest: float, n_words: int) -> bool:
    """Whether a rate is above another by more than two standard errors of their difference."""
    variance = sum(rate * (1 - rate) for rate in (min(wer, 1.0), min(lowest, 1.0))) / max(1, n_words)
    return wer - lowest > 2 * math.sqrt(variance)


@dataclass
class Progress:
    """Where the run is: `step` is done, `cursor` windows of `epoch` are used up, `micro`
    clips go through at once."""

    step: int = 0
    epoch: int = 0
    cursor: int = 0
    micro: int = 0
    bad_streak: int = 0
    stale_looks: int = 0
    best: Best | None = None

    def to_json(self) -> dict[str, Any]:
        """As it goes into a checkpoint."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Progress:
        """The inverse of `to_json`; a best of before `lowest` was kept is taken as the lowest itself."""
        best = raw["best"]
        return cls(**{**raw, "best": Best(**{"lowest": best["wer"], **best}) if best else None})


@dataclass(frozen=True)
class Plan:
    """An order that was found to be possible: nothing heavy is loaded yet."""

    order: dict[str, Any]
    family: Trains
    options: LoopOptions
    base: Path
    base_id: str
    dataset: Path
    fingerprint: str
    prepared: Prepared
    train: Corpus
    val: Corpus


@dataclass
class Session:
    """A plan with its model, optimizer and progress; of the parameters `movable` those of the present phase
    are trained."""

    run: RunDir
    plan: Plan
    ranks: Ranks
    report: Reporter
    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    phases: tuple[Phase, ...]
    movable: frozenset[str]
    feed: Feed
    phase: int = 0
    progress: Progress = field(default_factory=Progress)

    @property
    def options(self) -> LoopOptions:
        """The options of the run."""
        return self.plan.options

    @property
    def steps(self) -> int:
        """Steps of all phases."""
        return sum(phase.steps for phase in self.phases)

    @property
    def family(self) -> Trains:
        """The family of the model."""
        return self.plan.family

    def close(self) -> None:
        """End what runs beside this process."""
        self.feed.close()
        self.ranks.close()

    def trained(self) -> dict[str, torch.nn.Parameter]:
        """The parameters that are trained in the present phase, by name."""
        return {name: p for name, p in self.model.named_parameters() if p.requires_grad}
