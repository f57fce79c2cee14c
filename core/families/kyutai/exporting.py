"""A merged Kyutai model in the form of other programs: written, opened again, compared with what is in
memory, and only then given its name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput, Refused
from core.families.base import Check
from core.families.kyutai import exporting_checks, exporting_files, exporting_transformers, layouts, opening
from core.families.kyutai.exporting_checks import TITLES
from core.families.kyutai.exporting_files import Form
from core.families.kyutai.layouts import CODEC, Source
from core.files import sync
from core.modelling.ttt import folder as ttt_folder
from core.modelling.ttt.config import CHILD

if TYPE_CHECKING:
    import torch

EXPORTS: dict[Form, tuple[str, ...]] = {
    "candle": ("bf16",),
    "native": ("bf16", "fp32"),
    "mlx": ("bf16", "fp32"),
    "transformers": ("bf16", "fp32"),
}
"""Form -> the types of number that it may be written in."""


def check(form: str, dtype: str) -> Form:
    """`form`, if it may be written as `dtype`; BadInput otherwise."""
    for known, types in EXPORTS.items():
        if known == form and dtype in types:
            return known
        if known == form:
            raise BadInput(f"A model for {TITLES[form]} is written as {', '.join(types)}, not “{dtype}”.")
    raise BadInput(f"“{form}” is no form that a Kyutai model can be written in; choose one of:"
                   f" {', '.join(EXPORTS)}.")


def export_folder(
    merged: Path, form: str, dtype: str, out: Path, ids: torch.Tensor, base: Path | None = None
) -> tuple[Check, ...]:
    """`export` of the model in the folder `merged` (of any layout); with `base`, codec, vocabulary and pause
    heads are those of the folder that it was tuned from."""
    return export(opening.open_folder(merged).model, base or merged, form, dtype, out, ids)


def export(
    model: Any, base: Path, form: str, dtype: str, out: Path, ids: torch.Tensor
) -> tuple[Check, ...]:
    """Write the merged `model` (fp32, with or without its codec) to the new folder `out`, open it again, and
    compare it with `model` on `ids` (batch, frames, 1 + codebooks), of which one context is used.

    `base` is the folder that codec, vocabulary and pause heads come from. Raises Refused when `out` exists,
    Unavailable where there is too little room or something is missing, StudioError with the figure when the
    folder differs; nothing is left behind then.
    """
    chosen = check(form, dtype)
    source = layouts.read(base)
    if ttt_folder.n_bytes(model):
        raise Refused(ttt_folder.nowhere_else(source.path.name))
    exporting_files.has_heads(source, chosen)
    exporting_files.check_room(source, chosen, dtype, out)
    with _whole(out) as folder:
        copied = _written(tensors_of(model), source, chosen, dtype, folder)
        ours = exporting_checks.logits_of(model, source, ids)
        return exporting_checks.checked(ours, source, chosen, dtype, folder, copied, ids)


def write_transformers(model: Any, base: Path, dtype: str, out: Path) -> None:
    """The merged `model` as a folder of transformers, codec, processor and vocabulary included, the pause
    heads and the TTT layers beside; not compared. Raises Refused when `out` exists."""
    source = layouts.read(base)
    exporting_files.check_room(source, "transformers", dtype, out, ttt_folder.n_bytes(model))
    with _whole(out) as folder:
        _written(tensors_of(model), source, "transformers", dtype, folder)
        ttt_folder.write(model, folder)


def convert(folder: Path, form: str, dtype: str, out: Path) -> tuple[Check, ...]:
    """The model in `folder` (of any layout) in another form, weight by weight, and compared on a stream that
    nobody said: of the original and of what was written, each by its own program. Raises as `export`."""
    chosen, source = check(form, dtype), layouts.read(folder)
    if ttt_folder.settings_in(folder):
        raise Refused(ttt_folder.nowhere_else(folder.name))
    exporting_files.has_heads(source, chosen)
    exporting_files.check_room(source, chosen, dtype, out)
    ids = exporting_checks.made_up(source)
    with _whole(out) as written:
        with opening.held(source) as held:
            copied = _written(opening.in_transformers(source, held), source, chosen, dtype, written)
        ours = exporting_checks.logits_in(source, ids)
        return exporting_checks.checked(ours, source, chosen, dtype, written, copied, ids)


def _written(
    tensors: Mapping[str, torch.Tensor], source: Source, form: Form, dtype: str, folder: Path
) -> tuple[Path, ...]:
    if form == "transformers":
        return exporting_transformers.write(tensors, source, dtype, folder)
    return exporting_files.write(tensors, source, form, dtype, folder)


def tensors_of(model: Any) -> dict[str, torch.Tensor]:
    """The weights of a merged model by transformers' names, without those of its codec and its TTT layers.
    """
    return {name: tensor for name, tensor in model.state_dict().items()
            if not name.startswith(CODEC) and f".{CHILD}." not in name}


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A folder that gets the name `out` at the end, whole or not at all."""
    if out.exists():
        raise Refused(f"{out.name} exists already and is not overwritten; choose another name.")
    folder = out.with_name(f".{out.name}.writing")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield folder
        os.rename(folder, out)
        sync(out.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
