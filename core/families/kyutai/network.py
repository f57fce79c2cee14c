"""The network: load strictly, batch, loss, predict, merge. Everything here needs torch."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput, StudioError
from core.families.base import Batch, Example, Prepared, ttt
from core.families.kyutai import exporting, labels, opening
from core.families.kyutai.options import KyutaiOptions
from core.modelling import lora
from core.modelling.kyutai import stepping
from core.modelling.kyutai.stream import FIRST_PIECE
from core.modelling.lora import inner_of
from core.modelling.ttt import adapter
from core.modelling.ttt.config import chosen
from core.types import Prediction

if TYPE_CHECKING:
    import torch

PREDICT_BATCH = 8
DTYPES = ("fp32", "bf16")
NOT_LEARNED = -100  # the target of a place behind the end of a stream
# by name and not by kind of layer: “all linear” would reach into a codec
TARGETS = re.compile(r"model\.layers\.\d+\.(self_attn\.[qkvo]_proj\.linear|mlp\.fc[12])")
TABLES = "model.embed_tokens.embed_tokens"
"""The inner module: an adapter with the outer one saved whole does not load again."""


def load_plain(base: Path) -> Any:
    """The model in `base` without its codec, fp32, on the CPU, in evaluation mode, with its pause heads where
    it has them. Missing or unexpected keys are a StudioError."""
    opened = opening.open_folder(base, "fp32")
    return with_heads(opened.model, opened.heads)


def with_heads(model: Any, heads: torch.Tensor | None) -> Any:
    """`model` that carries the pause heads, which are no weights of its class and are never saved with it."""
    if heads is not None:
        model.register_buffer(stepping.HEADS, heads, persistent=False)
    return model


def load(base: Path, prepared: Prepared, options: KyutaiOptions) -> Any:
    """The base with adapters on attention and feed-forward layers, and the tables, the output layer and TTT
    layers trainable whole if wanted."""
    labels.vocabulary(prepared)
    model = load_plain(base)
    if options.hold_heads and not hasattr(model, stepping.HEADS):
        opening.pause_heads(opening.layouts.read(base))  # says which model has them
    targets = [name for name, _ in model.named_modules() if TARGETS.fullmatch(name)]
    whole = ["lm_head"] * options.train_lm_head + [TABLES] * options.train_embeddings
    if wanted := ttt.chosen(options):
        layers, (config, which) = model.model.layers, wanted
        adapter.attach(layers, int(model.config.hidden_size), config, chosen(len(layers), which))
    adapted = lora.attach(model, targets, options.rank, options.alpha, options.adapter_dropout, whole)
    adapter.learn(adapted)
    return adapted


@contextmanager
def base_of(model: Any) -> Iterator[None]:
    """Inside it `model` answers as its base does."""
    with lora.without_adapter(model), adapter.without(model):
        yield


def collate(examples: Sequence[Example], prepared: Prepared) -> Batch:
    """`inputs` (batch, frames, 1 + n_q), `targets` and their `weights` (batch, frames); `hold`, the weight of
    the pause heads, where they are held. The target of a place is the token of its own frame: the inputs are
    shifted, once, here."""
    import torch

    held = prepared.extra
    streams = [e.labels for e in examples]
    inputs = stepping.inputs_of([e.features for e in examples], streams,
                                (int(held["text_card"]), int(held["audio_card"])), int(held["nothing"]))
    targets = torch.full(inputs.shape[:2], NOT_LEARNED)
    for row, stream in enumerate(streams):
        targets[row, : len(stream)] = torch.tensor(stream)
    is_text, is_learned = targets >= FIRST_PIECE, targets != NOT_LEARNED
    weights = torch.where(is_text, 1.0, float(held["padding_weight"])) * is_learned
    hold = {"hold": torch.tensor(float(held["hold_heads"]))} if held["hold_heads"] else {}
    return {"inputs": inputs, "targets": targets, "weights": weights, **hold}


def count(batch: Batch) -> dict[str, float]:
    """The weight of all frames, and the number of those in which the heads are held. The loop divides by at
    least 1, so that a batch of padding that counts nothing is no 0/0."""
    found = {"text": float(batch["weights"].sum())}
    if "hold" in batch:
        found["heads"] = float((batch["targets"] != NOT_LEARNED).sum())
    return found


def loss(model: Any, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
    """Weighted cross entropy (nats) summed over frames, and how far the pause heads are from what they say
    about the base."""
    if "hold" not in batch:
        return {"text": (_cross_entropy(logits_of(model, batch["inputs"]), batch), 1.0)}
    inner, inputs = inner_of(model), batch["inputs"]
    before = _pauses_of_base(model, inputs)
    hidden = stepping.hidden_of(inner, inputs)
    now = stepping.pauses_of(inner, hidden)
    is_learned = batch["targets"] != NOT_LEARNED
    apart = (before.exp() * (before - now)).sum(-1).mean(-1)  # Kullback-Leibler, the mean of the heads
    return {
        "text": (_cross_entropy(stepping.logits_of(inner, hidden), batch), 1.0),
        "heads": ((apart * is_learned).sum(), float(batch["hold"])),
    }


def _pauses_of_base(model: Any, inputs: torch.Tensor) -> Any:
    import torch

    with torch.no_grad(), base_of(model):
        inner = inner_of(model)
        return stepping.pauses_of(inner, stepping.hidden_of(inner, inputs))


def _cross_entropy(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    import torch

    each = torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), batch["targets"].flatten(), ignore_index=NOT_LEARNED, reduction="none")
    return (each * batch["weights"].flatten()).sum()


def logits_of(model: Any, inputs: torch.Tensor) -> torch.Tensor:
    """Scores (batch, frames, pieces) with the right text before each place."""
    config = inner_of(model).config
    mask = stepping.band(inputs.shape[1], int(config.sliding_window), inputs.device)
    found: torch.Tensor = model(input_ids=inputs, attention_mask=mask, use_cache=False).logits
    return found[..., : int(config.vocab_size) - 1]


def predict(model: Any, examples: Sequence[Example], prepared: Prepared) -> list[Prediction]:
    """What the model writes step by step for the clips in their silence, as production does."""
    found: list[Prediction] = []
    for at in range(0, len(examples), PREDICT_BATCH):
        part = examples[at : at + PREDICT_BATCH]
        for example, written in zip(part, write(model, [e.features for e in part], prepared), strict=True):
            text = labels.decode(written.tokens, prepared)
            found.append(Prediction(example.id, text, (), labels.score(written.tokens, written.logprobs)))
    return found


def write(model: Any, codes: Sequence[labels.Codes], prepared: Prepared) -> list[stepping.Written]:
    """The streams that the model writes for codes; its mode is left as it was."""
    was_training = model.training
    model.eval()
    try:
        return stepping.greedy(inner_of(model), codes, int(prepared.extra["nothing"]))
    finally:
        model.train(was_training)


def outputs(model: Any, examples: Sequence[Example], prepared: Prepared) -> list[npt.NDArray[np.float32]]:
    """Logits (frames, pieces) of each example, the right text being given before each place."""
    import torch

    was_training, at, found = model.training, next(model.parameters()).device, []
    model.eval()
    try:
        for example in examples:
            inputs = collate([example], prepared)["inputs"].to(at)
            with torch.no_grad():
                found.append(logits_of(model, inputs)[0].float().cpu().numpy())
    finally:
        model.train(was_training)
    return found


def merge(model: Any, base: Path, out: Path, dtype: str) -> Any:
    """Write base + adapter as one folder of transformers to `out` (new), the codec, the vocabulary and the
    pause heads of the base with it, and return the merged fp32 model; `model` stays as it is."""
    if dtype not in DTYPES:
        raise BadInput(f"“{dtype}” is no type to merge to; choose one of: {', '.join(DTYPES)}.")
    if out.exists():
        raise StudioError(f"{out} exists already and is not overwritten; choose another name.")
    merged = copy.deepcopy(model).merge_and_unload().eval()
    exporting.write_transformers(merged, base, dtype, out)
    return merged
