"""Text from codes, a token a frame: all at once where the text is known, or one after the other. The output
at a place sees the codes and the text strictly before it. Needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.modelling.kyutai.codec import Codes

if TYPE_CHECKING:
    import torch

HEADS = "pause_heads"
"""The buffer (heads, classes, width) that a model with pause heads carries; no weight of the folder."""


@dataclass(frozen=True)
class Written:
    """The text of one stream: `tokens` (frames,) with their log-probabilities, and the probabilities of the
    pauses (frames, heads), which are read where each token is chosen; None for a model without heads."""

    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    pauses: npt.NDArray[np.float32] | None = None


def inputs_of(codes: Sequence[Codes], texts: Sequence[Sequence[int]], start: tuple[int, int], nothing: int
              ) -> torch.Tensor:
    """(batch, frames, 1 + n_q): at place p the token and the codes of frame p - 1, at place 0 the start ids
    of (text, sound); behind the end of a stream the id that is `nothing`."""
    import torch

    longest, n_q = max(map(len, codes)), codes[0].shape[1]
    made = torch.full((len(codes), longest, 1 + n_q), nothing)
    made[:, 0, 0], made[:, 0, 1:] = start
    for row, (heard, text) in enumerate(zip(codes, texts, strict=True)):
        made[row, 1 : len(heard), 0] = torch.tensor(list(text[:-1]), dtype=made.dtype)
        made[row, 1 : len(heard), 1:] = torch.from_numpy(heard[:-1].astype(np.int64))
    return made


def band(frames: int, context: int, device: torch.device) -> torch.Tensor | None:
    """The mask (1, 1, frames, frames) by which a place sees itself and the `context` - 1 before it; None
    where plain causality is the same. The model's own forward knows no window."""
    import torch

    if frames <= context:
        return None
    at = torch.arange(frames, device=device)
    apart = at[:, None] - at[None, :]
    return ((apart >= 0) & (apart < context))[None, None]


def hidden_of(model: Any, inputs: torch.Tensor) -> torch.Tensor:
    """What the layers make of inputs (batch, frames, 1 + n_q): (batch, frames, width), normalised. `model` is
    that of transformers, adapters in it or not."""
    mask = band(inputs.shape[1], int(model.config.sliding_window), inputs.device)
    made = model.model(input_ids=inputs, attention_mask=mask, use_cache=False)
    found: torch.Tensor = made.last_hidden_state
    return found


def logits_of(model: Any, hidden: torch.Tensor) -> torch.Tensor:
    """Scores (..., pieces) of every piece. The last row of the output layer stands for the start, which is
    never written; in files that began in another layout it is zero, and would win where all others are below
    it."""
    found: torch.Tensor = model.lm_head(hidden)
    return found[..., : int(model.config.vocab_size) - 1]


def pauses_of(model: Any, hidden: torch.Tensor) -> torch.Tensor | None:
    """log-probabilities (..., heads, classes) that the pause heads give; None without heads."""
    import torch

    heads = getattr(model, HEADS, None)
    if heads is None:
        return None
    scores = torch.einsum("...d,hcd->...hc", hidden.float(), heads.float())
    return scores.log_softmax(-1)


class Writer:
    """A batch of streams that are written step by step; `cache`, what its TTT layers learned (`stream`) and
    the last tokens are all its state."""

    def __init__(self, model: Any, n: int) -> None:
        import torch
        from transformers import DynamicCache

        from core.modelling.ttt.adapter import Stream

        self._model, self._at = model, next(model.parameters()).device
        self.cache, self.stream = DynamicCache(config=model.config), Stream()
        self.last = torch.full((n,), int(model.config.vocab_size) - 1, device=self._at)
        self.codes = torch.full((n, int(model.config.num_codebooks)),
                                int(model.config.audio_bos_token_id), device=self._at)

    def step(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """The next token of each stream (n,), its log-probability (n,), and the pauses (n, heads)."""
        import torch

        from core.modelling.ttt.adapter import streaming

        with torch.no_grad(), streaming(self._model, self.stream):
            fed = torch.cat([self.last[:, None], self.codes], 1)[:, None]
            hidden = self._model.model(
                input_ids=fed, past_key_values=self.cache, use_cache=True).last_hidden_state[:, 0]
            best, chosen = logits_of(self._model, hidden).float().log_softmax(-1).max(-1)
            pauses = pauses_of(self._model, hidden)
        self.last = chosen
        return chosen, best, None if pauses is None else pauses[..., 0].exp()

    def hear(self, codes: torch.Tensor) -> None:
        """Take the codes (n, n_q) of the frame whose token was just written."""
        self.codes = codes.to(self._at)


def greedy(model: Any, codes: Sequence[Codes], nothing: int) -> list[Written]:
    """What a model in evaluation mode writes for streams of codes, always the likeliest token; as many tokens
    as each has frames."""
    import torch

    longest, n_q = max(map(len, codes)), codes[0].shape[1]
    heard = torch.full((len(codes), longest, n_q), nothing)
    for row, these in enumerate(codes):
        heard[row, : len(these)] = torch.from_numpy(these.astype(np.int64))
    writer, steps = Writer(model, len(codes)), []
    for frame in range(longest):
        steps.append(writer.step())
        writer.hear(heard[:, frame])
    tokens, scores = (torch.stack(part, 1).cpu().tolist() for part in list(zip(*steps, strict=True))[:2])
    pauses = None if steps[0][2] is None else torch.stack(
        [step[2] for step in steps if step[2] is not None], 1).float().cpu().numpy()
    return [
        Written(tuple(tokens[row][:n]), tuple(scores[row][:n]), None if pauses is None else pauses[row, :n])
        for row, n in enumerate(map(len, codes))
    ]
