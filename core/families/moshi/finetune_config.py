"""moshi-finetune's YAML config as the options of a Moshi, and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.families.base import finetune
from core.families.base.finetune import Dialect
from core.families.base.sharing import Foreign

PRESET = "Conversation"
"""What their runs are: two speakers, and the words of one of them."""
TABLES = "the tables that pieces and codes are read with do not learn whole beside an adapter"
DIALECT = Dialect(
    plain={"first_codebook_weight_multiplier": "first_codebook_weight"},
    ignored={"lora.ft_embed": TABLES},
    always={"hears_user": True, "text_weight": 1.0},
    can_train_all=True,
)
REPOSITORIES = {name: f"kyutai/{name}-pytorch-bf16" for name in ("moshiko", "moshika")}
"""What that program trains on, by a part of the name of the same model in the layout of transformers."""


def foreign(held: Mapping[str, Any]) -> Foreign:
    """Settings of moshi-finetune as ours. BadInput for a value of the wrong kind."""
    return finetune.foreign(held, DIALECT, PRESET)


def of_run(options: Mapping[str, Any], base: Path, data: Mapping[str, str]
           ) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The options of a run as settings of moshi-finetune, and the names of those that have no place there. It
    reads no folder of transformers, so they name the published model that the name of `base` tells of."""
    place = next((each for name, each in REPOSITORIES.items() if name in base.name.lower()), None)
    places = {**data, "repository": place} if place else data
    return finetune.config_of(options, DIALECT, places), finetune.left_out(options, DIALECT)
