"""What a folder of Kyutai STT says about itself in its JSON files and in the names of its weights alone: the
native layout, candle's, or that of transformers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, NotFound, Unavailable
from core.files import read_json
from core.modelling import weights
from core.modelling.kyutai.stream import Rule

ARCHITECTURE = "KyutaiSpeechToTextForConditionalGeneration"
RATE, FRAME_SAMPLES = 24_000, 1920
"""Of every published Mimi: 12.5 frames a second."""
FRONT = 13
"""Frames of silence before a clip: a second."""
BEHIND = 1.5  # seconds of silence behind it, beyond the delay
HEADS_IN = "kyutai/stt-1b-en_fr-candle"
HEADS_FILE = "extra_heads.safetensors"
_SAMPLED = 1 << 12


@dataclass(frozen=True)
class Folder:
    """`n_q` codebooks of `audio_card` codes, `text_card` pieces, `context` frames, `delay` in seconds; `ffn`
    are the rows of the first feed-forward matrix."""

    path: Path
    is_native: bool
    n_q: int
    audio_card: int
    text_card: int
    width: int
    layers: int
    ffn: int
    context: int
    delay: float
    has_heads: bool

    @property
    def rule(self) -> Rule:
        """How words are laid on its frames."""
        return Rule(self.delay, RATE / FRAME_SAMPLES)

    @property
    def tail(self) -> int:
        """Frames of silence behind a clip, in which the delayed text still comes."""
        return self.rule.delay_frames + 1 + round(BEHIND * self.rule.rate)

    @property
    def audio_pad(self) -> int:
        """The id that stands for no input at all; its embedding is zero."""
        return self.text_card + 1 + self.n_q * (self.audio_card + 1)

    def encoder_id(self) -> str:
        """Changes with the weights of the codec, and with the silence around a clip."""
        codec = codec_id(self.path)
        return f"mimi-1-{self.n_q}-{FRONT}-{self.tail}-{codec}"


def is_one(path: Path) -> bool:
    """Whether `path` holds a Kyutai STT in any layout."""
    if not (path / "config.json").is_file():
        return False
    config = read_json(path / "config.json")
    return isinstance(config, dict) and (_is_transformers(config) or _is_native(config))


def _is_transformers(config: dict[str, Any]) -> bool:
    return ARCHITECTURE in (config.get("architectures") or ())


def _is_native(config: dict[str, Any]) -> bool:
    is_stt = "stt_config" in config or config.get("model_type") == "stt"
    return is_stt and {"n_q", "text_card", "card"} <= set(config)


def read(path: Path) -> Folder:
    """The folder at `path`, or a sentence: NotFound, Unavailable, BadInput, Refused."""
    if not path.is_dir():
        raise NotFound(f"There is no model folder {path}.")
    if (path / "run.json").exists():
        raise BadInput(
            f"{path.name} is a training run, not a base model; merge it first, or go on from it by Warm start"
            " or Retune."
        )
    if not is_one(path):
        raise BadInput(f"{path.name} holds no Kyutai STT: its config.json is missing or of another model.")
    config, names = read_json(path / "config.json"), weights.shapes(path)
    has_heads = any(name.startswith("extra_heads.") for name in names) or (path / HEADS_FILE).exists()
    try:
        return _transformers(path, config, has_heads) if _is_transformers(config) else _native(
            path, config, names, has_heads)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"The config.json of {path.name} cannot be used ({error}); copy it again from where"
                       " the model came from.") from error


def _transformers(path: Path, config: dict[str, Any], has_heads: bool) -> Folder:
    return Folder(
        path, False, int(config["num_codebooks"]), int(config["codebook_vocab_size"]) - 1,
        int(config["vocab_size"]) - 1, int(config["hidden_size"]), int(config["num_hidden_layers"]),
        int(config["ffn_dim"]), int(config["sliding_window"]), _delay(path), has_heads)


def _delay(path: Path) -> float:
    """The delay in the feature settings of a transformers folder."""
    for name in ("preprocessor_config.json", "processor_config.json"):
        if (path / name).exists():
            held = read_json(path / name)
            found = held.get("feature_extractor", held).get("audio_delay_seconds")
            if found is not None:
                return float(found)
    raise Unavailable(f"{path.name} does not say how late its text comes: preprocessor_config.json with"
                      " audio_delay_seconds is missing; copy it from where the model came from.")


def _native(path: Path, config: dict[str, Any], names: dict[str, tuple[int, ...]], has_heads: bool) -> Folder:
    ffn = names["transformer.layers.0.gating.linear_in.weight"][0]
    return Folder(
        path, True, int(config["n_q"]), int(config["card"]), int(config["text_card"]), int(config["dim"]),
        int(config["num_layers"]), ffn, int(config["context"]),
        float((config.get("stt_config") or {}).get("audio_delay_seconds", 0.5)), has_heads)


def codec_file(path: Path) -> Path:
    """The file that holds the codec: one of its own, or the model's. Unavailable where there is none."""
    if _is_native(read_json(path / "config.json")):
        files = sorted(path.glob("mimi*.safetensors")) or sorted(path.glob("tokenizer-*.safetensors"))
        if not files:
            raise Unavailable(f"{path.name} has no codec: put mimi-pytorch-e351c8d8@125.safetensors there.")
        return files[0]
    for file in weights.weight_files(path):
        if any(name.startswith("codec_model.") for name in weights.header(file)):
            return file
    raise Unavailable(f"The weights in {path.name} hold no codec (codec_model); copy the model again.")


def codec_id(path: Path) -> str:
    """Twelve hex digits of the codec's weights: names, shapes and the beginning of each tensor."""
    file = codec_file(path)
    entries = weights.header(file)
    has_prefix = any(name.startswith("codec_model.") for name in entries)
    digest, begin = hashlib.sha256(), 8 + _header_length(file)
    with open(file, "rb") as handle:
        for name in sorted(entries):
            if has_prefix and not name.startswith("codec_model."):
                continue
            first, last = entries[name]["data_offsets"]
            handle.seek(begin + first)
            digest.update(json.dumps([name, entries[name]["shape"]]).encode())
            digest.update(handle.read(min(_SAMPLED, last - first)))
    return digest.hexdigest()[:12]


def _header_length(file: Path) -> int:
    with open(file, "rb") as handle:
        return int.from_bytes(handle.read(8), "little")
