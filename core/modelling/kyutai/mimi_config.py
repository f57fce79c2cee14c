"""The measures of a Mimi codec as Kyutai's own program and as transformers say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def config_of(native: Mapping[str, Any]) -> dict[str, Any]:
    """What transformers' MimiConfig is given for a mimi_config.json of the native program."""
    seanet, quantizer, transformer = (native[part] for part in ("seanet", "quantizer", "transformer"))
    return {
        "model_type": "mimi",
        "sampling_rate": int(native.get("sample_rate", 24_000)),
        "audio_channels": int(native.get("channels", 1)),
        "hidden_size": int(seanet["dimension"]),
        "num_filters": int(seanet["n_filters"]),
        "num_residual_layers": int(seanet["n_residual_layers"]),
        "upsampling_ratios": [int(ratio) for ratio in seanet["ratios"]],
        "kernel_size": int(seanet["kernel_size"]),
        "last_kernel_size": int(seanet["last_kernel_size"]),
        "residual_kernel_size": int(seanet["residual_kernel_size"]),
        "dilation_growth_rate": int(seanet["dilation_base"]),
        "compress": int(seanet["compress"]),
        "upsample_groups": int(seanet["dimension"]),
        "codebook_dim": int(quantizer["dimension"]),
        "vector_quantization_hidden_dimension": int(quantizer["dimension"]),
        "codebook_size": int(quantizer["bins"]),
        "num_quantizers": int(quantizer["n_q"]),
        "num_hidden_layers": int(transformer["num_layers"]),
        "num_attention_heads": int(transformer["num_heads"]),
        "num_key_value_heads": int(transformer["num_heads"]),
        "head_dim": int(transformer["d_model"]) // int(transformer["num_heads"]),
        "intermediate_size": int(transformer["dim_feedforward"]),
        "sliding_window": int(transformer["context"]),
        "rope_parameters": {"rope_type": "default", "rope_theta": float(transformer["max_period"])},
    }
