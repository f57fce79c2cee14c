"""A Kyutai speech to text model of transformers' class around given tensors, and its codec apart from it: in
training there are codes already, and no codec takes memory."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Unavailable
from core.modelling.kyutai import mimi_names
from core.modelling.kyutai.recipes import check
from core.modelling.kyutai.shape import Shape, transformers_config

if TYPE_CHECKING:
    import torch


KIND = "kyutai_speech_to_text"
"""What transformers calls this kind of model."""


def torch_type(dtype: str) -> torch.dtype:
    """fp32, bf16 or fp16 as torch calls it."""
    import torch

    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[dtype]


def classes() -> Any:
    """The package transformers; Unavailable where it is too old to have the classes that are used here."""
    import transformers

    wanted = ("KyutaiSpeechToTextForConditionalGeneration", "MimiModel")
    if any(not hasattr(transformers, name) for name in wanted):
        raise _too_old(transformers.__version__)
    return transformers


def check_version() -> None:
    """Unavailable where transformers is too old; told by its files, because importing it takes seconds."""
    found = find_spec("transformers")
    places = found.submodule_search_locations if found else None
    if not any((Path(place) / "models" / KIND).is_dir() for place in places or ()):
        raise _too_old(version("transformers") if found else "(none)")


def _too_old(known: str) -> Unavailable:
    return Unavailable(f"transformers {known} is too old for Kyutai's speech to text: run “pip install"
                       " transformers==5.23.0”, and try again.")


def empty(shape: Shape, codec: Mapping[str, Any]) -> Any:
    """The model without numbers (on the meta device) and without a codec; what is computed is there."""
    import torch

    library = classes()
    config = library.KyutaiSpeechToTextConfig(**transformers_config(shape, codec))
    with torch.device("meta"):
        model = library.KyutaiSpeechToTextForConditionalGeneration(config)
    model.codec_model = torch.nn.Module()
    for module in model.modules():
        held = module._buffers
        if any(buffer is not None and buffer.is_meta for buffer in held.values()):
            there = {name: buffer for name, buffer in held.items() if buffer is not None}
            held.update({name: torch.empty_like(each, device="cpu") for name, each in there.items()})
            model._init_weights(module)
    return model


def model_of(tensors: Mapping[str, torch.Tensor], shape: Shape, codec: Mapping[str, Any], dtype: str) -> Any:
    """The model around `tensors` (transformers' names; asked for one at a time), in evaluation mode,
    without a codec. BadInput when one is missing, left over or of another shape."""
    model = empty(shape, codec)
    kind, wanted = torch_type(dtype), shape.transformers()
    # copies: what a file holds is mapped from it, and a part of a tensor would keep the whole
    filled = {name: tensors[name].to(kind, copy=True).contiguous() for name in wanted if name in tensors}
    left = {name: (0,) for name in tensors if name not in filled}
    check({name: tuple(tensor.shape) for name, tensor in filled.items()} | left, wanted, "this model")
    model.load_state_dict(filled, strict=True, assign=True)
    model.requires_grad_(True)
    return model.eval()


def codec_of(tensors: Mapping[str, torch.Tensor], config: Mapping[str, Any]) -> Any:
    """transformers' Mimi around `tensors` (the names of its files), fp32, in evaluation mode.

    BadInput when one is missing, left over or of another shape.
    """
    import torch

    library = classes()
    model = library.MimiModel(library.MimiConfig(**config))
    found = {mimi_names.in_model(name): tensor for name, tensor in tensors.items()}
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    if mimi_names.in_model("encoder.layers.0.conv.weight") not in wanted:
        raise Unavailable(
            f"transformers {library.__version__} builds its codec otherwise than it is known here: run “pip"
            " install transformers==5.23.0”, and try again."
        )
    check({name: tuple(tensor.shape) for name, tensor in found.items()}, wanted, "the codec")
    with torch.no_grad():
        model.load_state_dict({name: tensor.float() for name, tensor in found.items()}, strict=True)
    return model.eval().requires_grad_(False)
