"""A complete tiny folder of the real classes with random weights: for a smoke run without a download, and for
tests. Two layers of width 64, the released stream ids and frames, a vocabulary of bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.modelling.higgs import codec, tokens

CODEC = "codec"
"""The folder of the codec inside that of the model."""
ROWS, CODES, CODEBOOKS = 1026, 1024, 8
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "<|start_header_id|>{{ message['role'] }}<|end_header_id|>\n\n"
    "{% for part in message['content'] %}{% if part['type'] == 'text' %}{{ part['text'] | trim }}"
    "{% else %}<|audio_out_bos|><|AUDIO_OUT|><|audio_eos|>{% endif %}{% endfor %}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n<|audio_out_bos|>"
    "{% endif %}"
)
"""Says what the released template says of turns whose content is a list of parts."""


def make(folder: Path, seed: int = 3, **config: Any) -> Path:
    """Write model, codec, tokenizer and template to the new `folder`; the same for the same `seed`. `config`
    goes over that of the tiny model."""
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    folder.mkdir(parents=True)
    ids = write_tokenizer(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _write_model(folder, ids, config)
        _write_codec(folder / CODEC)
    return folder


def write_tokenizer(folder: Path) -> dict[str, int]:
    """A tokenizer that writes bytes, with the marks of the released one; the ids of the marks."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({letter: i for i, letter in enumerate(letters)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(mark, special=True) for mark in tokens.SPECIAL])
    made.save(str(folder / "tokenizer.json"))
    told = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": tokens.START_OF_TEXT,
            "eos_token": tokens.PAD, "pad_token": tokens.PAD, "clean_up_tokenization_spaces": False}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    return {mark: len(letters) + n for n, mark in enumerate(tokens.SPECIAL)}


def model_config(ids: dict[str, int], **config: Any) -> Any:
    """The config of a tiny model whose marks have these ids."""
    from transformers import HiggsAudioV2Config

    return HiggsAudioV2Config(**{
        "vocab_size": 256 + len(ids), "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "codebook_size": ROWS,
        "num_codebooks": CODEBOOKS, "pad_token_id": ids[tokens.PAD],
        "bos_token_id": ids[tokens.START_OF_TEXT], "eos_token_id": ids[tokens.END_OF_TURN],
        "audio_token_id": ids[tokens.AUDIO],
        "audio_bos_token_id": ids[tokens.BEGIN], "audio_delay_token_id": ids[tokens.DELAY], **config,
    })


def _write_model(folder: Path, ids: dict[str, int], config: dict[str, Any]) -> None:
    from transformers import HiggsAudioV2ForConditionalGeneration

    held = model_config(ids, **config)
    model = HiggsAudioV2ForConditionalGeneration(held, use_text_head=True)
    told: Any = model.generation_config
    told.eos_token_id, told.pad_token_id = held.eos_token_id, held.pad_token_id
    told.ras_win_len, told.ras_win_max_num_repeat = 7, 2  # as released: what repeats is drawn again
    model.save_pretrained(folder)


def _write_codec(folder: Path) -> None:
    """25 frames a second of 24 kHz in eight codebooks of 1024, as released; small otherwise."""
    import torch
    from transformers import DacConfig, HiggsAudioV2TokenizerConfig, HubertConfig

    strides = [8, 5, 4, 2, 3]
    heard = HubertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
                         conv_dim=(8,) * 7, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2,
                         mask_time_prob=0.0)
    sizes: dict[str, Any] = {"encoder_hidden_size": 4, "decoder_hidden_size": 32, "hidden_size": 16,
                             "downsampling_ratios": strides, "upsampling_ratios": strides}
    coded = DacConfig(**sizes)
    kind = codec.codec_class()
    model = kind(HiggsAudioV2TokenizerConfig(
        target_bandwidths=[0.5, 1, 1.5, 2], acoustic_model_config=coded, semantic_model_config=heard,
        codebook_size=CODES, codebook_dim=8))
    with torch.no_grad():
        for quantizer in model.quantizer.quantizers:  # zero in a new one: all sounds would have one code
            quantizer.codebook.embed.normal_(0, 0.05)
    model.save_pretrained(folder)
