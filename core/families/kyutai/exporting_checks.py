"""What is looked at in a written Kyutai folder before it is called ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import StudioError
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

TITLES = {"candle": "Kyutai's Rust server", "native": "Kyutai's moshi", "mlx": "moshi_mlx",
          "transformers": "transformers"}
MADE_UP = 64
"""Frames of the stream that a converted model is compared on."""
LOGITS = {"fp32": 1e-3, "bf16": 0.1}
"""Largest difference of a logit as a share of the largest one, by type."""


def checked(
    ours: torch.Tensor,
    source: Source,
    form: Form,
    dtype: str,
    folder: Path,
    copied: tuple[Path, ...],
    ids: torch.Tensor,
) -> tuple[Check, ...]:
    """Each thing that is looked at in the written `folder`, which for `ids` must give the logits `ours`;
    `copied` are the originals of what it copied. Raises StudioError, with the figure, for what differs."""
    found = tuple(_each(ours, source, form, dtype, folder, copied, ids))
    failed = [check for check in found if not check.value <= check.allowed]
    if failed:
        raise StudioError(f"The model for {TITLES[form]} was not kept: {failed[0].sentence}")
    return found


def _each(
    ours: torch.Tensor, source: Source, form: Form, dtype: str, folder: Path, copied: tuple[Path, ...],
    ids: torch.Tensor,
) -> Iterator[Check]:
    yield _names_and_shapes(source, form, dtype, folder)
    yield _compared(ours, source, form, dtype, folder, ids)
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


def within(source: Source, ids: torch.Tensor) -> torch.Tensor:
    """`ids` up to the context: beyond it the class of transformers sees more than the programs do."""
    return ids[:, : source.shape.context].cpu()


def logits_of(model: Any, source: Source, ids: torch.Tensor) -> torch.Tensor:
    """Logits (batch, frames, text) fp32 of a model in memory, on the processor."""
    import torch

    part = within(source, ids).to(next(model.parameters()).device)
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=part, use_cache=False).logits[..., : source.shape.text]
    return found.float().cpu()


def logits_in(source: Source, ids: torch.Tensor) -> torch.Tensor:
    """What the model of a folder computes by the program that its layout belongs to: it is no circle, because
    what is written from it is opened by another way."""
    if source.layout == "transformers":
        return logits_of(opening.open_folder(source.path).model, source, ids)
    with opening.held(source) as held:
        return native_forward.forward(held, source.shape, within(source, ids)).logits


def made_up(source: Source) -> torch.Tensor:
    """Ids (1, frames, 1 + codebooks) of a stream that nobody said, always the same one: the start, then text
    and codes by chance."""
    import torch

    size, drawn = source.shape, torch.Generator().manual_seed(1)
    n = min(size.context, MADE_UP) - 1
    text = torch.randint(size.text, (1, n, 1), generator=drawn)
    codes = torch.randint(size.audio, (1, n, size.codebooks), generator=drawn)
    start = torch.tensor([size.text] + [size.audio] * size.codebooks).expand(1, 1, -1)
    return torch.cat([start, torch.cat([text, codes], 2)], 1)


def _compared(ours: torch.Tensor, source: Source, form: Form, dtype: str, folder: Path, ids: torch.Tensor
              ) -> Check:
    theirs = reopened_logits(source, form, folder, within(source, ids))
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
