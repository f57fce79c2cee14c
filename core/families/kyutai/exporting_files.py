"""The folders of a Kyutai model as Kyutai's own programs want them: moshi, its Rust server, and moshi_mlx.
Each file is written once and whole."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.errors import BadInput, Unavailable
from core.families.kyutai import opening, server_toml
from core.families.kyutai.layouts import CODEC, Source
from core.files import check_room as check_disk
from core.files import sync, told, write_json
from core.modelling import weights
from core.modelling.kyutai import (
    building,
    files,
    mimi_config,
    mimi_names,
    mlx_names,
    names,
    recipes,
    sentencepiece,
    shape,
    tokens,
)

if TYPE_CHECKING:
    import torch

Form = Literal["native", "candle", "mlx", "transformers"]
WEIGHTS, CODEC_FILE, CODEC_CONFIG = "model.safetensors", "mimi-pytorch.safetensors", "mimi_config.json"
SPARE = 64_000_000
"""Bytes that stay free besides, for the small files and the folder's own."""


def needed(source: Source, form: Form, dtype: str) -> int:
    """How many bytes the folder will take."""
    sizes = native_shapes(source, form) if form != "transformers" else source.shape.transformers()
    prefix = CODEC if source.layout == "transformers" else ""
    codec = sum(
        entry["data_offsets"][1] - entry["data_offsets"][0]
        for file in source.codec for name, entry in weights.header(file).items() if name.startswith(prefix)
    )
    return files.size_of(sizes, dict.fromkeys(sizes, dtype)) + codec + SPARE


def check_room(source: Source, form: Form, dtype: str, out: Path, more: int = 0) -> None:
    """Unavailable, with both numbers, where the disk has too little room for it and `more` bytes."""
    check_disk(needed(source, form, dtype) + more, out.parent)


def has_heads(source: Source, form: Form) -> bool:
    """Whether a folder in this form gets pause heads; Unavailable where the server would miss them."""
    if form == "candle" and source.should_have_heads:
        opening.pause_heads(source)
    return form in ("candle", "mlx") and opening.has_pause_heads(source)


def native_shapes(source: Source, form: Form) -> dict[str, tuple[int, ...]]:
    """Every tensor of the folder's weights by native names."""
    heads = source.shape.pause_heads() if has_heads(source, form) else {}
    return source.shape.native() | heads


def write(
    tensors: Mapping[str, torch.Tensor], source: Source, form: Form, dtype: str, out: Path
) -> tuple[Path, ...]:
    """Write `tensors` (a merged model's, by transformers' names) with all that belongs to them to the new
    folder `out`; the files that were copied as they are come back. `source` is the base or the merged folder.

    Raises Unavailable where the disk is full or something that the form needs is nowhere.
    """
    out.mkdir(parents=True)
    vocabulary = sentencepiece_file(source)
    sizes = native_shapes(source, form)
    heads = opening.pause_heads(source) if has_heads(source, form) else {}
    put_back = {name: recipes.Recipe((name,), recipes.same) for name in heads}
    made = recipes.Made({**names.to_the_native(source.shape), **put_back}, recipes.Joined(heads, tensors))
    if form == "mlx":
        _check_mlx(source)
        made, sizes = recipes.Made(mlx_names.recipes(sizes), made), mlx_names.shapes(sizes)
    files.write(out / WEIGHTS, made, sizes, dict.fromkeys(sizes, dtype))
    codec, copied = _write_codec(source, out)
    write_json(out / "config.json", {**native_config(source), **codec, "tokenizer_name": vocabulary.name,
                                     **(heads_config() if heads else {})})
    if form == "candle":
        toml = server_toml.text(source, WEIGHTS, vocabulary.name, str(codec["mimi_name"]), bool(heads))
        (out / server_toml.NAME).write_text(toml, encoding="utf-8")
    return (copy(vocabulary, out), *copied)


def sentencepiece_file(source: Source) -> Path:
    """The SentencePiece model of the vocabulary; Unavailable where the folder has only a tokenizer.json."""
    if source.tokenizer.suffix == ".model":
        return source.tokenizer
    found = sorted(source.path.glob("*.model"))
    if found:
        sentencepiece.read(found[0])
        tokens.fitting(found[0], source.shape)
        return found[0]
    raise Unavailable(
        f"{source.path.name} has its vocabulary as tokenizer.json only, and this form needs the SentencePiece"
        " model: copy the file whose name ends with .model from kyutai/stt-1b-en_fr (or stt-2.6b-en) into it."
    )


def _check_mlx(source: Source) -> None:
    if 4 * source.shape.inner != 11 * source.shape.width:
        raise BadInput("moshi_mlx builds its feed-forward layers 11/4 times as wide as the model, and this"
                       " model's are otherwise; export it in another form.")


def heads_config() -> dict[str, int]:
    return {"extra_heads_num_heads": shape.HEADS, "extra_heads_dim": shape.PAUSES}


def native_config(source: Source) -> dict[str, Any]:
    """The native config.json, as the base has it, without what names its weights, adapters and heads."""
    if source.layout == "transformers":
        said = {"audio_delay_seconds": source.delay, "audio_silence_prefix_seconds": source.silence}
        return {**shape.native_config(source.shape), "stt_config": said}
    dropped = ("moshi_name", "lora", "lora_name", "lora_rank", "lora_scaling", *heads_config())
    return {name: value for name, value in source.config.items() if name not in dropped}


def _write_codec(source: Source, out: Path) -> tuple[dict[str, str], tuple[Path, ...]]:
    """The codec's file, copied where there is one: what the config calls it, and what was copied."""
    if source.layout == "transformers":
        made = mimi_names.to_native(opening.codec_tensors(source), opening.codec_heads(source))
        sizes = {name: tuple(tensor.shape) for name, tensor in made.items()}
        files.write(out / CODEC_FILE, made, sizes, dict.fromkeys(sizes, "fp32"))
        full = building.classes().MimiConfig(**source.codec_config).to_dict()
        write_json(out / CODEC_CONFIG, mimi_config.of_transformers(full))
        return {"mimi_name": CODEC_FILE, "mimi_config_name": CODEC_CONFIG}, ()
    copied = [copy(source.codec[0], out)]
    said = {"mimi_name": source.codec[0].name}
    if measures := source.config.get("mimi_config_name"):
        copied.append(copy(source.path / str(measures), out))
        said["mimi_config_name"] = str(measures)
    return said, tuple(copied)


def copy(file: Path, out: Path) -> Path:
    """The copy of `file` in `out`; Unavailable when the disk is full."""
    try:
        shutil.copyfile(file, out / file.name)
        sync(out / file.name)
    except OSError as error:
        raise told(error, out / file.name) from error
    return file
