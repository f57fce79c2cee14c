"""What a clip costs a Moshi: as its loss has it, whole where it is long, and its base where that is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core import manifest
from core.families import named
from core.families.base import Prepared
from core.families.base.speaking import TellsCosts
from core.families.moshi import costs
from tests.core.families.moshi.conftest import NewRun
from tests.tiny_moshi import BOOKS

MOSHI: Any = named("moshi")
TTT = {"ttt_layers": "all", "ttt_mini_batch": 4, "ttt_gate": 0.5}
pytestmark = pytest.mark.usefixtures("one_thread")


def material(new_run: NewRun, moshi: Path, data: Path, **options: Any) -> tuple[Any, Any, Prepared]:
    """(model, example of the longest clip, prepared), the model as a run begins."""
    chosen = MOSHI.options(**new_run(options).order()["options"])
    rows = manifest.read(data)
    prepared = MOSHI.prepare(rows, moshi, chosen)
    row = max(rows, key=lambda each: each.seconds)
    torch.manual_seed(1)
    model = MOSHI.load(moshi, prepared, chosen).eval()
    return model, MOSHI.example(row, MOSHI.encode(row, data, moshi), prepared), prepared


def test_it_is_the_loss_by_terms(new_run: NewRun, moshi: Path, talks: Path) -> None:
    model, example, prepared = material(new_run, moshi, talks)
    found = MOSHI.cost(model, example, prepared)
    batch = MOSHI.collate([example], prepared)
    with torch.no_grad():
        sums = {name: float(value) for name, (value, _) in MOSHI.loss(model, batch).items()}
    counts = MOSHI.count(batch)
    assert isinstance(MOSHI, TellsCosts) and list(found) == ["text", "first_codebook", "other_codebooks"]
    assert found["text"] == pytest.approx((sums["text"], counts["text"]))
    assert found["first_codebook"] == pytest.approx((sums["codebook_1"], counts["codebook_1"]))
    others = [f"codebook_{book}" for book in range(2, BOOKS + 1)]
    assert found["other_codebooks"] == pytest.approx((sum(sums[each] for each in others),
                                                      sum(counts[each] for each in others)))


def test_of_a_long_clip_nothing_is_left_out(new_run: NewRun, moshi: Path, talks: Path) -> None:
    model, example, prepared = material(new_run, moshi, talks, window_seconds=1.0)
    n, parts = len(example.features), costs.parts(example, prepared)
    lengths = [len(part.features) for part in parts]
    assert len(parts) > 1 and sum(lengths) == n and max(lengths) - min(lengths) <= 1
    assert max(lengths) <= prepared.extra["window"]
    assert [word.text for part in parts for word in part.words] == [word.text for word in example.words]
    found = MOSHI.cost(model, example, prepared)
    assert found["first_codebook"][1] == n
    cut = float(MOSHI.count(MOSHI.collate([example], prepared))["codebook_1"])
    assert cut == prepared.extra["window"] < n, "a batch of a training has its beginning alone"


def test_the_base_has_costs_of_its_own_and_sound_alone_no_text(new_run: NewRun, moshi: Path, alone: Path
                                                               ) -> None:
    model, example, prepared = material(new_run, moshi, alone, **TTT)
    plain = MOSHI.cost(MOSHI.load_plain(moshi), example, prepared)
    assert list(plain) == ["first_codebook", "other_codebooks"], "a clip without words teaches no text"
    tuned = MOSHI.cost(model, example, prepared)
    with MOSHI.base_of(model):
        found = MOSHI.cost(model, example, prepared)
    assert {name: pytest.approx(pair) for name, pair in plain.items()} == found
    assert tuned["first_codebook"][0] != pytest.approx(plain["first_codebook"][0])
