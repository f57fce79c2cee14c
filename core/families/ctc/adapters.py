"""Language adapters of Wav2Vec2 (MMS, arXiv 2305.13516): put one in, teach a language from another's, write
a folder that transformers opens with `target_lang`. Everything here needs torch."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput, StudioError
from core.families.base import Prepared
from core.families.ctc import languages
from core.files import read_json, write_json
from core.modelling import weights

if TYPE_CHECKING:
    import torch

HEAD, LAYERS = "lm_head.", ".adapter_layer."
QUIET = dict.fromkeys(
    ("activation_dropout", "attention_dropout", "feat_proj_dropout", "final_dropout", "hidden_dropout"), 0.0
)
"""Settings of the config with which a language is taught; the recipe drops nothing."""


@dataclass(frozen=True)
class Taught:
    """What a model is taught: the language, its vocabulary, and the weights that it began with, by name."""

    language: str
    vocabulary: dict[str, int]
    start: dict[str, torch.Tensor]


def put(model: Any, file: Path, language: str) -> None:
    """Load the adapter in `file` (safetensors) of the model's own folder, with its output layer."""
    odd = sorted(set(weights.header(file)) ^ set(model._get_adapters()))
    if odd:
        raise BadInput(
            f"{file.name} is no adapter for the model in {file.parent.name}: {len(odd)} of its weights are"
            f" missing or left over, such as {odd[0]}; copy it again from where it came from."
        )
    try:
        # the library would open a pickle where this file is missing
        model.load_adapter(language, use_safetensors=True, local_files_only=True)
    except RuntimeError as error:
        raise BadInput(
            f"{file.name} is no adapter for the model in {file.parent.name}:"
            f" {str(error).splitlines()[-1].strip()}"
        ) from error


def teach(model: Any, source: Mapping[str, int], prepared: Prepared, seed: int) -> Any:
    """`model`, which writes the letters of `source`, with an output layer for those of `prepared`; that and
    its adapters alone are trainable. `init_adapter_layers` would throw away what they know."""
    import torch

    vocabulary = prepared.vocabulary
    if dict(source) != vocabulary:
        model.lm_head = _head(model, source, vocabulary, seed)
        model.config.vocab_size = len(vocabulary)
        model.config.pad_token_id = int(prepared.extra["blank"])
    model.config.ctc_zero_infinity = True
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for parameter in parts(model).values():
        parameter.requires_grad_(True)
    with torch.no_grad():
        start = {name: parameter.detach().clone() for name, parameter in parts(model).items()}
    model.taught = Taught(str(prepared.extra["language"]), vocabulary, start)
    return model


def _head(model: Any, source: Mapping[str, int], wanted: Mapping[str, int], seed: int) -> torch.nn.Module:
    """Rows of shared letters as they were; a new letter's are drawn from (seed, letter)."""
    import torch

    old, spread = model.lm_head, float(model.config.initializer_range)
    head = torch.nn.Linear(old.in_features, len(wanted))
    with torch.no_grad():
        for token, i in wanted.items():
            if token in source:
                head.weight[i], head.bias[i] = old.weight[source[token]], old.bias[source[token]]
                continue
            key = hashlib.sha256(f"{seed} {token}".encode()).digest()
            draw = torch.Generator().manual_seed(int.from_bytes(key[:7], "little"))
            head.weight[i] = torch.randn(old.in_features, generator=draw) * spread
            head.bias[i] = 0.0
    return head


def unquiet(config: Any, original: Mapping[str, Any]) -> None:
    """Give `config` back what `QUIET` overrode, as it is in the base's own."""
    usual = type(config)()
    for name in QUIET:
        setattr(config, name, original.get(name, getattr(usual, name)))


def parts(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """The parameters of adapters and output layer by the names in an adapter's file, in any phase."""
    return {n: p for n, p in model.named_parameters() if n.startswith(HEAD) or LAYERS in n}


def is_taught(model: torch.nn.Module) -> bool:
    """Whether this model's language adapter is what is trained."""
    return hasattr(model, "taught")


def state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Adapters and output layer, detached, on the CPU."""
    return {name: p.detach().cpu().contiguous() for name, p in parts(model).items()}


def restore(model: torch.nn.Module, saved: Mapping[str, torch.Tensor]) -> None:
    """Put `state` back. StudioError when a name or a shape does not fit."""
    import torch

    wanted = parts(model)
    odd = sorted(set(wanted) ^ set(saved)) or [n for n, p in wanted.items() if p.shape != saved[n].shape]
    if odd:
        raise StudioError(
            f"The saved language adapter does not fit this model: {len(odd)} of its parts differ, such as"
            f" {odd[0]}; use the same base model and the same data."
        )
    with torch.no_grad():
        for name, parameter in wanted.items():
            parameter.copy_(saved[name])


def weaken(model: Any, share: float) -> None:
    """Move adapters and output layer towards what they began as, in place: 1 leaves them."""
    import torch

    if share == 1:
        return
    with torch.no_grad():
        for name, parameter in parts(model).items():
            parameter.copy_(torch.lerp(model.taught.start[name].to(parameter.device), parameter, share))


@contextmanager
def as_begun(model: Any) -> Iterator[None]:
    """Inside it `model` has the adapter and the output layer that it began with."""
    learned = {name: tensor.clone() for name, tensor in state(model).items()}
    restore(model, model.taught.start)
    try:
        yield
    finally:
        restore(model, learned)


def write(
    model: Any, base: Path, out: Path, language: str, vocabulary: dict[str, int], others: bool = True
) -> None:
    """Complete the folder `out`, which has the weights of `model`: the adapter of `language`, a vocab.json
    with the other languages of `base`, and their adapters byte for byte, unless (`others`) the weights
    that those are for have changed."""
    from safetensors.torch import save_file

    for file in sorted(base.glob(languages.FILE.format("*"))) if others else []:
        shutil.copyfile(file, out / file.name)
    save_file(state(model), out / languages.FILE.format(language), metadata={"format": "pt"})
    write_json(out / "vocab.json", {**languages.vocabularies(base), language: vocabulary})
    for name in ("added_tokens.json", "tokenizer.json"):  # of the language that the base was opened with
        (out / name).unlink(missing_ok=True)
    settings = read_json(base / "tokenizer_config.json") if (base / "tokenizer_config.json").exists() else {}
    settings.pop("added_tokens_decoder", None)
    write_json(out / "tokenizer_config.json", {**settings, "target_lang": language})
