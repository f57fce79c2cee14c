"""The names that openai-whisper gives to the weights which transformers names otherwise: the same tensors,
there and back, and a model of that package made of them without a pickle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import BadInput

if TYPE_CHECKING:
    import torch
    from whisper.model import Whisper

Tensor = TypeVar("Tensor")
TIED = "proj_out.weight"
"""The output layer, which is the table of tokens once more; openai-whisper has no name for it."""
WHOLE = {
    "encoder.conv1.weight": "encoder.conv1.weight",
    "encoder.conv1.bias": "encoder.conv1.bias",
    "encoder.conv2.weight": "encoder.conv2.weight",
    "encoder.conv2.bias": "encoder.conv2.bias",
    "encoder.embed_positions.weight": "encoder.positional_embedding",
    "encoder.layer_norm.weight": "encoder.ln_post.weight",
    "encoder.layer_norm.bias": "encoder.ln_post.bias",
    "decoder.embed_tokens.weight": "decoder.token_embedding.weight",
    "decoder.embed_positions.weight": "decoder.positional_embedding",
    "decoder.layer_norm.weight": "decoder.ln.weight",
    "decoder.layer_norm.bias": "decoder.ln.bias",
}
IN_LAYER = {
    "self_attn.q_proj": "attn.query",
    "self_attn.k_proj": "attn.key",
    "self_attn.v_proj": "attn.value",
    "self_attn.out_proj": "attn.out",
    "self_attn_layer_norm": "attn_ln",
    "encoder_attn.q_proj": "cross_attn.query",
    "encoder_attn.k_proj": "cross_attn.key",
    "encoder_attn.v_proj": "cross_attn.value",
    "encoder_attn.out_proj": "cross_attn.out",
    "encoder_attn_layer_norm": "cross_attn_ln",
    "fc1": "mlp.0",
    "fc2": "mlp.2",
    "final_layer_norm": "mlp_ln",
}
LAYER = re.compile(r"(encoder|decoder)\.(?:layers|blocks)\.(\d+)\.(.+)\.(weight|bias)")


def to_openai(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a transformers Whisper by openai-whisper's names, but for the output layer. BadInput for
    a name that no Whisper has."""
    names = (name for name in tensors if name != TIED)
    return {_named(name.removeprefix("model."), WHOLE, IN_LAYER, "blocks"): tensors[name] for name in names}


def from_openai(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of `to_openai`."""
    whole = {theirs: ours for ours, theirs in WHOLE.items()}
    parts = {theirs: ours for ours, theirs in IN_LAYER.items()}
    return {f"model.{_named(name, whole, parts, 'layers')}": tensors[name] for name in tensors}


def _named(name: str, whole: Mapping[str, str], parts: Mapping[str, str], layers: str) -> str:
    found = LAYER.fullmatch(name)
    if name in whole:
        return whole[name]
    if found and found[3] in parts:
        return f"{found[1]}.{layers}.{found[2]}.{parts[found[3]]}.{found[4]}"
    raise BadInput(f"“{name}” is the name of no weight of a Whisper.")


def dims_of(config: Mapping[str, Any]) -> dict[str, int]:
    """The shape of a transformers config as openai-whisper says it."""
    return {
        "n_mels": int(config["num_mel_bins"]),
        "n_audio_ctx": int(config["max_source_positions"]),
        "n_audio_state": int(config["d_model"]),
        "n_audio_head": int(config["encoder_attention_heads"]),
        "n_audio_layer": int(config["encoder_layers"]),
        "n_vocab": int(config["vocab_size"]),
        "n_text_ctx": int(config["max_target_positions"]),
        "n_text_state": int(config["d_model"]),
        "n_text_head": int(config["decoder_attention_heads"]),
        "n_text_layer": int(config["decoder_layers"]),
    }


def model_of(
    dims: Mapping[str, int], tensors: Mapping[str, torch.Tensor], heads: Iterable[Iterable[int]] = ()
) -> Whisper:
    """openai-whisper's own model around `tensors` (by its names), which it shares; `heads` (layer, head)
    follow the sound, and word times come from them: without any, all of the upper half do, as there."""
    import torch
    from whisper import model as theirs

    shape = theirs.ModelDimensions(**dims)
    made = theirs.Whisper(replace(shape, n_audio_layer=0, n_text_layer=0, n_vocab=1))
    made.dims = shape
    with torch.device("meta"):  # no numbers are drawn for weights that are put in below
        made.encoder = theirs.AudioEncoder(shape.n_mels, shape.n_audio_ctx, shape.n_audio_state,
                                           shape.n_audio_head, shape.n_audio_layer)
        made.decoder = theirs.TextDecoder(shape.n_vocab, shape.n_text_ctx, shape.n_text_state,
                                          shape.n_text_head, shape.n_text_layer)
    made.load_state_dict(dict(tensors), strict=True, assign=True)
    future = torch.full((shape.n_text_ctx, shape.n_text_ctx), -torch.inf).triu_(1)
    made.decoder.register_buffer("mask", future, persistent=False)
    following = torch.zeros(shape.n_text_layer, shape.n_text_head, dtype=torch.bool)
    following[shape.n_text_layer // 2 :] = not heads
    for layer, head in heads:
        following[layer, head] = True
    made.register_buffer("alignment_heads", following.to_sparse(), persistent=False)
    return made.eval()
