"""What a family that speaks can do: a text and a voice in, sound out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from core.families.base import Clip, Example, Prepared

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
