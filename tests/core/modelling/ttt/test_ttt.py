"""The dual form against the primal one, which changes the weights token by token; streams, causality,
padding."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch.nn import functional

from core.modelling.ttt.config import TttConfig
from core.modelling.ttt.inner import Norm, _gelu, _gelu_back
from core.modelling.ttt.layer import TttLayer, TttState

HIDDEN, HEADS = 8, 2


def layer(**changed: Any) -> TttLayer:
    torch.manual_seed(4)
    config = TttConfig(**{"heads": HEADS, "mini_batch": 5, "base_lr": 2.0, **changed})
    made = TttLayer(HIDDEN, config).double()
    with torch.no_grad():
        for each in (*made.w, *made.b):
            each += 0.3 * torch.randn_like(each)
        made.norm_weight += 0.2 * torch.randn_like(made.norm_weight)
        made.norm_bias += 0.2 * torch.randn_like(made.norm_bias)
        made.position += 0.05 * torch.randn_like(made.position)
    return made


def sound(n: int = 13, seed: int = 6) -> torch.Tensor:
    return torch.randn(2, n, HIDDEN, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def primal(made: TttLayer, x: torch.Tensor) -> torch.Tensor:
    """Each token: the gradient of its own loss at the first weights of its mini-batch by autograd, then the
    answer of the weights that it and those before it have changed."""
    q, k, target, rates = (each.detach() for each in made._seen(x, None))
    factors = made._factors(x).detach()
    found = torch.zeros_like(q)
    for batch in range(len(x)):
        for head in range(HEADS):
            weight, bias = made.norm_weight[head].detach(), made.norm_bias[head].detach()

            def norm(
                z: torch.Tensor, weight: torch.Tensor = weight, bias: torch.Tensor = bias
            ) -> torch.Tensor:
                return functional.layer_norm(z, z.shape[-1:], weight, bias, eps=1e-6)

            def network(layers: list[torch.Tensor], z: torch.Tensor) -> torch.Tensor:
                half = len(layers) // 2
                for at in range(half):
                    z = z @ layers[at] + layers[half + at][0]
                    z = functional.gelu(z, approximate="tanh") if at < half - 1 else z
                return z

            first = [p[head].detach().clone() for p in (*made.w, *made.b)]
            for begin in range(0, x.shape[1], made.config.mini_batch):
                sums = [torch.zeros_like(p) for p in first]
                for t in range(begin, min(begin + made.config.mini_batch, x.shape[1])):
                    own = [p.clone().requires_grad_() for p in first]
                    loss = (norm(network(own, k[batch, head, t])) - target[batch, head, t]).square().sum() / 2
                    for total, one in zip(sums, torch.autograd.grad(loss, own), strict=True):
                        total += rates[batch, head, t] * one
                    now = [p - factors[t - begin] * total for p, total in zip(first, sums, strict=True)]
                    found[batch, head, t] = q[batch, head, t] + norm(network(now, q[batch, head, t]))
                if begin + made.config.mini_batch <= x.shape[1]:
                    first = now
    y = made.o(made.after_norm(found.transpose(1, 2).flatten(2)))
    return x + torch.tanh(made.gate) * y


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_the_dual_form_is_the_primal_one(depth: int) -> None:
    made, x = layer(depth=depth), sound()
    torch.testing.assert_close(made(x)[0], primal(made, x), rtol=1e-12, atol=1e-12)


def test_the_slope_of_the_norm_and_of_gelu_are_those_of_autograd() -> None:
    norm = Norm(torch.rand(HEADS, 4, dtype=torch.float64) + 0.5, torch.rand(HEADS, 4, dtype=torch.float64))
    x = torch.randn(2, HEADS, 3, 4, dtype=torch.float64, requires_grad=True)
    target = torch.randn(2, HEADS, 3, 4, dtype=torch.float64)
    (expected,) = torch.autograd.grad((norm(x) - target).square().sum() / 2, x)
    found, error = norm.descent(x, target)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(error, (norm(x) - target).square().mean(-1) / 2)
    assert not error.requires_grad, "it is told, never learned from"
    (expected,) = torch.autograd.grad(_gelu(x).sum(), x)
    torch.testing.assert_close(_gelu_back(torch.ones_like(x), x), expected)
    assert torch.autograd.gradcheck(_gelu_back, (torch.randn_like(x, requires_grad=True), x))


@pytest.mark.parametrize("depth", [2, 4])
def test_nothing_is_known_before_it_is_heard(depth: int) -> None:
    made, x = layer(depth=depth), sound()
    before = made(x)[0]
    for at in range(13):
        moved = x.clone()
        moved[:, at] += 1.0
        after = made(moved)[0]
        assert torch.equal(after[:, :at], before[:, :at])
        assert not torch.allclose(after[:, at], before[:, at])
    moved = x.clone()
    moved[:, 0] += 1.0
    assert not torch.allclose(made(moved)[0][:, 12], before[:, 12]), "it is still known much later"


@pytest.mark.parametrize("sizes", [(1,) * 13, (5, 8), (3, 10), (13,), (7, 1, 5)])
def test_calls_that_go_on_are_one_call(sizes: tuple[int, ...]) -> None:
    made, x = layer(depth=3), sound()
    whole, end = made(x)
    state, found, at = None, [], 0
    for n in sizes:
        y, state = made(x[:, at : at + n], state=state)
        found.append(y)
        at += n
    torch.testing.assert_close(torch.cat(found, dim=1), whole, rtol=1e-12, atol=1e-12)
    assert state is not None
    for name, value in end.tensors().items():
        torch.testing.assert_close(state.tensors()[name], value, rtol=1e-12, atol=1e-12)


def test_37_tokens_are_32_and_5() -> None:
    made, x = layer(mini_batch=16), sound(37)
    whole = made(x)[0]
    first, state = made(x[:, :32])
    assert state.learned is None
    rest, state = made(x[:, 32:], state=state)
    torch.testing.assert_close(torch.cat([first, rest], dim=1), whole, rtol=1e-12, atol=1e-12)
    assert state.learned is not None and len(state.learned) == 5


def test_a_state_is_saved_and_goes_on_elsewhere() -> None:
    made, x = layer(), sound()
    _, state = made(x[:, :7])
    again = TttState.of({name: value.clone() for name, value in state.tensors().items()})
    assert torch.equal(made(x[:, 7:], state=again)[0], made(x[:, 7:], state=state)[0])
    assert not torch.allclose(made(x[:, 7:])[0], made(x[:, 7:], state=state)[0]), "nothing is known without"


def test_without_its_gate_a_layer_is_not_there() -> None:
    made, x = layer(gate=0.0), sound()
    assert torch.equal(made(x)[0], x) and not torch.equal(layer()(x)[0], x)
    assert made.told["gate"] == 0 and layer().gate.shape == (HIDDEN,)


def test_clips_of_a_batch_do_not_hear_each_other_and_padding_teaches_nothing() -> None:
    made, x = layer(), sound()
    torch.testing.assert_close(made(x)[0][:1], made(x[:1])[0])
    padded = torch.cat([x, 9 * sound(4, seed=1)], dim=1)
    valid = torch.arange(17).expand(2, 17) < 13
    y, state = made(padded, valid)
    torch.testing.assert_close(y[:, :13], made(x)[0])
    before = made(padded[:, :15], valid[:, :15])[1].inner  # a mini-batch that ends in padding
    learned = made(x)[1]
    assert learned.learned is not None and len(learned.learned) == 3
    rates = learned.learned.rates.sum(-1)
    assert rates.gt(0).all() and before.w[0].isfinite().all() and state.learned is not None


def test_what_was_heard_often_is_known_better() -> None:
    made = layer(mini_batch=4)
    made(sound(4).repeat(1, 1, 1))
    first = made.told["inner_loss"]
    made(sound(4).repeat(1, 12, 1))
    assert 0 < made.told["inner_loss"] < 0.9 * first


def test_gradients_flow_through_what_was_learned() -> None:
    made = layer(depth=3)
    x = sound(7).requires_grad_()
    made(x)[0][:, -1].square().sum().backward()
    assert x.grad is not None and x.grad[:, 0].abs().sum() > 0
    idle = [name for name, p in made.named_parameters() if p.grad is None or not p.grad.any()]
    assert idle == []
    small = TttLayer(4, TttConfig(heads=1, mini_batch=2)).double()
    assert torch.autograd.gradcheck(lambda x: small(x)[0], sound(3)[:1, :, :4].requires_grad_())


@pytest.mark.parametrize("how", ["bf16", "autocast"])
def test_in_half_precision_the_network_within_still_learns_in_fp32(how: str) -> None:
    torch.manual_seed(3)
    full = TttLayer(32, TttConfig(heads=4, mini_batch=4, gate=0.8))
    x = torch.randn(1, 64, 32)
    with torch.no_grad():
        expected, _ = full.change(x)
        half = copy.deepcopy(full)
        if how == "bf16":
            found, state = half.bfloat16().change(x.bfloat16())
        else:
            with torch.autocast("cpu", torch.bfloat16):
                found, state = half.change(x)
    assert all(value.dtype == torch.float32 for value in state.tensors().values())
    apart = (found.float() - expected).norm() / expected.norm()
    assert apart < 0.02, "as far as bf16 rounds what comes in and goes out"
