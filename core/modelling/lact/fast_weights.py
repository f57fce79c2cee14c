"""Fast weights: a small network per head that is trained on the sequence while it is read.

Large-chunk test-time training (Zhang and others, "Test-Time Training Done Right", arXiv 2505.23884). The
network is f(x) = W1 (silu(W0 x) * (W2 x)), its loss on a token is -<f(k), v>.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch.nn import functional

from core.modelling.lact.muon import orthogonal

Matrices = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
TINY = 1e-5


@dataclass(frozen=True, eq=False)
class Tokens:
    """What fast weights learn from: `k` and `v` (batch, heads, tokens, width), `rates` (batch, heads, tokens,
    3), the learning rates of W0, W1 and W2, `gates` (batch, heads, tokens) of 0 to 1, how much momentum is
    kept, and `valid` (batch, tokens), False for padding."""

    k: torch.Tensor
    v: torch.Tensor
    rates: torch.Tensor
    gates: torch.Tensor
    valid: torch.Tensor

    def __len__(self) -> int:
        return self.k.shape[2]

    def part(self, start: int, stop: int) -> Tokens:
        """The tokens from `start` to before `stop`."""
        at = slice(start, stop)
        return Tokens(self.k[:, :, at], self.v[:, :, at], self.rates[:, :, at], self.gates[:, :, at],
                      self.valid[:, at])

    def then(self, more: Tokens) -> Tokens:
        """These and `more` behind them."""
        pairs = ((self.k, more.k), (self.v, more.v), (self.rates, more.rates), (self.gates, more.gates))
        k, v, rates, gates = (torch.cat(pair, dim=2) for pair in pairs)
        return Tokens(k, v, rates, gates, torch.cat([self.valid, more.valid], dim=1))


@dataclass(frozen=True, eq=False)
class FastWeights:
    """The weights of a moment: `used` W0, W1, W2 (batch, heads, rows, columns), `sums` the same before their
    rows' norms were restored (where the steps are summed), `norms` of the rows at the start (batch, heads,
    rows, 1), and the last `steps`, for momentum."""

    used: Matrices
    sums: Matrices
    norms: Matrices
    steps: Matrices

    @classmethod
    def start(cls, weights: Matrices) -> FastWeights:
        """As the layer's parameters have them: `weights` (batch, heads, rows, columns)."""
        w0, w1, w2 = weights
        zeros = torch.zeros_like(w0), torch.zeros_like(w1), torch.zeros_like(w2)
        return cls(weights, weights, (_norms(w0), _norms(w1), _norms(w2)), zeros)

    def apply(self, q: torch.Tensor) -> torch.Tensor:
        """f(q) for `q` (batch, heads, tokens, width)."""
        w0, w1, w2 = self.used
        q = q.to(w0.dtype)
        return (functional.silu(q @ w0.mT) * (q @ w2.mT)) @ w1.mT

    def updated(self, tokens: Tokens, use_muon: bool, use_momentum: bool, prenorm: bool) -> FastWeights:
        """After one step on all of `tokens`; clips that have none but padding among them keep what they have.

        With `prenorm` the steps are summed, else each is added to the weights whose norms were restored.
        """
        shares = _momentum(tokens)[..., None, None].to(self.used[0].dtype) if use_momentum else None
        has_any = tokens.valid.any(dim=1)[:, None, None, None]
        used, sums, steps = [], [], []
        for weight, base, norm, last, gradient in zip(
            self.used, self.sums if prenorm else self.used, self.norms, self.steps, gradients(self, tokens),
            strict=True,
        ):
            step = gradient if shares is None else gradient + shares * last
            moved = base + (orthogonal(step) if use_muon else step)
            used.append(torch.where(has_any, moved / _norms(moved) * norm, weight))
            sums.append(torch.where(has_any, moved, base) if prenorm else used[-1])
            steps.append(torch.where(has_any, step, last))
        return replace(self, used=_three(used), sums=_three(sums), steps=_three(steps))


def gradients(weights: FastWeights, tokens: Tokens) -> Matrices:
    """The steepest descent of -<f(k), v> for W0, W1 and W2, summed over the valid tokens, each with its
    rate."""
    w0, w1, w2 = weights.used
    k, v = tokens.k.to(w0.dtype), tokens.v.to(w0.dtype)
    rates = (tokens.rates * tokens.valid[:, None, :, None]).to(w0.dtype)
    r0, r1, r2 = rates[..., 0:1], rates[..., 1:2], rates[..., 2:3]
    before, scale = k @ w0.mT, k @ w2.mT
    share = torch.sigmoid(before)
    gate = before * share  # silu
    slope = torch.lerp(gate, gate.new_ones(()), share)  # of silu: share + gate * (1 - share)
    back = v @ w1
    return ((back * scale * slope * r0).mT @ k, (v * r1).mT @ (gate * scale), (back * gate * r2).mT @ k)


def _momentum(tokens: Tokens) -> torch.Tensor:
    """The mean gate (batch, heads) of the valid tokens."""
    valid = tokens.valid[:, None].to(tokens.gates.dtype)
    return (tokens.gates * valid).sum(-1) / valid.sum(-1).clamp(min=1)


def _norms(matrix: torch.Tensor) -> torch.Tensor:
    return matrix.norm(dim=-1, keepdim=True) + TINY


def _three(found: list[torch.Tensor]) -> Matrices:
    w0, w1, w2 = found
    return w0, w1, w2
