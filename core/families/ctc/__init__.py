"""CTC models of transformers: Wav2Vec2 (and MMS) and Wav2Vec2-BERT. Recognises, aligns, and trains by LoRA or
by an MMS model's language adapters."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from core.families.base import Aligner, Batch, Emitter, Estimate, Example, Prepared
from core.families.base.options import LoopOptions, own
from core.families.base.phases import Phase
from core.families.ctc import adapters, augmentation, estimating, labels, languages, letters
from core.families.ctc import folder as folders
from core.families.ctc.options import PRESETS, CtcOptions, phases_of
from core.modelling import lora
from core.types import Finding, Prediction, Row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch

    from core.families.ctc.recognising import CtcRecogniser

SHORTEST = 0.05  # seconds: what the recogniser hears, and more than one frame


class CtcFamily:
    """Letters frame by frame; abilities Transcribes and Trains. The methods say what their Protocol says."""

    name = "ctc"
    title = "CTC (Wav2Vec2, MMS, Wav2Vec2-BERT)"
    options: type[LoopOptions] = CtcOptions
    presets: dict[str, dict[str, Any]] = PRESETS

    def claims(self, folder: Path) -> bool:
        """Whether `folder` holds a CTC model of a known architecture, or a training run of one; a language
        may be named behind it."""
        return folders.claims(languages.split(str(folder))[0])

    def recogniser(
        self, model: str, device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> CtcRecogniser:
        """Load a plain folder, or a training run's base with its best adapter. The language is the model's
        own; of several it is that of `FOLDER:LANGUAGE`, else `language` where the folder knows it."""
        from core.families.base.tuned import open_tuned
        from core.families.ctc.recognising import CtcRecogniser, open_plain
        from core.modelling import devices

        path, asked = languages.split(model)
        if not (path / "run.json").exists():
            return open_plain(path, device, precision, asked or languages.of_project(path, language))
        choice, tuned = devices.choose(device, precision), open_tuned(self, path)
        return CtcRecogniser(tuned.model, tuned.prepared, tuned.base, choice)

    def aligner(
        self, model: str, device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> Aligner:
        """As `recogniser`; the engine is named after the folder."""
        return self.recogniser(model, device, precision, language).aligner(model)

    def emitter(
        self, model: str, device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> Emitter:
        """As `recogniser`; the engine is named after the folder and the language."""
        from core.families.ctc.emitting import CtcEmitter

        path, asked = languages.split(model)
        loaded = self.recogniser(model, device, precision, language)
        return CtcEmitter(loaded, path, asked or languages.of_project(path, language))

    def languages(self, folder: Path) -> list[str]:
        """The languages whose adapters lie in `folder`."""
        return languages.on_disk(folder)

    def check_base(self, base: Path) -> None:
        """Raise StudioError with a sentence when `base` is incomplete, inconsistent or a pickle."""
        folders.read(base)

    def batch_limit(self, base: Path) -> int | None:
        """One where group norm or a strided adapter sees the padding, else no limit."""
        return 1 if folders.read(base).depends_on_padding else None

    def prepare(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Prepared:
        """The base's own vocabulary and letter case, as its output layer keeps its rows; where a language is
        taught, the letters of `rows`."""
        chosen = _ctc(options)
        folder = _source(base, chosen)
        if chosen.tune == "language":
            return letters.prepared_for(rows, folder, chosen.language)
        return labels.prepared_from(folder)

    def preflight(
        self, rows: Sequence[Row], base: Path, options: LoopOptions, learned: Sequence[Row] | None = None
    ) -> list[Finding]:
        """Clips without text, with letters that the model cannot write, or with more letters than frames; the
        alphabet of a language that is taught."""
        chosen, is_held_out = _ctc(options), learned is not None
        folder = _source(base, chosen)
        taken = [row for row in rows if row.split == "train"] if learned is None else learned
        prepared = self.prepare(taken, base, options)
        is_taught = chosen.tune == "language" and not is_held_out
        alphabet = letters.findings(prepared, folder, len(taken)) if is_taught else []
        return [*labels.findings(rows, folder, prepared, leave_out=is_taught), *alphabet]

    def phases(self, options: LoopOptions, n_windows: int) -> tuple[Phase, ...]:
        """One; of a language the output layer first, then its adapter too."""
        return phases_of(_ctc(options), n_windows)

    def base_model(self, base: Path, options: LoopOptions) -> str:
        """The folder, with the language that a run starts from."""
        source = _ctc(options).from_language
        return f"{base}:{source}" if source else str(base)

    def estimate(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Estimate:
        """Time and memory on this machine's processor."""
        chosen = _ctc(options)
        return estimating.estimate(rows, _source(base, chosen), chosen)

    def encoder_id(self, base: Path) -> str:
        """Changes with the feature settings."""
        return folders.read(base).encoder_id()

    def encode(self, row: Row, folder: Path, base: Path) -> npt.NDArray[np.float32]:
        """Mel frames (frames, bins x stride) or samples (n, 1) of one row."""
        from core.audio.read import read
        from core.families.ctc import network

        audio = read(
            folder / row.audio,
            row.start,
            row.end,
            rate=int(folders.features_of(base).get("sampling_rate", 16000)),
        )
        return network.extract(audio.samples, base)

    def example(self, row: Row, encoded: npt.NDArray[np.float32], prepared: Prepared) -> Example:
        """Features and labels of one row."""
        return Example(
            row.id,
            encoded,
            labels.encode(row.text, prepared, prepared.extra.get("unknown")),
            labels.normalise(row.text, prepared).lower(),
            row.seconds,
        )

    def labels_as_text(self, row: Row, prepared: Prepared) -> str:
        """What the labels of a row spell."""
        return labels.decode(labels.encode(row.text, prepared, prepared.extra.get("unknown")), prepared)

    def clip_limits(self, base: Path) -> tuple[float, float | None]:
        """As much as one frame needs; there is no longest clip."""
        return SHORTEST, None

    def augment(
        self, example: Example, prepared: Prepared, options: LoopOptions, seed: int, epoch: int
    ) -> Example:
        """Tempo, timbre, masks and noise, drawn from (seed, epoch, example.id)."""
        return augmentation.augment(example, prepared, _ctc(options), seed, epoch)

    def load(self, base: Path, prepared: Prepared, options: LoopOptions) -> torch.nn.Module:
        """The base in fp32 with fresh adapters, or with the language adapter that is taught further."""
        from core.families.ctc import network

        model: torch.nn.Module = network.load(base, prepared, _ctc(options))
        return model

    def load_plain(self, folder: Path) -> torch.nn.Module:
        """A base or merged folder as it is, in fp32, strict about its keys."""
        from core.families.ctc import network

        model: torch.nn.Module = network.load_plain(folder)
        return model

    def collate(self, examples: Sequence[Example], prepared: Prepared) -> Batch:
        """Padded inputs, mask, labels."""
        from core.families.ctc import network

        return network.collate(examples, prepared)

    def count(self, batch: Batch) -> dict[str, int]:
        """Letters to be written."""
        return {"ctc": int(batch["label_lengths"].sum())}

    def loss(self, model: torch.nn.Module, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
        """The CTC loss, summed."""
        from core.families.ctc import network

        return network.loss(model, batch)

    def predict(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[Prediction]:
        """Greedy decoding, as the recogniser does it."""
        from core.families.ctc import network

        return network.predict(model, examples, prepared)

    def outputs(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[npt.NDArray[np.float32]]:
        """Logits (frames, vocabulary) of each example."""
        from core.families.ctc import network

        return [network.frame_logits(model, [example], prepared)[0] for example in examples]

    def saved_state(self, model: torch.nn.Module) -> dict[str, torch.Tensor]:
        """Adapters and output layer."""
        return adapters.state(model) if adapters.is_taught(model) else lora.trained_state(model)

    def restore(self, model: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
        """Put `saved_state` back; every key and shape must fit."""
        (adapters.restore if adapters.is_taught(model) else lora.restore_state)(model, state)

    def weaken(self, model: torch.nn.Module, share: float) -> None:
        """Keep `share` of the adapters and of the output layer's change."""
        (adapters.weaken if adapters.is_taught(model) else lora.weaken)(model, share)

    def base_of(self, model: torch.nn.Module) -> AbstractContextManager[None]:
        """Inside it the model answers as the base does."""
        return (adapters.as_begun if adapters.is_taught(model) else lora.without_adapter)(model)

    def merge(self, model: torch.nn.Module, base: Path, out: Path, dtype: str) -> torch.nn.Module:
        """Write a plain folder (bf16 or fp32) and return the merged fp32 model."""
        from core.families.ctc import network

        merged: torch.nn.Module = network.merge(model, base, out, dtype)
        return merged


def _source(base: Path, options: CtcOptions) -> folders.Folder:
    """The base in the language to start from; BadInput where a language is to be taught to a model without
    room for its adapter."""
    folder = folders.read(base, options.from_language)
    if options.tune == "language" and not folder.has_adapters:
        raise BadInput(
            f"{base.name} has no language adapters (its config.json lacks adapter_attn_dim or"
            " do_stable_layer_norm), so no language can be taught to it that way; set the option “tune” to"
            " lora."
        )
    return folder


def _ctc(options: LoopOptions) -> CtcOptions:
    return own(options, CtcOptions)
