"""The whole recogniser: nothing of the future from samples to logits, padding that is not heard, a stream
that gives what one pass gives, and sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.families.lact.estimating import n_weights
from core.modelling.lact.asr import Heard, LactAsr
from core.modelling.lact.asr_config import SIZES, AsrConfig, n_frames, of_size
from core.modelling.lact.config import LactConfig
from core.modelling.lact.features import HOP, WINDOW, filters, log_mel
from core.modelling.lact.features import n_frames as n_mel_frames
from core.training.checks import perturbing

pytestmark = pytest.mark.usefixtures("one_thread")
KINDS: dict[str, dict[str, Any]] = {
    "plain": {}, "muon": {"use_muon": True}, "three convolutions": {"convs": 3}, "frozen": {"frozen": True},
    "prenorm": {"ttt_prenorm": True},
}


def network(convs: int = 2, **layers: Any) -> LactAsr:
    torch.manual_seed(0)
    measures = {"hidden_size": 16, "num_attn_heads": 2, "num_lact_heads": 2, "lact_chunk_size": 3,
                "window_size": 4, **layers}
    config = AsrConfig(layers=LactConfig(**measures), bins=8, convs=convs, vocabulary=5)
    made = LactAsr(config).double().eval()
    with torch.no_grad():
        for block in made.blocks:
            block.lact.rates.bias += 3.0  # type: ignore[union-attr, operator]  # a rate that is seen
    return made


def mel(n: int, batch: int = 2) -> torch.Tensor:
    return torch.randn(batch, n, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def logits(made: LactAsr, x: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
    with torch.no_grad():
        return made(x, torch.full((len(x),), x.shape[1]) if lengths is None else lengths)[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", [4, 17, 30])
def test_no_layer_knows_what_comes_later(kind: str, at: int) -> None:
    made = network(**KINDS[kind])
    found = perturbing.causal(lambda x: logits(made, x), mel(48), at, per_output=4, tolerance=1e-12)
    assert found.outcome == "passed", found.sentence


def test_one_that_looks_ahead_is_found_out() -> None:
    made = network(bidirectional=True)
    found = perturbing.causal(lambda x: logits(made, x), mel(48), 30, per_output=4)
    assert found.outcome == "refused" and "sees the future" in found.sentence


def test_from_samples_to_logits_a_frame_waits_for_its_own_window_only() -> None:
    """Frame t of the layers ends with mel frame 4 t, which ends 25 ms after it begins."""
    made, sound = network(), np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    changed, at = sound.copy(), 8000
    changed[at:] += 0.2
    one, two = (logits(made, torch.from_numpy(log_mel(s, 8)).double()[None])[0] for s in (sound, changed))
    moved = (one - two).abs().amax(-1)
    first = next(t for t in range(len(moved)) if 4 * t * HOP + WINDOW > at)
    assert float(moved[:first].max()) == 0.0 and float(moved[first:].min()) > 0.0


@pytest.mark.parametrize("kind", [*KINDS, "ahead"])
def test_padding_is_not_heard(kind: str) -> None:
    made = network(**KINDS.get(kind, {"bidirectional": True}))
    x, lengths = mel(41), torch.tensor([41, 22])
    noisy = x.clone()
    noisy[1, 22:] = 1e3
    together = logits(made, noisy, lengths)
    for row, n in enumerate(lengths.tolist()):
        alone = logits(made, x[row : row + 1, :n])[0]
        torch.testing.assert_close(together[row, : n_frames(n)], alone, atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pieces", [(4, 4, 4, 4, 4, 4, 4, 4, 4, 1), (12, 8, 17), (36, 1)])
def test_a_stream_gives_what_one_pass_gives(kind: str, pieces: tuple[int, ...]) -> None:
    made, x = network(**KINDS[kind]), mel(37)
    heard, parts, at = Heard(), [], 0
    with torch.no_grad():
        for n in pieces:
            part, heard = made.hear(x[:, at : at + n], heard)
            parts.append(part)
            at += n
    torch.testing.assert_close(torch.cat(parts, dim=1), logits(made, x), atol=1e-12, rtol=0)
    with pytest.raises(ValueError, match="over"):
        made.hear(x[:, :4], heard)


def test_a_network_that_looks_ahead_hears_no_stream() -> None:
    with pytest.raises(ValueError, match="looks ahead"):
        network(bidirectional=True).hear(mel(8), Heard())


def test_computed_twice_the_gradients_are_the_same() -> None:
    """Gradient checkpointing keeps nothing, and changes nothing."""
    grads = []
    for again in (False, True):
        made = network().train()
        if again:
            made.activation_checkpointing_enable({"use_reentrant": False})
        made(mel(37), torch.tensor([37, 20]))[0].square().sum().backward()
        grads.append({name: p.grad for name, p in made.named_parameters()})
    assert all(grad is not None for grad in grads[0].values()), "every weight takes part"
    for name, grad in grads[0].items():
        torch.testing.assert_close(grad, grads[1][name], atol=1e-10, rtol=1e-10)


def test_fast_weights_that_learn_answer_otherwise_than_frozen_ones() -> None:
    one, other = network(), network(frozen=True)
    x = mel(48)
    assert torch.equal(logits(one, x)[:, :3], logits(other, x)[:, :3]), "before the first chunk is full"
    assert not torch.allclose(logits(one, x)[:, 3:], logits(other, x)[:, 3:], atol=1e-6)


def test_the_named_sizes_have_their_weights() -> None:
    """Millions, with a vocabulary of 32; on the meta device, which holds none of them."""
    found = {}
    for size in SIZES:
        with torch.device("meta"):
            exact = sum(p.numel() for p in LactAsr(of_size(size, 32)).parameters())
        found[size] = round(exact / 1e6, 1)
        assert abs(n_weights(of_size(size, 32)) / exact - 1) < 0.01, "what the estimate counts with"
    assert found == {"tiny": 0.9, "base": 92.4, "improved": 240.7, "large": 717.3}


@pytest.mark.parametrize("n", [1, 399, 400, 559, 560, 16000])
def test_frames_are_counted_as_they_come(n: int) -> None:
    found = log_mel(np.zeros(n, np.float32))
    assert found.shape == (n_mel_frames(n), 80) and np.isfinite(found).all()
    made = network()
    x = torch.zeros(1, len(found), 8, dtype=torch.float64)
    assert logits(made, x).shape[1] == n_frames(len(found))


def test_a_tone_is_loudest_in_its_own_bin() -> None:
    at = np.arange(16000) / 16000
    for hertz in (200.0, 1000.0, 4000.0):
        found = log_mel((0.3 * np.sin(2 * np.pi * hertz * at)).astype(np.float32)).mean(0)
        own = filters(80)[:, round(hertz / 31.25)]
        assert own[found.argmax()] == own.max()
    assert (filters(80).sum(1) > 0).all(), "no bin is deaf"
