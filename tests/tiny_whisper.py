"""A tiny Whisper of the real class with a vocabulary of bytes: complete folders, made in a second."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SPECIAL = ("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>",
           "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>")
SECONDS = 2
N_TIMES = 1 + 50 * SECONDS


SHOWN = [*range(33, 127), *range(161, 173), *range(174, 256)]
"""Bytes that can be printed."""


def bytes_in_order() -> list[int]:
    """The 256 bytes as GPT-2 orders them: those that can be printed, then the others."""
    return [*SHOWN, *(byte for byte in range(256) if byte not in SHOWN)]


def bytes_as_letters() -> list[str]:
    """How it writes them: those that can be printed as themselves, the others from 256 on."""
    return [*(chr(byte) for byte in SHOWN), *(chr(256 + i) for i in range(256 - len(SHOWN)))]


def vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Bytes, and a letter together with the space before it."""
    tokens = [*bytes_as_letters(), *(f"Ġ{letter}" for letter in LETTERS)]
    return {token: i for i, token in enumerate(tokens)}, [("Ġ", letter) for letter in LETTERS]


def openais_vocabulary() -> tuple[dict[str, int], tuple[str, ...]]:
    """The multilingual tokens and special tokens that openai-whisper brings along."""
    from whisper.tokenizer import get_tokenizer

    encoding = get_tokenizer(multilingual=True).encoding
    letters = dict(zip(bytes_in_order(), bytes_as_letters(), strict=True))
    ranks = encoding._mergeable_ranks.items()
    known = {"".join(letters[byte] for byte in token): rank for token, rank in ranks}
    special = sorted(encoding._special_tokens, key=encoding._special_tokens.__getitem__)
    return known, tuple(token for token in special if not token[2].isdigit())


def make_whisper(folder: Path, english: bool = False, seconds: int = SECONDS, mels: int = 80,
                 is_openais: bool = False, **config: Any) -> Path:
    """A Whisper of two layers and width 64 that hears `seconds` at once; `english` makes it an .en one,
    `is_openais` gives it the vocabulary of the published multilingual ones (it spells in bytes)."""
    import torch
    import transformers as t

    torch.manual_seed(3)
    t.utils.logging.disable_progress_bar()
    folder.mkdir(parents=True)
    special: Sequence[str]
    (known, merges), special, n_times = vocabulary(), SPECIAL, N_TIMES
    if is_openais:
        (known, special), merges, n_times = openais_vocabulary(), [], 1501
    tokenizer = t.WhisperTokenizer(vocab=known, merges=merges)
    tokenizer.add_tokens([t.AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.save_pretrained(folder)
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in special}
    t.WhisperFeatureExtractor(feature_size=mels, chunk_length=seconds).save_pretrained(folder)
    shape = {"d_model": 64, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2,
             "decoder_attention_heads": 2, "encoder_ffn_dim": 256, "decoder_ffn_dim": 256,
             "num_mel_bins": mels, "max_source_positions": 50 * seconds, "max_target_positions": 48,
             "vocab_size": len(tokenizer) + n_times, "decoder_start_token_id": ids["<|startoftranscript|>"],
             **{f"{name}_token_id": ids["<|endoftext|>"] for name in ("eos", "bos", "pad")}}
    model = t.WhisperForConditionalGeneration(t.WhisperConfig(**{**shape, "init_std": 0.1, **config}))
    with torch.no_grad():  # the table is frozen in training and makes the logits; fresh, its end is all zeros
        model.model.decoder.embed_tokens.weight.normal_(0, 0.4)
    model.save_pretrained(folder)
    (folder / "generation_config.json").write_text(json.dumps(settings(ids, known, english)))
    return folder


def settings(ids: dict[str, int], known: dict[str, int], english: bool) -> dict[str, Any]:
    """Generation settings as those of the published models are: what is never written, and what not first."""
    end = ids["<|endoftext|>"]
    made = {
        "is_multilingual": not english, "no_timestamps_token_id": ids["<|notimestamps|>"],
        "decoder_start_token_id": ids["<|startoftranscript|>"], "eos_token_id": end, "pad_token_id": end,
        "bos_token_id": end, "max_length": 48, "begin_suppress_tokens": [known["Ġ"], end],
        "suppress_tokens": sorted([known["["], known["#"], ids["<|translate|>"], ids["<|nospeech|>"]]),
        "alignment_heads": [[1, 0], [1, 1]], "return_timestamps": False,
    }
    if not english:
        made["lang_to_id"] = {token: ids[token] for token in ("<|en|>", "<|de|>")}
        made["task_to_id"] = {name: ids[f"<|{name}|>"] for name in ("transcribe", "translate")}
    else:
        made["forced_decoder_ids"] = [[1, ids["<|notimestamps|>"]]]
    return made
