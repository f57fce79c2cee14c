"""The layer as a whole: chunks, causality, padding, and a state that goes on where it ended."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from pydantic import ValidationError

from core.modelling.lact.config import LactConfig
from core.modelling.lact.fast_weights import FastWeights
from core.modelling.lact.layer import LactLayer

SMALL: dict[str, Any] = {"hidden_size": 16, "num_attn_heads": 2, "num_lact_heads": 2, "lact_chunk_size": 4,
                         "window_size": 3}
KINDS: dict[str, dict[str, Any]] = {
    "plain": {}, "muon": {"use_muon": True}, "no momentum": {"use_momentum": False},
    "prenorm": {"ttt_prenorm": True}, "no position": {"ttt_nope": True}, "no silu": {"qkv_silu": False},
    "low rank": {"w0_w2_low_rank": 2}, "wide": {"inter_multi": 2.0},
}


def layer(**changed: Any) -> LactLayer:
    torch.manual_seed(1)
    made = LactLayer(LactConfig(**{**SMALL, **changed})).double()
    with torch.no_grad():
        made.rates.bias += 3.0  # a rate that is seen
    return made


def sound(n: int = 13, seed: int = 2) -> torch.Tensor:
    return torch.randn(2, n, 16, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def run(made: LactLayer, x: torch.Tensor, valid: torch.Tensor | None = None) -> torch.Tensor:
    y, state = made(x, valid)
    assert state is None
    return y


def test_a_token_is_answered_by_the_weights_of_the_chunks_before_its_own() -> None:
    made, x = layer(), sound()
    tokens, q = made._tokens(x, *made.qkv(x).chunk(3, dim=-1), torch.ones(2, 13, dtype=torch.bool), 0)
    weights, expected = FastWeights.start(made._weights(x)), []
    for at in range(0, 13, 4):
        for token in range(at, min(at + 4, 13)):
            expected.append(weights.apply(q[:, :, token : token + 1]))
        weights = weights.updated(tokens.part(at, at + 4), False, True, False)
    found = made._along(q, tokens, made._start(x), carry=False)[2]
    torch.testing.assert_close(found, torch.cat(expected, dim=2))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_known_before_it_is_heard(kind: str) -> None:
    made, x = layer(**KINDS[kind]), sound()
    before = run(made, x)
    for at in range(13):
        moved = x.clone()
        moved[:, at] += 1.0
        after = run(made, moved)
        assert torch.equal(after[:, :at], before[:, :at])
        assert not torch.allclose(after[:, at:], before[:, at:])


def test_a_layer_that_looks_ahead_learns_from_all_of_the_clip() -> None:
    made, x = layer(bidirectional=True), sound()
    moved = x.clone()
    moved[:, -1] += 1.0
    assert not torch.allclose(run(made, moved)[:, 0], run(made, x)[:, 0])
    with pytest.raises(ValueError, match="no state"):
        made(x, carry=True)


@pytest.mark.parametrize("changed", [*KINDS.values(), {"bidirectional": True}])
def test_padding_changes_nothing(changed: dict[str, Any]) -> None:
    made, x = layer(**changed), sound()
    padded = torch.cat([x, 9 * sound(9, seed=8)], dim=1)
    valid = torch.zeros(2, 22, dtype=torch.bool)
    valid[:, :13] = True
    torch.testing.assert_close(run(made, padded, valid)[:, :13], run(made, x))
    assert run(made, padded, valid).isfinite().all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", [(1,) * 13, (5, 8), (4, 4, 5), (13,), (2, 9, 2)])
def test_calls_that_go_on_are_one_call(kind: str, sizes: tuple[int, ...]) -> None:
    made, x = layer(**KINDS[kind]), sound()
    state, found, at = None, [], 0
    for n in sizes:
        y, state = made(x[:, at : at + n], state=state, carry=True)
        found.append(y)
        at += n
    torch.testing.assert_close(torch.cat(found, dim=1), run(made, x))
    assert state is not None and state.position == 13 and state.keys.shape[2] == 2
    assert state.waiting is not None and len(state.waiting) == 1


def test_a_chunk_as_long_as_the_clip_learns_nothing() -> None:
    made, x = layer(lact_chunk_size=13), sound()
    assert made.config.updates(13) == 0 and layer().config.updates(13) == 3
    with torch.no_grad():
        made.rates.bias += 5.0  # rates that no update uses
    loud = run(made, x)
    with torch.no_grad():
        made.rates.bias -= 5.0
    assert torch.equal(run(made, x), loud)
    assert not torch.allclose(run(layer(lact_chunk_size=4), x), loud)


def test_frozen_fast_weights_are_the_weights_of_the_start() -> None:
    made, x = layer(frozen=True), sound()
    assert made.config.updates(13) == 0
    torch.testing.assert_close(run(made, x), run(layer(lact_chunk_size=64), x))
    assert {name: p.shape for name, p in made.named_parameters()} == {
        name: p.shape for name, p in layer().named_parameters()}


def test_clips_of_a_batch_do_not_hear_each_other() -> None:
    made, x = layer(), sound()
    torch.testing.assert_close(run(made, x)[:1], run(made, x[:1]))


def test_every_weight_is_trained() -> None:
    for changed in KINDS.values():
        made = layer(**changed)
        run(made, sound()).square().sum().backward()
        idle = [name for name, p in made.named_parameters() if p.grad is None or not p.grad.any()]
        assert idle == []


def test_fast_weights_stay_in_fp32_where_the_rest_is_smaller() -> None:
    made = layer().to(torch.bfloat16)
    y, state = made(sound().to(torch.bfloat16), carry=True)
    assert y.dtype == torch.bfloat16 and state is not None and state.weights.used[0].dtype == torch.float32
    small = layer(fp32_states=False).to(torch.bfloat16)
    assert small(sound().to(torch.bfloat16), carry=True)[1].weights.used[0].dtype == torch.bfloat16


def test_measures_that_do_not_fit_are_told() -> None:
    with pytest.raises(ValidationError, match="hidden_size 10 is no multiple of num_attn_heads 4"):
        LactConfig(hidden_size=10)
    with pytest.raises(ValidationError, match="even width"):
        LactConfig(hidden_size=12, num_attn_heads=4, num_lact_heads=2)


def test_states_in_fp32_are_learned_in_fp32_under_autocast() -> None:
    made, x = layer().float(), sound().float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        _, state = made(x, carry=True)
        tokens, q = made._tokens(x, *made.qkv(x).chunk(3, dim=-1), torch.ones(2, 13, dtype=torch.bool), 0)
    assert tokens.v.dtype == torch.bfloat16 and state is not None
    weights = made._along(q, tokens, made._start(x), carry=True)[0]
    for found, expected in zip(state.weights.used, weights.used, strict=True):
        assert found.dtype == torch.float32 and torch.equal(found, expected)
