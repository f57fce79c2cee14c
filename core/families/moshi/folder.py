"""A Moshi folder as its files tell it, without torch: the layout of transformers, codec inside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, NotFound, Unavailable
from core.files import read_json, sha256_of
from core.modelling import weights
from core.modelling.kyutai import tokens
from core.modelling.ttt.folder import settings_in

KIND, ARCHITECTURE = "moshi", "MoshiForConditionalGeneration"
CODEC = "audio_encoder."
"""What the names of the codec's weights begin with."""
PAD = "<pad>"


@dataclass(frozen=True)
class Source:
    """One model folder: its `config`, its vocabulary, and `pad`, the piece that writes nothing."""

    path: Path
    config: dict[str, Any]
    tokenizer: Path
    pad: int

    @property
    def codebooks(self) -> int:
        """Codes a frame of one sound."""
        return int(self.config.get("num_codebooks", 8))

    @property
    def text(self) -> int:
        """Pieces of the vocabulary; the next id is the start of a text."""
        return int(self.config.get("vocab_size", 32_000))

    @property
    def audio(self) -> int:
        """Values of a codebook; the next id is the start of a sound, and stands where no code is yet."""
        return int(self.config.get("audio_vocab_size") or 2048)

    @property
    def width(self) -> int:
        """Of the layers that see time."""
        return int(self.config.get("hidden_size", 4096))

    @property
    def layers(self) -> int:
        """Layers that see time."""
        return int(self.config.get("num_hidden_layers", 32))

    @property
    def context(self) -> int:
        """Frames that attention sees."""
        return int(self.config.get("sliding_window", 3000))

    def encoder_id(self) -> str:
        """Changes with the weights, of which the codec's are a part that no training here moves."""
        return f"moshi-1-{self.codebooks}-{weights.part_id(self.path, CODEC)}"


def is_one(folder: Path) -> bool:
    """Whether the config in `folder` is that of a Moshi."""
    try:
        config = read_json(folder / "config.json")
    except (OSError, BadInput):
        return False
    return isinstance(config, dict) and config.get("model_type") == KIND


def read(folder: Path) -> Source:
    """What `folder` holds, or a sentence: NotFound, Unavailable or BadInput."""
    if not folder.is_dir():
        raise NotFound(f"There is no model folder {folder}.")
    if not is_one(folder):
        raise BadInput(f"{folder.name} holds no Moshi: its config.json has to be of the kind “{KIND}”, as in"
                       " kmhf/hf-moshiko.")
    config = read_json(folder / "config.json")
    if ARCHITECTURE not in (config.get("architectures") or [ARCHITECTURE]):
        raise BadInput(f"{folder.name} holds {config['architectures'][0]}, which speaks no sound; choose a"
                       f" folder of {ARCHITECTURE}.")
    if not any(name.startswith(CODEC) for name in weights.shapes(folder)):
        raise Unavailable(f"{folder.name} lacks the weights of its codec ({CODEC}*); copy the model again"
                          " from where it came from.")
    settings_in(folder)
    tokenizer = _tokenizer(folder)
    return Source(folder, config, tokenizer, _pad(config, tokenizer))


def _tokenizer(folder: Path) -> Path:
    found = [folder / "tokenizer.json", *sorted(folder.glob("*.model"))]
    path = next((each for each in found if each.is_file()), None)
    if path is None:
        raise Unavailable(f"{folder.name} lacks its vocabulary: put tokenizer.json of the same model there.")
    return path


def _pad(config: dict[str, Any], tokenizer: Path) -> int:
    """The piece that writes nothing: what the config says, else what the vocabulary calls so."""
    said = config.get("pad_token_id")
    found = said if said is not None else tokens.writing(tokenizer).id_of(PAD)
    if found is None:
        raise BadInput(f"Neither the config nor the vocabulary {tokenizer.name} names a padding piece; set"
                       " “pad_token_id” in config.json.")
    return int(found)


def tokenizer_id(path: Path) -> str:
    """Sixteen hex digits of a vocabulary."""
    return sha256_of(path)[:16]
