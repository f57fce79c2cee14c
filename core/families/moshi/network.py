"""The network: load strictly, batch, loss, predict, go on. Everything here needs torch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.families.base import Batch, Example, Prepared, ttt
from core.families.moshi import folder as folders
from core.families.moshi import labels
from core.families.moshi.labels import Talk
from core.families.moshi.options import MoshiOptions
from core.modelling import lora, strict
from core.modelling.kyutai.stream import FIRST_PIECE
from core.modelling.lora import inner_of
from core.modelling.moshi import forward, streams
from core.modelling.moshi.streams import NOT_LEARNED
from core.modelling.ttt import adapter
from core.modelling.ttt import folder as ttt_folder
from core.modelling.ttt.config import chosen

if TYPE_CHECKING:
    import torch

TARGETS = re.compile(r"decoder\.model\.layers\.\d+\.(self_attn\.[qkvo]_proj\.linear|mlp\.fc[12])")
DEPTH = "depth_decoder"
BASE = "trained_from"
"""The attribute that names the folder of a model whose weights all learn: its base is read there again."""


def load_plain(base: Path) -> Any:
    """The model in `base` with its codec and its TTT layers, fp32, on the CPU, in evaluation mode. Missing or
    unexpected keys are a StudioError."""
    from transformers import MoshiForConditionalGeneration

    source = folders.read(base)
    # the depth decoder is called without a mask, which is causal in this attention alone
    model = strict.load(MoshiForConditionalGeneration, base, attn_implementation="sdpa")
    ttt_folder.attach_saved(model.decoder.model.layers, source.width, base)
    return model.eval()


def load(base: Path, prepared: Prepared, options: MoshiOptions) -> Any:
    """The base with what learns: adapters, or all but the codec; TTT layers on top if wanted."""
    labels.vocabulary(prepared)
    model = load_plain(base)
    if wanted := ttt.chosen(options):
        layers, (config, which) = model.decoder.model.layers, wanted
        adapter.attach(layers, int(model.config.hidden_size), config, chosen(len(layers), which))
    if options.learns == "all":
        model.requires_grad_(True)
        model.audio_encoder.requires_grad_(False)
        _freeze_unused(model, options)
        setattr(model, BASE, base)
        return model
    targets = [name for name, _ in model.named_modules() if TARGETS.fullmatch(name)]
    whole = [DEPTH] if options.train_depth else []
    adapted = lora.attach(model, targets, options.rank, options.alpha, options.adapter_dropout, whole)
    adapter.learn(adapted)
    return adapted


def _freeze_unused(model: Any, options: MoshiOptions) -> None:
    """Keep still what no batch of these options reads: it would get no gradient."""
    if not options.hears_user:
        for table in model.embed_tokens[int(model.config.num_codebooks) :]:
            table.requires_grad_(False)
    if not options.text_weight:
        model.decoder.lm_head.requires_grad_(False)


def collate(examples: Sequence[Example], prepared: Prepared) -> Batch:
    """The batch of examples; of one that is longer than a run reads, its beginning."""
    return batch_of([_cut(as_talk(example), prepared) for example in examples], prepared)


def batch_of(rows: Sequence[Talk], prepared: Prepared) -> Batch:
    """`text` (batch, places) and `heard` (batch, places, codes), read one place late; `pieces` (batch,
    places) and `codes` (batch, places, codebooks), what is written there (-100 where nothing is learned),
    with the `weights` of the text.

    The inputs are shifted, once, here.
    """
    import torch

    held = prepared.extra
    longest, books = max(len(row.features) for row in rows), int(held["codebooks"])
    n_heard = (2 if held["hears_user"] else 1) * books
    shape = (len(rows), longest)
    text, heard = np.full(shape, held["pad"]), np.full((*shape, n_heard), held["audio"])
    pieces, codes = np.full(shape, held["pad"]), np.full((*shape, books), NOT_LEARNED)
    weights = np.zeros(shape, np.float32)
    for at, row in enumerate(rows):
        n, stream = len(row.features), np.asarray(row.labels, np.int64)
        given = row.features[:, :n_heard].astype(np.int64)
        beside = streams.sounds(given, books, int(held["audio"]))
        text[at, :n], heard[at, :n] = streams.read(stream, beside, (int(held["text"]), int(held["audio"])))
        pieces[at, :n], codes[at, :n] = stream, streams.learned(beside[:, :books])
        weights[at, :n] = _weights(row, stream, prepared)
    arrays = {"text": text, "heard": heard, "pieces": pieces, "codes": codes, "weights": weights}
    made: Batch = {name: torch.from_numpy(value) for name, value in arrays.items()}
    first = float(held["first_codebook_weight"])
    of_books = torch.tensor([first, *[1.0] * (books - 1)]) / max(first + books - 1, 1e-6)
    return {**made, "text_weight": torch.tensor(float(held["text_weight"])), "book_weights": of_books}


def as_talk(example: Example) -> Talk:
    """An example of this family; TypeError for any other."""
    if not isinstance(example, Talk):
        raise TypeError(f"an example of another family: {type(example).__name__}")
    return example


def _cut(one: Talk, prepared: Prepared) -> Talk:
    most = int(prepared.extra["window"])
    return one if len(one.features) <= most else labels.part(one, 0, most, prepared)


def _weights(one: Talk, stream: npt.NDArray[np.int64], prepared: Prepared) -> npt.NDArray[np.float32]:
    """How much each frame of text counts: nothing in a clip that teaches no text."""
    if not one.teaches_text:
        return np.zeros(len(stream), np.float32)
    return np.where(stream >= FIRST_PIECE, 1.0, float(prepared.extra["padding_weight"])).astype(np.float32)


def count(batch: Batch) -> dict[str, float]:
    """The weight of the text, where it counts, and the learned codes by codebook."""
    found = {"text": float(batch["weights"].sum())} if float(batch["text_weight"]) else {}
    is_learned = (batch["codes"] != NOT_LEARNED).flatten(0, 1).sum(0).tolist()
    return {**found, **{f"codebook_{book + 1}": float(n) for book, n in enumerate(is_learned)}}


def loss(model: Any, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
    """Cross entropy (nats): of the text, weighted by frame, and of each codebook, whose weights together are
    1, as the published trainer has it."""
    inner = inner_of(model)
    hidden = forward.hidden_of(inner, batch["text"], batch["heard"])
    found = {}
    if float(batch["text_weight"]):
        each = _cross_entropy(forward.text_logits(inner, hidden).flatten(0, 1), batch["pieces"].flatten())
        found["text"] = (each * batch["weights"].flatten()).sum(), float(batch["text_weight"])
    scores, codes = _of_codes(inner, hidden, batch)
    for book, weight in enumerate(batch["book_weights"].tolist()):
        found[f"codebook_{book + 1}"] = _cross_entropy(scores[:, book], codes[:, book]).sum(), weight
    return found


def _of_codes(inner: Any, hidden: torch.Tensor, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores (n, codebooks, values) of the codes at the places that have some, and those (n, codebooks)."""
    codes = batch["codes"]
    is_there = (codes != NOT_LEARNED).any(-1)
    wanted = codes[is_there]
    given = wanted.masked_fill(wanted == NOT_LEARNED, int(inner.config.audio_vocab_size))
    return forward.code_logits(inner, hidden[is_there], batch["pieces"][is_there], given), wanted


def _cross_entropy(scores: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.nn.functional.cross_entropy(
        scores.float(), wanted, ignore_index=NOT_LEARNED, reduction="none")


def outputs(model: Any, examples: Sequence[Example], prepared: Prepared) -> list[npt.NDArray[np.float32]]:
    """Scores (frames, pieces + codebooks * values) of each example, all that comes before being right."""
    import torch

    found, inner = [], inner_of(model)
    with evaluating(model) as at, torch.no_grad():
        for example in examples:
            batch = {name: value.to(at) for name, value in collate([example], prepared).items()}
            hidden = forward.hidden_of(inner, batch["text"], batch["heard"])
            scores, _ = _of_codes(inner, hidden, batch)
            both = torch.cat([forward.text_logits(inner, hidden)[0], scores.flatten(1)], 1)
            found.append(both.float().cpu().numpy())
    return found


@contextmanager
def evaluating(model: Any) -> Iterator[torch.device]:
    """Inside it `model` is in evaluation mode; the device that its weights are on."""
    was_training = model.training
    model.eval()
    try:
        yield next(model.parameters()).device
    finally:
        model.train(was_training)


@contextmanager
def base_of(model: Any) -> Iterator[None]:
    """Inside it `model` answers as its base does."""
    with adapter.without(model):
        if not hasattr(model, BASE):
            with lora.without_adapter(model):
                yield
            return
        now = {name: p.detach().clone() for name, p in _learned_whole(model).items()}
        _put(model, _before(model))
        try:
            yield
        finally:
            _put(model, now)


def weaken(model: Any, share: float) -> None:
    """Keep `share` (0..1) of what was learned, in place."""
    import torch

    adapter.weaken(model, share)
    if not hasattr(model, BASE):
        lora.weaken(model, share)
    elif share != 1:
        base = _before(model)
        _put(model, {name: torch.lerp(base[name].to(p.device), p.detach(), share)
                     for name, p in _learned_whole(model).items()})


def _learned_whole(model: Any) -> dict[str, torch.nn.Parameter]:
    """What learns of the base's own weights."""
    own = {id(p) for layer in adapter.added_to(model) for p in layer.parameters()}
    return {name: p for name, p in model.named_parameters() if p.requires_grad and id(p) not in own}


def _before(model: Any) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = load_plain(getattr(model, BASE)).state_dict()
    return {name: state[name] for name in _learned_whole(model)}


def _put(model: Any, values: dict[str, torch.Tensor]) -> None:
    import torch

    with torch.no_grad():
        for name, parameter in _learned_whole(model).items():
            parameter.copy_(values[name])
