"""What a family may have in common with programs elsewhere: adapters and settings that go there and come
back, and what its clips and models need for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from core.families.base import Check
from core.families.base.options import LoopOptions
from core.types import Row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch


@runtime_checkable
class LearnsTimes(Protocol):
    """Learns when each word is spoken, and nothing from a clip whose words have no times. Without torch."""

    def untimed(self, rows: Sequence[Row]) -> tuple[str, ...]:
        """The ids of the clips that have a text and no word times."""
        ...


@runtime_checkable
class FromScratch(Protocol):
    """Trains models that begin with nothing."""

    name: str
    title: str

    def blank(self) -> Path:
        """The folder, shipped with the app, that a run from scratch has as its base: it holds no weights."""
        ...


@runtime_checkable
class SearchesBeams(Protocol):
    """Its recognisers may search for the likeliest text instead of the likeliest path."""

    def with_beam(self, model: str, beam: int) -> str:
        """`model` by the name under which `recogniser` opens it with a beam of this width; 1 is the path."""
        ...


@runtime_checkable
class KnowsItsSize(Protocol):
    """Its models have parts beside the weights that are trained. Without torch."""

    def export_bytes(self, base: Path, form: str, dtype: str) -> int:
        """What a model tuned on `base` takes on the disk as `form`."""
        ...


@dataclass(frozen=True)
class Frame:
    """One frame as it is shown: `time` in seconds of the clip, the text `token` as it is written in the
    vocabulary, the `word` that it belongs to, and how strong the coded sound is (`energy`, the length of its
    latent vector)."""

    time: float
    token: str
    word: str
    energy: float


@runtime_checkable
class Streams(Protocol):
    """Its models write while they hear. Without torch."""

    def stream_delay(self, model: Path) -> float:
        """By how many seconds the text of a folder or a training run comes later than its sound."""
        ...


class Step(Protocol):
    """What came with one frame of a stream: what it adds to the text."""

    @property
    def text(self) -> str: ...


class Along(Protocol):
    """One stream of sound."""

    def push(self, samples: npt.NDArray[np.float32]) -> Sequence[Step]:
        """What is written for the frames that `samples` (n,), mono at `rate` of its model, complete."""
        ...

    def finish(self) -> Sequence[Step]:
        """The rest of the text. Nothing can follow."""
        ...


@runtime_checkable
class ListensAlong(Protocol):
    """A loaded recogniser that writes while it hears; `stream_rate` in Hz."""

    stream_rate: int
    choice: str

    def listen(self) -> Along:
        """A stream of its own."""
        ...


@runtime_checkable
class ShowsFrames(Protocol):
    """Learns frame by frame, and can show what each of them holds."""

    def frames_of(self, row: Row, folder: Path, base: Path, options: LoopOptions) -> list[Frame]:
        """Every frame of one training example, the silence around the clip included (times below zero stand
        before it). BadInput for a clip that cannot be learned from."""
        ...


@dataclass(frozen=True)
class Brought:
    """An adapter that was trained elsewhere: the `options` of ours that its shape comes from, and its tensors
    as `Trains.restore` takes them."""

    options: dict[str, Any]
    state: dict[str, Any]


@runtime_checkable
class SharesAdapters(Protocol):
    """Its adapters go to another trainer alone, without their base, and come from there."""

    adapter_forms: dict[str, tuple[str, ...]]
    """Form -> the types of number that it may be written in."""

    def write_adapter(
        self, model: torch.nn.Module, options: LoopOptions, base: Path, form: str, dtype: str, out: Path
    ) -> None:
        """Write the adapter of a trained `model` to the new folder `out`."""
        ...

    def adapter_options(self, folder: Path, base: Path) -> dict[str, Any]:
        """The options of ours that the adapter in `folder` has, by its headers alone, without torch. Raises
        Unavailable or BadInput for what is no adapter of a model like `base`."""
        ...

    def read_adapter(self, folder: Path, base: Path) -> Brought:
        """The adapter in `folder`, which was trained on `base`. Raises as `adapter_options`."""
        ...


@runtime_checkable
class Converts(Protocol):
    """Its models lie in several layouts, of which each can be made of any other without a training."""

    name: str
    title: str
    layouts: dict[str, tuple[str, ...]]
    """Layout -> the types of number that it may be written in."""

    def convert(self, folder: Path, form: str, dtype: str, out: Path) -> tuple[Check, ...]:
        """Write the model in `folder` in the layout `form` to the new folder `out`, open it again, and
        compare both. Raises StudioError, with the figure, when they differ; nothing is left behind then."""
        ...


@dataclass(frozen=True)
class Foreign:
    """The settings of another trainer as ours: `options` of the family over those of `preset` ("": its first
    one), and `notes`, a sentence for each thing of theirs that is left out or has to be chosen here."""

    form: str
    options: dict[str, Any]
    notes: tuple[str, ...] = ()
    preset: str = ""


@runtime_checkable
class SharesSettings(Protocol):
    """Reads the settings of another trainer, and writes them. Without torch."""

    settings_form: str
    """The name of that trainer."""

    def is_meant_by(self, held: Mapping[str, Any]) -> bool:
        """Whether settings of that trainer are about a model of this family, as far as they tell."""
        ...

    def read_settings(self, held: Mapping[str, Any]) -> Foreign | None:
        """The settings in a file, None where they are not that trainer's. BadInput for a value that
        is none of its kind."""
        ...

    def write_settings(self, options: LoopOptions, base: Path, data: Mapping[str, str]
                       ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Our options for that trainer, nested as it has them, and the names of those that have no place
        there; `data` is where its train and val parts will lie."""
        ...
