"""Base and what was learned as one folder of transformers. Needs torch."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput, StudioError
from core.families.moshi import folder as folders
from core.files import read_json, write_json
from core.modelling import weights
from core.modelling.kyutai.building import torch_type
from core.modelling.ttt import folder as ttt_folder
from core.modelling.ttt.config import CHILD

if TYPE_CHECKING:
    import torch

DTYPES = ("fp32", "bf16")


def merge(model: Any, base: Path, out: Path, dtype: str) -> Any:
    """Write a plain folder to `out` (new), with the vocabulary of the base and its TTT layers beside, and
    return the merged fp32 model; `model` stays as it is. The codec keeps its precision: other codes would
    be another language."""
    if dtype not in DTYPES:
        raise BadInput(f"“{dtype}” is no type to merge to; choose one of: {', '.join(DTYPES)}.")
    if out.exists():
        raise StudioError(f"{out} exists already and is not overwritten; choose another name.")
    merged = copy.deepcopy(model)
    if hasattr(merged, "merge_and_unload"):
        merged = merged.merge_and_unload()
    merged.eval()
    kind = torch_type(dtype)
    merged.save_pretrained(str(out), state_dict=_as(kind, merged))
    config = out / "config.json"
    write_json(config, {**read_json(config), "dtype": str(kind).removeprefix("torch.")})
    for file in (*(base / name for name in weights.COPIED), folders.read(base).tokenizer):
        if file.is_file():
            shutil.copyfile(file, out / file.name)
    ttt_folder.write(merged, out)
    return merged


def _as(kind: torch.dtype, model: Any) -> dict[str, torch.Tensor]:
    """The weights that transformers' class has, as `kind`; the codec as it is."""
    return {name: value if name.startswith(folders.CODEC) else value.to(kind)
            for name, value in model.state_dict().items() if f".{CHILD}." not in name}
