"""An adapter in the folder that moshi-finetune saves: lora.safetensors and config.json, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput, Unavailable
from core.families.base.finetune import FORM
from core.families.kyutai import exporting_files, layouts, opening
from core.files import make_folder, read_json, write_json
from core.modelling import weights
from core.modelling.kyutai import files, moshi_adapters, names
from core.modelling.kyutai.peft_names import Ours
from core.modelling.kyutai.recipes import Made

if TYPE_CHECKING:
    import torch

WEIGHTS, CONFIG = "lora.safetensors", "config.json"
FORMS: dict[str, tuple[str, ...]] = {FORM: ("bf16", "fp32")}
"""As an adapter may be written for that program."""


def write(
    state: Mapping[str, torch.Tensor], rank: int, alpha: float, base: Path, out: Path, dtype: str = "bf16"
) -> None:
    """The trained tensors `state` (peft's names) of an adapter on `base` as moshi-finetune saves one, so that
    its program and `moshi` load it beside that base. BadInput when it does not fit the base."""
    source = layouts.read(base)
    has_heads = source.layout == "candle"
    given = Ours(dict(state), rank, alpha)
    theirs = moshi_adapters.to_moshi(given, source.shape, has_heads)
    sizes = {name: tuple(tensor.shape) for name, tensor in sorted(theirs.tensors.items())}
    make_folder(out)
    files.write(out / WEIGHTS, theirs.tensors, sizes, dict.fromkeys(sizes, dtype))
    heads = exporting_files.heads_config() if has_heads else {}
    lora = {"lora": True, "lora_rank": theirs.rank, "lora_scaling": theirs.scaling}
    write_json(out / CONFIG, {**exporting_files.native_config(source), **heads, **_beside(source), **lora})


def _beside(source: layouts.Source) -> dict[str, Any]:
    """What the config of a base of transformers lacks: where its program finds the other files."""
    if source.layout != "transformers":
        return {}
    return {"mimi_name": exporting_files.CODEC_FILE, "tokenizer_name": "tokenizer.model"}


def read(adapter: Path, base: Path) -> Ours:
    """The adapter in the folder (or the file) `adapter`, trained with moshi-finetune on `base`, in our form.

    Raises Unavailable when a file is missing, BadInput when it belongs to another model.
    """
    from safetensors.torch import load_file

    folder, file = _places(adapter)
    source = layouts.read(base)
    files.Held([file])  # a file that is cut short is told before torch sees it
    with opening.held(source) as tensors:
        native: Mapping[str, torch.Tensor] = tensors
        if source.layout == "transformers":
            native = Made(names.to_the_native(source.shape), tensors)
        return moshi_adapters.from_moshi(load_file(file), _scaling(folder / CONFIG), source.shape, native)


def _places(adapter: Path) -> tuple[Path, Path]:
    """The folder of an adapter and the file of its weights; Unavailable where one of the two files is not
    there."""
    folder = adapter if adapter.is_dir() else adapter.parent
    file = folder / WEIGHTS if adapter.is_dir() else adapter
    for each in (file, folder / CONFIG):
        if not each.is_file():
            raise Unavailable(f"{each.name} is missing in {folder}: moshi-finetune saves both {WEIGHTS} and"
                              f" {CONFIG} in a folder called consolidated; choose that one.")
    return folder, file


def options_in(adapter: Path, base: Path) -> dict[str, Any]:
    """What `options_of` gives for the adapter, as far as its headers and its config tell; without torch.
    Raises as `read` for what is no adapter at all."""
    folder, file = _places(adapter)
    source, scaling = layouts.read(base), _scaling(folder / CONFIG)
    held = {name: entry["shape"] for name, entry in weights.header(file).items()}
    ranks = [size[0] for name, size in held.items() if name.endswith("gating.linear_in.lora_A.weight")]
    if len(ranks) != source.shape.layers:
        raise BadInput(f"{file.name} has adapters on {len(ranks)} layers and the base {source.path.name} has"
                       f" {source.shape.layers}: it belongs to another model.")
    return {"rank": ranks[0], "alpha": scaling * ranks[0], "keep": 1.0,
            "train_embeddings": "text_emb.weight" in held,
            "train_lm_head": any(name.startswith("text_linear.") for name in held)}


def options_of(ours: Ours) -> dict[str, Any]:
    """The options of a run whose adapter this would be; all of it is kept as it was trained."""
    return {"rank": ours.rank, "alpha": ours.alpha, "keep": 1.0, "train_lm_head": ours.has_head,
            "train_embeddings": ours.has_table}


def _scaling(config: Path) -> float:
    said = read_json(config)
    scaling = said.get("lora_scaling", 2.0) if isinstance(said, dict) else None
    if not isinstance(scaling, int | float) or isinstance(scaling, bool) or not 0 < scaling < 1e6:
        raise BadInput(f"{config.name} gives {scaling!r} as lora_scaling: it is a factor, such as 2.0.")
    return float(scaling)
