"""Whisper: OpenAI's own files through openai-whisper, and folders of transformers, which are trained by LoRA,
recognise with the prompt that they learned with, and go out to other programs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.families.base import Batch, Check, Estimate, Example, Prepared, Recogniser
from core.families.base.options import LoopOptions, own
from core.families.base.phases import Phase, whole_run
from core.families.whisper import augmentation, estimating, exporting, labels
from core.families.whisper import folder as folders
from core.families.whisper.exporting import EXPORTS, SHAPE
from core.families.whisper.files import FILES, find, model_files
from core.families.whisper.options import PRESETS, WhisperOptions
from core.files import read_json
from core.modelling import lora
from core.types import Finding, Prediction, Row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch


class WhisperFamily:
    """Text token by token; abilities Transcribes, Trains, ReadsLabels, Exports. The methods say what their
    Protocol says. A model is a size ("tiny.en", "turbo", ...), OpenAI's file, or a folder."""

    name = "whisper"
    title = "Whisper"
    sizes = tuple(FILES)
    options: type[LoopOptions] = WhisperOptions
    presets: dict[str, dict[str, Any]] = PRESETS
    exports: dict[str, tuple[str, ...]] = EXPORTS

    def claims(self, folder: Path) -> bool:
        """Whether this is a size by name, one of OpenAI's files or a folder that holds one, by file name, a
        Whisper of transformers (a language may be named behind it), one that was exported, or a training run
        of one."""
        path = folders.split(str(folder))[0]
        if (path / "run.json").exists():
            return bool(read_json(path / "run.json").get("family") == self.name)
        is_folder = folders.is_one(path) or (path / SHAPE).is_file()
        return str(folder) in FILES or is_folder or bool(model_files(path))

    def recogniser(
        self, model: str, device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> Recogniser:
        """Load `model`: a folder of transformers (`FOLDER:LANGUAGE` tells the language), a training run, or
        by openai-whisper a size, a file, a folder of files, `FOLDER/size` (there, else in its own cache).

        A size that is nowhere is downloaded; offline, Unavailable names the file and where to put it.
        """
        path, asked = folders.split(model)
        if (path / "run.json").exists() or folders.is_one(path):
            from core.families.whisper import recognising

            if (path / "run.json").exists():
                return recognising.open_run(self, path, device, precision)
            return recognising.open_folder(path, asked, device, precision, language)
        from core.families.whisper.recogniser import WhisperRecogniser, load, word_times_device

        choice = word_times_device(device, precision)
        if (path / SHAPE).is_file():
            told = asked or read_json(path / SHAPE)["language"] or language
            made = exporting.open_openai(path).to(choice.device)
            return WhisperRecogniser(made, choice.sentence, choice.precision, told, has_times=False)
        loaded = load(find(model), choice.device)
        return WhisperRecogniser(loaded, choice.sentence, choice.precision, language)

    def languages(self, folder: Path) -> list[str]:
        """The languages that can be named to the model in `folder`."""
        return folders.read(folder).languages if folders.is_one(folder) else []

    def check_base(self, base: Path) -> None:
        """Raise StudioError with a sentence when `base` is incomplete, inconsistent or a pickle."""
        folders.read(base)

    def batch_limit(self, base: Path) -> int | None:
        """None: the encoder always gets 30 seconds, and no token sees what stands behind it."""
        return None

    def prepare(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Prepared:
        """The base's own vocabulary, and the prompt in the language of the options or of `rows`."""
        return labels.prepared_for(rows, folders.read(base), _whisper(options).language)

    def preflight(
        self, rows: Sequence[Row], base: Path, options: LoopOptions, learned: Sequence[Row] | None = None
    ) -> list[Finding]:
        """Clips without text, with more sound or text than Whisper takes at once, with signs that it never
        writes, in another language."""
        taken = [row for row in rows if row.split == "train"] if learned is None else learned
        prepared = self.prepare(taken, base, options)
        return labels.findings(rows, folders.read(base), prepared, is_held_out=learned is not None)

    def phases(self, options: LoopOptions, n_windows: int) -> tuple[Phase, ...]:
        """One."""
        return whole_run(options)

    def base_model(self, base: Path, options: LoopOptions) -> str:
        """The folder, with the language that a run tells it."""
        language = folders.code_of(_whisper(options).language)
        return f"{base}:{language}" if language else str(base)

    def estimate(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Estimate:
        """Time and memory on this machine's processor."""
        return estimating.estimate(rows, folders.read(base), _whisper(options))

    def encoder_id(self, base: Path) -> str:
        """Changes with the feature settings."""
        return folders.read(base).encoder_id()

    def encode(self, row: Row, folder: Path, base: Path) -> npt.NDArray[np.float32]:
        """Mel frames (frames, bands) of one row, the silence behind it as one frame."""
        from core.audio.read import read
        from core.families.whisper import network

        source = folders.read(base)
        return network.extract(read(folder / row.audio, row.start, row.end, rate=source.rate).samples, source)

    def example(self, row: Row, encoded: npt.NDArray[np.float32], prepared: Prepared) -> Example:
        """Features and labels of one row."""
        return Example(
            row.id, encoded, labels.encode(row.text, prepared), labels.normalise(row.text), row.seconds
        )

    def labels_as_text(self, row: Row, prepared: Prepared) -> str:
        """What the labels of a row write."""
        return labels.decode(labels.encode(row.text, prepared), prepared)

    def augment(
        self, example: Example, prepared: Prepared, options: LoopOptions, seed: int, epoch: int
    ) -> Example:
        """Hidden stretches and bands, drawn from (seed, epoch, example.id)."""
        return augmentation.augment(example, _whisper(options), seed, epoch)

    def load(self, base: Path, prepared: Prepared, options: LoopOptions) -> torch.nn.Module:
        """The base in fp32 with fresh adapters."""
        from core.families.whisper import network

        model: torch.nn.Module = network.load(base, prepared, _whisper(options))
        return model

    def load_plain(self, folder: Path) -> torch.nn.Module:
        """A base or merged folder as it is, in fp32, strict about its keys."""
        from core.families.whisper import network

        model: torch.nn.Module = network.load_plain(folder)
        return model

    def collate(self, examples: Sequence[Example], prepared: Prepared) -> Batch:
        """Inputs, what the decoder is fed, and the target of each place."""
        from core.families.whisper import network

        return network.collate(examples, prepared)

    def count(self, batch: Batch) -> dict[str, int]:
        """Tokens to be written, the end of each text among them."""
        return {"tokens": int((batch["targets"] >= 0).sum())}

    def loss(self, model: torch.nn.Module, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
        """The cross entropy, summed."""
        from core.families.whisper import network

        return network.loss(model, batch)

    def predict(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[Prediction]:
        """Greedy generation, as the recogniser does it."""
        from core.families.whisper import network

        return network.predict(model, examples, prepared)

    def outputs(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[npt.NDArray[np.float32]]:
        """Logits (labels, vocabulary) of each example, the right text being given before each."""
        from core.families.whisper import network

        return network.outputs(model, examples, prepared)

    def saved_state(self, model: torch.nn.Module) -> dict[str, torch.Tensor]:
        """The adapters."""
        return lora.trained_state(model)

    def restore(self, model: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
        """Put `saved_state` back; every key and shape must fit."""
        lora.restore_state(model, state)

    def weaken(self, model: torch.nn.Module, share: float) -> None:
        """Keep `share` of the adapters."""
        lora.weaken(model, share)

    def base_of(self, model: torch.nn.Module) -> AbstractContextManager[None]:
        """Inside it the model answers as the base does."""
        return lora.without_adapter(model)

    def merge(self, model: torch.nn.Module, base: Path, out: Path, dtype: str) -> torch.nn.Module:
        """Write a plain folder (bf16 or fp32) and return the merged fp32 model."""
        from core.families.whisper import network

        merged: torch.nn.Module = network.merge(model, base, out, dtype)
        return merged

    def check_export(self, form: str, dtype: str) -> None:
        """Raise StudioError with a sentence for what cannot be written here."""
        exporting.check(form, dtype)

    def export(
        self, folder: Path, form: str, dtype: str, out: Path, examples: Sequence[Example], prepared: Prepared
    ) -> tuple[Check, ...]:
        """For openai-whisper or CTranslate2 (faster-whisper), opened again and compared."""
        return exporting.export(folder, form, dtype, out, examples, prepared)


def _whisper(options: LoopOptions) -> WhisperOptions:
    return own(options, WhisperOptions)
