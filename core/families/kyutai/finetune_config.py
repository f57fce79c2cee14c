"""moshi-finetune's YAML config as the options of a Kyutai STT, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.families.base import finetune
from core.families.base.finetune import Dialect, FinetuneConfig
from core.families.base.sharing import Foreign
from core.families.kyutai.layouts import Source

SOUND = "it is about the sound that Moshi speaks, and a speech to text model speaks none"
DIALECT = Dialect(
    plain={"lora.ft_embed": "train_embeddings"},
    ignored={"first_codebook_weight_multiplier": SOUND},
    # there the output layer always has an adapter, which a whole layer stands for here
    always={"train_lm_head": True},
)


def options_of(config: Mapping[str, Any]) -> FinetuneConfig:
    """Their config by our names. BadInput for a wrong value, and for a run that trains all weights."""
    return finetune.options_of(config, DIALECT)


def foreign(held: Mapping[str, Any]) -> Foreign:
    """Settings of moshi-finetune as ours. BadInput as `options_of`."""
    return finetune.foreign(held, DIALECT)


def of_run(options: Mapping[str, Any], base: Source, data: Mapping[str, str]
           ) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The options of a run as settings of moshi-finetune, on the files of `base` where that program can read
    them; the names of options that have no place there."""
    files = {"weights": base.weights[0], "codec": base.codec[0], "tokenizer": base.tokenizer,
             "config": base.path / "config.json"} if base.layout != "transformers" else {}
    places = {**data, **{name: str(path.resolve()) for name, path in files.items()}}
    return finetune.config_of(options, DIALECT, places), finetune.left_out(options, DIALECT)
