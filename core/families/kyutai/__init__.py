"""Kyutai speech to text: a stream of text beside a stream of sound, trained by LoRA on word times, with heads
that tell when a speaker has finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.families.base import Batch, Check, Estimate, Example, Prepared, Prober, Recogniser, finetune, ttt
from core.families.base.options import LoopOptions, own
from core.families.base.phases import Phase, whole_run
from core.families.base.sharing import Brought, Foreign, Frame
from core.families.kyutai import (
    augmentation,
    estimating,
    exporting,
    exporting_files,
    findings,
    finetune_adapter,
    finetune_config,
    frames,
    labels,
    layouts,
    opening,
)
from core.families.kyutai.exporting import EXPORTS
from core.families.kyutai.labels import Spoken
from core.families.kyutai.options import PRESETS, KyutaiOptions
from core.files import read_json
from core.modelling import lora
from core.modelling.kyutai import building
from core.modelling.ttt.folder import nowhere_else
from core.run_dir import RunDir
from core.types import Finding, Prediction, Row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch

FORMS: dict[str, tuple[str, ...]] = {form: types for form, types in EXPORTS.items() if form != "transformers"}
"""Every family merges to the form of transformers."""
LAYOUTS: dict[str, tuple[str, ...]] = {form: types for form, types in EXPORTS.items()}
SHORTEST = 0.3  # seconds: what is shorter holds no word


class KyutaiFamily:
    """Text as the sound comes; abilities Transcribes, Trains, Exports, Probes. The methods say what their
    Protocol says. A model is a folder in one of three layouts, or a training run."""

    name = "kyutai"
    title = "Kyutai STT"
    options: type[LoopOptions] = KyutaiOptions
    presets: dict[str, dict[str, Any]] = PRESETS
    exports: dict[str, tuple[str, ...]] = FORMS
    layouts: dict[str, tuple[str, ...]] = LAYOUTS
    adapter_forms: dict[str, tuple[str, ...]] = finetune_adapter.FORMS
    settings_form = finetune.FORM

    def claims(self, folder: Path) -> bool:
        """Whether this is a folder in one of the layouts, or a training run of this family."""
        if (folder / "run.json").exists():
            return bool(read_json(folder / "run.json").get("family") == self.name)
        return (folder / "config.json").is_file() and layouts.layout_of(folder) is not None

    def recogniser(
        self, model: str, device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> Recogniser:
        """Load a folder or a training run; the model hears the language by itself."""
        return self._open(model, device, precision)

    def prober(self, model: str, device: str = "auto", precision: str = "auto") -> Prober:
        """Load a folder or a training run whose base has pause heads."""
        return self._open(model, device, precision)

    def _open(self, model: str, device: str, precision: str) -> Any:
        from core.families.kyutai import recogniser

        path = Path(model)
        if (path / "run.json").exists():
            return recogniser.open_run(self, path, device, precision)
        return recogniser.open_folder(path, device, precision)

    def stream_delay(self, model: Path) -> float:
        """That of the folder, or of the base of the run."""
        is_run = (model / "run.json").exists()
        return layouts.read(Path(RunDir(model).order()["base"]) if is_run else model).delay

    def why_not_probed(self, base: Path) -> str:
        """The sentence that names the repository with heads, for a folder without."""
        return opening.why_no_heads(layouts.read(base))

    def check_base(self, base: Path) -> None:
        """Raise StudioError with a sentence when `base` is incomplete, inconsistent or a pickle, and when
        transformers here is too old to load it."""
        building.check_version()
        layouts.read(base)

    def untimed(self, rows: Sequence[Row]) -> tuple[str, ...]:
        """Those that have a text and no word times."""
        return findings.untimed(rows)

    def clip_limits(self, base: Path) -> tuple[float, float | None]:
        """Any length: short clips stand in silence, long ones are cut at pauses, or heard as a stream."""
        return SHORTEST, None

    def batch_limit(self, base: Path) -> int | None:
        """None: no place sees what stands behind it."""
        return None

    def prepare(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Prepared:
        """Vocabulary, delay and weights."""
        return labels.prepared_for(layouts.read(base), _kyutai(options))

    def preflight(
        self, rows: Sequence[Row], base: Path, options: LoopOptions, learned: Sequence[Row] | None = None
    ) -> list[Finding]:
        """Clips without text or word times, with letters or words that would be learned wrongly; heads that
        are to be held and are not there."""
        found = findings.of(rows, self.prepare([], base, options), is_held_out=learned is not None)
        found += ttt.findings(_kyutai(options), layouts.read(base).shape.width)
        if _kyutai(options).hold_heads and (why := self.why_not_probed(base)):
            found.append(Finding("no_heads", "refuse", f"{why} Or set the option “hold_heads” to 0."))
        return found

    def labels_as_text(self, row: Row, prepared: Prepared) -> str:
        """The text that the stream of a row writes."""
        return labels.decode(labels.whole(row, prepared)[2].tokens, prepared)

    def frames_of(self, row: Row, folder: Path, base: Path, options: LoopOptions) -> list[Frame]:
        """Every frame of one training example with its token, word and the energy of its codes."""
        from core.families.kyutai import encoding

        prepared, codes = self.prepare([row], base, options), self.encode(row, folder, base)
        energies = encoding.energies(codes, base)
        return labels.frames_view(labels.example(row, codes, prepared), energies, prepared)

    def phases(self, options: LoopOptions, n_windows: int) -> tuple[Phase, ...]:
        """One."""
        return whole_run(options)

    def base_model(self, base: Path, options: LoopOptions) -> str:
        """The folder."""
        return str(base)

    def estimate(self, rows: Sequence[Row], base: Path, options: LoopOptions) -> Estimate:
        """Time and memory on this machine's processor."""
        return estimating.estimate(rows, layouts.read(base), _kyutai(options))

    def encoder_id(self, base: Path) -> str:
        """Changes with the codec."""
        return frames.encoder_id(layouts.read(base))

    def encode(self, row: Row, folder: Path, base: Path) -> npt.NDArray[np.uint16]:
        """Codes (frames, n_q) uint16 of one row with silence around it."""
        from core.families.kyutai import encoding

        return encoding.encode(folder / row.audio, row.start, row.end, base)

    def example(self, row: Row, encoded: npt.NDArray[Any], prepared: Prepared) -> Example:
        """Codes and the text stream of one row."""
        return labels.example(row, encoded, prepared)

    def augment(
        self, example: Example, prepared: Prepared, options: LoopOptions, seed: int, epoch: int
    ) -> Example:
        """Another length of silence, and a part of a long clip, drawn from (seed, epoch, example.id)."""
        if not isinstance(example, Spoken):
            raise TypeError(f"an example of another family: {type(example).__name__}")
        return augmentation.augment(example, prepared, _kyutai(options), seed, epoch)

    def load(self, base: Path, prepared: Prepared, options: LoopOptions) -> torch.nn.Module:
        """The base in fp32, without its codec, with fresh adapters."""
        from core.families.kyutai import network

        model: torch.nn.Module = network.load(base, prepared, _kyutai(options))
        return model

    def load_plain(self, folder: Path) -> torch.nn.Module:
        """A base or merged folder as it is, in fp32, strict about its keys, without its codec."""
        from core.families.kyutai import network

        model: torch.nn.Module = network.load_plain(folder)
        return model

    def collate(self, examples: Sequence[Example], prepared: Prepared) -> Batch:
        """What each place hears, its token, and how much that counts."""
        from core.families.kyutai import network

        return network.collate(examples, prepared)

    def count(self, batch: Batch) -> Mapping[str, float]:
        """The weight of all frames, and the frames in which heads are held."""
        from core.families.kyutai import network

        return network.count(batch)

    def loss(self, model: torch.nn.Module, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
        """The weighted cross entropy, and the distance of the pause heads from the base's."""
        from core.families.kyutai import network

        return network.loss(model, batch)

    def predict(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[Prediction]:
        """Greedy, step by step, as the recogniser does it."""
        from core.families.kyutai import network

        return network.predict(model, examples, prepared)

    def outputs(
        self, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
    ) -> list[npt.NDArray[np.float32]]:
        """Logits (frames, pieces) of each example, the right text being given before each place."""
        from core.families.kyutai import network

        return network.outputs(model, examples, prepared)

    def saved_state(self, model: torch.nn.Module) -> dict[str, torch.Tensor]:
        """The adapters, and what is trained whole."""
        return lora.trained_state(model)

    def restore(self, model: torch.nn.Module, state: dict[str, torch.Tensor]) -> None:
        """Put `saved_state` back; every key and shape must fit."""
        lora.restore_state(model, state)

    def weaken(self, model: torch.nn.Module, share: float) -> None:
        """Keep `share` of what was learned."""
        from core.modelling.ttt import adapter

        lora.weaken(model, share)
        adapter.weaken(model, share)

    def base_of(self, model: torch.nn.Module) -> AbstractContextManager[None]:
        """Inside it the model answers as the base does."""
        from core.families.kyutai import network

        return network.base_of(model)

    def step_figures(self, model: torch.nn.Module) -> dict[str, float]:
        """Those of the TTT layers, where it has some."""
        from core.modelling.ttt import adapter

        return adapter.told(model)

    def taken_over(self, model: torch.nn.Module, state: Mapping[str, torch.Tensor]
                   ) -> tuple[dict[str, torch.Tensor], tuple[str, ...]]:
        """All but TTT layers of other measures or at other places."""
        from core.modelling.ttt.taking_over import taken_over

        return taken_over(model, state)

    def why_not_shared(self, options: LoopOptions) -> str:
        """TTT layers have no place in other programs."""
        return "" if ttt.chosen(_kyutai(options)) is None else nowhere_else("This run")

    def merge(self, model: torch.nn.Module, base: Path, out: Path, dtype: str) -> torch.nn.Module:
        """Write a folder of transformers (bf16 or fp32) and return the merged fp32 model."""
        from core.families.kyutai import network

        merged: torch.nn.Module = network.merge(model, base, out, dtype)
        return merged

    def write_adapter(
        self, model: torch.nn.Module, options: LoopOptions, base: Path, form: str, dtype: str, out: Path
    ) -> None:
        """For moshi-finetune, which has one adapter on query, key and value."""
        known = _kyutai(options)
        finetune_adapter.write(self.saved_state(model), known.rank, known.alpha, base, out, dtype)

    def adapter_options(self, folder: Path, base: Path) -> dict[str, Any]:
        """Rank, scale, and what was trained whole."""
        return finetune_adapter.options_in(folder, base)

    def read_adapter(self, folder: Path, base: Path) -> Brought:
        """What moshi-finetune saved."""
        ours = finetune_adapter.read(folder, base)
        return Brought(finetune_adapter.options_of(ours), ours.tensors)

    def is_meant_by(self, held: Mapping[str, Any]) -> bool:
        """All but those of a model that speaks."""
        return not finetune.speaks(held)

    def read_settings(self, held: Mapping[str, Any]) -> Foreign | None:
        """moshi-finetune's YAML."""
        return finetune_config.foreign(held) if finetune.claims(held) else None

    def write_settings(self, options: LoopOptions, base: Path, data: Mapping[str, str]
                       ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """moshi-finetune's YAML, with the files of a base that it can read."""
        return finetune_config.of_run(_kyutai(options).model_dump(), layouts.read(base), data)

    def export_bytes(self, base: Path, form: str, dtype: str) -> int:
        """The weights, the codec, and what lies beside."""
        return exporting_files.needed(layouts.read(base), exporting.check(form, dtype), dtype)

    def convert(self, folder: Path, form: str, dtype: str, out: Path) -> tuple[Check, ...]:
        """A folder of any layout in another one."""
        return exporting.convert(folder, form, dtype, out)

    def check_export(self, form: str, dtype: str) -> None:
        """Raise BadInput for what cannot be written."""
        exporting.check(form, dtype)

    def export(
        self, folder: Path, form: str, dtype: str, out: Path, examples: Sequence[Example], prepared: Prepared
    ) -> tuple[Check, ...]:
        """For Kyutai's own programs (moshi, its Rust server, moshi_mlx), opened again and compared."""
        inputs, heard = self.collate(examples[:1], prepared)["inputs"], (examples[0].id,)
        found = exporting.export_folder(folder, form, dtype, out, inputs)
        return tuple(replace(each, clips=heard) if each.name == "logits" else each for each in found)


def _kyutai(options: LoopOptions) -> KyutaiOptions:
    return own(options, KyutaiOptions)
