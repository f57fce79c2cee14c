"""The network: features, load strictly, batch, loss, predict, merge. Everything here needs torch."""

from __future__ import annotations

import copy
import hashlib
import shutil
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput, StudioError
from core.families.base import Batch, Example, Prepared
from core.families.whisper import folder as folders
from core.families.whisper import generating, labels
from core.families.whisper.options import WhisperOptions
from core.files import write_json
from core.modelling import lora, strict, weights
from core.types import Prediction

if TYPE_CHECKING:
    import torch

PREDICT_BATCH = 8
DTYPES = ("fp32", "bf16")
NOT_LEARNED = -100  # the target of a place that carries no label
ATTENTION = ("q_proj", "k_proj", "v_proj", "out_proj")
COPIED = (*weights.COPIED, "merges.txt", "normalizer.json")


def extract(samples: npt.NDArray[np.float32], folder: folders.Folder) -> npt.NDArray[np.float32]:
    """Log-mel frames (frames, bands) of mono `samples` (n,), with one frame of the silence that Whisper fills
    the rest of its 30 seconds with. BadInput for a clip that is longer: nothing is cut off unsaid."""
    if len(samples) > folder.n_frames * folders.HOP:
        raise BadInput(
            f"Whisper hears at most {folder.seconds:g} s at once, and this clip lasts"
            f" {len(samples) / folder.rate:.1f} s; split it."
        )
    extractor = _extractor(str(folder.path), hashlib.sha256(str(folder.features).encode()).hexdigest())
    made = extractor(samples, sampling_rate=folder.rate, return_tensors="np")["input_features"][0].T
    differs = np.flatnonzero((made != made[-1]).any(axis=1))
    return np.ascontiguousarray(made[: int(differs[-1]) + 2 if len(differs) else 1], dtype=np.float32)


@lru_cache(maxsize=4)
def _extractor(base: str, settings: str) -> Any:
    from transformers import WhisperFeatureExtractor

    return WhisperFeatureExtractor.from_pretrained(base, local_files_only=True)


def load_plain(base: Path) -> Any:
    """The model in `base`, fp32, on the CPU, in evaluation mode. Missing or unexpected keys are a
    StudioError."""
    import transformers

    folders.read(base)
    model = strict.load(transformers.WhisperForConditionalGeneration, base)
    _output_is_tied(base, model)
    # Our own masking is a function of (seed, epoch, clip); the model's would draw from the global generators.
    model.config.apply_spec_augment = False
    model.config.encoder_layerdrop = model.config.decoder_layerdrop = 0.0
    return model.eval()


def _output_is_tied(base: Path, model: Any) -> None:
    """Whisper writes with the table that it reads with; a folder that holds both must hold the same twice."""
    import torch
    from safetensors import safe_open

    embedded = model.model.decoder.embed_tokens.weight
    for file in weights.weight_files(base):
        if "proj_out.weight" in weights.shapes_in(file):
            with safe_open(file, "pt") as held:
                if not torch.equal(held.get_tensor("proj_out.weight").float(), embedded):
                    raise BadInput(
                        f"The output layer in {base.name} is not the one that it reads with, as in every"
                        " Whisper; copy the model again from where it came from."
                    )


def load(base: Path, prepared: Prepared, options: WhisperOptions) -> Any:
    """The base with adapters on its attention, on its feed-forward layers if wanted, in one half or both."""
    labels.writing(prepared)
    model = load_plain(base)
    targets = targets_in(model, options)
    adapted = lora.attach(model, targets, options.rank, options.alpha, options.adapter_dropout, [])
    adapted.told = prepared.extra["language"]
    return adapted


def targets_in(model: torch.nn.Module, options: WhisperOptions) -> list[str]:
    """Full names of the linear layers that get an adapter."""
    endings = ATTENTION if options.targets == "attention" else (*ATTENTION, "fc1", "fc2")
    return [
        name
        for name, _ in model.named_modules()
        if name.rsplit(".", 1)[-1] in endings and ".layers." in name
        and (options.encoder or ".decoder." in name)
    ]


def collate(examples: Sequence[Example], prepared: Prepared) -> Batch:
    """`inputs` (batch, bands, frames); `decoder` and `targets` (batch, tokens), shifted once, here: the
    target of a place is the token after it, and places of the prompt and behind the end have none."""
    import torch

    prompt, end = list(prepared.extra["prompt"]), int(prepared.extra["end"])
    longest = len(prompt) + max(len(e.labels) for e in examples) - 1
    decoder = torch.full((len(examples), longest), end)
    targets = torch.full((len(examples), longest), NOT_LEARNED)
    for row, example in enumerate(examples):
        fed = [*prompt, *example.labels[:-1]]
        decoder[row, : len(fed)] = torch.tensor(fed)
        targets[row, len(prompt) - 1 : len(fed)] = torch.tensor(example.labels)
    return {"inputs": inputs_of(examples, prepared), "decoder": decoder, "targets": targets}


def inputs_of(examples: Sequence[Example], prepared: Prepared) -> torch.Tensor:
    """(batch, bands, frames): every clip filled up to the frames that the encoder always gets."""
    import torch

    made = np.empty((len(examples), int(prepared.extra["n_mels"]), int(prepared.extra["n_frames"])),
                    np.float32)
    for row, example in enumerate(examples):
        made[row, :, : len(example.features)] = example.features.T
        made[row, :, len(example.features) :] = example.features[-1][:, None]
    return torch.from_numpy(made)


def logits_of(model: torch.nn.Module, batch: Batch) -> torch.Tensor:
    """Logits (batch, tokens, vocabulary) with the right text before each place."""
    logits: torch.Tensor = model(
        input_features=batch["inputs"], decoder_input_ids=batch["decoder"], use_cache=False
    ).logits
    return logits


def loss(model: torch.nn.Module, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
    """Cross entropy (nats) summed over the tokens of texts and their ends."""
    import torch

    logits = logits_of(model, batch)
    total = torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1),
        batch["targets"].to(logits.device).flatten(),
        ignore_index=NOT_LEARNED,
        reduction="sum",
    )
    return {"tokens": (total, 1.0)}


def predict(model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared) -> list[Prediction]:
    """What the model writes, token by token, with the prompt that it learned with."""
    found: list[Prediction] = []
    for at in range(0, len(examples), PREDICT_BATCH):
        part = examples[at : at + PREDICT_BATCH]
        for example, written in zip(part, write(model, part, prepared), strict=True):
            found.append(Prediction(example.id, labels.decode(written.tokens, prepared), (), written.score))
    return found


def write(
    model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
) -> list[generating.Written]:
    """The tokens that the model writes for each example; its mode is left as it was."""
    was_training = model.training
    model.eval()
    try:
        inner: Any = model.get_base_model() if hasattr(model, "get_base_model") else model  # type: ignore[operator]
        return generating.greedy(inner, inputs_of(examples, prepared), generating.Rules.of(prepared))
    finally:
        model.train(was_training)


def outputs(
    model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
) -> list[npt.NDArray[np.float32]]:
    """Logits (labels, vocabulary) of each example, at the places that are learned."""
    import torch

    was_training, at = model.training, next(model.parameters()).device
    model.eval()
    first, found = len(prepared.extra["prompt"]) - 1, []
    try:
        for example in examples:
            batch = {name: value.to(at) for name, value in collate([example], prepared).items()}
            with torch.no_grad():
                found.append(logits_of(model, batch)[0, first:].float().cpu().numpy())
    finally:
        model.train(was_training)
    return found


def merge(model: Any, base: Path, out: Path, dtype: str) -> Any:
    """Write base + adapter as one plain folder to `out` (new), and return the merged fp32 model; `model`
    stays as it is. The folder's generation settings name the prompt that was learned with."""
    import torch

    if dtype not in DTYPES:
        raise BadInput(f"“{dtype}” is no type to merge to; choose one of: {', '.join(DTYPES)}.")
    if out.exists():
        raise StudioError(f"{out} exists already and is not overwritten; choose another name.")
    merged = copy.deepcopy(model).merge_and_unload().eval()
    folder = folders.read(base)
    saved = copy.deepcopy(merged)
    for name in ("apply_spec_augment", "encoder_layerdrop", "decoder_layerdrop"):
        if name in folder.config:
            setattr(saved.config, name, folder.config[name])
    saved.to(torch.bfloat16 if dtype == "bf16" else torch.float32).save_pretrained(str(out))
    for name in COPIED:
        if (base / name).exists():
            shutil.copyfile(base / name, out / name)
    write_json(out / "generation_config.json", generation_settings(folder, model.told))
    return merged


def generation_settings(folder: folders.Folder, language: str) -> dict[str, Any]:
    """The folder's own, with the language and the task that the prompt names, and none of the older form that
    says the same by place."""
    named = {"language": language, "task": "transcribe"} if folder.is_multilingual else {}
    codes = {f"<|{code}|>": folder.special[f"<|{code}|>"] for code in folder.languages}
    tasks = {name: folder.special[f"<|{name}|>"] for name in ("transcribe", "translate")
             if f"<|{name}|>" in folder.special}
    told = {
        "is_multilingual": folder.is_multilingual,
        "no_timestamps_token_id": folder.special[folders.PLAIN],
        "decoder_start_token_id": folder.special[folders.START],
        "eos_token_id": folder.special[folders.END],
        "pad_token_id": folder.special[folders.END],
        "max_length": folder.positions,
        **({"lang_to_id": codes, "task_to_id": tasks} if folder.is_multilingual else {}),
    }
    kept = {name: value for name, value in folder.generation.items() if name != "forced_decoder_ids"}
    return {**told, **kept, **named}
