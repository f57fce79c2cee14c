"""What is looked at in a written Kyutai folder before it is called ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.families.base import Check
from core.families.kyutai import exporting_files, opening
from core.families.kyutai.exporting_files import WEIGHTS, Form
from core.families.kyutai.layouts import CODEC, Source
from core.files import sha256_of
from core.modelling import strict, weights
from core.modelling.kyutai import building, mlx_names, native_forward
from core.modelling.kyutai.files import DTYPES, Held

if TYPE_CHECKING:
    import torch

LOGITS = {"fp32": 1e-3, "bf16": 0.1}
"""Largest difference of a logit as a share of the largest one, by type."""


def checked(
    model: Any,
    source: Source,
    form: Form,
    dtype: str,
    folder: Path,
    copied: tuple[Path, ...],
    ids: torch.Tensor,
) -> Iterator[Check]:
    """Each thing that is looked at in the written `folder`; `copied` are the originals of what it copied."""
    yield _names_and_shapes(source, form, dtype, folder)
    yield _compared(model, source, form, dtype, folder, ids)
    if exporting_files.has_heads(source, form):
        yield _heads(source, form, dtype, folder)
    if copied:
        other = [file.name for file in copied if sha256_of(file) != sha256_of(folder / file.name)]
        named = ", ".join(file.name for file in copied)
        told = f"but {', '.join(other)}" if other else "with the same content"
        yield Check("copies", f"Copied from the base: {named}, {told}.", float(len(other)), 0.0)


def _names_and_shapes(source: Source, form: Form, dtype: str, folder: Path) -> Check:
    """Exactly the tensors that the other program loads, in their shapes and their type of number."""
    if form == "transformers":
        wanted = source.shape.transformers()
    else:
        native = exporting_files.native_shapes(source, form)
        wanted = mlx_names.shapes(native) if form == "mlx" else native
    found = {name: (tuple(entry["shape"]), entry["dtype"]) for name, entry
             in weights.header(folder / WEIGHTS).items() if not name.startswith(CODEC)}
    right = {name: (tuple(size), DTYPES[dtype]) for name, size in wanted.items()}
    odd = sorted(name for name in {*found, *right} if found.get(name) != right.get(name))
    told = f"{len(odd)} differ, such as {odd[0]}" if odd else "all as the program wants them"
    return Check("tensors", f"It holds {len(found)} tensors in {dtype}: {told}.", float(len(odd)), 0.0)


def _compared(model: Any, source: Source, form: Form, dtype: str, folder: Path, ids: torch.Tensor) -> Check:
    import torch

    # longer than its context the class of transformers sees more than the programs do
    part = ids[:, : source.shape.context].to(next(model.parameters()).device)
    with torch.no_grad():
        ours = model(input_ids=part, use_cache=False).logits[..., : source.shape.text].float().cpu()
    theirs = reopened_logits(source, form, folder, part.cpu())
    apart, largest = float((ours - theirs).abs().max()), float(ours.abs().max())
    n_other = int((ours.argmax(-1) != theirs.argmax(-1)).sum())
    share = apart / max(largest, 1e-9)
    return Check(
        "logits",
        f"Read back, its logits differ by at most {apart:.2g}, which is {100 * share:.2g} % of the largest;"
        f" at most {100 * LOGITS[dtype]:g} % pass in {dtype}. {n_other} of {ours[..., 0].numel()} frames"
        " would be written differently.",
        share, LOGITS[dtype],
    )


def reopened_logits(source: Source, form: Form, folder: Path, ids: torch.Tensor) -> torch.Tensor:
    """What the written folder computes for `ids`: transformers by its own loading, the others by what
    Kyutai's program does with these names."""
    import torch

    if form == "transformers":
        library = building.classes()
        model = strict.load(library.KyutaiSpeechToTextForConditionalGeneration, folder).eval()
        with torch.no_grad():
            return model(input_ids=ids, use_cache=False).logits[..., : source.shape.text]
    with Held([folder / WEIGHTS]) as held:
        tensors: Mapping[str, torch.Tensor] = held
        if form == "mlx":
            tensors = mlx_names.from_mlx(held, source.shape.native())
        return native_forward.forward(tensors, source.shape, ids).logits


def _heads(source: Source, form: Form, dtype: str, folder: Path) -> Check:
    import torch

    base, kind = opening.pause_heads(source), building.torch_type(dtype)
    with Held([folder / WEIGHTS]) as held:
        other = [name for name, head in base.items() if not torch.equal(held[name], head.to(kind))]
    told = f"{', '.join(other)} differ" if other else "they are those of the base, bit for bit"
    return Check("heads", f"{len(base)} semantic pause heads are put back: {told}.", float(len(other)), 0.0)
