"""A LaCT layer: fast weights over all that was and attention over a window, from one query, key and value."""

from __future__ import annotations

import math
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from core.modelling.lact.config import LactConfig
from core.modelling.lact.fast_weights import FastWeights, Matrices, Tokens
from core.modelling.lact.rotary import turned

BASE_RATE = 0.01
RATE_AT_ZERO = math.log(math.expm1(BASE_RATE))  # softplus of it is BASE_RATE


@dataclass(frozen=True, eq=False)
class LactState:
    """What a layer carries from one call to the next: its fast weights, the tokens of a chunk that is not yet
    full, the `keys` and `values` (batch, heads, tokens, width) that attention may still see, with `seen`
    (batch, tokens), False for padding, and the position of the next token."""

    weights: FastWeights
    waiting: Tokens | None
    keys: torch.Tensor
    values: torch.Tensor
    seen: torch.Tensor
    position: int


class LactLayer(nn.Module):
    """(batch, tokens, hidden) -> the same shape. `frozen` fast weights are a plain gated layer."""

    def __init__(self, config: LactConfig) -> None:
        super().__init__()
        self.config = config
        width, heads = config.hidden_size, config.num_lact_heads
        head = width // heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.qk_scale = nn.Parameter(torch.ones(2, width))
        self.qk_offset = nn.Parameter(torch.zeros(2, width))
        self.rates = nn.Linear(width, 3 * heads)
        self.momentum = nn.Linear(width, heads) if config.use_momentum else None
        self.w0, self.w2 = (FirstMatrix(heads, config.inner, head, config) for _ in range(2))
        self.w1 = nn.Parameter(torch.randn(heads, head, config.inner) / math.sqrt(config.inner))
        self.norm = nn.RMSNorm(head, eps=1e-5)
        self.scale = nn.Parameter(torch.ones(heads))
        self.out = nn.Linear(width, width, bias=False)

    def forward(
        self, x: torch.Tensor, valid: torch.Tensor | None = None, state: LactState | None = None,
        carry: bool = False,
    ) -> tuple[torch.Tensor, LactState | None]:
        """`x` (batch, tokens, hidden), `valid` (batch, tokens) False for padding, which stands behind a clip.

        With `carry` (or a `state`, which goes on where it ended) the second value is the state after the last
        token; without, it is None, and the last chunk costs no update.
        """
        if valid is None:
            valid = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        carry = carry or state is not None
        if carry and self.config.bidirectional:
            raise ValueError("a layer that looks ahead has no state to go on from")
        state = state or self._start(x)
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        seen, attended = self._attention(q, k, v, valid, state)
        weights, waiting, learned = self._fast(x, q, k, v, valid, state, carry)
        y = self.out(attended + learned.to(attended.dtype))
        if not carry:
            return y, None
        return y, LactState(weights, waiting, *seen, state.position + x.shape[1])

    def _start(self, x: torch.Tensor) -> LactState:
        heads = self.config.num_attn_heads
        empty = x.new_zeros(x.shape[0], heads, 0, self.config.hidden_size // heads)
        seen = torch.zeros(x.shape[0], 0, dtype=torch.bool, device=x.device)
        return LactState(FastWeights.start(self._weights(x)), None, empty, empty, seen, 0)

    def _weights(self, x: torch.Tensor) -> Matrices:
        w0, w1, w2 = ((_exact(w) if self.config.fp32_states else w.to(x.dtype)).expand(len(x), -1, -1, -1)
                      for w in (self.w0(), self.w1, self.w2()))
        return w0, w1, w2

    def _fast(
        self, x: torch.Tensor, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, valid: torch.Tensor,
        state: LactState, carry: bool,
    ) -> tuple[FastWeights, Tokens | None, torch.Tensor]:
        tokens, q = self._tokens(x, q, k, v, valid, state.position)
        run = self._look_ahead if self.config.bidirectional else self._along
        # autocast would take the products of fp32 states in bf16
        with torch.autocast(x.device.type, enabled=False) if self.config.fp32_states else nullcontext():
            weights, waiting, found = run(q, tokens, state, carry)
        found = self.norm(found.to(x.dtype)) * self.scale[None, :, None, None]
        return weights, waiting, found.transpose(1, 2).flatten(2)

    def _tokens(
        self, x: torch.Tensor, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, valid: torch.Tensor,
        first: int,
    ) -> tuple[Tokens, torch.Tensor]:
        q, k = (each * scale + offset
                for each, scale, offset in zip((q, k), self.qk_scale, self.qk_offset, strict=True))
        if self.config.qkv_silu:
            q, k, v = functional.silu(q), functional.silu(k), functional.silu(v)
        heads = self.config.num_lact_heads
        q, k, v = (_by_head(each, heads) for each in (q, k, v))
        q, k = functional.normalize(q, dim=-1), functional.normalize(k, dim=-1)
        if not self.config.ttt_nope:
            q, k = turned(q, first), turned(k, first)
        rates = functional.softplus(_exact(self.rates(x)) + RATE_AT_ZERO)
        rates = rates.unflatten(-1, (heads, 3)).transpose(1, 2)
        gates = (torch.sigmoid(_exact(self.momentum(x))).transpose(1, 2) if self.momentum is not None
                 else rates.new_zeros(rates.shape[:-1]))
        return Tokens(k, v, rates, gates, valid), q

    def _along(
        self, q: torch.Tensor, tokens: Tokens, state: LactState, carry: bool
    ) -> tuple[FastWeights, Tokens | None, torch.Tensor]:
        """Apply, then update: a token sees the weights of the chunks before its own."""
        if self.config.frozen:
            return state.weights, None, state.weights.apply(q)
        weights, waiting, found, at = state.weights, state.waiting, [], 0
        while at < len(tokens):
            room = self.config.lact_chunk_size - (len(waiting) if waiting else 0)
            part = tokens.part(at, at + room)
            found.append(weights.apply(q[:, :, at : at + room]))
            at += room
            waiting = waiting.then(part) if waiting else part
            if len(waiting) == self.config.lact_chunk_size and (carry or at < len(tokens)):
                weights, waiting = self._updated(weights, waiting), None
        return weights, waiting, torch.cat(found, dim=2)

    def _look_ahead(
        self, q: torch.Tensor, tokens: Tokens, state: LactState, carry: bool
    ) -> tuple[FastWeights, Tokens | None, torch.Tensor]:
        """Update on all, then apply: a token sees what was learned from the whole clip."""
        weights = state.weights
        for at in () if self.config.frozen else range(0, len(tokens), self.config.lact_chunk_size):
            weights = self._updated(weights, tokens.part(at, at + self.config.lact_chunk_size))
        return weights, None, weights.apply(q)

    def _updated(self, weights: FastWeights, tokens: Tokens) -> FastWeights:
        how = self.config
        return weights.updated(tokens, how.use_muon, how.use_momentum, how.ttt_prenorm)

    def _attention(
        self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, valid: torch.Tensor, state: LactState
    ) -> tuple[tuple[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]:
        """What may be seen later, and the attention within the window (batch, tokens, hidden).

        PyTorch chooses the kernel: with a mask, which window and padding need, on CUDA that which saves
        memory, as its flash kernel there takes none; on the processor flash.
        """
        q, k, v = (_by_head(each, self.config.num_attn_heads) for each in (q, k, v))
        q, k = turned(q, state.position), turned(k, state.position)
        seen = valid
        if state.keys.shape[2]:  # at the start there are none, and joining nothing would copy all
            k = torch.cat([state.keys.to(k.dtype), k], dim=2)
            v = torch.cat([state.values.to(v.dtype), v], dim=2)
            seen = torch.cat([state.seen, valid], dim=1)
        mask = self._mask(q.shape[2], k.shape[2], seen)
        found = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        last = max(0, k.shape[2] - (self.config.window_size - 1))
        return (k[:, :, last:], v[:, :, last:], seen[:, last:]), found.transpose(1, 2).flatten(2)

    def _mask(self, n: int, n_keys: int, seen: torch.Tensor) -> torch.Tensor:
        """(batch, 1, n, n_keys), True where a token may look: each at itself, so that padding is no NaN."""
        at = torch.arange(n_keys - n, n_keys, device=seen.device)[:, None]
        back = at - torch.arange(n_keys, device=seen.device)[None]
        near = back.abs() < self.config.window_size
        if not self.config.bidirectional:
            near &= back >= 0
        return (near & seen[:, None, :])[:, None] | (back == 0)


class FirstMatrix(nn.Module):
    """The start of W0 or W2 (heads, rows, columns): free, or the identity's half with a low-rank part."""

    def __init__(self, heads: int, rows: int, columns: int, config: LactConfig) -> None:
        super().__init__()
        rank, gain = config.w0_w2_low_rank, config.fw_init_gain
        self.full = None if rank else nn.Parameter(torch.randn(heads, rows, columns) / math.sqrt(columns))
        if rank:
            self.left = nn.Parameter(gain * torch.randn(heads, rows, rank) / math.sqrt(rank))
            self.right = nn.Parameter(gain * torch.randn(heads, rank, columns) / math.sqrt(columns))
            self.diagonal: torch.Tensor
            self.register_buffer("diagonal", 0.5 * torch.eye(rows, columns), persistent=False)

    def forward(self) -> torch.Tensor:
        """(heads, rows, columns)."""
        if self.full is not None:
            return self.full
        found: torch.Tensor = self.left @ self.right + self.diagonal
        return found


def _exact(x: torch.Tensor) -> torch.Tensor:
    """In fp32, where it is not finer."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _by_head(x: torch.Tensor, heads: int) -> torch.Tensor:
    """(batch, tokens, hidden) -> (batch, heads, tokens, width)."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)
