"""The network within: an MLP per head that is trained, token by token, to say the value by its key.

TTT-MLP (Sun and others, "Learning to (Learn at Test Time)", arXiv 2407.04620), in the causal dual form:
within a mini-batch all gradients are taken at its first weights, and a token uses those of itself and of the
tokens before it. The loss on a token is |LN(f(k)) - target|^2 / 2; the answer to a query is q + LN(f(q)). """

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

Layers = tuple[torch.Tensor, ...]
EPS = 1e-6


# eq=False, here and in what else holds tensors: comparing them means nothing, and a compiler asks for the
# hash of one that is half made
@dataclass(frozen=True, eq=False)
class Norm:
    """The layer norm of a head: `weight` and `bias` (heads, width)."""

    weight: torch.Tensor
    bias: torch.Tensor

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """`x` (batch, heads, tokens, width), normed over the width."""
        return self.weight[:, None] * _standard(x)[0] + self.bias[:, None]

    def descent(self, x: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The gradient of |LN(x) - target|^2 / 2 by `x`, and that error, a mean over the width, detached."""
        plain, deviation = _standard(x)
        missed = self.weight[:, None] * plain + self.bias[:, None] - target
        slope = missed * self.weight[:, None]
        inner = slope - slope.mean(-1, keepdim=True) - plain * (slope * plain).mean(-1, keepdim=True)
        return inner / deviation, missed.detach().square().mean(-1) / 2


def _standard(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    centred = x - x.mean(-1, keepdim=True)
    deviation = (centred.square().mean(-1, keepdim=True) + EPS).sqrt()
    return centred / deviation, deviation


@dataclass(frozen=True, eq=False)
class Learned:
    """What tokens of one mini-batch taught: for each layer of the network its inputs `x` and the gradients
    `g` of its outputs, both (batch, heads, tokens, width of the layer), the learning `rates` and the `errors`
    before it (batch, heads, tokens), a mean over the width."""

    x: Layers
    g: Layers
    rates: torch.Tensor
    errors: torch.Tensor

    def __len__(self) -> int:
        return self.rates.shape[-1]

    def then(self, more: Learned) -> Learned:
        """These tokens and `more` behind them."""
        x, g = (tuple(torch.cat(pair, dim=2) for pair in zip(a, b, strict=True))
                for a, b in ((self.x, more.x), (self.g, more.g)))
        rates, errors = (torch.cat(pair, dim=2)
                         for pair in ((self.rates, more.rates), (self.errors, more.errors)))
        return Learned(x, g, rates, errors)


@dataclass(frozen=True, eq=False)
class Inner:
    """The weights of a moment: for each layer `w` (batch, heads, in, out) and `b` (batch, heads, 1, out)."""

    w: Layers
    b: Layers

    def learn(self, k: torch.Tensor, target: torch.Tensor, rates: torch.Tensor, norm: Norm) -> Learned:
        """What keys and their targets (batch, heads, tokens, width) teach, taken at these weights."""
        inputs, outputs = [k], list[torch.Tensor]()
        for at, (w, b) in enumerate(zip(self.w, self.b, strict=True)):
            outputs.append(inputs[-1] @ w + b)
            if at < len(self.w) - 1:
                inputs.append(_gelu(outputs[-1]))
        slope, errors = norm.descent(outputs[-1], target)
        slopes = [slope]
        for w, z in zip(reversed(self.w[1:]), reversed(outputs[:-1]), strict=True):
            slopes.append(_gelu_back(slopes[-1] @ w.mT, z))
        return Learned(tuple(inputs), tuple(reversed(slopes)), rates, errors)

    def answer(self, q: torch.Tensor, learned: Learned, factors: torch.Tensor, norm: Norm) -> torch.Tensor:
        """The answers to `q` (batch, heads, tokens, width), the last tokens of those that `learned` holds.

        A token has learned from itself and from those before it, each by its rate times the `factors`
        (tokens,) of the one that asks. """
        n, n_learned = q.shape[2], len(learned)
        rates = factors[:, None] * learned.rates[:, :, None]
        rates = rates * torch.ones(n, n_learned, dtype=torch.bool, device=q.device).tril(n_learned - n)
        x = q
        for at, (w, b, seen, slope) in enumerate(zip(self.w, self.b, learned.x, learned.g, strict=True)):
            z = x @ w + b - (rates * (x @ seen.mT + 1)) @ slope
            x = _gelu(z) if at < len(self.w) - 1 else z
        return q + norm(x)

    def after(self, learned: Learned, factor: torch.Tensor) -> Inner:
        """The weights behind a whole mini-batch, as its last token, of that `factor`, has them."""
        rates = (factor * learned.rates)[..., None]
        w = tuple(w - (rates * x).mT @ g for w, x, g in zip(self.w, learned.x, learned.g, strict=True))
        b = tuple(b - (rates * g).sum(2, keepdim=True) for b, g in zip(self.b, learned.g, strict=True))
        return Inner(w, b)


def _gelu(x: torch.Tensor) -> torch.Tensor:
    return functional.gelu(x, approximate="tanh")


def _gelu_back(gradient: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """`gradient` times the derivative of `_gelu` at `x`, in one kernel that may itself be differentiated."""
    found: torch.Tensor = torch.ops.aten.gelu_backward(gradient, x, approximate="tanh")
    return found
