"""In which of the three layouts a folder holds a Kyutai speech to text model, known by its structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import BadInput, NotFound, Unavailable
from core.files import read_json
from core.modelling import weights
from core.modelling.kyutai import mimi_config, names, recipes, shape, tokens
from core.modelling.kyutai.stream import Rule
from core.modelling.ttt.folder import settings_in

Layout = Literal["native", "candle", "transformers"]
ARCHITECTURE, KIND = "KyutaiSpeechToTextForConditionalGeneration", "kyutai_speech_to_text"
WITH_HEADS = "kyutai/stt-1b-en_fr-candle"
"""The repository that has the semantic pause heads."""
HEADS_BESIDE = "extra_heads.safetensors"
"""Where a merged model keeps the heads of its base, for which transformers' class has no place."""
CODEC = "codec_model."


@dataclass(frozen=True)
class Source:
    """One model folder: its `config` as saved, the files of its weights and of its codec (one and the same in
    the layout of transformers), `codec_config` for transformers' Mimi, `delay` of the text in seconds."""

    path: Path
    layout: Layout
    shape: shape.Shape
    config: dict[str, Any]
    weights: tuple[Path, ...]
    codec: tuple[Path, ...]
    codec_config: dict[str, Any]
    tokenizer: Path
    delay: float
    silence: float

    @property
    def should_have_heads(self) -> bool:
        """Whether the published model has pause heads: the one that waits half a second has."""
        return self.delay < 1.0

    @property
    def rule(self) -> Rule:
        """How the words of this model are laid on its frames."""
        return Rule(self.delay)

    @property
    def delay_frames(self) -> int:
        """By how many frames of 80 ms the text comes later than its sound."""
        return self.rule.delay_frames


def layout_of(folder: Path) -> Layout | None:
    """The layout of the model in `folder`, or None where it holds no Kyutai speech to text model.

    The names in the weights decide; a config alone does not make a model.
    """
    try:
        config = read_json(folder / "config.json")
        held = {names.plain(name) for file in _weight_files(folder, config) for name in weights.header(file)}
    except (OSError, BadInput, Unavailable):
        return None
    if config.get("model_type") == KIND or ARCHITECTURE in (config.get("architectures") or ()):
        return "transformers" if names.TABLE in held else None
    own = {"dim", "card", "text_card", "n_q"} <= config.keys() and not config.get("dep_q")
    if not own or not {"text_emb.weight", "emb.0.weight", "transformer.layers.0.norm1.alpha"} <= held:
        return None
    return "candle" if any(names.PAUSE.fullmatch(name) for name in held) else "native"


def read(folder: Path) -> Source:
    """The folder's files, complete and fitting, or a sentence: NotFound, Unavailable or BadInput."""
    if not folder.is_dir():
        raise NotFound(f"There is no model folder {folder}.")
    layout = layout_of(folder)
    if layout is None:
        _explain(folder)
        raise BadInput(f"{folder.name} holds no Kyutai speech to text model: it needs config.json and"
                       " model.safetensors of one, as they are in kyutai/stt-1b-en_fr.")
    config: dict[str, Any] = read_json(folder / "config.json")
    source = (_of_transformers if layout == "transformers" else _of_native)(folder, layout, config)
    _fits(source)
    settings_in(folder)
    tokens.fitting(source.tokenizer, source.shape)
    return source


def _explain(folder: Path) -> None:
    """The sentence of what cannot be read, where that is why nothing was recognised."""
    if not (folder / "config.json").is_file():
        raise Unavailable(f"{folder} holds no model: config.json is missing.")
    for file in _weight_files(folder, read_json(folder / "config.json")):
        weights.header(file)


def _weight_files(folder: Path, config: Any) -> tuple[Path, ...]:
    named = folder / str(config.get("moshi_name") or "") if isinstance(config, Mapping) else folder
    return (named,) if named.is_file() else tuple(weights.weight_files(folder))


def _of_native(folder: Path, layout: Layout, config: dict[str, Any]) -> Source:
    said = config.get("stt_config") or {}
    measures = config.get("mimi_config_name")
    codec = {"model_type": "mimi"}  # the class says by itself what the published codec is
    if measures:
        codec = mimi_config.of_native(read_json(_beside(folder, measures)))
    return Source(
        folder, layout, shape.of_native(config), config, _weight_files(folder, config),
        (_beside(folder, config.get("mimi_name"), "mimi-*.safetensors"),), codec,
        _beside(folder, config.get("tokenizer_name"), "*.model"),
        float(said.get("audio_delay_seconds", 0.5)), float(said.get("audio_silence_prefix_seconds", 0.0)),
    )


def _of_transformers(folder: Path, layout: Layout, config: dict[str, Any]) -> Source:
    files = _weight_files(folder, config)
    processor = next((folder / name for name in ("processor_config.json", "preprocessor_config.json")
                      if (folder / name).is_file()), None)
    said = read_json(processor) if processor else {}
    said = said.get("feature_extractor", said)
    codec = dict(config.get("codec_config") or {"model_type": "mimi"})
    return Source(
        folder, layout, shape.of_transformers(config), config, files, files, codec,
        _beside(folder, "tokenizer.json"),
        float(said.get("audio_delay_seconds", 0.5)), float(said.get("audio_silence_prefix_seconds", 0.0)),
    )


def _beside(folder: Path, name: object, pattern: str = "") -> Path:
    """The file called `name` in `folder`, else the one that is like `pattern`; Unavailable without one."""
    wanted = Path(str(name)).name if name else ""
    if wanted and (folder / wanted).is_file():
        return folder / wanted
    found = sorted(folder.glob(pattern)) if pattern else []
    if len(found) == 1:
        return found[0]
    raise Unavailable(f"{folder.name} lacks {wanted or pattern}: copy it from where the model came from.")


def _fits(source: Source) -> None:
    """BadInput unless the weights are exactly those that the config calls for."""
    each = (entry for file in source.weights for entry in weights.shapes_in(file).items())
    found = {names.plain(name): size for name, size in each}
    if source.layout == "transformers":
        found = {name: size for name, size in found.items() if not name.startswith(CODEC)}
        recipes.check(found, source.shape.transformers(), source.path.name)
        return
    heads = source.shape.pause_heads() if source.layout == "candle" else {}
    recipes.check(found, source.shape.native() | heads, source.path.name)
