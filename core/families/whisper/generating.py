"""Text token by token, always the likeliest one, as Whisper is used; with the prompt and the forbidden tokens
that a run was trained with. Needs torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.families.base import Prepared

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Rules:
    """What is given before the first token, what ends, what is never written or not at first, and how many
    places there are in all."""

    prompt: tuple[int, ...]
    end: int
    never: tuple[int, ...]
    not_first: tuple[int, ...]
    positions: int

    @classmethod
    def of(cls, prepared: Prepared) -> Rules:
        """Those that a run was prepared with."""
        held = prepared.extra
        return cls(
            tuple(held["prompt"]),
            int(held["end"]),
            tuple(held["suppressed"]),
            tuple(held["suppressed_first"]),
            int(held["positions"]),
        )


@dataclass(frozen=True)
class Written:
    """The tokens of one clip without the end, their mean log-probability (the end among them), and whether
    the end came before the places ran out."""

    tokens: tuple[int, ...]
    mean: float
    is_ended: bool

    @property
    def score(self) -> float:
        """0..1: the probability of a token, as a geometric mean."""
        return round(math.exp(self.mean), 4)


def greedy(model: Any, inputs: torch.Tensor, rules: Rules) -> list[Written]:
    """What a Whisper in evaluation mode writes for `inputs` (batch, bands, frames): the encoder once, and
    then one token after the other."""
    import torch

    at, n = next(model.parameters()).device, len(inputs)
    fed = torch.tensor([rules.prompt] * n, device=at)
    tokens: list[list[int]] = [[] for _ in range(n)]
    sums, ended = [0.0] * n, [False] * n
    with torch.no_grad():
        heard = (model.get_encoder()(inputs.to(at)).last_hidden_state,)
        cache = None
        for place in range(rules.positions - len(rules.prompt)):
            step = model(encoder_outputs=heard, decoder_input_ids=fed, past_key_values=cache, use_cache=True)
            cache = step.past_key_values
            logits = step.logits[:, -1].float()
            logits[:, list(rules.never)] = -torch.inf
            if place == 0:
                logits[:, list(rules.not_first)] = -torch.inf
            best, chosen = logits.log_softmax(-1).max(-1)
            for row, (value, token) in enumerate(zip(best.tolist(), chosen.tolist(), strict=True)):
                if not ended[row]:
                    sums[row] += value
                    ended[row] = token == rules.end
                    tokens[row] += [] if ended[row] else [token]
            if all(ended):
                break
            fed = chosen[:, None]
    return [
        Written(tuple(found), total / max(1, len(found) + over), over)
        for found, total, over in zip(tokens, sums, ended, strict=True)
    ]


def spoken_language(model: Any, inputs: torch.Tensor, start: int, codes: dict[str, int]) -> str:
    """The likeliest of `codes` (code -> token) for one clip (1, bands, frames)."""
    import torch

    at = next(model.parameters()).device
    with torch.no_grad():
        logits = model(
            input_features=inputs.to(at), decoder_input_ids=torch.tensor([[start]], device=at),
            use_cache=False,
        ).logits[0, -1]
    return max(codes, key=lambda code: float(logits[codes[code]]))
