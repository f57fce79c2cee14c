"""A model folder as its files tell it, without torch: the marks of text and sound, and where the codec is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, Unavailable
from core.files import read_json
from core.modelling import weights
from core.modelling.higgs import tokens

KIND, CODEC_KIND = "higgs_audio_v2", "higgs_audio_v2_tokenizer"
CODECS = ("codec", "audio_tokenizer")
"""Where the codec may lie inside a model folder."""
RATE, HOP = 24_000, 960
NEEDED = ("config.json", "tokenizer.json")


@dataclass(frozen=True)
class Folder:
    """One model folder; `ids` are those of the marks of text by their names."""

    path: Path
    config: dict[str, Any]
    codec: Path
    ids: dict[str, int]

    @property
    def codebooks(self) -> int:
        """Codes a frame."""
        return int(self.config.get("num_codebooks", 8))

    @property
    def rows(self) -> int:
        """Values of a codebook, with the marks of beginning and end."""
        return int(self.config.get("codebook_size", 1024))

    @property
    def begin(self) -> int:
        """The mark before the first code of a codebook."""
        return int(self.config.get("audio_stream_bos_id", 1024))

    @property
    def end(self) -> int:
        """The mark behind the last code of a codebook."""
        return int(self.config.get("audio_stream_eos_id", 1025))

    def encoder_id(self) -> str:
        """Changes with the weights of the codec."""
        return f"higgs-1-{self.codebooks}-{weights.weights_id(self.codec)}"

    def tokenizer_id(self) -> str:
        """Twelve hex digits of the tokenizer."""
        return hashlib.sha256((self.path / "tokenizer.json").read_bytes()).hexdigest()[:12]


def is_one(path: Path) -> bool:
    """Whether the config in `path` is that of a Higgs-Audio v2."""
    config = path / "config.json"
    if not config.is_file():
        return False
    try:
        return bool(read_json(config).get("model_type") == KIND)
    except (BadInput, AttributeError):
        return False


def read(path: Path) -> Folder:
    """What `path` holds. Raises StudioError with a sentence when something is missing or does not fit."""
    if not is_one(path):
        raise BadInput(f"{path} is no Higgs-Audio v2: its config.json has to be of the kind {KIND}.")
    for name in NEEDED:
        if not (path / name).is_file():
            raise Unavailable(f"{path.name} lacks {name}; copy the model again from where it came from.")
    weights.weight_files(path)
    found = Folder(path, read_json(path / "config.json"), _codec_of(path), _ids(path))
    _fits(found)
    return found


def _codec_of(path: Path) -> Path:
    """The codec in the folder, or beside it, where the released ones lie as two."""
    inside = [path / name for name in CODECS]
    beside = sorted(path.parent.glob("*higgs*tokenizer*")) if path.parent.is_dir() else []
    for folder in (*inside, *beside):
        config = folder / "config.json"
        if config.is_file() and read_json(config).get("model_type") == CODEC_KIND:
            return folder
    raise Unavailable(
        f"{path.name} has no codec, which turns sound into codes and back: put the folder of"
        f" higgs-audio-v2-tokenizer (config.json and model.safetensors) into {path / CODECS[0]}.")


def _ids(path: Path) -> dict[str, int]:
    held = read_json(path / "tokenizer.json").get("added_tokens", [])
    ids = {str(each["content"]): int(each["id"]) for each in held}
    needed = (tokens.AUDIO, tokens.BEGIN, tokens.END, tokens.DELAY, tokens.END_OF_TURN, tokens.START_OF_TEXT)
    lacking = [mark for mark in needed if mark not in ids]
    if lacking:
        raise BadInput(f"The tokenizer of {path.name} does not know {lacking[0]}; copy tokenizer.json again"
                       " from where the model came from.")
    return ids


def _fits(folder: Folder) -> None:
    """The marks of sound need rows of their own, and both files must mean the same ones by the marks of text.
    """
    marks = max(folder.begin, folder.end)
    if folder.rows <= marks:
        raise BadInput(
            f"The config of {folder.path.name} gives a codebook {folder.rows} values, and the marks of"
            f" beginning and end are {folder.begin} and {folder.end}: codebook_size has to be {marks + 1}.")
    told = {tokens.AUDIO: "audio_token_id", tokens.BEGIN: "audio_bos_token_id",
            tokens.DELAY: "audio_delay_token_id"}
    for mark, name in told.items():
        if name in folder.config and int(folder.config[name]) != folder.ids[mark]:
            raise BadInput(
                f"In {folder.path.name} the tokenizer calls {mark} {folder.ids[mark]} and the config"
                f" {folder.config[name]} ({name}); copy both files again from where the model came from.")
