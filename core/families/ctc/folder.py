"""What a CTC model folder says about itself, read from its JSON files alone: config, vocabulary,
feature settings, frames."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, NotFound, Unavailable
from core.families.ctc import languages
from core.files import read_json, sha256_of
from core.modelling import weights

ARCHITECTURES = {"Wav2Vec2ForCTC": "wav2vec2", "Wav2Vec2BertForCTC": "wav2vec2-bert"}
EXTRACTORS = {"wav2vec2": "Wav2Vec2FeatureExtractor", "wav2vec2-bert": "SeamlessM4TFeatureExtractor"}
MEL_WINDOW, MEL_HOP = 400, 160  # samples, fixed in the mel front end of transformers


@dataclass(frozen=True)
class Folder:
    """One model folder: `config`, `tokenizer` and `features` as saved, `vocabulary` token -> id.

    Of a folder with language adapters it is one `language`, whose weights `adapter` holds, unless they are
    the folder's own.
    """

    path: Path
    config: dict[str, Any]
    tokenizer: dict[str, Any]
    features: dict[str, Any]
    vocabulary: dict[str, int]
    language: str = ""
    adapter: Path | None = None

    @property
    def has_adapters(self) -> bool:
        """Whether its layers have room for a language adapter: transformers gives it to those alone that
        normalise first."""
        has_room = self.config.get("adapter_attn_dim") is not None
        return self.model_type == "wav2vec2" and has_room and bool(self.config.get("do_stable_layer_norm"))

    @property
    def architecture(self) -> str:
        """Name of the transformers class."""
        return str(self.config["architectures"][0])

    @property
    def model_type(self) -> str:
        """wav2vec2 or wav2vec2-bert."""
        return ARCHITECTURES[self.architecture]

    @property
    def rate(self) -> int:
        """Samples per second that the model hears."""
        return int(self.features.get("sampling_rate", 16000))

    @property
    def stride(self) -> int:
        """Mel frames joined into one input frame (1 for models that read the waveform)."""
        return int(self.features.get("stride", 2)) if self.model_type == "wav2vec2-bert" else 1

    @property
    def blank(self) -> int:
        """Id of the CTC blank: the tokenizer's pad token."""
        return self.vocabulary[_token(self.tokenizer, "pad_token", "<pad>")]

    @property
    def delimiter(self) -> int:
        """Id of the gap between words."""
        return self.vocabulary[_token(self.tokenizer, "word_delimiter_token", "|")]

    @property
    def unknown(self) -> str:
        """The token for what has none."""
        return _token(self.tokenizer, "unk_token", "<unk>")

    @property
    def silent(self) -> list[int]:
        """Ids that write nothing: start, end, unknown and other marked tokens."""
        return sorted(
            i
            for token, i in self.vocabulary.items()
            if re.fullmatch(r"<.+>|\[.+\]", token) or i == self.blank
        )

    @property
    def depends_on_padding(self) -> bool:
        """Whether a clip's result changes with what it is padded to: group norm and strided
        adapters see the padding."""
        group = self.model_type == "wav2vec2" and self.config.get("feat_extract_norm", "group") == "group"
        return group or bool(self.config.get("add_adapter"))

    def seconds_per_frame(self) -> float:
        """Length of one output frame."""
        if self.model_type == "wav2vec2-bert":
            step = MEL_HOP * self.stride
        else:
            step = 1
            for stride in self.config.get("conv_stride", (5, 2, 2, 2, 2, 2, 2)):
                step *= stride
        if self.config.get("add_adapter"):
            step *= int(self.config.get("adapter_stride", 2)) ** int(self.config.get("num_adapter_layers", 1))
        return step / self.rate

    def n_frames(self, seconds: float) -> int:
        """How many output frames a clip of `seconds` gives."""
        n = round(seconds * self.rate)
        if self.model_type == "wav2vec2-bert":
            n = max(0, 1 + (n - MEL_WINDOW) // MEL_HOP) // self.stride
        else:
            kernels = self.config.get("conv_kernel", (10, 3, 3, 3, 3, 2, 2))
            for kernel, stride in zip(
                kernels, self.config.get("conv_stride", (5, 2, 2, 2, 2, 2, 2)), strict=True
            ):
                n = max(0, (n - kernel) // stride + 1)
        for _ in range(
            int(self.config.get("num_adapter_layers", 1)) if self.config.get("add_adapter") else 0
        ):
            kernel = int(self.config.get("adapter_kernel_size", 3))
            padding = kernel // 2 if self.model_type == "wav2vec2-bert" else 1
            n = max(0, (n + 2 * padding - kernel) // int(self.config.get("adapter_stride", 2)) + 1)
        return n

    def adapter_id(self) -> str:
        """Sixteen hex digits of the adapter's file; "" without one."""
        return sha256_of(self.adapter)[:16] if self.adapter else ""

    def encoder_id(self) -> str:
        """Changes when the same audio would give other features."""
        settings = json.dumps(self.features, sort_keys=True)
        return f"ctc-1-{hashlib.sha256(settings.encode()).hexdigest()[:12]}"


def claims(folder: Path) -> bool:
    """Whether `folder` holds a CTC model of an architecture that is known here, or a training run of one."""
    if (folder / "run.json").exists():
        return bool(read_json(folder / "run.json").get("family") == "ctc")
    if not (folder / "config.json").exists():
        return False
    config = read_json(folder / "config.json")
    return isinstance(config, dict) and bool(set(config.get("architectures") or ()) & set(ARCHITECTURES))


def read(path: Path, asked: str = "") -> Folder:
    """The folder at `path`, complete and consistent, in the language `asked` ("" is its own), or a sentence:
    NotFound, Unavailable, BadInput or Refused."""
    if not path.is_dir():
        raise NotFound(f"There is no model folder {path}.")
    if (path / "run.json").exists():
        raise BadInput(
            f"{path.name} is a training run, not a base model; merge it first, or go on from it by Warm start"
            " or Retune."
        )
    if not (path / "config.json").exists():
        raise Unavailable(f"{path} holds no model: config.json is missing.")
    config = read_json(path / "config.json")
    if not set(config.get("architectures") or ()) & set(ARCHITECTURES):
        raise BadInput(
            f"{path.name} is a {', '.join(config.get('architectures') or ['model without a class'])}; "
            f"a CTC base is one of: {', '.join(ARCHITECTURES)}."
        )
    weights.weight_files(path)
    tokenizer = read_json(path / "tokenizer_config.json") if (path / "tokenizer_config.json").exists() else {}
    features, language = features_of(path), languages.chosen(path, tokenizer, asked)
    own = str(tokenizer.get("target_lang") or "")
    adapter = languages.adapter(path, config, language, own)
    vocabulary = _vocabulary(path, language)
    folder = Folder(path, config, tokenizer, features, vocabulary, language, adapter)
    _consistent(folder)
    return folder


def _token(tokenizer: dict[str, Any], name: str, default: str) -> str:
    value = tokenizer.get(name, default)
    return str(value["content"] if isinstance(value, dict) else value if value is not None else default)


def features_of(path: Path) -> dict[str, Any]:
    """Settings of the feature extractor; Unavailable when the folder has none."""
    if (path / "preprocessor_config.json").exists():
        return dict(read_json(path / "preprocessor_config.json"))
    if (path / "processor_config.json").exists():
        found = read_json(path / "processor_config.json").get("feature_extractor")
        if found:
            return dict(found)
    raise Unavailable(
        f"{path.name} has no feature settings: preprocessor_config.json is missing; copy it from where the"
        " model came from."
    )


def _vocabulary(path: Path, language: str) -> dict[str, int]:
    if not (path / "vocab.json").exists():
        raise Unavailable(
            f"{path.name} has no vocabulary: vocab.json is missing, so its output could not be read as"
            " letters; copy it from where the model came from."
        )
    found = languages.vocabularies(path).get(language)
    if found is None:
        found = read_json(path / "vocab.json")
        if (path / "added_tokens.json").exists():  # of several languages nobody knows whose they are
            found = {**read_json(path / "added_tokens.json"), **found}
    return {str(token): int(i) for token, i in found.items()}


def _consistent(folder: Folder) -> None:
    extractor = folder.features.get("feature_extractor_type", EXTRACTORS[folder.model_type])
    if extractor != EXTRACTORS[folder.model_type]:
        raise BadInput(
            f"{folder.path.name} has the feature settings of another model ({extractor}); it needs"
            f" {EXTRACTORS[folder.model_type]}."
        )
    for name, default in (("pad_token", "<pad>"), ("word_delimiter_token", "|")):
        token = _token(folder.tokenizer, name, default)
        if token not in folder.vocabulary:
            raise BadInput(
                f"The vocabulary of {folder.path.name} lacks its {name} “{token}”; its vocab.json and"
                " tokenizer_config.json do not belong together."
            )
    _head_fits(folder)


def _head_fits(folder: Folder) -> None:
    """The output layer must have a row for each token: two more are let pass, as some tokenizers
    add <s> and </s> later."""
    last = max(folder.vocabulary.values()) + 1
    if folder.adapter:
        shape = weights.shapes_in(folder.adapter).get("lm_head.weight")
        size = shape[0] if shape else 0
    else:
        shape = weights.shapes(folder.path).get("lm_head.weight")
        size = int(folder.config.get("vocab_size") or 32)
    if shape is None:
        raise BadInput(
            f"The weights in {folder.path.name} have no output layer (lm_head), so they write no text; use a"
            " model that was trained with CTC."
        )
    if not last <= size <= last + 2 or shape[0] != size:
        raise BadInput(
            f"The vocabulary of {folder.path.name} has {last} tokens, but its output layer has {shape[0]} and"
            f" its config says {size}; they do not belong together."
        )
