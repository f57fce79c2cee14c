"""The model's passes over given streams, and step by step. Needs torch.

transformers' own loss compares the output at a place with the frame that was read there, not with the next
one; so the parts of the model are called here one by one, in the order of its generation. """

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.modelling.kyutai.stepping import band
from core.modelling.lora import inner_of

if TYPE_CHECKING:
    import torch


def embedded(inner: Any, text: torch.Tensor, heard: torch.Tensor) -> torch.Tensor:
    """What is read (batch, places, width) of text (batch, places) and codes (batch, places, codes); with
    the codes of one sound alone the other adds nothing."""
    found: torch.Tensor = inner.decoder.model.embed_tokens(text)
    for book in range(heard.shape[-1]):
        found = found + inner.embed_tokens[book](heard[..., book])
    return found


def hidden_of(inner: Any, text: torch.Tensor, heard: torch.Tensor) -> torch.Tensor:
    """What the layers make of whole streams: (batch, places, width), normalised."""
    read = embedded(inner, text, heard)
    mask = band(text.shape[1], int(inner.config.sliding_window), text.device)
    found: torch.Tensor = inner.decoder.model(
        inputs_embeds=read, attention_mask=mask, use_cache=False).last_hidden_state
    return found


def text_logits(inner: Any, hidden: torch.Tensor) -> torch.Tensor:
    """Scores (..., pieces) of the text."""
    found: torch.Tensor = inner.decoder.lm_head(hidden)
    return found


def code_logits(inner: Any, hidden: torch.Tensor, text: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Scores (n, codebooks, values) of the codes of n places, whose text (n,) and codes (n, codebooks) are
    given: each codebook sees those before it. `hidden` is (n, width)."""
    import torch

    given = torch.cat([text[:, None], codes[:, :-1]], 1)
    found: torch.Tensor = inner.depth_decoder(
        input_ids=given, last_hidden_state=hidden[:, None], use_cache=False).logits
    return found


class Talker:
    """A batch of conversations that go on step by step; the cache, what TTT layers learned (`stream`), and
    what was read last are all its state."""

    def __init__(self, model: Any, text: torch.Tensor, heard: torch.Tensor) -> None:
        from transformers import DynamicCache

        from core.modelling.ttt.adapter import Stream

        self._inner, self._text, self._heard = inner_of(model), text, heard
        self.cache, self.stream = DynamicCache(config=self._inner.decoder.config), Stream()

    def step(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The output (n, width) at the next place, and the scores (n, pieces) of its text."""
        import torch

        from core.modelling.ttt.adapter import streaming

        with torch.no_grad(), streaming(self._inner, self.stream):
            read = embedded(self._inner, self._text[:, None], self._heard[:, None])
            hidden = self._inner.decoder.model(
                inputs_embeds=read, past_key_values=self.cache, use_cache=True).last_hidden_state[:, 0]
            return hidden, text_logits(self._inner, hidden)

    def codes(self, hidden: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """The likeliest codes (n, codebooks) of a place whose text (n,) was chosen, one after the other."""
        import torch

        books = int(self._inner.config.num_codebooks)
        chosen = torch.zeros((len(text), books), dtype=torch.long, device=text.device)
        with torch.no_grad():
            for book in range(books):
                scores = code_logits(self._inner, hidden, text, chosen)[:, book]
                chosen[:, book] = scores.argmax(-1)
        return chosen

    def take(self, text: torch.Tensor, heard: torch.Tensor) -> None:
        """What was said and heard in the frame that was just written: text (n,), codes (n, codes)."""
        self._text, self._heard = text, heard
