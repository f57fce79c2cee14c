"""LaCT recognisers: CTC over layers whose weights learn while they hear (arXiv 2505.23884), trained from
scratch. Experimental."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Unavailable
from core.families.base import Batch, Emitter, Estimate, Example, Prepared, Recogniser
from core.families.base.options import LoopOptions, own
from core.families.base.phases import Phase, whole_run
from core.families.lact import augmentation, estimating, labels, preparing
from core.families.lact import findings as finding
from core.families.lact import folder as folders
from core.families.lact.options import PRESETS, LactOptions
from core.modelling.lact import features
from core.types import Finding, Prediction, Row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch

SHORTEST = 0.05  # seconds: what the recogniser hears


class LactFamily:
    """Letters frame by frame; abilities Transcribes, Emits and Trains. The methods say what their Protocol
    says."""

    name = "lact"
    title = "LaCT from scratch (experimental)"
    options: type[LoopOptions] = LactOptions
    presets: dict[str, dict[str, Any]] = PRESETS

    def claims(self, folder: Path) -> bool:
        """Whether `folder` holds a model of this family or a training run of one; a beam may be named behind
        it."""
        from core.families.lact.recognising import split

        return folders.claims(split(str(folder))[0])

    def blank(self) -> Path:
        """The folder without weights that a run from scratch has as its base."""
        return folders.BLANK_FOLDER

    def with_beam(self, model: str, beam: int) -> str:
        """`model` by the name that `recogniser` opens with a beam of this width."""
        return f"{model}:beam{beam}" if beam > 1 else model

    def recogniser(
        self, model: str, device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> Recogniser:
        """Load a plain folder, or a training run's best checkpoint, with the beam of `FOLDER:beam8`; a blank
        folder writes nothing."""
        from core.families.base.tuned import open_tuned
        from core.families.lact import network
        from core.families.lact.recognising import LactRecogniser, Wordless, split
        from core.modelling import devices

        path, beam = split(model)
        choice = devices.choose(device, precision)
        if (path / "run.json").exists():
            tuned = open_tuned(self, path)
            return LactRecogniser(tuned.model, tuned.prepared, choice, beam)
        if folders.read(path).is_blank:
            return Wordless()
        prepared = self.prepare([], path, LactOptions())
        return LactRecogniser(network.load_plain(path), prepared, choice, beam)

    def emitter(
        self, model: str, device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> Emitter:
        """As `recogniser`; the engine is named after the folder. Unavailable for a blank one."""
        from core.families.lact.emitting import LactEmitter
        from core.families.lact.recognising import LactRecogniser, split

        loaded, path = self.recogniser(model, device, precision, language), split(model)[0]
        if not isinstance(loaded, LactRecogniser):
            raise Unavailable(f"{path.name} is blank: it has no weights until a run has trained some.")
        return LactEmitter(loaded, path)

    def check_base(self, base: Path) -> None:
        """Raise StudioError with a sentence when `base` is incomplete, inconsistent or a pickle."""
        folders.read(base)

    def batch_limit(self, base: Path) -> int | None:
        """None: nothing in the network sees the padding."""
        return None

    def prepare(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Prepared:
        """Vocabulary and measures: of a blank base the letters of `rows` and the size that was chosen, else
        those of the base; and the chunk that follows from the clips."""
        return preparing.prepared_for(rows, folders.read(base), _lact(options))

    def preflight(
        self, rows: Sequence[Row], base: Path, options: LoopOptions, learned: Sequence[Row] | None = None
    ) -> list[Finding]:
        """Clips that cannot be learned from, and those in which the fast weights never learn."""
        taken = [row for row in rows if row.split == "train"] if learned is None else learned
        return finding.findings(rows, self.prepare(taken, base, options), _lact(options))

    def phases(self, options: LoopOptions, n_windows: int) -> tuple[Phase, ...]:
        """One."""
        return whole_run(options)

    def base_model(self, base: Path, options: LoopOptions) -> str:
        """The folder; a blank one writes nothing."""
        return str(base)

    def estimate(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Estimate:
        """Time and memory on this machine's processor, and the updates of the fast weights."""
        train = [row for row in rows if row.split == "train"]
        return estimating.estimate(rows, self.prepare(train, base, options), _lact(options))

    def encoder_id(self, base: Path) -> str:
        """Changes with the feature settings."""
        return folders.encoder_id(_bins(base))

    def encode(self, row: Row, folder: Path, base: Path) -> npt.NDArray[np.float32]:
        """Log-mel frames (frames, bins) of one row."""
        from core.audio.read import read

        audio = read(folder / row.audio, row.start, row.end, rate=features.RATE)
        return features.log_mel(audio.samples, _bins(base))

    def example(self, row: Row, encoded: npt.NDArray[np.float32], prepared: Prepared) -> Example:
        """Features and labels of one row."""
        return Example(row.id, encoded, labels.encode(row.text, prepared.vocabulary),
                       labels.normalise(row.text), row.seconds)

    def labels_as_text(self, row: Row, prepared: Prepared) -> str:
        """What the labels of a row spell."""
        return labels.decode(labels.encode(row.text, prepared.vocabulary), prepared.vocabulary)

    def clip_limits(self, base: Path) -> tuple[float, float | None]:
        """As much as the recogniser needs; the longest clip is an option."""
        return SHORTEST, None

    def augment(
        self, example: Example, prepared: Prepared, options: LoopOptions, seed: int, epoch: int
    ) -> Example:
        """Tempo and masks, drawn from (seed, epoch, example.id)."""
        return augmentation.augment(example, _lact(options), seed, epoch)

    def load(self, base: Path, prepared: Prepared, options: LoopOptions) -> torch.nn.Module:
        """The network with the base's weights, or with fresh ones drawn from the seed; all trainable."""
        from core.families.lact import network

        return network.load(base, prepared, options.seed)

    def load_plain(self, folder: Path) -> torch.nn.Module:
        """A merged folder as it is, in fp32, strict about its keys."""
        from core.families.lact import network

        return network.load_plain(folder)

    def collate(self, examples: Sequence[Example], prepared: Prepared) -> Batch:
        """Padded mel frames, lengths, labels."""
        from core.families.lact import network

        return network.collate(examples, prepared)

    def count(self, batch: Batch) -> dict[str, int]:
        """Letters to be written."""
        return {"ctc": int(batch["label_lengths"].sum())}

    def loss(self, model: torch.nn.Module, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
        """The CTC loss, summed."""
        from core.families.lact import network

        return network.loss(model, batch)

    def predict(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[Prediction]:
        """Greedy decoding, as the recogniser does it."""
        from core.families.lact import network

        return network.predict(model, examples, prepared)

    def outputs(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[npt.NDArray[np.float32]]:
        """Logits (frames, vocabulary) of each example."""
        from core.families.lact import network

        return [network.frame_logits(model, [example], prepared)[0] for example in examples]

    def saved_state(self, model: torch.nn.Module) -> dict[str, torch.Tensor]:
        """All weights: there is no base to leave any out for."""
        from core.families.lact import network

        return network.state_of(model)

    def restore(self, model: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
        """Put `saved_state` back; every key and shape must fit."""
        from core.families.lact import network

        network.fit(model, state, "the checkpoint")

    def weaken(self, model: torch.nn.Module, share: float) -> None:
        """Keep `share` of what was learned since the beginning."""
        from core.families.lact import network

        network.weaken(model, share)

    def base_of(self, model: torch.nn.Module) -> AbstractContextManager[None]:
        """Inside it the model has the weights that it began with."""
        from core.families.lact import network

        return network.as_begun(model)

    def merge(self, model: torch.nn.Module, base: Path, out: Path, dtype: str) -> torch.nn.Module:
        """Write a plain folder (bf16 or fp32) and return the fp32 model."""
        from core.families.lact import network

        return network.merge(model, out, dtype)


def _bins(base: Path) -> int:
    config = folders.read(base).config
    return config.bins if config else preparing.BINS


def _lact(options: LoopOptions) -> LactOptions:
    return own(options, LactOptions)
