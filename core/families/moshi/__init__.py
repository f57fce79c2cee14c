"""Moshi: hears and speaks at once, and writes what it says; trained on conversations with word times, or on
sound alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from core.families.base import Batch, Estimate, Example, Prepared, finetune
from core.families.base.options import LoopOptions, own
from core.families.base.phases import Phase, whole_run
from core.families.base.sharing import Foreign
from core.families.base.speaking import Spoken
from core.families.moshi import estimating, findings, finetune_config, labels
from core.families.moshi import folder as folders
from core.families.moshi.options import PRESETS, MoshiOptions
from core.files import read_json
from core.modelling import lora
from core.modelling.kyutai.stream import FRAME_RATE
from core.types import Finding, Prediction, Row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch


class MoshiFamily:
    """Two streams of sound and one of text; abilities Trains, ReadsLabels, LearnsParts, GoesOn, TellsCosts,
    SharesSettings. The methods say what their Protocol says. A model is a folder of transformers."""

    name = "moshi"
    title = "Moshi (experimental)"
    options: type[LoopOptions] = MoshiOptions
    presets: dict[str, dict[str, Any]] = PRESETS
    settings_form: str = finetune.FORM

    def claims(self, folder: Path) -> bool:
        """Whether this is a folder of the kind, or a training run of this family."""
        if (folder / "run.json").exists():
            return bool(read_json(folder / "run.json").get("family") == self.name)
        return folders.is_one(folder)

    def check_base(self, base: Path) -> None:
        """Raise StudioError with a sentence when `base` is incomplete, inconsistent or a pickle."""
        folders.read(base)

    def clip_limits(self, base: Path) -> tuple[float, float | None]:
        """Long ones are read in parts."""
        return findings.SHORTEST, None

    def batch_limit(self, base: Path) -> int | None:
        """None: no place sees what stands behind it."""
        return None

    def part_seconds(self, options: LoopOptions) -> float:
        """As many whole frames as a run reads at once."""
        return labels.frames_read(_moshi(options)) / FRAME_RATE

    def base_model(self, base: Path, options: LoopOptions) -> str:
        """The folder."""
        return str(base)

    def prepare(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Prepared:
        """Vocabulary, sizes and weights."""
        return labels.prepared_for(folders.read(base), _moshi(options))

    def preflight(
        self, rows: Sequence[Row], base: Path, options: LoopOptions, learned: Sequence[Row] | None = None
    ) -> list[Finding]:
        """Clips that are too short, that hold odd letters, or that teach sound alone; options that do not fit
        the model."""
        source, prepared = folders.read(base), self.prepare([], base, options)
        return findings.of(rows, prepared, _moshi(options), source.width, source.context)

    def labels_as_text(self, row: Row, prepared: Prepared) -> str:
        """The text that the stream of a row writes. BadInput for a row that teaches sound alone."""
        words = labels.words_of(row)
        if not words:
            raise BadInput(f"Clip {row.id} has no word times, so it teaches no text.")
        rule = labels.rule_of(prepared)
        pieces = labels.spelled(words, prepared)
        n = round(row.seconds * rule.rate) + sum(map(len, pieces))  # none may be cut at the end
        return labels.decode(labels.laid(words, pieces, 0.0, n, rule).tokens, prepared)

    def phases(self, options: LoopOptions, n_windows: int) -> tuple[Phase, ...]:
        """One."""
        return whole_run(options)

    def estimate(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Estimate:
        """Time and memory on this machine's processor."""
        return estimating.estimate(rows, folders.read(base), _moshi(options))

    def encoder_id(self, base: Path) -> str:
        """Changes with the codec."""
        return folders.read(base).encoder_id()

    def encode(self, row: Row, folder: Path, base: Path) -> npt.NDArray[np.uint16]:
        """Codes (frames, 2 * codebooks) uint16 of one row: the left sound and the right one."""
        from core.families.moshi import encoding

        return encoding.encode(folder / row.audio, row.start, row.end, base)

    def example(self, row: Row, encoded: npt.NDArray[Any], prepared: Prepared) -> Example:
        """Codes and text of one row."""
        return labels.example(row, encoded, prepared)

    def augment(
        self, example: Example, prepared: Prepared, options: LoopOptions, seed: int, epoch: int
    ) -> Example:
        """A part of a long clip, drawn from (seed, epoch, example.id)."""
        from core.families.moshi.network import as_talk

        return labels.window(as_talk(example), prepared, seed, epoch)

    def load(self, base: Path, prepared: Prepared, options: LoopOptions) -> torch.nn.Module:
        """The base in fp32 with what learns."""
        from core.families.moshi import network

        model: torch.nn.Module = network.load(base, prepared, _moshi(options))
        return model

    def load_plain(self, folder: Path) -> torch.nn.Module:
        """A base or merged folder as it is, in fp32, strict about its keys."""
        from core.families.moshi import network

        model: torch.nn.Module = network.load_plain(folder)
        return model

    def collate(self, examples: Sequence[Example], prepared: Prepared) -> Batch:
        """What is read and what is written at each place."""
        from core.families.moshi import network

        return network.collate(examples, prepared)

    def count(self, batch: Batch) -> Mapping[str, float]:
        """The weight of the text, and learned codes by codebook."""
        from core.families.moshi import network

        return network.count(batch)

    def loss(self, model: torch.nn.Module, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
        """The cross entropy of the text and of each codebook, summed."""
        from core.families.moshi import network

        return network.loss(model, batch)

    def cost(
        self, model: torch.nn.Module, example: Example, prepared: Prepared
    ) -> dict[str, tuple[float, float]]:
        """What a whole clip costs."""
        from core.families.moshi import costs

        return costs.of_clip(model, example, prepared)

    def predict(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[Prediction]:
        """The text that is written step by step to the given sound."""
        from core.families.moshi import continuing

        return continuing.predict(model, examples, prepared)

    def outputs(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[npt.NDArray[np.float32]]:
        """Scores (frames, pieces + codebooks * values) of each example."""
        from core.families.moshi import network

        return network.outputs(model, examples, prepared)

    def go_on(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared, base: Path
    ) -> list[Spoken]:
        """What the model says after the beginning of each example."""
        from core.families.moshi import continuing, encoding

        said = [continuing.go_on(model, example, prepared) for example in examples]
        size = int(prepared.extra["audio"])
        return [Spoken(encoding.decode(codes, base), encoding.RATE, codes, size, False) for codes in said]

    def saved_state(self, model: torch.nn.Module) -> dict[str, torch.Tensor]:
        """The adapters and TTT layers, and what is trained whole."""
        return lora.trained_state(model)

    def restore(self, model: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
        """Put `saved_state` back; every key and shape must fit."""
        lora.restore_state(model, state)

    def taken_over(self, model: torch.nn.Module, state: Mapping[str, torch.Tensor]
                   ) -> tuple[dict[str, torch.Tensor], tuple[str, ...]]:
        """All but TTT layers of other measures or at other places."""
        from core.modelling.ttt.taking_over import taken_over

        return taken_over(model, state)

    def step_figures(self, model: torch.nn.Module) -> dict[str, float]:
        """Those of the TTT layers, where it has some."""
        from core.modelling.ttt import adapter

        return adapter.told(model)

    def weaken(self, model: torch.nn.Module, share: float) -> None:
        """Keep `share` of what was learned."""
        from core.families.moshi import network

        network.weaken(model, share)

    def base_of(self, model: torch.nn.Module) -> AbstractContextManager[None]:
        """Inside it the model answers as the base does."""
        from core.families.moshi import network

        return network.base_of(model)

    def is_meant_by(self, held: Mapping[str, Any]) -> bool:
        """Those of a model that speaks."""
        return finetune.speaks(held)

    def read_settings(self, held: Mapping[str, Any]) -> Foreign | None:
        """moshi-finetune's YAML."""
        return finetune_config.foreign(held) if finetune.claims(held) else None

    def write_settings(self, options: LoopOptions, base: Path, data: Mapping[str, str]
                       ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """moshi-finetune's YAML."""
        return finetune_config.of_run(_moshi(options).model_dump(), base, data)

    def merge(self, model: torch.nn.Module, base: Path, out: Path, dtype: str) -> torch.nn.Module:
        """Write a plain folder (bf16 or fp32) and return the merged fp32 model."""
        from core.families.moshi import merging

        merged: torch.nn.Module = merging.merge(model, base, out, dtype)
        return merged


def _moshi(options: LoopOptions) -> MoshiOptions:
    return own(options, MoshiOptions)
