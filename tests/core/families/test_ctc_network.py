"""The network: padding changes nothing, losses add up, predictions keep their order, base_of is the base."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.families import named
from core.families.base import Example, Prepared

BaseMaker = Callable[..., Path]
CTC = named("ctc")


def opened(base: Path) -> tuple[Any, Prepared]:
    """(model with adapter, what was prepared)."""
    import torch

    torch.manual_seed(0)
    options = CTC.options(rank=2)
    prepared = CTC.prepare([], base, options)
    model = CTC.load(base, prepared, options)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter) if parameter.requires_grad else 0.0)
    return model.eval(), prepared


def clips(base: Path, lengths: tuple[float, ...] = (0.4, 1.1, 0.7)) -> list[Example]:
    """Noise of several lengths (seconds) as examples of `base`."""
    from core.families.ctc import network

    rng = np.random.default_rng(0)
    made = [network.extract(rng.normal(0, 0.1, round(s * 16000)).astype(np.float32), base) for s in lengths]
    return [Example(f"c{i}", features, (2 + i, 3, 4), "abc") for i, features in enumerate(made)]


@pytest.mark.parametrize("kind", ["bert", "layer"])
def test_padding_changes_neither_logits_nor_loss(tiny_base: BaseMaker, kind: str) -> None:
    from core.families.ctc.network import frame_logits

    base = tiny_base(kind)
    model, prepared = opened(base)
    examples = clips(base)
    assert CTC.batch_limit(base) is None
    for alone, together in zip(
        CTC.outputs(model, examples, prepared), frame_logits(model, examples, prepared), strict=True
    ):
        np.testing.assert_allclose(alone, together, atol=2e-5)
    singles = [float(CTC.loss(model, CTC.collate([e], prepared))["ctc"][0].detach()) for e in examples]
    assert float(CTC.loss(model, CTC.collate(examples, prepared))["ctc"][0].detach()) == pytest.approx(
        sum(singles), rel=1e-5
    )


def test_a_group_norm_model_depends_on_padding_and_is_worked_one_by_one(tiny_base: BaseMaker) -> None:
    from core.families.ctc.network import frame_logits

    base = tiny_base("group")
    model, prepared = opened(base)
    examples = clips(base)
    assert CTC.batch_limit(base) == 1
    alone, together = CTC.outputs(model, examples, prepared)[0], frame_logits(model, examples, prepared)[0]
    assert np.abs(alone - together).max() > 1e-4, "if padding no longer matters, the limit can go"
    assert [p.text for p in CTC.predict(model, examples, prepared)] == [
        CTC.predict(model, [e], prepared)[0].text for e in examples
    ]


@pytest.mark.parametrize("kind", ["bert", "layer", "group"])
def test_predictions_come_in_the_order_of_the_clips(tiny_base: BaseMaker, kind: str) -> None:
    base = tiny_base(kind)
    model, prepared = opened(base)
    examples = clips(base)
    found = CTC.predict(model, examples, prepared)
    assert [p.id for p in found] == ["c0", "c1", "c2"]
    assert [p.text for p in found] == [CTC.predict(model, [e], prepared)[0].text for e in examples]
    assert all(p.text == " ".join(w.text for w in p.words) for p in found)


def test_predicting_leaves_the_mode_as_it_was(tiny_base: BaseMaker) -> None:
    model, prepared = opened(tiny_base())
    model.train()
    CTC.predict(model, clips(tiny_base()), prepared)
    assert model.training


def test_the_loss_is_that_of_the_definition(tiny_base: BaseMaker) -> None:
    """One frame a letter and no room for blanks: only one path, so the loss is the sum of
    its log probabilities."""
    import torch

    base = tiny_base()
    model, prepared = opened(base)
    example = Example("c", clips(base)[0].features[:3], (2, 3, 4), "abc")
    logits = CTC.outputs(model, [example], prepared)[0].astype(np.float64)
    log_probabilities = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    expected = -sum(log_probabilities[i, label] for i, label in enumerate(example.labels))
    value, weight = CTC.loss(model, CTC.collate([example], prepared))["ctc"]
    assert float(value.detach()) == pytest.approx(expected, rel=1e-5) and weight == 1.0
    assert CTC.count(CTC.collate([example, example], prepared)) == {"ctc": 6}
    assert torch.isfinite(value)


def test_a_label_without_room_is_an_infinite_loss_that_the_guard_can_see(tiny_base: BaseMaker) -> None:
    base = tiny_base()
    model, prepared = opened(base)
    example = Example("c", clips(base)[0].features[:3], (2, 2, 2), "aaa")
    assert float(CTC.loss(model, CTC.collate([example], prepared))["ctc"][0].detach()) == float("inf")


def test_base_of_answers_as_the_base(tiny_base: BaseMaker) -> None:
    base = tiny_base()
    model, prepared = opened(base)
    examples = clips(base)
    plain = CTC.load_plain(base)
    with CTC.base_of(model):
        off = CTC.outputs(model, examples, prepared)
    for a, b, tuned in zip(
        off, CTC.outputs(plain, examples, prepared), CTC.outputs(model, examples, prepared), strict=True
    ):
        np.testing.assert_array_equal(a, b)
        assert np.abs(a - tuned).max() > 1e-3


@pytest.mark.parametrize("kind", ["bert", "layer"])
def test_encoding_is_deterministic_and_knows_start_and_end(
    tiny_base: BaseMaker, tiny_data: Path, kind: str
) -> None:
    import dataclasses

    from core import manifest

    base, row = tiny_base(kind), manifest.read(tiny_data)[0]
    one, two = (CTC.encode(row, tiny_data, base) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    half = CTC.encode(dataclasses.replace(row, end=row.end / 2), tiny_data, base)
    assert len(half) == pytest.approx(len(one) / 2, abs=2)
    example = CTC.example(row, one, CTC.prepare([], base, CTC.options()))
    assert example.text == row.text and example.features.shape == one.shape


def test_on_mps_the_loss_is_taken_on_the_cpu_and_its_gradient_comes_back(
    tiny_base: BaseMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apple's device has no CTC loss. Here a tensor only says that it lies there: anything that is asked of
    that device fails on this machine, as the loss would on that one."""
    import torch

    from core.families.ctc import network

    class OnMps(torch.Tensor):
        device = torch.device("mps")  # type: ignore[assignment]

        def cpu(self, *_: Any) -> torch.Tensor:
            return self.as_subclass(torch.Tensor)

    base = tiny_base("layer")
    model, prepared = opened(base)
    batch = CTC.collate(clips(base), prepared)
    logits, frames = (part.detach() for part in network.logits_of(model, batch))

    def summed(kind: type[torch.Tensor]) -> tuple[float, torch.Tensor]:
        leaf = logits.clone().requires_grad_(True)
        monkeypatch.setattr(network, "logits_of", lambda *_: (leaf.as_subclass(kind), frames))
        total, _ = CTC.loss(model, batch)["ctc"]
        total.backward()
        assert leaf.grad is not None
        return float(total.detach()), leaf.grad

    there, here = summed(OnMps), summed(torch.Tensor)
    assert there[0] == pytest.approx(here[0]) and torch.equal(there[1], here[1])
    assert float(here[1].abs().sum()) > 0
