"""The measures of a Mimi codec as Kyutai's own program (mimi_config.json) and as transformers say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import BadInput

SEANET = {"dimension": "hidden_size", "n_filters": "num_filters", "n_residual_layers": "num_residual_layers",
          "kernel_size": "kernel_size", "last_kernel_size": "last_kernel_size",
          "residual_kernel_size": "residual_kernel_size", "dilation_base": "dilation_growth_rate",
          "compress": "compress"}
QUANTIZER = {"dimension": "vector_quantization_hidden_dimension", "bins": "codebook_size",
             "n_q": "num_quantizers"}
TRANSFORMER = {"d_model": "hidden_size", "num_layers": "num_hidden_layers",
               "num_heads": "num_attention_heads",
               "dim_feedforward": "intermediate_size", "context": "sliding_window"}


def of_native(native: Mapping[str, Any]) -> dict[str, Any]:
    """What transformers' MimiConfig is given for a mimi_config.json. BadInput where something is missing."""
    try:
        return _of_native(native)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"The config of the codec lacks {error} or gives no number for it; copy it again from"
                       " where the model came from.") from error


def _of_native(native: Mapping[str, Any]) -> dict[str, Any]:
    seanet, quantizer, transformer = (native[part] for part in ("seanet", "quantizer", "transformer"))
    heads = int(transformer["num_heads"])
    return {
        "model_type": "mimi",
        "sampling_rate": int(native.get("sample_rate", 24_000)),
        "audio_channels": int(native.get("channels", 1)),
        **{ours: int(seanet[name]) for name, ours in SEANET.items()},
        **{ours: int(quantizer[name]) for name, ours in QUANTIZER.items()},
        **{ours: int(transformer[name]) for name, ours in TRANSFORMER.items()},
        "upsampling_ratios": [int(ratio) for ratio in seanet["ratios"]],
        "upsample_groups": int(seanet["dimension"]),
        "codebook_dim": int(quantizer["dimension"]),
        "num_key_value_heads": heads,
        "head_dim": int(transformer["d_model"]) // heads,
        "rope_parameters": {"rope_type": "default", "rope_theta": float(transformer["max_period"])},
    }


def of_transformers(config: Mapping[str, Any]) -> dict[str, Any]:
    """The mimi_config.json for what transformers' MimiConfig says: the inverse of `of_native`."""
    width = int(config["hidden_size"])
    return {
        "sample_rate": config["sampling_rate"],
        "channels": config["audio_channels"],
        "frame_rate": 12.5,
        "seanet": {
            **{name: config[ours] for name, ours in SEANET.items()},
            "ratios": list(config["upsampling_ratios"]), "channels": 1, "causal": True, "activation": "ELU",
            "disable_norm_outer_blocks": 0, "norm": "none", "pad_mode": "constant", "true_skip": True,
        },
        "quantizer": {**{name: config[ours] for name, ours in QUANTIZER.items()},
                      "input_dimension": width, "output_dimension": width},
        "transformer": {
            **{name: config[ours] for name, ours in TRANSFORMER.items()},
            "max_period": config["rope_parameters"]["rope_theta"], "causal": True, "layer_scale": 0.01,
            "conv_layout": True, "gating": "none", "norm": "layer_norm", "positional_embedding": "rope",
            "input_dimension": width, "output_dimensions": [width],
        },
    }
