"""Higgs-Audio v2: speaks a text in the voice of a reference, and learns a voice or a language by LoRA from
pairs of takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.families.base import Batch, Estimate, Example, Prepared
from core.families.base.options import LoopOptions, own
from core.families.base.phases import Phase, whole_run
from core.families.base.speaking import Spoken, Taught, Voice
from core.families.higgs import estimating, findings, labels, pairs
from core.families.higgs import folder as folders
from core.families.higgs.options import PRESETS, TINY, HiggsOptions
from core.files import read_json
from core.modelling import lora
from core.types import Finding, Prediction, Row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch

SHORTEST = 0.2  # seconds: five frames


class HiggsFamily:
    """Speech from text; abilities Speaks, Trains, LearnsToSpeak, ReadsLabels. The methods say what their
    Protocol says. A model is a folder of transformers with its codec, or a training run."""

    name = "higgs"
    title = "Higgs-Audio v2"
    options: type[LoopOptions] = HiggsOptions
    presets: dict[str, dict[str, Any]] = PRESETS
    tiny_options: dict[str, Any] = TINY

    def claims(self, folder: Path) -> bool:
        """Whether this is a folder of the kind, or a training run of this family."""
        if (folder / "run.json").exists():
            return bool(read_json(folder / "run.json").get("family") == self.name)
        return folders.is_one(folder)

    def voice(self, model: str, device: str = "auto", precision: str = "auto") -> Voice:
        """Load a base folder, or a training run (base + adapter)."""
        from core.families.higgs.voice import open_voice

        return open_voice(self, Path(model), device, precision)

    def make_tiny(self, folder: Path) -> Path:
        """Two layers of random weights with a codec of their own."""
        from core.modelling.higgs import tiny

        return tiny.make(folder)

    def check_base(self, base: Path) -> None:
        """Raise StudioError with a sentence when `base` is incomplete, inconsistent or a pickle."""
        folders.read(base)

    def clip_limits(self, base: Path) -> tuple[float, float | None]:
        """A few frames at least; what is too long to learn is left out by the options."""
        return SHORTEST, None

    def batch_limit(self, base: Path) -> int | None:
        """None: no place sees what is filled up before or behind it."""
        return None

    def base_model(self, base: Path, options: LoopOptions) -> str:
        """The folder."""
        return str(base)

    def prepare(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Prepared:
        """The marks of the folder."""
        return labels.prepared_for(folders.read(base))

    def preflight(
        self, rows: Sequence[Row], base: Path, options: LoopOptions, learned: Sequence[Row] | None = None
    ) -> list[Finding]:
        """Clips without text, with marks in it, too long, or without a reference in the same part."""
        return findings.of(rows, _higgs(options), is_held_out=learned is not None)

    def labels_as_text(self, row: Row, prepared: Prepared) -> str:
        """The text that the model is asked to say."""
        return labels.decode(labels.of_text(row.text, prepared), prepared)

    def phases(self, options: LoopOptions, n_windows: int) -> tuple[Phase, ...]:
        """One; before it one of the tables of sound alone, where the options say so."""
        known, rest = _higgs(options), whole_run(options)
        if not (known.train_tables and known.table_steps):
            return rest
        first = Phase("tables", known.table_steps, known.lr, known.warmup_steps, "constant",
                      ("modules_to_save",))
        return (first, *(replace(phase, name="adapter") for phase in rest))

    def estimate(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Estimate:
        """Time and memory on this machine's processor."""
        return estimating.estimate(rows, folders.read(base), _higgs(options))

    def encoder_id(self, base: Path) -> str:
        """Changes with the codec."""
        return folders.read(base).encoder_id()

    def encode(self, row: Row, folder: Path, base: Path) -> npt.NDArray[np.uint16]:
        """Codes (frames, codebooks) uint16 of one row."""
        import numpy as np

        from core.families.higgs import encoding

        return encoding.encode(folder / row.audio, row.start, row.end, base).astype(np.uint16)

    def example(self, row: Row, encoded: npt.NDArray[Any], prepared: Prepared) -> Example:
        """Codes and text of one row."""
        import numpy as np

        return labels.take(row, encoded.astype(np.int64), prepared)

    def augment(
        self, example: Example, prepared: Prepared, options: LoopOptions, seed: int, epoch: int
    ) -> Example:
        """As it is: another tempo or noise would be another voice. The pairs change from epoch to epoch."""
        return example

    def partner(
        self, rows: Sequence[Row], index: int, options: LoopOptions, seed: int, epoch: int
    ) -> int | None:
        """Another clip of the same speaker and part, drawn from (seed, epoch, id)."""
        known = _higgs(options)
        return pairs.partner(rows, index, known.least_reference, known.most_reference, seed, epoch)

    def with_reference(self, example: Example, reference: Example) -> Example:
        """The pair of both."""
        from core.families.higgs.network import as_take

        return replace(as_take(example), reference=as_take(reference))

    def load(self, base: Path, prepared: Prepared, options: LoopOptions) -> torch.nn.Module:
        """The base in fp32 with fresh adapters."""
        from core.families.higgs import network

        model: torch.nn.Module = network.load(base, prepared, _higgs(options))
        return model

    def lighten(self, model: torch.nn.Module, options: LoopOptions) -> None:
        """What is frozen in bf16, where the options say so."""
        from core.families.higgs import network

        if _higgs(options).half_base:
            network.halve(model)

    def load_plain(self, folder: Path) -> torch.nn.Module:
        """A base or merged folder as it is, in fp32, strict about its keys, without its codec."""
        from core.families.higgs import network

        model: torch.nn.Module = network.load_plain(folder)
        return model

    def collate(self, examples: Sequence[Example], prepared: Prepared) -> Batch:
        """Conversations with their sounds, of which the last alone has targets."""
        from core.families.higgs import network

        return network.collate(examples, prepared)

    def count(self, batch: Batch) -> Mapping[str, float]:
        """Learned codes by codebook."""
        from core.families.higgs import network

        return network.count(batch)

    def loss(self, model: torch.nn.Module, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
        """The cross entropy of each codebook, summed."""
        from core.families.higgs import network

        return network.loss(model, batch)

    def say(self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared) -> list[Spoken]:
        """What the model says for each example, the likeliest code at each place."""
        from core.families.higgs import saying

        return saying.say(model, examples, prepared)

    def taught(self, example: Example, prepared: Prepared) -> Taught:
        """A pair as the training collates it."""
        from core.families.higgs import teaching

        return teaching.taught(example, prepared)

    def misheard(self, examples: Sequence[Example]) -> list[Example]:
        """The pairs with references that do not fit."""
        from core.families.higgs import teaching

        return teaching.misheard(examples)

    def sound_of(self, example: Example, prepared: Prepared) -> Spoken:
        """The labels of an example as a sound."""
        from core.families.higgs import saying

        return saying.sound_of(example, prepared)

    def predict(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[Prediction]:
        """A line that sums up the codes which the model says: models of the same line say the same. What is
        heard in them is for a recogniser."""
        from core.families.higgs import saying

        return saying.predict(model, examples, prepared)

    def outputs(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[npt.NDArray[np.float32]]:
        """Logits (places, codebooks * rows) of each example, with the right codes before each place."""
        from core.families.higgs import network

        return network.outputs(model, examples, prepared)

    def saved_state(self, model: torch.nn.Module) -> dict[str, torch.Tensor]:
        """The adapters, and what is trained whole."""
        return lora.trained_state(model)

    def restore(self, model: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
        """Put `saved_state` back; every key and shape must fit."""
        lora.restore_state(model, state)

    def weaken(self, model: torch.nn.Module, share: float) -> None:
        """Keep `share` of what was learned."""
        lora.weaken(model, share)

    def base_of(self, model: torch.nn.Module) -> AbstractContextManager[None]:
        """Inside it the model answers as the base does."""
        return lora.without_adapter(model)

    def merge(self, model: torch.nn.Module, base: Path, out: Path, dtype: str) -> torch.nn.Module:
        """Write a plain folder (bf16 or fp32) with its codec and return the merged fp32 model."""
        from core.families.higgs import network

        merged: torch.nn.Module = network.merge(model, base, out, dtype)
        return merged


def _higgs(options: LoopOptions) -> HiggsOptions:
    return own(options, HiggsOptions)
