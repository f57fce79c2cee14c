"""Tiny Moshi models of the real class as whole folders: two layers of width 64, four codebooks of 16 values,
a depth decoder of one layer, and the codec and the vocabulary of the tiny Kyutai models."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch

from core import manifest
from core.modelling.kyutai import mimi_config, mimi_names, sentencepiece, tokens
from core.types import Row, Word
from tests.core.conftest import RATE, make_sound
from tests.tiny_kyutai import LETTER_SECONDS, MIMI, TEXT, codec_weights, words_at, write_tokenizer

BOOKS, AUDIO, WIDTH, LAYERS, CONTEXT = 4, 16, 64, 2, 750
DEPTH = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "ffn_dim": 64,
         "max_position_embeddings": BOOKS + 1, "sliding_window": BOOKS}


def make_moshi(folder: Path, seed: int = 3, **config: Any) -> Path:
    """A folder as `save_pretrained` writes it, with the vocabulary; `config` goes over that of the tiny
    model."""
    import transformers as t

    t.utils.logging.disable_progress_bar()
    given = {"vocab_size": TEXT, "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": 4,
             "ffn_dim": 176, "num_codebooks": BOOKS, "audio_vocab_size": AUDIO, "sliding_window": CONTEXT,
             "max_position_embeddings": CONTEXT, **config}
    codec = {"model_type": "mimi", **mimi_config.of_native(MIMI)}
    torch.manual_seed(seed)
    model = t.MoshiForConditionalGeneration(
        t.MoshiConfig(**given, audio_encoder_config=codec, depth_decoder_config=dict(DEPTH)))
    _scale(model)
    held = mimi_names.from_native(codec_weights(seed), int(MIMI["transformer"]["num_heads"]))
    model.audio_encoder.load_state_dict({mimi_names.in_model(name): value for name, value in held.items()})
    model.save_pretrained(folder)
    write_tokenizer(folder / "tiny.model")
    tokens.tokenizer_of(sentencepiece.read(folder / "tiny.model")).save(str(folder / "tokenizer.json"))
    (folder / "tiny.model").unlink()
    return folder


def _scale(model: Any) -> None:
    """Every input moves the output, and nothing explodes: the class draws its stacked layers far too large.
    """
    drawn = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1 and not name.startswith("audio_encoder."):
                weight.normal_(0, weight.shape[-1] ** -0.5, generator=drawn)


def make_talks(folder: Path, talks: Sequence[tuple[str, str | None]], n_val: int = 1, n_test: int = 0
               ) -> Path:
    """A dataset of (what the left says, what the right says): one tone a letter, words with times for the
    left. Without a right the sound has one channel and no word times. The first `n_val` validate, the last
    `n_test` are held out."""
    folder.mkdir(parents=True)
    rows = []
    for i, (left, right) in enumerate(talks):
        split = "val" if i < n_val else "test" if i >= len(talks) - n_test else "train"
        name = folder / f"{i}.wav"
        seconds = make_sound(name, left, LETTER_SECONDS)
        if right is not None:
            make_sound(folder / "right.wav", right, LETTER_SECONDS)
            seconds = _beside(name, folder / "right.wav")
        words: tuple[Word, ...] = words_at(left) if right is not None else ()
        row = Row(f"c{i}", name.name, 0.0, seconds, RATE, left if words else "", "train", words)
        rows.append(dataclasses.replace(row, split=split))  # type: ignore[arg-type]
    manifest.write(folder, rows)
    return folder


def _beside(left: Path, right: Path) -> float:
    """Both sounds as the channels of the left file; its length in seconds."""
    sounds = [soundfile.read(each, dtype="float32")[0] for each in (left, right)]
    right.unlink()
    longest = max(map(len, sounds))
    both = np.stack([np.pad(sound, (0, longest - len(sound))) for sound in sounds], 1)
    soundfile.write(left, both, RATE)
    return longest / RATE
