"""Encoded clips: kept by content, remade when the encoder changes, broken audio named."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import manifest
from core.cache import ArrayCache
from core.errors import BadInput
from core.families import named
from core.training.corpus import Corpus, handful

BaseMaker = Callable[..., Path]
CTC = named("ctc")


def corpus(data: Path, base: Path, cache: Path, **change: Any) -> Corpus:
    """The first three rows of `data`, with fields changed."""
    rows = [dataclasses.replace(row, **change) for row in manifest.read(data)[:3]]
    return Corpus(CTC, rows, data, base, CTC.prepare(rows, base, CTC.options()), ArrayCache(cache))


def kept(cache: Path) -> list[Path]:
    """The files of a cache."""
    return sorted(cache.rglob("*.npy"))


def test_a_clip_is_encoded_once(
    tiny_base: BaseMaker, tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = corpus(tiny_data, tiny_base(), tmp_path).examples()
    assert len(kept(tmp_path)) == 3
    monkeypatch.setattr(CTC, "encode", lambda *_: pytest.fail("encoded again"))
    again = corpus(tiny_data, tiny_base(), tmp_path).examples()
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.features, b.features)
        assert a.labels == b.labels


@pytest.mark.parametrize("change", [{"end": 0.4}, {"start": 0.1}])
def test_another_part_of_the_file_is_another_clip(
    tiny_base: BaseMaker, tiny_data: Path, tmp_path: Path, change: dict[str, float]
) -> None:
    corpus(tiny_data, tiny_base(), tmp_path).examples()
    corpus(tiny_data, tiny_base(), tmp_path, **change).encode(0)
    assert len(kept(tmp_path)) == 4


def test_another_encoder_and_another_content_are_encoded_anew(
    tiny_base: BaseMaker, tiny_data: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(tiny_data, tmp_path / "data"))
    for base in (tiny_base("bert"), tiny_base("layer")):
        corpus(data, base, tmp_path / "cache").encode(0)
    assert len(kept(tmp_path / "cache")) == 2
    shutil.copyfile(data / "2.wav", data / "0.wav")
    corpus(data, tiny_base(), tmp_path / "cache").encode(0)
    assert len(kept(tmp_path / "cache")) == 3


def test_a_text_that_changed_is_seen_though_the_audio_is_kept(
    tiny_base: BaseMaker, tiny_data: Path, tmp_path: Path
) -> None:
    corpus(tiny_data, tiny_base(), tmp_path).encode(0)
    assert corpus(tiny_data, tiny_base(), tmp_path, text="seven").example(0).text == "seven"


def test_audio_without_usable_features_is_named(
    tiny_base: BaseMaker, tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CTC, "encode", lambda *_: np.full((3, 160), np.nan, np.float32))
    with pytest.raises(BadInput, match=r"clip c1 \(1\.wav\)"):
        corpus(tiny_data, tiny_base(), tmp_path).encode(1)
    assert kept(tmp_path) == []


def test_the_handful_is_always_the_same_one(tiny_data: Path) -> None:
    rows = manifest.read(tiny_data)
    chosen = {rows[i].id for i in handful(rows, 4)}
    backwards = rows[::-1]
    assert len(chosen) == 4
    assert {backwards[i].id for i in handful(backwards, 4)} == chosen
    assert len(handful(rows, 100)) == len(rows)
