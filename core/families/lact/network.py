"""The network: build, load strictly, batch, loss, predict, write. Everything here needs torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput, StudioError
from core.families.base import Batch, Example, Prepared
from core.families.lact import folder as folders
from core.families.lact import labels, preparing
from core.families.lact.decoding import decoded
from core.modelling import weights
from core.modelling.lact.asr_config import AsrConfig
from core.types import Prediction

if TYPE_CHECKING:
    import torch

    from core.modelling.lact.asr import LactAsr

PREDICT_BATCH = 16
DTYPES = ("fp32", "bf16")


@dataclass(frozen=True)
class Beginning:
    """Where the weights of a run come from, to be made or read again; and the letters that it writes."""

    base: Path
    seed: int
    vocabulary: dict[str, int]


def load(base: Path, prepared: Prepared, seed: int) -> LactAsr:
    """The network with the weights of `base`, or of a blank one with weights drawn from `seed`; all of it is
    trainable, but for how fast frozen fast weights would learn."""
    config = preparing.network_of(prepared)
    model: Any = _begun(base, config, seed)
    for _, parameter in _of_updates(model):
        parameter.requires_grad_(not config.layers.frozen)
    model.beginning = Beginning(base, seed, prepared.vocabulary)
    trained: LactAsr = model.train()
    return trained


def load_plain(base: Path) -> LactAsr:
    """The model in `base` as it is, fp32, on the CPU, in evaluation mode. Unavailable for a blank one."""
    from core.errors import Unavailable

    folder = folders.read(base)
    if folder.config is None:
        raise Unavailable(f"{base.name} is blank: it has no weights until a run has trained some.")
    return _begun(base, folder.config, 0).eval()


def _begun(base: Path, config: AsrConfig, seed: int) -> LactAsr:
    """As a run begins: weights of the folder, or drawn from the seed alone, whatever was drawn before."""
    import torch

    from core.modelling.lact.asr import LactAsr

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LactAsr(config)
    if not folders.read(base).is_blank:
        fit(model, _held(base), base.name)
    return model


def _held(base: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    files = weights.weight_files(base)
    return {name: value.float() for file in files for name, value in load_file(file).items()}


def fit(model: torch.nn.Module, state: dict[str, torch.Tensor], named: str) -> None:
    """Put `state` into `model`, in place. BadInput for a weight that is missing, left over or of another
    shape."""
    import torch

    own = dict(model.named_parameters())
    odd = sorted(set(own) ^ set(state)) or sorted(n for n in own if own[n].shape != state[n].shape)
    if odd:
        raise BadInput(f"The weights of {named} do not fit this model: {len(odd)} of them are missing, left"
                       f" over or of another shape, such as {odd[0]}.")
    with torch.no_grad():
        for name, parameter in own.items():
            parameter.copy_(state[name])


def state_of(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """All weights by name, detached, on the CPU."""
    return {name: p.detach().cpu().contiguous() for name, p in model.named_parameters()}


def begun_with(model: Any) -> dict[str, torch.Tensor]:
    """The weights that the run of `model` began with, made or read again."""
    beginning: Beginning = model.beginning
    return state_of(_begun(beginning.base, model.config, beginning.seed))


@contextmanager
def as_begun(model: torch.nn.Module) -> Iterator[None]:
    """Inside it the model has the weights that its run began with."""
    learned = {name: value.clone() for name, value in state_of(model).items()}
    fit(model, begun_with(model), "the base")
    try:
        yield
    finally:
        fit(model, learned, "the run")


def weaken(model: torch.nn.Module, share: float) -> None:
    """Keep `share` of what was learned, in place: weights between those of the beginning and those of now
    (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models")."""
    import torch

    if share == 1:
        return
    before = begun_with(model)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.lerp(before[name].to(parameter.device), parameter, share))


def collate(examples: Sequence[Example], prepared: Prepared) -> Batch:
    """Zero-padded mel frames (batch, frames, bins), their lengths, and the labels one after another."""
    import torch

    longest = max(len(e.features) for e in examples)
    mel = torch.zeros(len(examples), longest, examples[0].features.shape[1])
    for row, example in enumerate(examples):
        mel[row, : len(example.features)] = torch.from_numpy(np.ascontiguousarray(example.features))
    return {
        "mel": mel,
        "lengths": torch.tensor([len(e.features) for e in examples]),
        "labels": torch.tensor([i for e in examples for i in e.labels], dtype=torch.long),
        "label_lengths": torch.tensor([len(e.labels) for e in examples], dtype=torch.long),
    }


def loss(model: torch.nn.Module, batch: Batch) -> dict[str, tuple[torch.Tensor, float]]:
    """The CTC loss summed over the batch (nats). A text without room gives none; where the device has no CTC
    loss, it is taken on the CPU."""
    import torch

    logits, frames = model(batch["mel"], batch["lengths"])
    log_probabilities = logits.float().log_softmax(-1).transpose(0, 1)
    if log_probabilities.device.type == "mps":
        log_probabilities = log_probabilities.cpu()
    at = log_probabilities.device
    total = torch.nn.functional.ctc_loss(
        log_probabilities, batch["labels"].to(at), frames.to(at), batch["label_lengths"].to(at), blank=0,
        reduction="sum", zero_infinity=True,
    )
    # Where no chunk of the batch was full nothing asked for the rates. A gradient of zero is one, too: the
    # optimizer then knows of them, and a checkpoint of it is complete.
    idle = sum((0.0 * p.sum() for _, p in _of_updates(model) if p.requires_grad), start=total.new_zeros(()))
    return {"ctc": (total + idle.to(total), 1.0)}


def _of_updates(model: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Parameter]]:
    """The weights that say how fast, and with how much of the last step, the fast weights learn."""
    return ((name, p) for name, p in model.named_parameters()
            if ".lact.rates." in name or ".lact.momentum." in name)


def frame_logits(
    model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
) -> list[npt.NDArray[np.float32]]:
    """Logits (frames, vocabulary) of each example, without its padding; the mode of the model stays."""
    import torch

    was_training, at = model.training, next(model.parameters()).device
    model.eval()
    try:
        with torch.no_grad():
            batch = collate(examples, prepared)
            logits, frames = model(batch["mel"].to(at), batch["lengths"].to(at))
    finally:
        model.train(was_training)
    return [row[: int(n)].float().cpu().numpy() for row, n in zip(logits, frames, strict=True)]


def predict(
    model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared, beam: int = 1
) -> list[Prediction]:
    """Decoded in batches of like length, in the order given."""
    found: dict[int, Prediction] = {}
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].features))
    for at in range(0, len(order), PREDICT_BATCH):
        part = order[at : at + PREDICT_BATCH]
        for i, logits in zip(part, frame_logits(model, [examples[i] for i in part], prepared), strict=True):
            found[i] = decoded(examples[i].id, logits, labels.alphabet(prepared), preparing.SECONDS_PER_FRAME,
                               beam)
    return [found[i] for i in range(len(examples))]


def merge(model: Any, out: Path, dtype: str) -> LactAsr:
    """Write `model` as one plain folder to `out` (new), and return it in fp32."""
    import torch
    from safetensors.torch import save_file

    if dtype not in DTYPES:
        raise BadInput(f"“{dtype}” is no type to merge to; choose one of: {', '.join(DTYPES)}.")
    if out.exists():
        raise StudioError(f"{out} exists already and is not overwritten; choose another name.")
    out.mkdir(parents=True)
    kind = torch.bfloat16 if dtype == "bf16" else torch.float32
    save_file({name: value.to(kind) for name, value in state_of(model).items()}, out / "model.safetensors",
              metadata={"format": "pt"})
    folders.write(out, model.config, model.beginning.vocabulary, dtype)
    kept: LactAsr = model.eval()
    return kept
