"""What would spoil a run is refused before anything heavy is loaded."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from core import manifest
from core.errors import Refused, Unavailable
from core.families import named
from core.training import preflight

BaseMaker = Callable[..., Path]
CTC = named("ctc")


def test_a_good_set_has_no_findings(tiny_base: BaseMaker, tiny_data: Path) -> None:
    found = preflight.findings(CTC, manifest.read(tiny_data), tiny_base(), CTC.options())
    assert found == []
    preflight.refuse(found)


def test_no_training_clips_is_refused(tiny_base: BaseMaker, tiny_data: Path) -> None:
    rows = [dataclasses.replace(row, split="test") for row in manifest.read(tiny_data)]
    with pytest.raises(Refused, match="no clips to train on"):
        preflight.refuse(preflight.findings(CTC, rows, tiny_base(), CTC.options()))


def test_no_validation_clips_is_a_warning(tiny_base: BaseMaker, tiny_data: Path) -> None:
    rows = [row for row in manifest.read(tiny_data) if row.split == "train"]
    found = preflight.findings(CTC, rows, tiny_base(), CTC.options())
    assert [(f.code, f.level) for f in found] == [("no_validation_clips", "warn")]
    preflight.refuse(found)


@pytest.mark.parametrize("split", ["train", "val"])
def test_clips_that_cannot_be_learned_are_refused_by_name(
    tiny_base: BaseMaker, tiny_data: Path, split: str
) -> None:
    rows = manifest.read(tiny_data)
    i = next(i for i, row in enumerate(rows) if row.split == split)
    rows[i] = dataclasses.replace(rows[i], text="\u00fcber")
    with pytest.raises(Refused, match=rows[i].id):
        preflight.refuse(preflight.findings(CTC, rows, tiny_base(), CTC.options()))


def test_the_test_split_is_left_alone(tiny_base: BaseMaker, tiny_data: Path) -> None:
    rows = [
        dataclasses.replace(row, text="\u00fcber") if row.split == "test" else row
        for row in manifest.read(tiny_data)
    ]
    assert preflight.findings(CTC, rows, tiny_base(), CTC.options()) == []


def test_clips_that_are_there_twice_are_named(tiny_base: BaseMaker, tiny_data: Path) -> None:
    rows = manifest.read(tiny_data)
    with pytest.raises(Refused, match=f"twice: {rows[3].id}"):
        preflight.refuse(preflight.findings(CTC, [*rows, rows[3]], tiny_base(), CTC.options()))


def test_a_broken_base_is_told_first(own_base: BaseMaker, tiny_data: Path) -> None:
    base = own_base()
    (base / "vocab.json").unlink()
    with pytest.raises(Unavailable, match=r"vocab\.json"):
        preflight.findings(CTC, manifest.read(tiny_data), base, CTC.options())


def test_the_estimate_grows_with_the_work(tiny_base: BaseMaker, tiny_data: Path) -> None:
    rows, base = manifest.read(tiny_data), tiny_base()
    few, many = (CTC.estimate(rows, base, CTC.options(steps=n)) for n in (10, 10_000))
    assert few.seconds < many.seconds and "10000 steps over 8 clips" in many.sentence
    small, large = (CTC.estimate(rows, base, CTC.options(batch_size=n)) for n in (1, 64))
    assert 0.5 < small.memory_gb < large.memory_gb


def test_the_estimate_counts_the_clips_there_are(tiny_base: BaseMaker, tiny_data: Path) -> None:
    rows, base = [r for r in manifest.read(tiny_data) if r.split == "train"], tiny_base()
    said = [CTC.estimate(rows[:n], base, CTC.options(steps=10)).sentence for n in (0, 1, 2)]
    assert [s.split(" over ")[1] for s in said] == ["0 clips.", "1 clip.", "2 clips."]
