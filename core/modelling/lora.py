"""Low-rank adapters: where they go, and proof that they landed there and nowhere else. Method:
arXiv 2106.09685, by peft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from core.errors import StudioError

if TYPE_CHECKING:
    import torch

# Last parts of module names, by `model_type` of the config: attention and feed-forward of the encoder.
TARGETS: dict[str, tuple[str, ...]] = {
    "wav2vec2": ("q_proj", "k_proj", "v_proj", "out_proj", "intermediate_dense", "output_dense"),
    "wav2vec2-bert": ("linear_q", "linear_k", "linear_v", "linear_out", "intermediate_dense", "output_dense"),
}


def targets_in(model: torch.nn.Module, model_type: str) -> list[str]:
    """Full names of the linear layers that get an adapter. Raises StudioError when the architecture
    is unknown or has none."""
    import torch

    endings = TARGETS.get(model_type, ())
    found = [
        name
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and name.rsplit(".", 1)[-1] in endings and ".layers." in name
    ]
    if not found:
        raise StudioError(
            f"No layers for an adapter were found in this model ({model_type}); it cannot be tuned here."
        )
    return found


def attach(
    model: torch.nn.Module, targets: list[str], rank: int, alpha: float, dropout: float, whole: list[str]
) -> Any:
    """`model` with adapters on `targets` and the modules `whole` trainable beside
    them; checked by `landed`."""
    from peft import LoraConfig, get_peft_model

    given: dict[str, Any] = {"lora_alpha": alpha, "lora_dropout": dropout, "modules_to_save": whole or None}
    adapted = get_peft_model(model, LoraConfig(r=rank, target_modules=targets, bias="none", **given))  # type: ignore[arg-type]
    landed(adapted, targets, whole)
    return adapted


def landed(adapted: torch.nn.Module, targets: list[str], whole: list[str]) -> dict[str, int]:
    """Trainable numbers by target; StudioError when one target has none, or when something
    else is trainable too."""
    counts = dict.fromkeys([*targets, *whole], 0)
    for name, parameter in adapted.named_parameters():
        if not parameter.requires_grad:
            continue
        owner = _owner(name)
        if owner not in counts:
            raise StudioError(
                f"The adapter would also train {owner}, which it should not touch; this model cannot be tuned"
                " here."
            )
        counts[owner] += parameter.numel()
    empty = [name for name, n in counts.items() if n == 0]
    if empty:
        raise StudioError(
            f"The adapter did not reach {empty[0]} ({len(empty)} layers in all); this model cannot be tuned"
            " here."
        )
    return counts


def _owner(name: str) -> str:
    """The module that a parameter of a peft model belongs to, by its name in the base."""
    plain = name.removeprefix("base_model.model.")
    for mark in (".lora_", ".modules_to_save."):
        if mark in plain:
            return plain.split(mark)[0]
    return plain


def inner_of(model: Any) -> Any:
    """The model of transformers in one that may have adapters around it."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def trained_state(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The trainable tensors by name, detached, on the CPU."""
    return {name: p.detach().cpu().contiguous() for name, p in model.named_parameters() if p.requires_grad}


def restore_state(model: torch.nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Put `trained_state` back. Raises StudioError when a name or a shape does not fit: nothing
    is dropped in silence."""
    import torch

    wanted = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if set(wanted) != set(state):
        odd = sorted(set(wanted) ^ set(state))
        raise StudioError(
            f"The saved adapter does not fit this model: {len(odd)} of its parts differ, such as {odd[0]}; "
            "use the same base model and the same adapter options."
        )
    for name, parameter in wanted.items():
        if parameter.shape != state[name].shape:
            raise StudioError(
                f"The saved adapter does not fit this model: {name} is {tuple(state[name].shape)} there and "
                f"{tuple(parameter.shape)} here; use the same rank."
            )
        with torch.no_grad():
            parameter.copy_(state[name])


def weaken(model: torch.nn.Module, share: float) -> None:
    """Scale every adapter, and the change of every whole module, by `share` of 0..1, in place.

    Weights between base and tuned model forget less at the same gain: Wortsman et al. 2022, "Robust
    fine-tuning of zero-shot models", who move whole weights; here it is the adapter's product B A that is
    scaled.
    """
    import torch

    if share == 1:
        return
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, parameter in parameters.items():
            if not parameter.requires_grad:
                continue
            if ".lora_B." in name:
                parameter.mul_(share)
            elif ".modules_to_save." in name:
                owner, _, rest = name.partition(".modules_to_save.")
                before = parameters[f"{owner}.original_module.{rest.split('.', 1)[1]}"]
                parameter.copy_(torch.lerp(before, parameter, share))


@contextmanager
def without_adapter(model: Any) -> Iterator[None]:
    """Inside it `model` is its base again, whole modules included; what was trainable
    is so again afterwards."""
    trainable = {name for name, p in model.named_parameters() if p.requires_grad}
    with model.disable_adapter():
        yield
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in trainable)
