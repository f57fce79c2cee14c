"""The registry: a family is one file (or folder) and one line here. Importing it loads no
torch and no transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import BadInput, NotFound
from core.families.ctc import CtcFamily
from core.families.higgs import HiggsFamily
from core.families.kyutai import KyutaiFamily
from core.families.lact import LactFamily
from core.families.moshi import MoshiFamily
from core.families.pocketsphinx import PocketSphinxFamily
from core.families.whisper import WhisperFamily
from core.files import read_json

FAMILIES: dict[str, Any] = {
    family.name: family
    for family in (
        CtcFamily(),
        WhisperFamily(),
        KyutaiFamily(),
        HiggsFamily(),
        LactFamily(),
        MoshiFamily(),
        PocketSphinxFamily(),
    )
}


def that(ability: type[Any]) -> dict[str, Any]:
    """The families that have `ability` (a Protocol of core.families.base), by name."""
    return {name: family for name, family in FAMILIES.items() if isinstance(family, ability)}


def named(name: str) -> Any:
    """The family called `name`; NotFound lists those there are."""
    if name not in FAMILIES:
        raise NotFound(f"There is no model family “{name}”; choose one of: {', '.join(sorted(FAMILIES))}.")
    return FAMILIES[name]


def family_of(folder: Path) -> Any:
    """The family of a model folder or of a training run folder; BadInput when none knows it."""
    if (folder / "run.json").exists():
        return named(str(read_json(folder / "run.json").get("family", "")))
    for family in FAMILIES.values():
        if family.claims(folder):
            return family
    raise BadInput(
        f"{folder} is no model that this app knows: it needs a config.json of one of these families: "
        f"{', '.join(f.title for f in FAMILIES.values())}."
    )
