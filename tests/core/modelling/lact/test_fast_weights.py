"""Fast weights against a slow second way: each token's own loss, and torch's own gradients."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from core.modelling.lact.fast_weights import FastWeights, Matrices, Tokens, gradients
from core.modelling.lact.muon import orthogonal

BATCH, HEADS, WIDTH, INNER = 2, 3, 4, 6


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def weights(seed: int = 0) -> Matrices:
    return (drawn(BATCH, HEADS, INNER, WIDTH, seed=seed), drawn(BATCH, HEADS, WIDTH, INNER, seed=seed + 1),
            drawn(BATCH, HEADS, INNER, WIDTH, seed=seed + 2))


def tokens(n: int, seed: int = 5) -> Tokens:
    valid = torch.ones(BATCH, n, dtype=torch.bool)
    return Tokens(functional.normalize(drawn(BATCH, HEADS, n, WIDTH, seed=seed), dim=-1),
                  drawn(BATCH, HEADS, n, WIDTH, seed=seed + 1),
                  functional.softplus(drawn(BATCH, HEADS, n, 3, seed=seed + 2)),
                  drawn(BATCH, HEADS, n, seed=seed + 3).sigmoid(), valid)


def slow_network(w0: torch.Tensor, w1: torch.Tensor, w2: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """W1 (silu(W0 x) * (W2 x)) for one vector."""
    return w1 @ (functional.silu(w0 @ x) * (w2 @ x))


def slow_step(held: Matrices, given: Tokens, batch: int, head: int) -> list[torch.Tensor]:
    """The descent of each matrix, by autograd, token by token, each with the rate of that matrix."""
    steps = [torch.zeros_like(w[batch, head]) for w in held]
    for at in range(len(given)):
        if not given.valid[batch, at]:
            continue
        own = [w[batch, head].clone().requires_grad_() for w in held]
        loss = -slow_network(*own, given.k[batch, head, at]) @ given.v[batch, head, at]
        for step, gradient, rate in zip(steps, torch.autograd.grad(loss, own), given.rates[batch, head, at],
                                        strict=True):
            step -= rate * gradient
    return steps


def test_the_network_is_what_the_paper_writes() -> None:
    held, q = weights(), drawn(BATCH, HEADS, 5, WIDTH, seed=9)
    found = FastWeights.start(held).apply(q)
    for b in range(BATCH):
        for h in range(HEADS):
            for t in range(5):
                torch.testing.assert_close(found[b, h, t], slow_network(*(w[b, h] for w in held), q[b, h, t]))


def test_closed_form_gradients_are_those_of_autograd_and_padding_gives_none() -> None:
    held, given = weights(), tokens(7)
    given.valid[1, 4:] = False
    found = gradients(FastWeights.start(held), given)
    for b in range(BATCH):
        for h in range(HEADS):
            for ours, theirs in zip(found, slow_step(held, given, b, h), strict=True):
                torch.testing.assert_close(ours[b, h], theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("prenorm", [False, True])
@pytest.mark.parametrize("use_momentum", [False, True])
def test_two_updates_are_what_the_slow_way_gives(use_momentum: bool, prenorm: bool) -> None:
    held, parts = weights(), [tokens(4, seed=20), tokens(3, seed=30)]
    parts[1].valid[0, 2:] = False
    fast = FastWeights.start(held)
    for part in parts:
        fast = fast.updated(part, use_muon=False, use_momentum=use_momentum, prenorm=prenorm)
    norms = [w.norm(dim=-1, keepdim=True) for w in held]
    for b in range(BATCH):
        for h in range(HEADS):
            used, sums = [w.clone() for w in held], [w.clone() for w in held]
            last = [torch.zeros_like(w[b, h]) for w in held]
            for part in parts:
                share = part.gates[b, h][part.valid[b]].mean() if use_momentum else 0.0
                last = [s + share * one for s, one in
                        zip(slow_step((used[0], used[1], used[2]), part, b, h), last, strict=True)]
                for i, step in enumerate(last):
                    sums[i][b, h] = (sums if prenorm else used)[i][b, h] + step
                    row = sums[i][b, h]
                    used[i][b, h] = row / row.norm(dim=-1, keepdim=True) * norms[i][b, h]
            for ours, theirs in zip(fast.used, used, strict=True):
                torch.testing.assert_close(ours[b, h], theirs[b, h], rtol=1e-4, atol=1e-4)


def test_rows_keep_their_norms_and_a_clip_of_padding_keeps_its_weights() -> None:
    held, given = weights(), tokens(6)
    given.valid[0] = False
    fast = FastWeights.start(held).updated(given, use_muon=True, use_momentum=True, prenorm=False)
    for before, after in zip(held, fast.used, strict=True):
        torch.testing.assert_close(after.norm(dim=-1), before.norm(dim=-1), rtol=1e-4, atol=1e-4)
        assert torch.equal(after[0], before[0]) and not torch.allclose(after[1], before[1])


def test_an_update_brings_what_was_asked_nearer_to_what_it_is() -> None:
    held, given = weights(), tokens(8)
    before = FastWeights.start(held)
    small = Tokens(given.k, given.v, 1e-3 * given.rates, given.gates, given.valid)
    after = before.updated(small, use_muon=False, use_momentum=False, prenorm=False)
    agreement = [(one.apply(given.k) * given.v).sum() for one in (before, after)]
    assert agreement[1] > agreement[0]


def test_gradients_flow_through_an_update() -> None:
    """What comes later trains what was learned from: k, v and the rates (second derivatives, checked)."""
    held, q = tuple(w[:1, :1].clone().requires_grad_() for w in weights()), drawn(1, 1, 2, WIDTH, seed=3)
    given = tokens(3)
    k, v, rates = (x[:1, :1].clone().requires_grad_() for x in (given.k, given.v, given.rates))

    def later(*values: torch.Tensor) -> torch.Tensor:
        w0, w1, w2, k, v, rates = values
        part = Tokens(k, v, rates, given.gates[:1, :1], given.valid[:1])
        fast = FastWeights.start((w0, w1, w2)).updated(part, use_muon=True, use_momentum=True, prenorm=False)
        return fast.apply(q)

    assert torch.autograd.gradcheck(later, (*held, k, v, rates), atol=1e-6)


@pytest.mark.parametrize("shape", [(5, 5), (4, 9), (9, 4)])
def test_the_step_of_muon_has_singular_values_near_one(shape: tuple[int, int]) -> None:
    found = torch.linalg.svdvals(orthogonal(drawn(3, *shape)))
    assert ((found > 0.6) & (found < 1.3)).all()
    assert torch.equal(orthogonal(torch.zeros(2, 3)), torch.zeros(2, 3))
