"""A Kyutai folder of any layout as a model of transformers in memory, its pause heads and codec apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Unavailable
from core.families.kyutai import layouts
from core.families.kyutai.layouts import CODEC, Source
from core.modelling import weights
from core.modelling.kyutai import building, mimi_names, names, tokens
from core.modelling.kyutai.files import Held
from core.modelling.kyutai.recipes import Made, Recipe, same
from core.modelling.ttt import folder as ttt_folder

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Opened:
    """`model` has no codec (`open_codec` has); `heads` (4, 6, width) fp32 are applied to its last hidden
    state, or None where the folder has none; `config` is that of the model."""

    model: Any
    heads: torch.Tensor | None
    source: Source

    @property
    def tokenizer(self) -> Path:
        """The file of its vocabulary, a .model or a tokenizer.json."""
        return self.source.tokenizer

    @property
    def config(self) -> Any:
        """The config of the model, as transformers has it."""
        return self.model.config

    @property
    def writing(self) -> tokens.Writing:
        """Its vocabulary."""
        return tokens.fitting(self.source.tokenizer, self.source.shape)


def open_folder(folder: Path, dtype: str = "fp32") -> Opened:
    """The model in `folder` as `dtype` (fp32, bf16, fp16) on the CPU, with its TTT layers where it has some,
    without its codec.

    Raises NotFound, Unavailable or BadInput with a sentence where something is missing or does not fit.
    """
    source = layouts.read(folder)
    with held(source) as tensors:
        model = building.model_of(in_transformers(source, tensors), source.shape, source.codec_config, dtype)
    ttt_folder.attach_saved(model.model.layers, source.shape.width, folder)
    return Opened(model, stacked_heads(source) if has_pause_heads(source) else None, source)


def held(source: Source) -> Held:
    """The weights of the model as its files hold them; a context."""
    given = (name for file in source.weights for name in weights.header(file))
    return Held(source.weights, {name: names.plain(name) for name in given})


def in_transformers(source: Source, tensors: Held) -> Made:
    """The weights of the model by transformers' names, made when they are asked for; nothing of the codec."""
    if source.layout == "transformers":
        return Made({name: Recipe((name,), same) for name in source.shape.transformers()}, tensors)
    return Made(names.to_transformers(source.shape), tensors)


def has_pause_heads(source: Source) -> bool:
    """Whether the folder has semantic pause heads: among its weights, or beside those of a merged model."""
    return source.layout == "candle" or (source.path / layouts.HEADS_BESIDE).is_file()


def why_no_heads(source: Source) -> str:
    """The sentence that names the repository with pause heads, for a folder without; "" where it has them."""
    return "" if has_pause_heads(source) else (
        f"{source.path.name} has no semantic pause heads: they are only in {layouts.WITH_HEADS}. Download"
        " that model, and choose its folder."
    )


def pause_heads(source: Source) -> dict[str, torch.Tensor]:
    """The semantic pause heads (6, width) by their names, as saved. Unavailable, naming the repository that
    has them, where the folder has none."""
    if why := why_no_heads(source):
        raise Unavailable(why)
    files = source.weights if source.layout == "candle" else (source.path / layouts.HEADS_BESIDE,)
    with Held(files) as tensors:
        return {name: tensors[name].clone() for name in source.shape.pause_heads()}


def stacked_heads(source: Source) -> torch.Tensor:
    """The semantic pause heads as one tensor (4, 6, width), fp32; Unavailable as `pause_heads`."""
    import torch

    return torch.stack([head.float() for head in pause_heads(source).values()])


def open_codec(folder: Path) -> Any:
    """The Mimi codec of a model folder, fp32 on the CPU, for turning sound into codes and back."""
    source = layouts.read(folder)
    return building.codec_of(codec_tensors(source), source.codec_config)


def codec_tensors(source: Source) -> dict[str, torch.Tensor]:
    """The codec's weights by the names in files of transformers."""
    with Held(source.codec) as tensors:
        if source.layout == "transformers":
            return {name.removeprefix(CODEC): tensors[name] for name in tensors if name.startswith(CODEC)}
        return mimi_names.from_native(dict(tensors), codec_heads(source))


def codec_heads(source: Source) -> int:
    """How many heads the codec's attention has."""
    return int(source.codec_config.get("num_attention_heads", 8))


def with_codec(opened: Opened) -> Any:
    """The model with its codec inside, as transformers' own `generate` wants it."""
    codec = building.codec_of(codec_tensors(opened.source), opened.source.codec_config)
    codec.generation_config = building.classes().GenerationConfig.from_model_config(codec.config)
    opened.model.codec_model = codec
    opened.model.generation_config.audio_window_size = 1
    return opened.model
