"""What a model family can do. Each ability is a Protocol; tabs and steps ask `families.that(Trains)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from core.alignment.fit import Fit
from core.families.base.options import LoopOptions
from core.families.base.phases import Phase
from core.types import Finding, Prediction, Row, Word

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch


@dataclass(frozen=True)
class Clip:
    """Audio for a model: where it lies, and which part of it (seconds; `end` None is to the end)."""

    id: str
    path: Path
    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True)
class Prepared:
    """What a run learned about its data before the first step; saved whole inside every checkpoint (JSON)."""

    vocabulary: dict[str, int] = field(default_factory=dict)
    normaliser: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Example:
    """One encoded clip: `features` (frames, width), float32 or the codes of a codec, and `labels` (n_labels,)
    token ids; `seconds` of audio."""

    id: str
    features: npt.NDArray[Any]
    labels: tuple[int, ...]
    text: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Estimate:
    """What a run is expected to take, before it starts."""

    seconds: float
    memory_gb: float
    sentence: str


@dataclass(frozen=True)
class Pauses:
    """What a model's pause heads say while it hears one clip: `probabilities` (frames, heads) float32, of a
    pause of 0.5, 1, 2 and 3 s; `rate` in frames a second; before the clip stand `front` frames of silence.
    `words` are (frame at which it was written, word); the clip lasts `seconds`."""

    id: str
    probabilities: npt.NDArray[np.float32]
    rate: float
    front: int
    words: tuple[tuple[int, str], ...]
    seconds: float


@dataclass(frozen=True)
class Check:
    """One thing that was looked at before a model was called ready: `sentence` says what and how it came
    out; `value` may be at most `allowed`. `clips` are the ids of those on which models were compared."""

    name: str
    sentence: str
    value: float
    allowed: float
    clips: tuple[str, ...] = ()


Batch = dict[str, Any]
LEFT_OUT = "left_out"
"""The code of a finding that names clips which no run can learn from, and which it leaves out."""


@runtime_checkable
class Transcribes(Protocol):
    """Turns audio into text with word times and scores."""

    name: str
    title: str

    def claims(self, folder: Path) -> bool:
        """Whether `folder` (or a model name) holds a model of this family."""
        ...

    def recogniser(
        self, model: str, device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> Recogniser:
        """Load `model` (a folder or a size by name) once. Raises Unavailable with the file to put where."""
        ...


@runtime_checkable
class HasLanguages(Protocol):
    """Its folders may hold several languages, of which `FOLDER:LANGUAGE` names one."""

    def languages(self, folder: Path) -> list[str]:
        """The languages that can be used from `folder`; [] where it has one for all."""
        ...


@runtime_checkable
class Recogniser(Protocol):
    """A loaded model; `choice` says in one sentence which device and precision it uses and why."""

    choice: str

    def transcribe(self, clip: Clip) -> Prediction:
        """Text, words with times in seconds from the clip's start, and a score 0..1."""
        ...


@runtime_checkable
class Aligns(Protocol):
    """Finds when the words of a known text are spoken, and which of several wordings was."""

    name: str
    title: str

    def aligner(
        self, model: str, device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> Aligner:
        """Load `model` (a folder, a size by name, or "" where there is only one) once."""
        ...


@runtime_checkable
class AlignsToo(Protocol):
    """A loaded recogniser that aligns as well, with the same pass over a clip."""

    def aligner(self, model: str) -> Aligner:
        """The aligner that is named after `model`, of which this was loaded."""
        ...


@runtime_checkable
class Emits(Protocol):
    """Gives log-probabilities of long sound, frame by frame; they are kept and aligned as often as needed."""

    name: str
    title: str

    def emitter(
        self, model: str, device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> Emitter:
        """Load `model` (a folder) once."""
        ...


class Emitter(Protocol):
    """A loaded CTC model. `identity` changes when the same sound would give other frames; `blank` and
    `delimiter` (between words) are columns; `engine` is stored beside what was found ("ctc:starter")."""

    engine: str
    choice: str
    identity: str
    rate: int
    seconds_per_frame: float
    blank: int
    delimiter: int

    def emit(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Log-probabilities (frames, vocabulary) of mono `samples` (n,) at `rate`."""
        ...

    def spell(self, word: str) -> tuple[int, ...]:
        """The columns that write `word`; empty for one that the vocabulary cannot write."""
        ...

    def words(self, log_probs: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        """What the model writes freely, with times in seconds from the first frame and scores 0..1."""
        ...


@runtime_checkable
class ReadsLabels(Protocol):
    """Can say what the labels of a clip spell, so that a person sees what is taught. Works without torch."""

    def labels_as_text(self, row: Row, prepared: Prepared) -> str:
        """The text of a row's labels, made as training makes them and read back. BadInput for a text that has
        none."""
        ...


@runtime_checkable
class HasLimits(Protocol):
    """Takes clips of certain lengths only. Works without torch."""

    def clip_limits(self, base: Path) -> tuple[float, float | None]:
        """The shortest and the longest clip in seconds; None where any length will do."""
        ...


@runtime_checkable
class Probes(Protocol):
    """Its models may have heads that tell when a speaker has finished, by which clients end a turn."""

    name: str
    title: str

    def prober(self, model: str, device: str = "auto", precision: str = "auto") -> Prober:
        """Load `model` (a folder or a training run) once. Raises Unavailable, naming a model that has heads,
        for one without."""
        ...

    def why_not_probed(self, base: Path) -> str:
        """Why the model in `base` has no heads to probe, as a sentence; "" where it has. Without torch."""
        ...


@runtime_checkable
class Prober(Protocol):
    """A loaded model with pause heads."""

    choice: str

    def probe(self, clip: Clip) -> Pauses:
        """What the heads say at each frame of one clip, while the model writes freely."""
        ...


class Aligner(Protocol):
    """A loaded model; `engine` is stored beside the times that it finds ("ctc:starter")."""

    engine: str

    def listen(self, clip: Clip) -> Listened:
        """Hear one clip. Raises BadInput where there is too little sound."""
        ...


class Listened(Protocol):
    """One clip, heard once; any number of texts can be laid upon it."""

    def align(self, text: str) -> tuple[Word, ...]:
        """The words of `text` (as divided by spaces), times in seconds from the clip's start, scores 0..1.

        Raises BadInput where the text cannot be laid upon this sound: words the model does not know, or more
        of them than there is time for.
        """
        ...

    def fit(self, text: str) -> Fit | None:
        """How well `text` and this sound agree; None where the engine cannot tell. BadInput as `align`."""
        ...

    def compare(self, parts: Sequence[str | Sequence[str]]) -> list[dict[str, float]]:
        """For each part that is a list of wordings, how well each fits: log-likelihood a frame below the best
        (0). The parts in order, with one wording of each list, are the whole text. Wordings that were out of
        the question are missing; BadInput as for `align`.
        """
        ...


@runtime_checkable
class Trains(Protocol):
    """Translates between our types and its model; the loop, checkpoints and guards
    are shared (core/training).

    Everything down to `estimate` works without torch, so that a page may call it.
    """

    name: str
    title: str
    options: type[LoopOptions]
    presets: dict[str, dict[str, Any]]

    def claims(self, folder: Path) -> bool:
        """Whether the config in `folder` is of this family."""
        ...

    def check_base(self, base: Path) -> None:
        """Raise StudioError with a sentence when the folder cannot be trained (no
        vocabulary, a pickle, no config)."""
        ...

    def batch_limit(self, base: Path) -> int | None:
        """The largest micro-batch whose results do not depend on padding; None when any size is right."""
        ...

    def prepare(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Prepared:
        """Vocabulary and normaliser, from the base and the training rows."""
        ...

    def preflight(
        self, rows: Sequence[Row], base: Path, options: LoopOptions, learned: Sequence[Row] | None = None
    ) -> list[Finding]:
        """Everything that would silently spoil the run, named before it starts.

        `learned` are the training rows where `rows` are others, held out. Clips of a finding with the code
        LEFT_OUT are not trained on.
        """
        ...

    def base_model(self, base: Path, options: LoopOptions) -> str:
        """The base as a run of these options begins with it, by the name that `recogniser` opens."""
        ...

    def estimate(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Estimate:
        """Time and memory, said before the start."""
        ...

    def phases(self, options: LoopOptions, n_windows: int) -> tuple[Phase, ...]:
        """What moves when (`phases.whole_run` for most); an epoch has `n_windows` steps."""
        ...

    def encoder_id(self, base: Path) -> str:
        """Changes when the same audio would give other features."""
        ...

    def encode(self, row: Row, folder: Path, base: Path) -> npt.NDArray[Any]:
        """One row's audio as features (frames, width); deterministic, cached by content
        hash and `encoder_id` in the type of number that it has."""
        ...

    def example(self, row: Row, encoded: npt.NDArray[Any], prepared: Prepared) -> Example:
        """Features and labels of one row."""
        ...

    def augment(
        self, example: Example, prepared: Prepared, options: LoopOptions, seed: int, epoch: int
    ) -> Example:
        """Tempo, masking and noise: a pure function of (seed, epoch, example.id)."""
        ...

    def load(self, base: Path, prepared: Prepared, options: LoopOptions) -> torch.nn.Module:
        """The base with its trainable parts attached, fp32; missing or unexpected keys are an error."""
        ...

    def collate(self, examples: Sequence[Example], prepared: Prepared) -> Batch:
        """Padded tensors with masks."""
        ...

    def count(self, batch: Batch) -> Mapping[str, float]:
        """Supervised items a term, or the sum of their weights, known before the backward pass."""
        ...

    def loss(self, model: torch.nn.Module, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
        """term -> (sum over the supervised items, weight); the loop divides by counts."""
        ...

    def predict(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[Prediction]:
        """By the path that production uses; in the order given."""
        ...

    def outputs(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[npt.NDArray[np.float32]]:
        """What the model computes for each example (frames, classes), for comparing two
        models number by number."""
        ...

    def saved_state(self, model: torch.nn.Module) -> dict[str, torch.Tensor]:
        """The trained tensors only (adapter and whole modules saved beside it)."""
        ...

    def restore(self, model: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
        """Put `saved_state` back; every key must fit."""
        ...

    def weaken(self, model: torch.nn.Module, share: float) -> None:
        """Move what was trained towards the base, in place: 1 leaves it, 0 would be the base."""
        ...

    def base_of(self, model: torch.nn.Module) -> AbstractContextManager[None]:
        """Inside it the model answers as the base does: adapter and whole modules are off."""
        ...

    def merge(self, model: torch.nn.Module, base: Path, out: Path, dtype: str) -> torch.nn.Module:
        """Write a standalone folder (merged weights, vocabulary, feature settings); return
        the merged fp32 model."""
        ...

    def load_plain(self, folder: Path) -> torch.nn.Module:
        """A base or merged folder as it is, in fp32, strict about its keys."""
        ...


@runtime_checkable
class Exports(Protocol):
    """Writes a merged folder in the form of other programs, and proves that they would answer the same."""

    exports: dict[str, tuple[str, ...]]
    """Form -> the types of number that it may be written in."""

    def check_export(self, form: str, dtype: str) -> None:
        """Raise BadInput for a form or a type that is none here, Unavailable when the other program is not
        installed."""
        ...

    def export(
        self, folder: Path, form: str, dtype: str, out: Path, examples: Sequence[Example], prepared: Prepared
    ) -> tuple[Check, ...]:
        """Write `folder` (merged, fp32) as `form` to `out` (new), open it again by the other program's own
        way, and compare both on `examples`. Raises StudioError, with the figure, when they differ."""
        ...
