"""What a Whisper folder of transformers says about itself, read from its JSON files alone: shape, special
tokens, feature and generation settings."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, NotFound, Unavailable
from core.families.whisper import tokens
from core.files import read_json
from core.modelling import weights

ARCHITECTURE = "WhisperForConditionalGeneration"
HOP = 160  # samples a mel frame, fixed in every Whisper
MULTILINGUAL = 51865  # so many tokens has the smallest multilingual vocabulary that was published
START, TRANSCRIBE, PLAIN = "<|startoftranscript|>", "<|transcribe|>", "<|notimestamps|>"
END = "<|endoftext|>"


@dataclass(frozen=True)
class Folder:
    """One model folder: `config`, `features` and `generation` as saved, `special` tokens by their text."""

    path: Path
    config: dict[str, Any]
    features: dict[str, Any]
    generation: dict[str, Any]
    special: dict[str, int]

    @property
    def rate(self) -> int:
        """Samples per second that the model hears."""
        return int(self.features.get("sampling_rate", 16000))

    @property
    def n_mels(self) -> int:
        """Mel bands: 80, or 128 from large-v3 on."""
        return int(self.config.get("num_mel_bins", 80))

    @property
    def n_frames(self) -> int:
        """Mel frames that the encoder always gets: two for each of its positions."""
        return 2 * int(self.config.get("max_source_positions", 1500))

    @property
    def seconds(self) -> float:
        """The longest clip that is heard at once: 30 s."""
        return self.n_frames * HOP / self.rate

    @property
    def positions(self) -> int:
        """How many tokens the decoder can write, the prompt among them."""
        most = int(self.config.get("max_target_positions", 448))
        return min(most, int(self.generation.get("max_length") or most))

    @property
    def is_multilingual(self) -> bool:
        """Whether the language is named to it; models whose name ends with .en know English alone."""
        said = self.generation.get("is_multilingual")
        return bool(int(self.config["vocab_size"]) >= MULTILINGUAL if said is None else said)

    @property
    def language(self) -> str:
        """The language that its generation settings name, as a tuned model's do; "" for none."""
        return str(self.generation.get("language") or "").strip("<|>")

    @property
    def languages(self) -> list[str]:
        """Codes of the languages that can be named to it; [] for an English one."""
        named = self.generation.get("lang_to_id") or {
            token: i for token, i in self.special.items()
            if self.special[START] < i < self.special.get(TRANSCRIBE, 0) and token != "<|translate|>"
        }
        return sorted(token.strip("<|>") for token in named) if self.is_multilingual else []

    @property
    def suppressed(self) -> tuple[list[int], list[int]]:
        """Tokens that it never writes, and those that it never begins with."""
        found = (self.generation.get(name) or [] for name in ("suppress_tokens", "begin_suppress_tokens"))
        never, not_first = ([int(i) for i in ids if i >= 0] for ids in found)
        return never, not_first

    def prompt(self, language: str) -> list[int]:
        """What the decoder is given before it writes: start, language and task where it has several, and that
        no times are wanted. BadInput for a language that it does not know."""
        if not self.is_multilingual:
            if language not in ("", "en"):
                raise BadInput(
                    f"{self.path.name} hears English only, and the language is {language}: choose a Whisper"
                    " without “.en”."
                )
            return [self.special[START], self.special[PLAIN]]
        spoken = self.special.get(f"<|{language}|>")
        if language not in self.languages or spoken is None:
            raise BadInput(
                f"{self.path.name} knows no language “{language}”; set the option “language” to a near one"
                f" that it knows, such as one of: {', '.join(self.languages[:12])}."
            )
        return [self.special[START], spoken, self.special[TRANSCRIBE], self.special[PLAIN]]

    def encoder_id(self) -> str:
        """Changes when the same audio would give other features."""
        settings = json.dumps([self.features, self.n_mels, self.n_frames], sort_keys=True)
        return f"whisper-1-{hashlib.sha256(settings.encode()).hexdigest()[:12]}"


def is_one(path: Path) -> bool:
    """Whether `path` holds a Whisper in the form of transformers."""
    if not (path / "config.json").is_file():
        return False
    config = read_json(path / "config.json")
    return isinstance(config, dict) and ARCHITECTURE in (config.get("architectures") or ())


def split(model: str) -> tuple[Path, str]:
    """(folder, language) of `FOLDER` or `FOLDER:LANGUAGE`; "" where none is named."""
    folder, _, language = model.rpartition(":")
    if folder and not Path(model).exists() and Path(folder).is_dir():
        return Path(folder), code_of(language)
    return Path(model), ""


def code_of(language: str) -> str:
    """The short name by which Whisper calls a language: de-CH is de."""
    return language.replace("_", "-").split("-")[0].lower()


def read(path: Path) -> Folder:
    """The folder at `path`, complete and consistent, or a sentence: NotFound, Unavailable, BadInput or
    Refused."""
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
    if ARCHITECTURE not in (config.get("architectures") or ()):
        raise BadInput(
            f"{path.name} is a {', '.join(config.get('architectures') or ['model without a class'])}; "
            f"a Whisper base is a {ARCHITECTURE}."
        )
    weights.weight_files(path)
    generation = path / "generation_config.json"
    settings = read_json(generation) if generation.exists() else {
        name: config.get(name) for name in ("suppress_tokens", "begin_suppress_tokens")
    }
    folder = Folder(path, config, _features(path), settings, tokens.special(path))
    _consistent(folder)
    return folder


def _features(path: Path) -> dict[str, Any]:
    if (path / "preprocessor_config.json").exists():
        return dict(read_json(path / "preprocessor_config.json"))
    found = read_json(path / "processor_config.json") if (path / "processor_config.json").exists() else {}
    if "feature_extractor" in found:
        return dict(found["feature_extractor"])
    raise Unavailable(
        f"{path.name} has no feature settings: preprocessor_config.json is missing; copy it from where the"
        " model came from."
    )


def _consistent(folder: Folder) -> None:
    """Refuse what does not belong together; each would train without a complaint and learn nonsense."""
    config, name = folder.config, folder.path.name
    _specials_fit(folder)
    heard = int(folder.features.get("chunk_length", 30)) * folder.rate // HOP
    if int(folder.features.get("feature_size", 80)) != folder.n_mels or heard != folder.n_frames:
        raise BadInput(
            f"The feature settings in {name} are those of another Whisper (the number of mel bands or of"
            " frames differs); copy preprocessor_config.json from where the model came from."
        )
    shape = weights.shapes(folder.path).get("model.decoder.embed_tokens.weight")
    width = int(config.get("d_model", 384))
    if shape != (int(config["vocab_size"]), width) or max(folder.special.values()) >= shape[0]:
        raise BadInput(
            f"The vocabulary of {name} does not fit its weights; its tokenizer, config.json and"
            " model.safetensors do not belong together."
        )
    wide = {int(config.get(f"{part}_ffn_dim", 4 * width)) for part in ("encoder", "decoder")} == {4 * width}
    if not wide or config.get("tie_word_embeddings") is False or config.get("scale_embedding"):
        raise BadInput(f"{name} is built unlike every Whisper that was published, and cannot be used here.")


def _specials_fit(folder: Folder) -> None:
    wanted = [START, END, PLAIN, *([TRANSCRIBE] if folder.is_multilingual else [])]
    missing = [token for token in wanted if token not in folder.special]
    said = {START: folder.config.get("decoder_start_token_id"), END: folder.config.get("eos_token_id"),
            PLAIN: folder.generation.get("no_timestamps_token_id")}
    other = [token for token, i in said.items() if i is not None and folder.special.get(token) != i]
    if odd := missing or other:
        raise BadInput(
            f"The vocabulary of {folder.path.name} has no {odd[0]}, or another one than its config.json and"
            " generation_config.json say; copy its tokenizer from where the model came from."
        )
