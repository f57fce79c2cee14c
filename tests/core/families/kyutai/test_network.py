"""Batches, losses and where the adapter lands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core import manifest
from core.errors import Unavailable
from core.families import named
from core.families.kyutai import estimating, layouts, network
from core.training.checks import batching
from core.training.examining import examine
from tests.core.families.kyutai.conftest import Kyutai
from tests.tiny_kyutai import SHAPE, make_spoken

KYUTAI: Any = named("kyutai")
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_spoken(tmp_path_factory.mktemp("net") / "set", ["one two", "six", "three four five"], n_val=0)


def loaded(base: Path, data: Path, **options: Any) -> tuple[Any, Any, list[Any]]:
    """(model, prepared, examples)."""
    chosen = KYUTAI.options(rank=4, alpha=8, **options)
    rows = manifest.read(data)
    prepared = KYUTAI.prepare(rows, base, chosen)
    torch.manual_seed(1)
    model = KYUTAI.load(base, prepared, chosen)
    return model, prepared, [KYUTAI.example(row, KYUTAI.encode(row, data, base), prepared) for row in rows]


def test_the_loss_is_the_weighted_mean_by_hand(kyutai: Kyutai, data: Path) -> None:
    model, prepared, examples = loaded(kyutai("candle"), data)
    batch = network.collate(examples, prepared)
    with torch.no_grad():
        total = float(network.loss(model, batch)["text"][0])
    by_hand, weights = 0.0, 0.0
    for example, logits in zip(examples, network.outputs(model, examples, prepared), strict=True):
        scores = torch.from_numpy(logits).double().log_softmax(-1)
        for place, token in enumerate(example.labels):
            weight = 1.0 if token >= 4 else 0.5
            by_hand, weights = by_hand - weight * float(scores[place, token]), weights + weight
    assert total == pytest.approx(by_hand, rel=1e-4)
    assert network.count(batch)["text"] == pytest.approx(weights)


def test_each_place_hears_the_frame_before_and_says_its_own(kyutai: Kyutai, data: Path) -> None:
    _, prepared, examples = loaded(kyutai("candle"), data)
    batch = network.collate(examples, prepared)
    for row, example in enumerate(examples):
        n = len(example.labels)
        assert batch["targets"][row, :n].tolist() == list(example.labels)
        assert batch["inputs"][row, 1:n, 0].tolist() == list(example.labels[:-1])
        assert batch["inputs"][row, 1:n, 1:].tolist() == example.features[:-1].tolist()
        assert batch["inputs"][row, 0].tolist() == [SHAPE.text] + [SHAPE.audio] * SHAPE.codebooks
        assert not batch["weights"][row, n:].any() and (batch["inputs"][row, n:] == SHAPE.rows - 1).all()


def test_padding_that_counts_nothing_is_no_nan(kyutai: Kyutai, data: Path) -> None:
    model, prepared, examples = loaded(kyutai("candle"), data, padding_weight=0.0)
    batch = network.collate(examples[:1], prepared)
    batch["targets"][:], batch["weights"][:] = 3, 0.0
    value = network.loss(model, batch)["text"][0]
    assert network.count(batch)["text"] == 0.0 and float(value.detach()) == 0.0
    value.backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


@pytest.mark.parametrize("hold", [0.0, 0.5])
def test_neither_padding_nor_batches_change_the_result(kyutai: Kyutai, data: Path, hold: float) -> None:
    model, prepared, examples = loaded(kyutai("candle"), data, hold_heads=hold)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".lora_B." in name:
                parameter.normal_(0, 0.05)
    model.eval()
    assert batching.padding(KYUTAI, model, examples, prepared).outcome == "passed"
    assert batching.accumulation(KYUTAI, model, examples[0], prepared).outcome == "passed"


def test_a_fresh_adapter_leaves_the_heads_where_they_are(kyutai: Kyutai, data: Path) -> None:
    model, prepared, examples = loaded(kyutai("candle"), data, hold_heads=1.0, train_embeddings=True)
    terms = network.loss(model, network.collate(examples, prepared))
    assert abs(float(terms["heads"][0])) < 1e-4
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert any("embed_tokens" in name for name in trained), "switched back on after the base was asked"
    with pytest.raises(Unavailable, match="kyutai/stt-1b-en_fr-candle"):
        loaded(kyutai("native"), data, hold_heads=1.0)


@pytest.mark.parametrize("whole", [{}, {"train_lm_head": True}, {"train_embeddings": True}])
def test_the_adapter_lands_where_it_should_and_moves(
    kyutai: Kyutai, data: Path, whole: dict[str, bool]
) -> None:
    options = KYUTAI.options(rank=4, alpha=8, lr=0.01, **whole)
    checks = {check.name: check for check in examine(
        KYUTAI, manifest.read(data), data, kyutai("candle"), options, "cpu")}
    assert {check.outcome for check in checks.values()} == {"passed"}
    n = estimating.trained(layouts.read(kyutai("candle")), options)
    assert checks["adapter"].figures["n_trained"] == n, "as the estimate counts it"
