"""Tiny Higgs-Audio v2 folders of the real classes, and small sets of takes for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.modelling.higgs import tiny


def make_higgs(folder: Path, seed: int = 3, **config: Any) -> Path:
    """A complete folder: model, codec (8 codebooks of 1024, 25 frames a second of 24 kHz), tokenizer and chat
    template, in under a megabyte a part. `config` goes over that of the tiny model."""
    return tiny.make(folder, seed, **config)
