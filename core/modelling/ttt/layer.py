"""A TTT layer between attention and feed-forward: x + tanh(gate) * TTT(x)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

from core.modelling.ttt.config import TttConfig, widths
from core.modelling.ttt.inner import Inner, Learned, Norm


@dataclass(frozen=True, eq=False)
class TttState:
    """What a stream carries from one call to the next: the weights at the beginning of its mini-batch, and
    what the tokens of that mini-batch taught so far. Never a parameter: each stream has its own."""

    inner: Inner
    learned: Learned | None

    def tensors(self) -> dict[str, torch.Tensor]:
        """All of it by name, to be saved."""
        layers = {"w": self.inner.w, "b": self.inner.b}
        named = dict[str, torch.Tensor]()
        if self.learned:
            layers |= {"x": self.learned.x, "g": self.learned.g}
            named |= {"rates": self.learned.rates, "errors": self.learned.errors}
        named |= {f"{name}{i}": one for name, held in layers.items() for i, one in enumerate(held)}
        return {name: tensor.detach().contiguous() for name, tensor in named.items()}

    @classmethod
    def of(cls, tensors: dict[str, torch.Tensor]) -> TttState:
        """What `tensors` gave."""
        def layers(name: str) -> tuple[torch.Tensor, ...]:
            return tuple(tensors[f"{name}{i}"] for i in range(len(tensors)) if f"{name}{i}" in tensors)

        rates = tensors.get("rates")
        learned = None if rates is None else Learned(layers("x"), layers("g"), rates, tensors["errors"])
        return cls(Inner(layers("w"), layers("b")), learned)


class TttLayer(nn.Module):
    """(batch, tokens, hidden) -> the same shape. A stream of its own for each clip of a batch."""

    def __init__(self, hidden: int, config: TttConfig) -> None:
        super().__init__()
        if hidden % config.heads:
            raise ValueError(f"{hidden} is no multiple of {config.heads} heads")
        self.config, sizes = config, widths(hidden, config)
        width = sizes[0]
        self.q, self.k, self.v, self.o = (nn.Linear(hidden, hidden, bias=False) for _ in range(4))
        self.rate = nn.Linear(hidden, config.heads)
        self.w = nn.ParameterList(nn.Parameter(0.02 * torch.randn(config.heads, a, b))
                                  for a, b in pairwise(sizes))
        self.b = nn.ParameterList(nn.Parameter(torch.zeros(config.heads, 1, b)) for b in sizes[1:])
        self.norm_weight = nn.Parameter(torch.ones(config.heads, width))
        self.norm_bias = nn.Parameter(torch.zeros(config.heads, width))
        self.position = nn.Parameter(torch.zeros(config.mini_batch))
        self.after_norm = nn.LayerNorm(hidden, eps=1e-6)
        self.gate = nn.Parameter(torch.full((hidden,), float(config.gate)))
        self.told: dict[str, torch.Tensor] = {}
        """Of the last call: `inner_loss`, the mean error of the network within before it learned from a
        token, and `gate`, the mean share of the layer."""

    def forward(
        self,
        x: torch.Tensor,
        valid: torch.Tensor | None = None,
        state: TttState | None = None,
    ) -> tuple[torch.Tensor, TttState]:
        """x + tanh(gate) * TTT(x), and the state behind the last token. `valid` (batch, tokens) is False for
        padding, from which nothing is learned."""
        change, state = self.change(x, valid, state)
        return x + change, state

    def change(
        self, x: torch.Tensor, valid: torch.Tensor | None = None, state: TttState | None = None
    ) -> tuple[torch.Tensor, TttState]:
        """What `forward` adds to `x`, and the state behind the last token."""
        seen = self._seen(x, valid)
        with torch.autocast(x.device.type, enabled=False):  # many small moves are lost in half precision
            answers, error, state = self._heard(*seen, state or TttState(self._start(x), None))
        y = self.o(self.after_norm(answers.transpose(1, 2).flatten(2).to(x.dtype)))
        share = torch.tanh(self.gate)
        self.told = {"inner_loss": error, "gate": share.detach().mean()}
        return share * y, state

    def _heard(
        self, q: torch.Tensor, k: torch.Tensor, target: torch.Tensor, rates: torch.Tensor, state: TttState
    ) -> tuple[torch.Tensor, torch.Tensor, TttState]:
        """The answers to all queries (batch, heads, tokens, width), the mean error of the tokens before they
        were learned from, and the state behind the last one."""
        (inner, learned), at, n = (state.inner, state.learned), 0, q.shape[2]
        norm, factors, found, losses = self._norm(), self._factors(q), [], []
        while at < n:
            begun = len(learned) if learned else 0
            part = slice(at, at + self.config.mini_batch - begun)
            new = inner.learn(k[:, :, part], target[:, :, part], rates[:, :, part], norm)
            losses.append(new.errors.detach().mean() * len(new))
            learned = learned.then(new) if learned else new
            found.append(inner.answer(q[:, :, part], learned, factors[begun : begun + len(new)], norm))
            at += len(new)
            if len(learned) == self.config.mini_batch:
                inner, learned = inner.after(learned, factors[-1]), None
        return torch.cat(found, dim=2), torch.stack(losses).sum() / n, TttState(inner, learned)

    def _seen(
        self, x: torch.Tensor, valid: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Queries, keys, targets (batch, heads, tokens, width) and learning rates (batch, heads, tokens)."""
        q, k, v = (_wide(each(x)).unflatten(-1, (self.config.heads, -1)).transpose(1, 2)
                   for each in (self.q, self.k, self.v))
        q, k = functional.normalize(q, dim=-1), functional.normalize(k, dim=-1)
        rates = self.config.base_lr * torch.sigmoid(_wide(self.rate(x))).transpose(1, 2) / q.shape[-1]
        if valid is not None:
            rates = rates * valid[:, None]
        return q, k, self._norm()(v - k), rates

    def _norm(self) -> Norm:
        return Norm(_wide(self.norm_weight), _wide(self.norm_bias))

    def _factors(self, x: torch.Tensor) -> torch.Tensor:
        """By its place in the mini-batch, how much a token takes of what was learned: 1, 1/2, 1/3 ... and
        more or less as it is trained."""
        usual = 1 / torch.arange(1, self.config.mini_batch + 1, device=x.device, dtype=x.dtype)
        return (usual + _wide(self.position)).clamp(min=0)

    def _start(self, x: torch.Tensor) -> Inner:
        return Inner(tuple(_wide(w).expand(len(x), -1, -1, -1) for w in self.w),
                     tuple(_wide(b).expand(len(x), -1, -1, -1) for b in self.b))


def _wide(x: torch.Tensor) -> torch.Tensor:
    """`x`, or in half precision the same in fp32: what learns within moves in small steps."""
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
