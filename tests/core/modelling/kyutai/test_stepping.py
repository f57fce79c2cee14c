"""A token a frame: the window that the model's own forward does not know, step by step and all at once, and
against what Kyutai's own program computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.families.kyutai import network, opening
from core.modelling.kyutai import native_forward, stepping
from core.modelling.kyutai.codec import Codes
from tests.tiny_kyutai import SHAPE, make_kyutai, pause_heads, weights

LONG = 47
"""Frames: several times the context of ten."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return network.load_plain(make_kyutai(tmp_path_factory.mktemp("stepping") / "base"))


def some_codes(*lengths: int) -> list[Codes]:
    drawn = np.random.default_rng(1)
    return [drawn.integers(0, SHAPE.audio, (n, SHAPE.codebooks)).astype(np.uint16) for n in lengths]


def inputs(codes: list[Codes], texts: list[Any]) -> torch.Tensor:
    return stepping.inputs_of(codes, texts, (SHAPE.text, SHAPE.audio), SHAPE.rows - 1)


@pytest.mark.parametrize("frames", [7, 10, 11, LONG])
def test_beyond_the_context_it_is_what_kyutais_program_computes(model: Any, frames: int) -> None:
    codes = some_codes(frames)
    given = inputs(codes, [list(np.random.default_rng(2).integers(0, SHAPE.text, frames))])
    with torch.no_grad():
        found = network.logits_of(model, given)
        hidden = stepping.hidden_of(model, given)
    theirs = native_forward.forward(weights(), SHAPE, given)
    assert found.shape[-1] == SHAPE.text, "the start is never written"
    assert (found - theirs.logits).abs().max() < 1e-4
    assert (hidden - theirs.hidden).abs().max() < 1e-4
    if frames > SHAPE.context:
        with torch.no_grad():
            without = model(input_ids=given, use_cache=False).logits[..., : SHAPE.text]
        assert (without - theirs.logits).abs().max() > 0.01, "its own forward sees everything"


def test_step_by_step_is_all_at_once(model: Any) -> None:
    """What is written freely has, given back as the right text, the same scores; the pauses too."""
    codes = some_codes(LONG)
    (written,) = stepping.greedy(model, codes, SHAPE.rows - 1)
    with torch.no_grad():
        hidden = stepping.hidden_of(model, inputs(codes, [written.tokens]))
        scores = stepping.logits_of(model, hidden).log_softmax(-1)[0]
    assert scores.argmax(-1).tolist() == list(written.tokens)
    assert np.allclose(scores.max(-1).values, written.logprobs, atol=1e-4)
    heads = torch.stack(list(pause_heads().values()))
    by_hand = (hidden[0] @ heads.transpose(1, 2)[:, None].squeeze(1)).softmax(-1)[..., 0].T
    assert written.pauses is not None and written.pauses.shape == (LONG, 4)
    assert np.allclose(written.pauses, by_hand, atol=1e-5)


def test_streams_beside_each_other_do_not_matter(model: Any) -> None:
    codes = some_codes(LONG, 5, 21)
    together = stepping.greedy(model, codes, SHAPE.rows - 1)
    for one, beside in zip(codes, together, strict=True):
        (alone,) = stepping.greedy(model, [one], SHAPE.rows - 1)
        assert alone.tokens == beside.tokens and len(alone.tokens) == len(one)
        assert np.allclose(alone.logprobs, beside.logprobs, atol=1e-5)


@pytest.mark.parametrize("place", [0, 9, 20])
def test_a_place_hears_only_what_comes_strictly_before_it(model: Any, place: int) -> None:
    codes, text = some_codes(30), [[5] * 30]
    other = [codes[0].copy()]
    other[0][place] = (other[0][place] + 1) % SHAPE.audio
    with torch.no_grad():
        one, two = (network.logits_of(model, inputs(these, text))[0] for these in (codes, other))
    moved = (one - two).abs().amax(-1) > 1e-6
    assert not moved[: place + 1].any() and moved[place + 1]


def test_a_model_without_heads_tells_no_pauses(tmp_path: Path) -> None:
    plain = network.load_plain(make_kyutai(tmp_path / "plain", "native"))
    assert stepping.greedy(plain, some_codes(3), SHAPE.rows - 1)[0].pauses is None
    assert opening.open_folder(tmp_path / "plain").heads is None
