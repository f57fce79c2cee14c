"""What a family that speaks can do: a text and a voice in, sound out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from core.families.base import Clip, Example, Prepared
from core.families.base.options import LoopOptions
from core.types import Row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch


class SpeakOptions(BaseModel):
    """How a model chooses among the sounds that it finds likely; form, JSON and command line come from
    these fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(
        default=7, ge=0, le=2**31 - 1, description="The same seed says the same text in the same way."
    )
    temperature: float = Field(
        default=0.7,
        ge=0,
        le=2,
        description="How freely the model chooses: 0 takes what is likeliest, higher is livelier and errs"
        " more.",
    )
    top_k: int = Field(
        default=50,
        ge=0,
        le=1024,
        description="Choose among so many of the likeliest sounds; 0 is all of them.",
    )
    top_p: float = Field(
        default=0.95, gt=0, le=1, description="Choose among the likeliest sounds that make up this share."
    )


@dataclass(frozen=True)
class Reference:
    """Speech of the voice that is wanted, and what is said in it."""

    clip: Clip
    text: str


@dataclass(frozen=True)
class Spoken:
    """What a model said: `samples` (n_samples,) float32 of -1 to 1 at `sample_rate` hertz, made from `codes`
    (frames, codebooks) of `codebook_size` values each; `stopped` where the model ended by itself, before the
    limit."""

    samples: npt.NDArray[np.float32]
    sample_rate: int
    codes: npt.NDArray[np.int64]
    codebook_size: int
    stopped: bool


class Voice(Protocol):
    """A model that is loaded to speak."""

    frame_rate: float
    """Frames of codes in a second."""

    def speak(
        self,
        text: str,
        reference: Reference | None,
        options: SpeakOptions,
        most_seconds: float,
        tell: Callable[[float], None] | None = None,
    ) -> Spoken:
        """Say one text of at most a few sentences, in the voice of `reference` where there is one.

        Nothing runs past `most_seconds`; `tell` hears the seconds that are said so far, and may raise to end
        it. The same arguments give the same sound on one machine.
        """
        ...


@runtime_checkable
class Speaks(Protocol):
    """Turns text into speech."""

    name: str
    title: str

    def voice(self, model: str, device: str = "auto", precision: str = "auto") -> Voice:
        """Load `model`, a base folder or a training run (base + adapter). Raises Unavailable with the file to
        put where."""
        ...


@runtime_checkable
class GoesOn(Protocol):
    """Its models go on with a sound that they hear the beginning of."""

    def go_on(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared, base: Path
    ) -> list[Spoken]:
        """Each example with its own beginning and, from there on, what the model says: the likeliest, so the
        same each time. `base` has the codec."""
        ...


@runtime_checkable
class TellsCosts(Protocol):
    """What its models say is neither right nor wrong, so its runs are judged by what held-out clips cost."""

    def cost(
        self, model: torch.nn.Module, example: Example, prepared: Prepared
    ) -> dict[str, tuple[float, float]]:
        """What a whole clip costs `model`, its parts together where it is longer than a run reads: (nats,
        items) by the names that `core.evaluation.costs` tells; a name without an item is left out."""
        ...


@dataclass(frozen=True)
class Taught:
    """One pair as the training reads it and as production would ask for it, so that both can be compared.

    `ids` (places,) with a sound at the places `is_sound`, whose `columns` (n, codebooks) are those of the
    reference, `n_before` of them, and then those of the target. `targets` (places, codebooks) are what the
    output of each place is compared with after every shift, -100 where nothing is learned. `codes` (frames,
    codebooks) are those of the codec. `begin` and `end` are the marks of a codebook of `rows` values.
    `asked` are the (ids, columns) of production, `template` the ids of the folder's own template, None where
    it has none.
    """

    ids: npt.NDArray[np.int64]
    is_sound: npt.NDArray[np.bool_]
    columns: npt.NDArray[np.int64]
    n_before: int
    targets: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int64]
    begin: int
    end: int
    rows: int
    asked: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    template: npt.NDArray[np.int64] | None


@runtime_checkable
class LearnsToSpeak(Protocol):
    """Learns to speak from pairs of takes: one shows the voice, the other is learned. What it makes of a clip
    is a sound, so its runs are judged by what is heard, and the best of them by their loss."""

    def partner(
        self, rows: Sequence[Row], index: int, options: LoopOptions, seed: int, epoch: int
    ) -> int | None:
        """Which of `rows` is the reference of row `index`: a pure function of what is given, never the same
        clip; None where there is none. Without torch."""
        ...

    def with_reference(self, example: Example, reference: Example) -> Example:
        """The pair of both."""
        ...

    def say(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[Spoken]:
        """What the model says for each example, by the path that production uses, in the order given; the
        same each time."""
        ...

    def taught(self, example: Example, prepared: Prepared) -> Taught:
        """An example as the training collates it."""
        ...

    def misheard(self, examples: Sequence[Example]) -> list[Example]:
        """The examples with references that do not fit: of another speaker where there is one, else with the
        frames of their own in another order."""
        ...

    def sound_of(self, example: Example, prepared: Prepared) -> Spoken:
        """What an example teaches: its labels, read back, as a sound. BadInput for labels that teach none."""
        ...


@runtime_checkable
class Lightens(Protocol):
    """Makes a model smaller while it trains."""

    def lighten(self, model: torch.nn.Module, options: LoopOptions) -> None:
        """Change the weights that do not learn, in place, as the options say; what learns stays as it is."""
        ...
