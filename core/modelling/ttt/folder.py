"""TTT layers beside the weights of a model folder: `ttt.json` and `ttt.safetensors`.

transformers' classes have no place for them, so a folder that has them is a whole model in this app alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from core.errors import BadInput, Unavailable
from core.files import read_json, write_json
from core.modelling.ttt.config import TttSettings, n_weights

if TYPE_CHECKING:
    import torch
    from torch import nn

SETTINGS, WEIGHTS = "ttt.json", "ttt.safetensors"


def nowhere_else(name: str) -> str:
    """Why a model with TTT layers cannot be written for other programs."""
    return (f"{name} has TTT layers, for which no other program has a place: use it here, or train and merge"
            " it with “ttt_layers” set to none.")


def settings_in(folder: Path) -> TttSettings | None:
    """The settings of the layers that a folder has; None where it has none. Without torch.

    BadInput for a file that is none, Unavailable where the weights are missing.
    """
    path = folder / SETTINGS
    if not path.is_file():
        return None
    if not (folder / WEIGHTS).is_file():
        raise Unavailable(f"{folder.name} has a {SETTINGS} and lacks {WEIGHTS}: copy it from where the model"
                          " came from.")
    try:
        return TttSettings(**read_json(path))
    except (TypeError, ValidationError) as error:
        raise BadInput(f"{path} does not hold the settings of TTT layers; copy it again from where the model"
                       " came from.") from error


def write(model: nn.Module, folder: Path) -> None:
    """The TTT layers of `model` as both files, fp32; nothing where it has none."""
    from safetensors.torch import save_file

    from core.modelling.ttt.adapter import layers_of

    placed = layers_of(model)
    if not placed:
        return
    tensors = {f"{layer.at}.{name}": value.detach().float().cpu().contiguous()
               for layer in placed for name, value in layer.state_dict().items()}
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    told = placed[0].config.model_dump(include=set(TttSettings.model_fields) - {"layers"})
    write_json(folder / SETTINGS, {**told, "layers": [layer.at for layer in placed]})


def n_bytes(model: nn.Module) -> int:
    """How many bytes `write` takes for the weights."""
    from core.modelling.ttt.adapter import layers_of

    return sum(4 * n_weights(layer.gate.numel(), layer.config) for layer in layers_of(model))


def attach_saved(layers: Sequence[nn.Module], hidden: int, folder: Path) -> None:
    """Put the TTT layers of `folder`, where it has some, into decoder `layers` of width `hidden`, as parts of
    the base, in evaluation mode and in the type of its weights. BadInput where one does not fit."""
    from safetensors.torch import load_file

    from core.modelling.ttt.adapter import attach

    settings = settings_in(folder)
    if settings is None:
        return
    if max(settings.layers) >= len(layers):
        raise BadInput(f"{SETTINGS} in {folder.name} names layer {max(settings.layers)}, and the model has"
                       f" {len(layers)}: it belongs to another model.")
    placed = attach(layers, hidden, settings, settings.layers)
    held = load_file(folder / WEIGHTS)
    wanted = {f"{layer.at}.{name}": value for layer in placed for name, value in layer.state_dict().items()}
    _check(held, wanted, folder)
    for layer in placed:
        own = f"{layer.at}."
        layer.load_state_dict({name.removeprefix(own): value for name, value in held.items()
                               if name.startswith(own)})
        layer.to(next(layers[layer.at].parameters()).dtype).eval()
        layer.is_of_base = True


def _check(held: Mapping[str, torch.Tensor], wanted: Mapping[str, torch.Tensor], folder: Path) -> None:
    sizes: list[dict[str, Any]] = [{name: tuple(value.shape) for name, value in each.items()}
                                   for each in (held, wanted)]
    odd = sorted(name for name in {*sizes[0], *sizes[1]} if sizes[0].get(name) != sizes[1].get(name))
    if odd:
        raise BadInput(f"{WEIGHTS} in {folder.name} does not fit its {SETTINGS}: {len(odd)} weights are"
                       f" missing, left over or of another shape, such as {odd[0]}; copy both again.")
