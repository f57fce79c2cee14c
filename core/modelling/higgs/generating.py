"""Generation by the class's own `generate`: prompt in, codes out, and whether the model ended by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.modelling.delay import Codes, undelayed

if TYPE_CHECKING:
    import torch

FRAME_RATE = 25.0


@dataclass(frozen=True)
class Draws:
    """How codes are chosen: the likeliest where `temperature` is 0, else drawn from `seed`; `top_k` 0 is all
    of them. At most `most_frames` are said."""

    most_frames: int
    seed: int = 7
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0


@dataclass(frozen=True)
class Said:
    """Codes (frames, codebooks), and whether the model ended before the limit."""

    codes: Codes
    stopped: bool


class _Telling:
    """What `generate` hands its tokens to: counts them. An error raised by `tell` ends the generation."""

    def __init__(self, tell: Callable[[float], None], most_frames: int) -> None:
        self._tell, self._most, self._columns = tell, most_frames, -1  # the prompt comes first

    def put(self, _tokens: torch.Tensor) -> None:
        self._columns += 1
        self._tell(min(self._most, max(0, self._columns - 1)) / FRAME_RATE)

    def end(self) -> None:
        """Nothing is held back."""


def say(model: Any, ids: Codes, columns: Codes, draws: Draws, tell: Callable[[float], None] | None = None
        ) -> Said:
    """What `model` (a plain one, or one with adapters) says after the prompt `ids` (places,) with the sounds
    `columns` (n, codebooks) in it. Its mode is left as it was; the global generators too."""
    import torch

    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    at, was_training = next(inner.parameters()).device, model.training
    given: dict[str, Any] = {"input_ids": torch.from_numpy(ids)[None].to(at)}
    given["attention_mask"] = torch.ones_like(given["input_ids"])
    if len(columns):
        given["audio_input_ids"] = torch.from_numpy(columns)[None].to(at)
        given["audio_input_ids_mask"] = torch.ones((1, len(columns)), dtype=torch.bool, device=at)
    model.eval()
    try:
        with torch.no_grad(), _drawn(draws.seed, at), in_its_type(inner):
            made = inner.generate(**given, generation_config=_config(inner, draws),
                                  streamer=_Telling(tell, draws.most_frames) if tell else None)
    finally:
        model.train(was_training)
    return said(np.asarray(made[0, len(columns):].cpu().numpy(), np.int64), inner.config, draws.most_frames)


def said(columns: Codes, config: Any, most_frames: int) -> Said:
    """What generated `columns` (n, codebooks) say: the first is that of the beginning, and the first codebook
    tells where the sound ends. A mark in the middle of a finer codebook is read as its last code, as
    transformers' own processor does it."""
    begin, end = int(config.audio_stream_bos_id), int(config.audio_stream_eos_id)
    stopped = bool(len(columns)) and bool((columns[-1] == end).all())
    frames = undelayed(columns[1:])
    ends = np.flatnonzero(frames[:, 0] == end)
    n = int(ends[0]) if len(ends) else len(frames)
    return Said(np.minimum(frames[: min(n, most_frames)], begin - 1), stopped)


def _config(model: Any, draws: Draws) -> Any:
    """The folder's own marks and its rule for repeats; without drawing there is none, because the rule draws.
    """
    from transformers import GenerationConfig

    held = model.generation_config
    codebooks = int(model.config.num_codebooks)
    config = GenerationConfig(
        max_new_tokens=draws.most_frames + codebooks + 1,  # a column of beginnings, and the delayed ends
        eos_token_id=held.eos_token_id or model.config.eos_token_id,
        pad_token_id=held.pad_token_id or model.config.pad_token_id, do_sample=draws.temperature > 0)
    if draws.temperature > 0:
        config.temperature, config.top_k, config.top_p = draws.temperature, draws.top_k, draws.top_p
        for name in ("ras_win_len", "ras_win_max_num_repeat"):
            setattr(config, name, getattr(held, name, None))
    return config


@contextmanager
def _drawn(seed: int, at: torch.device) -> Iterator[None]:
    """Inside it everything is drawn from `seed`; outside nothing has moved."""
    import torch

    with torch.random.fork_rng(devices=[at] if at.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


@contextmanager
def in_its_type(model: torch.nn.Module) -> Iterator[None]:
    """Inside it a model whose frozen weights are bf16 and whose trained ones are fp32 computes in bf16."""
    import torch

    kinds = {p.dtype for p in model.parameters()}
    mixed = torch.bfloat16 in kinds and torch.float32 in kinds
    with torch.autocast(next(model.parameters()).device.type, torch.bfloat16, enabled=mixed):
        yield
