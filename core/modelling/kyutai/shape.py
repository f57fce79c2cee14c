"""The measures of a Kyutai speech to text model, read from either config, and the tensors that they call
for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import BadInput

Shapes = dict[str, tuple[int, ...]]
PAD, EPAD = 3, 0
"""Text ids of a frame without a piece, and of the frame before a word."""
HEADS, PAUSES = 4, 6
"""Semantic pause heads of the models that have them, and the classes of each."""
RMS_EPS = 1e-8


@dataclass(frozen=True)
class Shape:
    """`inner` is the gated width; `text` and `audio` count the ids that can come out, and one more goes in
    (the start); `context` is in frames, `theta` the longest period of the rotary positions."""

    width: int
    layers: int
    heads: int
    inner: int
    text: int
    audio: int
    codebooks: int
    context: int
    theta: float

    @property
    def rows(self) -> int:
        """Rows of the one table in which transformers keeps text and audio; the last is padding."""
        return self.text + 1 + self.codebooks * (self.audio + 1) + 1

    def native(self) -> Shapes:
        """Every tensor of the native program, by its name (131 in stt-1b)."""
        d, norm = self.width, (1, 1, self.width)
        found: Shapes = {"text_emb.weight": (self.text + 1, d), "text_linear.weight": (self.text, d),
                         "out_norm.alpha": norm}
        found |= {f"emb.{i}.weight": (self.audio + 1, d) for i in range(self.codebooks)}
        for layer in range(self.layers):
            at = f"transformer.layers.{layer}"
            found |= {
                f"{at}.self_attn.in_proj_weight": (3 * d, d),
                f"{at}.self_attn.out_proj.weight": (d, d),
                f"{at}.gating.linear_in.weight": (2 * self.inner, d),
                f"{at}.gating.linear_out.weight": (d, self.inner),
                f"{at}.norm1.alpha": norm,
                f"{at}.norm2.alpha": norm,
            }
        return found

    def pause_heads(self) -> Shapes:
        """The heads that the candle layout has besides."""
        return {f"extra_heads.{i}.weight": (PAUSES, self.width) for i in range(HEADS)}

    def transformers(self) -> Shapes:
        """Every tensor of transformers' model but for its codec."""
        d = self.width
        found: Shapes = {"model.embed_tokens.embed_tokens.weight": (self.rows, d),
                         "lm_head.weight": (self.text + 1, d), "model.norm.weight": (d,)}
        for layer in range(self.layers):
            at = f"model.layers.{layer}"
            found |= {f"{at}.self_attn.{part}_proj.linear.weight": (d, d) for part in "qkvo"}
            found |= {
                f"{at}.mlp.fc1.weight": (2 * self.inner, d),
                f"{at}.mlp.fc2.weight": (d, self.inner),
                f"{at}.input_layernorm.weight": (d,),
                f"{at}.post_attention_layernorm.weight": (d,),
            }
        return found


FIXED: dict[str, Any] = {"dep_q": 0, "causal": True, "gating": "silu", "norm": "rms_norm_f32",
                         "positional_embedding": "rope", "layer_scale": None}
"""What every published one says, and what transformers' class is built for."""


def of_native(config: Mapping[str, Any]) -> Shape:
    """The measures in a native config.json. BadInput where something is missing or built otherwise."""
    odd = [name for name, value in FIXED.items() if config.get(name, value) != value]
    if odd or any(config.get("delays") or ()):
        raise BadInput(
            f"This model is built unlike Kyutai's speech to text models: {odd[0] if odd else 'delays'}"
            " differs, and cannot be used here."
        )
    width = _number(config, "dim")
    forward = int(width * float(config.get("hidden_scale", 4.125)))
    inner = 21 * width // 8 if forward == 4 * width else 2 * forward // 3
    return Shape(
        width, _number(config, "num_layers"), _number(config, "num_heads"), inner,
        _number(config, "text_card"), _number(config, "card"), _number(config, "n_q"),
        _number(config, "context"), float(config.get("max_period", 10_000.0)),
    )


def of_transformers(config: Mapping[str, Any]) -> Shape:
    """The measures in a config.json of transformers. BadInput where something is missing."""
    rope = config.get("rope_parameters") or {}
    # before transformers 5 it stood by itself, and 100,000 was what a config without it meant
    theta = rope.get("rope_theta") or config.get("rope_theta") or 100_000.0
    return Shape(
        _number(config, "hidden_size"), _number(config, "num_hidden_layers"),
        _number(config, "num_attention_heads"), _number(config, "ffn_dim") // 2,
        _number(config, "vocab_size") - 1, _number(config, "codebook_vocab_size") - 1,
        _number(config, "num_codebooks"), _number(config, "sliding_window"), float(theta),
    )


def _number(config: Mapping[str, Any], name: str) -> int:
    value = config.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadInput(f"config.json gives {value!r} as {name}, which is no size; copy it again from where"
                       " the model came from.")
    return value


def transformers_config(shape: Shape, codec: Mapping[str, Any]) -> dict[str, Any]:
    """What transformers' config class is given; `codec` is that of its Mimi."""
    return {
        "vocab_size": shape.text + 1,
        "bos_token_id": shape.text,  # the class has 48000, which is no id of these vocabularies
        "pad_token_id": PAD,
        "codebook_vocab_size": shape.audio + 1,
        "audio_bos_token_id": shape.audio,
        "audio_pad_token_id": shape.rows - 1,
        "num_codebooks": shape.codebooks,
        "hidden_size": shape.width,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "head_dim": shape.width // shape.heads,
        "ffn_dim": 2 * shape.inner,
        "sliding_window": shape.context,
        "max_position_embeddings": shape.context,
        "rope_parameters": {"rope_type": "default", "rope_theta": shape.theta},
        "rms_norm_eps": RMS_EPS,
        "tie_word_embeddings": False,
        "codec_config": dict(codec),
    }


def native_config(shape: Shape) -> dict[str, Any]:
    """A native config.json for these measures, without the names of the files beside it."""
    return {
        **FIXED,
        "card": shape.audio,
        "n_q": shape.codebooks,
        "delays": [0] * (shape.codebooks + 1),
        "dim": shape.width,
        "text_card": shape.text,
        "existing_text_padding_id": PAD,
        "num_heads": shape.heads,
        "num_layers": shape.layers,
        "hidden_scale": 3 * shape.inner / (2 * shape.width),
        "context": shape.context,
        "max_period": shape.theta,
        # nothing is built of these (dep_q is 0), but both programs read them
        "depformer_dim": 1024,
        "depformer_num_heads": 16,
        "depformer_num_layers": 6,
        "depformer_dim_feedforward": 4224,
        "depformer_pos_emb": "none",
        "depformer_multi_linear": True,
        "depformer_weights_per_step": True,
        "conditioners": {},
        "cross_attention": False,
        "model_type": "stt",
    }
