"""Tiny Kyutai speech to text models of the real classes, complete folders in each of the three layouts: two
layers, width 64, eight codebooks, a context of ten frames, a codec and a vocabulary of their own."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from core import manifest
from core.modelling.kyutai import mimi_config, mimi_names, names, sentencepiece, tokens
from core.modelling.kyutai import shape as shapes
from core.types import Row, Word
from tests.core.conftest import make_sound

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "order", "please",
         "is", "the", "my", "to", "er", "in", "th", "ou")
PIECES = ("▁", *LETTERS, "'", *(f"▁{word}" for word in WORDS), *WORDS[-8:], "ee", "ve", "ne", "se")
"""What stands behind the four ids that write nothing: 60 pieces."""
TEXT = 4 + len(PIECES)
SHAPE = shapes.Shape(width=64, layers=2, heads=4, inner=176, text=TEXT, audio=16, codebooks=8, context=10,
                     theta=100_000.0)
MIMI = mimi_config.of_transformers({
    "sampling_rate": 24_000, "audio_channels": 1, "hidden_size": 32, "num_filters": 4,
    "num_residual_layers": 1,
    "upsampling_ratios": [8, 6, 5, 4], "kernel_size": 7, "last_kernel_size": 3, "residual_kernel_size": 3,
    "dilation_growth_rate": 2, "compress": 2, "vector_quantization_hidden_dimension": 8, "codebook_size": 16,
    "num_quantizers": 8, "num_hidden_layers": 1, "num_attention_heads": 4, "intermediate_size": 64,
    "sliding_window": 20, "rope_parameters": {"rope_theta": 10_000.0},
})
"""A Mimi of 24 kHz and 12.5 frames a second, small otherwise."""
TOKENIZER, CODEC = "tokenizer_tiny.model", "mimi-pytorch-tiny@1.safetensors"
DELAY = 0.5
LETTER_SECONDS = 0.12


def make_kyutai(folder: Path, layout: str = "candle", seed: int = 3, **shape: Any) -> Path:
    """A model in `layout` (native, candle or transformers); the same numbers in all three for one `seed`.
    `shape` goes over that of the tiny model."""
    folder.mkdir(parents=True)
    measures = shapes.Shape(**{**vars(SHAPE), **shape})
    tensors = weights(measures, seed)
    write_tokenizer(folder / TOKENIZER)
    if layout == "transformers":
        return _in_transformers(folder, measures, tensors, seed)
    config = {**shapes.native_config(measures), "mimi_name": CODEC, "tokenizer_name": TOKENIZER,
              "mimi_config_name": "mimi_config.json", "stt_config": stt_config()}
    if layout == "candle":
        tensors |= pause_heads(measures, seed)
        config |= {"extra_heads_num_heads": shapes.HEADS, "extra_heads_dim": shapes.PAUSES}
    save_file(tensors, folder / "model.safetensors")
    save_file(codec_weights(seed), folder / CODEC)
    (folder / "mimi_config.json").write_text(json.dumps(MIMI))
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def stt_config() -> dict[str, float]:
    """How much later than the sound the text stands, in seconds."""
    return {"audio_delay_seconds": DELAY, "audio_silence_prefix_seconds": 0.0}


def weights(shape: shapes.Shape = SHAPE, seed: int = 3) -> dict[str, torch.Tensor]:
    """Random tensors by native names, fp32, of sizes at which every input moves the output."""
    drawn = torch.Generator().manual_seed(seed)
    found = {name: _draw(size, drawn) for name, size in shape.native().items()}
    for name, tensor in found.items():
        if name.endswith(".alpha"):
            tensor.mul_(0.1).add_(1.0)
    return found


def pause_heads(shape: shapes.Shape = SHAPE, seed: int = 3) -> dict[str, torch.Tensor]:
    """Random semantic pause heads by their names, fp32."""
    drawn = torch.Generator().manual_seed(seed + 1)
    return {name: _draw(size, drawn) for name, size in shape.pause_heads().items()}


def _draw(size: tuple[int, ...], drawn: torch.Generator) -> torch.Tensor:
    return torch.randn(size, generator=drawn) / math.sqrt(math.prod(size[1:]) if len(size) < 3 else 1)


def codec_weights(seed: int = 3) -> dict[str, torch.Tensor]:
    """Random tensors of the tiny Mimi by Kyutai's names, fp32; different sounds give different codes."""
    from transformers import MimiConfig, MimiModel

    with torch.device("meta"):
        model = MimiModel(MimiConfig(**mimi_config.of_native(MIMI)))
    in_model = {name: tensor.shape for name, tensor in model.state_dict().items()}
    flat = {_flat(name): tuple(size) for name, size in in_model.items()}
    drawn = torch.Generator().manual_seed(seed + 2)
    found = {name: _codec_tensor(name, flat[name], drawn) for name in sorted(flat)}
    return mimi_names.to_native(found, int(MIMI["transformer"]["num_heads"]))


def _flat(name: str) -> str:
    """What a file of transformers calls a weight of a loaded Mimi."""
    for half in ("encoder", "decoder"):
        name = name.replace(f"{half}.{half}_seanet.", f"{half}.").replace(f"{half}.{half}_tr", f"{half}_tr")
    return name.replace("encoder.downsample", "downsample").replace("decoder.upsample", "upsample")


def _codec_tensor(name: str, size: tuple[int, ...], drawn: torch.Generator) -> torch.Tensor:
    if name.endswith(("initialized", "cluster_usage", "norm.weight")):
        return torch.ones(size)
    if name.endswith((".bias", ".scale")):
        return torch.full(size, 0.05)
    many = math.prod(size[1:]) if "embed_sum" not in name else 1
    return torch.randn(size, generator=drawn) * (2.0 / many) ** 0.5


def _in_transformers(
    folder: Path, shape: shapes.Shape, tensors: Mapping[str, torch.Tensor], seed: int
) -> Path:
    """As `save_pretrained` writes it, processor and vocabulary included."""
    import transformers as t

    t.utils.logging.disable_progress_bar()
    config = t.KyutaiSpeechToTextConfig(**shapes.transformers_config(shape, mimi_config.of_native(MIMI)))
    model = t.KyutaiSpeechToTextForConditionalGeneration(config)
    codec = mimi_names.from_native(codec_weights(seed), int(MIMI["transformer"]["num_heads"]))
    model.load_state_dict(names.from_native(tensors, shape) | {
        f"codec_model.{mimi_names.in_model(name)}": tensor for name, tensor in codec.items()})
    model.save_pretrained(folder)
    spelled = tokens.tokenizer_of(sentencepiece.read(folder / TOKENIZER))
    t.KyutaiSpeechToTextProcessor(
        t.KyutaiSpeechToTextFeatureExtractor(**stt_config()),
        t.PreTrainedTokenizerFast(tokenizer_object=spelled, unk_token="<unk>", bos_token="<s>",
                                  eos_token="</s>", pad_token="<pad>", clean_up_tokenization_spaces=False),
    ).save_pretrained(folder)
    (folder / TOKENIZER).unlink()
    return folder


def write_tokenizer(path: Path, pieces: tuple[str, ...] = PIECES) -> Path:
    """A SentencePiece unigram model of `pieces`; longer ones are likelier."""
    special = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3), ("<pad>", 0.0, 3)]
    scored = [(piece, -10.0 + 0.5 * len(piece), 1) for piece in pieces]
    data = b"".join(_field(1, _piece(*each)) for each in [*special, *scored])
    trainer = b"\x18\x01" + b"\x20" + _varint(len(special) + len(scored))  # unigram, and the size
    path.write_bytes(data + _field(2, trainer) + _field(3, _field(1, b"identity")))
    return path


def _piece(text: str, score: float, kind: int) -> bytes:
    return _field(1, text.encode()) + b"\x15" + struct.pack("<f", score) + b"\x18" + bytes([kind])


def _field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def make_spoken(folder: Path, texts: Sequence[str], n_val: int = 1, n_test: int = 0) -> Path:
    """A dataset of one tone a letter, with the time of each word: the first `n_val` texts validate, the next
    `n_test` test, the rest train."""
    folder.mkdir(parents=True)
    rows = []
    for i, text in enumerate(texts):
        seconds = make_sound(folder / f"{i}.wav", text, LETTER_SECONDS)
        split: Any = "val" if i < n_val else "test" if i < n_val + n_test else "train"
        rows.append(Row(f"c{i}", f"{i}.wav", 0.0, seconds, 16_000, text, split, words_at(text)))
    manifest.write(folder, rows)
    return folder


def words_at(text: str) -> tuple[Word, ...]:
    """The words of such a sound: one silent letter comes before the first."""
    found, at = [], 1
    for word in text.split():
        found.append(Word(word, round(at * LETTER_SECONDS, 3), round((at + len(word)) * LETTER_SECONDS, 3)))
        at += len(word) + 1
    return tuple(found)
