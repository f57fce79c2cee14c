"""The config that Kyutai's Rust server is started with on a candle folder (moshi-server, type BatchedAsr)."""

from __future__ import annotations

import json

from core.families.kyutai.layouts import Source
from core.modelling.kyutai.shape import HEADS, PAUSES, Shape

NAME = "server.toml"


def text(source: Source, model: str, tokenizer: str, codec: str, has_heads: bool) -> str:
    """The file's text; `model`, `tokenizer` and `codec` are files beside it.

    Source: config-stt-en_fr-hf.toml of kyutai-labs/delayed-streams-modeling, whose layout it keeps.
    """
    return f"""\
# Start it in this folder:  moshi-server worker --config {NAME}
static_dir = "./static/"
log_dir = "./logs/"
instance_name = "stt"
# What clients have to show; take words of your own before others can reach the server.
authorized_ids = ["public_token"]

[modules.asr]
path = "/api/asr-streaming"
type = "BatchedAsr"
lm_model_file = {json.dumps(model)}
text_tokenizer_file = {json.dumps(tokenizer)}
audio_tokenizer_file = {json.dumps(codec)}
asr_delay_in_tokens = {source.delay_frames}
# How many people at once; fewer need less memory.
batch_size = 64
conditioning_learnt_padding = true
temperature = 0.0

{_model(source.shape)}{_heads() if has_heads else ""}"""


def feed_forward(shape: Shape) -> int:
    """The width of the feed-forward layers as the server counts it: four times the model's stands for
    11/4 of it, any other number for two thirds of itself (modules/transformer.rs)."""
    return 4 * shape.width if 4 * shape.inner == 11 * shape.width else 3 * shape.inner // 2


def _model(shape: Shape) -> str:
    return f"""\
[modules.asr.model]
audio_vocab_size = {shape.audio + 1}
text_in_vocab_size = {shape.text + 1}
text_out_vocab_size = {shape.text}
audio_codebooks = {shape.codebooks}

[modules.asr.model.transformer]
d_model = {shape.width}
num_heads = {shape.heads}
num_layers = {shape.layers}
dim_feedforward = {feed_forward(shape)}
causal = true
norm_first = true
bias_ff = false
bias_attn = false
context = {shape.context}
max_period = {shape.theta:.0f}
use_conv_block = false
use_conv_bias = true
gating = "silu"
norm = "RmsNorm"
positional_embedding = "Rope"
conv_layout = false
conv_kernel_size = 3
kv_repeat = 1
max_seq_len = 40960
"""


def _heads() -> str:
    return f"""
[modules.asr.model.extra_heads]
num_heads = {HEADS}
dim = {PAUSES}
"""
