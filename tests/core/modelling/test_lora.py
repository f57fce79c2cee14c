"""Adapters land in their targets and nowhere else, come back whole, and can be switched off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import StudioError
from core.families.ctc.network import load_plain
from core.modelling import lora

BaseMaker = Callable[..., Path]


def adapted(base: Path, whole: list[str] | None = None) -> tuple[Any, list[str]]:
    """(peft model, its targets) of rank 2."""
    import torch

    torch.manual_seed(1)
    model = load_plain(base)
    targets = lora.targets_in(model, model.config.model_type)
    return lora.attach(model, targets, 2, 4.0, 0.0, ["lm_head"] if whole is None else whole), targets


@pytest.mark.parametrize(("kind", "n_targets"), [("bert", 8), ("layer", 6), ("group", 6)])
def test_it_lands_in_attention_and_feed_forward_and_the_head(
    tiny_base: BaseMaker, kind: str, n_targets: int
) -> None:
    model, targets = adapted(tiny_base(kind))
    assert len(targets) == n_targets
    counts = lora.landed(model, targets, ["lm_head"])
    assert set(counts) == {*targets, "lm_head"}
    assert counts["lm_head"] == 40 * 16 + 40
    assert all(n >= 2 * (16 + 16) for n in counts.values())


def test_only_what_is_trained_changes_by_a_step(tiny_base: BaseMaker) -> None:
    import torch

    model, targets = adapted(tiny_base())
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=1.0)
    model(
        input_features=torch.randn(1, 20, 160), attention_mask=torch.ones(1, 20, dtype=torch.long)
    ).logits.pow(2).sum().backward()
    optimizer.step()
    moved = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert moved and all("lora_" in name or "modules_to_save" in name for name in moved)
    assert {n.split(".lora_")[0].removeprefix("base_model.model.") for n in moved if "lora_" in n} == set(
        targets
    )


def test_an_adapter_that_reached_nothing_is_told(tiny_base: BaseMaker) -> None:
    model, targets = adapted(tiny_base())
    with pytest.raises(StudioError, match=r"did not reach encoder\.missing"):
        lora.landed(model, [*targets, "encoder.missing"], ["lm_head"])


def test_something_else_that_would_be_trained_is_told(tiny_base: BaseMaker) -> None:
    model, targets = adapted(tiny_base())
    with pytest.raises(StudioError, match="would also train lm_head"):
        lora.landed(model, targets, [])


def test_an_unknown_architecture_is_told(tiny_base: BaseMaker) -> None:
    with pytest.raises(StudioError, match="hubert"):
        lora.targets_in(load_plain(tiny_base()), "hubert")


def test_the_trained_state_comes_back_whole(tiny_base: BaseMaker) -> None:
    import torch

    one, _ = adapted(tiny_base())
    other, _ = adapted(tiny_base())
    with torch.no_grad():
        for parameter in one.parameters():
            parameter.add_(0.1 if parameter.requires_grad else 0.0)
    lora.restore_state(other, lora.trained_state(one))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_a_state_that_does_not_fit_is_refused(tiny_base: BaseMaker) -> None:
    import torch

    model, _ = adapted(tiny_base())
    state = lora.trained_state(model)
    first = next(iter(state))
    with pytest.raises(StudioError, match="does not fit"):
        lora.restore_state(model, {k: v for k, v in state.items() if k != first})
    with pytest.raises(StudioError, match="does not fit"):
        lora.restore_state(model, {**state, "another": torch.zeros(1)})
    with pytest.raises(StudioError, match="use the same rank"):
        lora.restore_state(model, {**state, first: torch.zeros(3, 3)})


def test_half_of_what_was_learned_lies_halfway(tiny_base: BaseMaker) -> None:
    import torch

    def moved(share: float) -> dict[str, Any]:
        model, _ = adapted(tiny_base())
        torch.manual_seed(1)
        with torch.no_grad():
            for parameter in lora_parameters(model):
                parameter.add_(0.1 * torch.randn_like(parameter))
        lora.weaken(model, share)
        return dict(model.merge_and_unload().state_dict())

    def lora_parameters(model: Any) -> list[Any]:
        return [p for p in model.parameters() if p.requires_grad]

    base, half, whole = load_plain(tiny_base()).state_dict(), moved(0.5), moved(1.0)
    changed = [name for name in whole if not torch.equal(base[name], whole[name])]
    assert any("lm_head" in name for name in changed) and any("linear_q" in name for name in changed)
    for name in whole:
        torch.testing.assert_close(half[name], (base[name] + whole[name]) / 2, rtol=1e-4, atol=1e-6)


def test_without_its_adapter_the_model_is_its_base_and_then_itself_again(tiny_base: BaseMaker) -> None:
    import torch

    inputs = {
        "input_features": torch.randn(1, 20, 160),
        "attention_mask": torch.ones(1, 20, dtype=torch.long),
    }
    model, _ = adapted(tiny_base())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 if parameter.requires_grad else 0.0)
    model.eval()
    trainable = [name for name, p in model.named_parameters() if p.requires_grad]
    with torch.no_grad():
        base, tuned = load_plain(tiny_base())(**inputs).logits, model(**inputs).logits
        with lora.without_adapter(model):
            off = model(**inputs).logits
        again = model(**inputs).logits
    assert torch.equal(off, base)
    assert torch.equal(again, tuned)
    assert (tuned - base).abs().max() > 0.01
    assert [name for name, p in model.named_parameters() if p.requires_grad] == trainable
