"""The network: load strictly, batch, loss, predict, merge. Everything here needs torch."""

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
from core.families.ctc import adapters, labels
from core.families.ctc import folder as folders
from core.families.ctc.options import CtcOptions
from core.modelling import ctc_decoding, lora, strict, weights
from core.types import Prediction

if TYPE_CHECKING:
    import torch

PREDICT_BATCH = 16
DTYPES = ("fp32", "bf16")


def extract(samples: npt.NDArray[np.float32], base: Path) -> npt.NDArray[np.float32]:
    """Features (frames, width) of mono `samples`, at the rate the model hears; a
    waveform is (n_samples, 1)."""
    extractor = _extractor(str(base), hashlib.sha256(str(folders.features_of(base)).encode()).hexdigest())
    made = extractor(
        samples,
        sampling_rate=extractor.sampling_rate,
        padding=False,
        return_attention_mask=True,
        return_tensors="np",
    )
    if "input_features" in made:
        found = made["input_features"][0][made["attention_mask"][0] == 1]
    else:
        found = np.asarray(made["input_values"][0])[:, None]
    return np.ascontiguousarray(found, dtype=np.float32)


@lru_cache(maxsize=4)
def _extractor(base: str, settings: str) -> Any:
    from transformers import AutoFeatureExtractor

    return AutoFeatureExtractor.from_pretrained(base, local_files_only=True)


def load_plain(base: Path, language: str = "", **config: Any) -> Any:
    """The model in `base` with the adapter of `language` ("" is its own), fp32, on the CPU, in evaluation
    mode; `config` overrides its settings. Missing or unexpected keys are a StudioError."""
    import transformers

    folder = folders.read(base, language)
    model = strict.load(getattr(transformers, folder.architecture), base, **config)
    if folder.adapter:
        adapters.put(model, folder.adapter, folder.language)
    # Our own masking is a function of (seed, epoch, clip); the model's would draw from the global generators.
    model.config.apply_spec_augment = False
    model.config.layerdrop = 0.0
    return model.eval()


def load(base: Path, prepared: Prepared, options: CtcOptions) -> Any:
    """The base with adapters on its attention and feed-forward layers, and its output layer trainable
    whole; or with the language adapter that it has, and an output layer of the letters that are taught."""
    source = folders.read(base, options.from_language)
    if source.adapter and source.adapter_id() != prepared.extra.get("adapter"):
        raise BadInput(
            f"{source.adapter.name} in {base.name} is not the one that this run began with;"
            " put that one back."
        )
    if options.tune == "language":
        quiet = load_plain(base, options.from_language, **adapters.QUIET)
        return adapters.teach(quiet, source.vocabulary, prepared, options.seed)
    model = load_plain(base, options.from_language)
    targets = lora.targets_in(model, model.config.model_type)
    whole = ["lm_head"] if options.train_head else []
    return lora.attach(model, targets, options.rank, options.alpha, options.adapter_dropout, whole)


def collate(examples: Sequence[Example], prepared: Prepared) -> Batch:
    """Zero-padded inputs (batch, frames, width) or (batch, samples), their mask, and the
    labels one after another."""
    import torch

    longest = max(len(e.features) for e in examples)
    inputs = torch.zeros(len(examples), longest, examples[0].features.shape[1])
    mask = torch.zeros(len(examples), longest, dtype=torch.long)
    for row, example in enumerate(examples):
        inputs[row, : len(example.features)] = torch.from_numpy(np.ascontiguousarray(example.features))
        mask[row, : len(example.features)] = 1
    return {
        "inputs": inputs.squeeze(-1) if inputs.shape[-1] == 1 else inputs,
        "mask": mask,
        "labels": torch.tensor([i for e in examples for i in e.labels], dtype=torch.long),
        "label_lengths": torch.tensor([len(e.labels) for e in examples], dtype=torch.long),
        "blank": int(prepared.extra["blank"]),
        "zero_infinity": bool(prepared.extra.get("zero_infinity", False)),
    }


def logits_of(model: torch.nn.Module, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (batch, frames, vocabulary) and how many of the frames are real in each row."""
    inner: Any = model.get_base_model() if hasattr(model, "get_base_model") else model  # type: ignore[operator]
    logits = model(**{inner.main_input_name: batch["inputs"], "attention_mask": batch["mask"]}).logits
    return logits, inner._get_feat_extract_output_lengths(batch["mask"].sum(-1)).long()


def loss(model: torch.nn.Module, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
    """The CTC loss summed over the batch (nats); where the device has no CTC loss, it is taken on the CPU."""
    import torch

    logits, frames = logits_of(model, batch)
    log_probabilities = logits.float().log_softmax(-1).transpose(0, 1)
    if log_probabilities.device.type == "mps":
        log_probabilities = log_probabilities.cpu()
    at = log_probabilities.device
    total = torch.nn.functional.ctc_loss(
        log_probabilities,
        batch["labels"].to(at),
        frames.to(at),
        batch["label_lengths"].to(at),
        blank=batch["blank"],
        reduction="sum",
        zero_infinity=batch["zero_infinity"],
    )
    return {"ctc": (total, 1.0)}


def predict(model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared) -> list[Prediction]:
    """Greedy decoding in batches of like length, or one by one where padding would change the result."""
    found: dict[int, Prediction] = {}
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].features))
    size = 1 if prepared.extra["one_by_one"] else PREDICT_BATCH
    for at in range(0, len(order), size):
        part = order[at : at + size]
        for i, logits in zip(part, frame_logits(model, [examples[i] for i in part], prepared), strict=True):
            found[i] = decoded(examples[i].id, logits, prepared)
    return [found[i] for i in range(len(examples))]


def frame_logits(
    model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
) -> list[npt.NDArray[np.float32]]:
    """Logits (frames, vocabulary) of each example, without its padding; the model's
    mode is left as it was."""
    import torch

    was_training, at = model.training, next(model.parameters()).device
    model.eval()
    try:
        # no_grad, not inference_mode: the model keeps rotary tables, which training may use later.
        with torch.no_grad():
            batch = collate(examples, prepared)
            logits, frames = logits_of(
                model, {**batch, "inputs": batch["inputs"].to(at), "mask": batch["mask"].to(at)}
            )
    finally:
        model.train(was_training)
    return [row[: int(n)].float().cpu().numpy() for row, n in zip(logits, frames, strict=True)]


def decoded(clip_id: str, logits: npt.NDArray[np.float32], prepared: Prepared) -> Prediction:
    """Text, words and score from `logits` (frames, vocabulary)."""
    words = ctc_decoding.words(logits, labels.alphabet(prepared), float(prepared.extra["seconds_per_frame"]))
    return Prediction(clip_id, " ".join(w.text for w in words), words, ctc_decoding.mean_score(words))


def merge(model: Any, base: Path, out: Path, dtype: str) -> Any:
    """Write base + adapter as one plain folder to `out` (new), and return the merged fp32 model;
    `model` stays as it is."""
    import torch

    if dtype not in DTYPES:
        raise BadInput(f"“{dtype}” is no type to merge to; choose one of: {', '.join(DTYPES)}.")
    if out.exists():
        raise StudioError(f"{out} exists already and is not overwritten; choose another name.")
    taught: adapters.Taught | None = getattr(model, "taught", None)
    # a language adapter is a part of the model already: there is nothing to fold in
    merged = model.eval() if taught else copy.deepcopy(model).merge_and_unload().eval()
    # What loading switched off for training goes back to what the base says.
    original = folders.read(base).config
    saved = copy.deepcopy(merged)
    for name in ("apply_spec_augment", "layerdrop"):
        if name in original:
            setattr(saved.config, name, original[name])
    if taught:
        adapters.unquiet(saved.config, original)
    saved.to(torch.bfloat16 if dtype == "bf16" else torch.float32).save_pretrained(str(out))
    for name in weights.COPIED:
        if (base / name).exists():
            shutil.copyfile(base / name, out / name)
    if taught:
        adapters.write(saved, base, out, taught.language, taught.vocabulary)
    elif language := getattr(merged, "target_lang", None):
        adapters.write(saved, base, out, language, folders.read(base, language).vocabulary, others=False)
    return merged
