"""The network: load strictly, batch, loss, outputs, merge. Everything here needs torch."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput, StudioError
from core.families.base import Batch, Example, Prepared
from core.families.higgs import folder as folders
from core.families.higgs import labels
from core.families.higgs.labels import NOT_LEARNED, Sample, Take
from core.families.higgs.options import HiggsOptions
from core.modelling import lora, strict, weights
from core.modelling.delay import Codes
from core.modelling.higgs import generating

if TYPE_CHECKING:
    import torch

DTYPES = ("fp32", "bf16")
# the sound's own feed-forward layers by their name: “gate_proj” alone would hit those of the text as well
TARGETS = re.compile(r"model\.layers\.\d+\.(self_attn\.[qkvo]_proj|audio_mlp\.(gate|up|down)_proj)")
TABLES = ("audio_lm_head", "model.embed_audio_tokens.embed_audio_tokens")
"""What codes are written and read with; of the second the inner module, because the outer one also holds
offsets."""
TEXT_HEAD = "text_lm_head.weight"
COPIED = (*weights.COPIED, "chat_template.jinja", "chat_template.json", "README.md", "LICENSE")


def load_plain(base: Path) -> Any:
    """The model in `base`, fp32, on the CPU, in evaluation mode. Missing or unexpected keys are a
    StudioError. The head that writes text is loaded where the folder has it, so that a merge keeps it."""
    from transformers import HiggsAudioV2ForConditionalGeneration

    source = folders.read(base)
    has_head = any(TEXT_HEAD in weights.shapes_in(file) for file in weights.weight_files(source.path))
    more = {"use_text_head": True} if has_head else {}
    return strict.load(HiggsAudioV2ForConditionalGeneration, base, **more).eval()


def load(base: Path, prepared: Prepared, options: HiggsOptions) -> Any:
    """The base in fp32 with adapters on attention and on the sound's feed-forward layers, and the tables of
    sound trainable whole if wanted."""
    model = load_plain(base)
    whole = list(TABLES) if options.train_tables else []
    return lora.attach(model, targets_in(model), options.rank, options.alpha, options.adapter_dropout, whole)


def targets_in(model: torch.nn.Module) -> list[str]:
    """Full names of the linear layers that get an adapter."""
    return [name for name, _ in model.named_modules() if TARGETS.fullmatch(name)]


def halve(model: Any) -> None:
    """Keep what does not learn in bf16 from now on; what learns stays fp32, and speaks to the rest in bf16.
    """
    import torch

    for parameter in model.parameters():
        if not parameter.requires_grad:
            parameter.data = parameter.data.to(torch.bfloat16)
    for name, module in model.named_modules():
        if name.endswith(TABLES[1]):  # sounds are put among the texts, which are bf16 now
            module.register_forward_hook(lambda _module, _given, made: made.to(torch.bfloat16))


def batch_of(samples: Sequence[Sample], prepared: Prepared) -> Batch:
    """`input_ids` and `attention_mask` (batch, places) filled up on the left, so that every target ends at
    the end; `audio_input_ids` (batch, n, codebooks) and their mask filled up on the right; `audio_labels` at
    their own columns. `targets` (batch, keep, codebooks) are for the outputs of the last `keep` places: the
    shift by one is made here, and only here."""
    import torch

    held = prepared.extra
    ids = _left([s.ids for s in samples], int(held["pad"]))
    is_there = _left([np.ones_like(s.ids) for s in samples], 0)
    columns = _right([s.columns for s in samples], int(held["end"]))
    mask = _right([np.ones(len(s.columns), np.int64) for s in samples], 0)
    targets = _left([targets_of(s, prepared) for s in samples], NOT_LEARNED)
    found = {"input_ids": ids, "attention_mask": is_there, "audio_input_ids": columns,
             "audio_input_ids_mask": mask.astype(bool),
             "audio_labels": _right([s.labels for s in samples], NOT_LEARNED), "targets": targets}
    return {name: torch.from_numpy(value) for name, value in found.items()}


def targets_of(one: Sample, prepared: Prepared) -> Codes:
    """What the outputs of the last places of a sample are compared with (keep, codebooks): at each place the
    label of the next one."""
    at_places = np.full((len(one.ids), one.labels.shape[1]), NOT_LEARNED, np.int64)
    at_places[np.isin(one.ids, prepared.extra["sound"])] = one.labels
    shifted = np.concatenate([at_places[1:], np.full_like(at_places[:1], NOT_LEARNED)])
    learned = np.flatnonzero((shifted != NOT_LEARNED).any(axis=1))
    return shifted[learned[0] :] if len(learned) else shifted[-1:]


def _left(parts: Sequence[Codes], value: int) -> Codes:
    longest = max(len(part) for part in parts)
    rest = [(0, 0)] * (parts[0].ndim - 1)
    return np.stack([np.pad(p, [(longest - len(p), 0), *rest], constant_values=value) for p in parts])


def _right(parts: Sequence[Codes], value: int) -> Codes:
    longest = max(len(part) for part in parts)
    rest = [(0, 0)] * (parts[0].ndim - 1)
    return np.stack([np.pad(p, [(0, longest - len(p)), *rest], constant_values=value) for p in parts])


def collate(examples: Sequence[Example], prepared: Prepared) -> Batch:
    """The batch of takes, each with its reference where it has one."""
    return batch_of([labels.sample(as_take(e), prepared) for e in examples], prepared)


def as_take(example: Example) -> Take:
    """An example of this family; TypeError for any other."""
    if not isinstance(example, Take):
        raise TypeError(f"an example of another family: {type(example).__name__}")
    return example


def count(batch: Batch) -> dict[str, float]:
    """Codes that are learned, the end among them, by codebook."""
    targets = batch["targets"]
    return {f"codebook_{book + 1}": float((targets[..., book] != NOT_LEARNED).sum())
            for book in range(targets.shape[-1])}


def loss(model: Any, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
    """Cross entropy (nats) summed over the learned codes of each codebook. Divided by the counts and added,
    a model that knows nothing has codebooks * ln(rows): 55.5 for 8 of 1026."""
    import torch

    logits = logits_of(model, batch)
    found = {}
    for book in range(logits.shape[-2]):
        each = torch.nn.functional.cross_entropy(
            logits[..., book, :].float().flatten(0, 1), batch["targets"][..., book].flatten(),
            ignore_index=NOT_LEARNED, reduction="sum")
        found[f"codebook_{book + 1}"] = each, 1.0
    return found


def logits_of(model: Any, batch: Batch) -> torch.Tensor:
    """Scores (batch, keep, codebooks, rows) at the last places, with the right codes before each."""
    targets = batch["targets"]
    with generating.in_its_type(model):
        made = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"],
                     audio_input_ids=batch["audio_input_ids"],
                     audio_input_ids_mask=batch["audio_input_ids_mask"], use_cache=False,
                     logits_to_keep=targets.shape[1]).logits
    found: torch.Tensor = made.reshape(*made.shape[:2], targets.shape[-1], -1)
    return found


def outputs(model: Any, examples: Sequence[Example], prepared: Prepared) -> list[npt.NDArray[np.float32]]:
    """Logits (keep, codebooks * rows) of each example, the right codes being given before each place."""
    import torch

    was_training, at, found = model.training, next(model.parameters()).device, []
    model.eval()
    try:
        for example in examples:
            batch = {name: value.to(at) for name, value in collate([example], prepared).items()}
            with torch.no_grad():
                found.append(logits_of(model, batch)[0].flatten(1).float().cpu().numpy())
    finally:
        model.train(was_training)
    return found


def merge(model: Any, base: Path, out: Path, dtype: str) -> Any:
    """Write base + adapter as one plain folder to `out` (new), the codec and the tokenizer of the base with
    it, and return the merged fp32 model; `model` stays as it is."""
    import torch

    if dtype not in DTYPES:
        raise BadInput(f"“{dtype}” is no type to merge to; choose one of: {', '.join(DTYPES)}.")
    if out.exists():
        raise StudioError(f"{out} exists already and is not overwritten; choose another name.")
    source = folders.read(base)
    merged = copy.deepcopy(model).merge_and_unload().eval()
    saved = copy.deepcopy(merged) if dtype == "bf16" else merged
    saved.to(torch.bfloat16 if dtype == "bf16" else torch.float32).save_pretrained(str(out))
    for name in COPIED:
        if (base / name).exists():
            shutil.copyfile(base / name, out / name)
    shutil.copytree(source.codec, out / folders.CODECS[0])
    return merged
