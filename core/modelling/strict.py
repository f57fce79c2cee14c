"""A plain folder as a model of transformers in which every weight fits, or a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import BadInput


def load(kind: Any, base: Path, **config: Any) -> Any:
    """The model of class `kind` in `base`, in fp32, from safetensors on this disk alone.

    BadInput when a weight is missing, left over or of another shape; `config` goes over that of the folder.
    """
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    try:
        model, info = kind.from_pretrained(
            str(base),
            dtype=torch.float32,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
            **config,
        )
    except RuntimeError as error:
        raise BadInput(
            f"The weights in {base.name} do not fit its config: {str(error).splitlines()[-1].strip()}"
        ) from error
    odd = [*info["missing_keys"], *info["unexpected_keys"], *info["mismatched_keys"]]
    if odd:
        raise BadInput(
            f"The weights in {base.name} do not fit its config: {len(odd)} of them are missing or left over,"
            f" such as {odd[0]}; copy the model again from where it came from."
        )
    return model
