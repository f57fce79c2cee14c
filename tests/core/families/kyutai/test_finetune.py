"""Coming from moshi-finetune and going there: its adapters, and its YAML config."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from core.errors import BadInput, Unavailable
from core.families.base import finetune
from core.families.base.options import LoopOptions
from core.families.kyutai import finetune_adapter, finetune_config, opening
from core.modelling import lora
from core.modelling.kyutai import peft_names
from tests.core.families.kyutai.conftest import Kyutai
from tests.tiny_kyutai import CODEC, TOKENIZER

LAYOUTS = ("native", "candle", "transformers")
EXAMPLE = """
# data
data:
  train_data: 'data/numbers.jsonl'
  eval_data: ''
  shuffle: true
moshi_paths:
  hf_repo_id: "kyutai/stt-1b-en_fr"
full_finetuning: false
lora:
  enable: true
  rank: 128
  scaling: 2.
  ft_embed: true
first_codebook_weight_multiplier: 100.
text_padding_weight: .5
duration_sec: 30
batch_size: 8
max_steps: 500
gradient_checkpointing: true
optim:
  lr: 2e-5
  weight_decay: 0.1
  pct_start: 0.05
seed: 4
log_freq: 1
eval_freq: 100
do_eval: false
ckpt_freq: 0
num_ckpt_keep: 4
save_adapters: true
run_dir: "runs/one"
vad_loss_weight: 3
optim_extra: {betas: [0.9, 0.95]}
"""


@pytest.fixture
def state(kyutai: Kyutai) -> dict[str, torch.Tensor]:
    """What was trained of an adapter of rank 4 on the tiny model, its tables included."""
    opened = opening.open_folder(kyutai("native"))
    layers = list(peft_names.layers(opened.source.shape))
    tuned = lora.attach(opened.model, layers, 4, 8.0, 0.0, ["lm_head", "model.embed_tokens.embed_tokens"])
    drawn = torch.Generator().manual_seed(8)
    return {name: 0.1 * torch.randn(tensor.shape, generator=drawn)
            for name, tensor in lora.trained_state(tuned).items()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_adapter_is_written_and_read_beside_any_base(
    kyutai: Kyutai, state: dict[str, torch.Tensor], tmp_path: Path, layout: str
) -> None:
    finetune_adapter.write(state, 4, 8.0, kyutai(layout), tmp_path / "consolidated", "fp32")
    config = json.loads((tmp_path / "consolidated" / "config.json").read_text())
    assert (config["lora"], config["lora_rank"], config["lora_scaling"]) == (True, 12, 2.0)
    assert config.get("extra_heads_num_heads") == (4 if layout == "candle" else None)
    if layout != "transformers":
        assert (config["mimi_name"], config["tokenizer_name"]) == (CODEC, TOKENIZER)
    for given in (tmp_path / "consolidated", tmp_path / "consolidated" / "lora.safetensors"):
        ours = finetune_adapter.read(given, kyutai(layout))
        assert (ours.rank, ours.alpha, ours.has_head, ours.has_table) == (12, 24.0, True, True)
    for layer in peft_names.layers(opening.layouts.read(kyutai(layout)).shape):
        before, after = (
            scale * held[peft_names.low(layer, "B")] @ held[peft_names.low(layer, "A")]
            for scale, held in ((2.0, state), (ours.alpha / ours.rank, ours.tensors))
        )
        assert torch.allclose(before, after, atol=1e-5), layer


def test_saved_as_bf16_unless_told_otherwise(
    kyutai: Kyutai, state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    finetune_adapter.write(state, 4, 8.0, kyutai("candle"), tmp_path, "bf16")
    assert {t.dtype for t in load_file(tmp_path / "lora.safetensors").values()} == {torch.bfloat16}


def test_a_broken_adapter_is_told(kyutai: Kyutai, state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"lora\.safetensors is missing"):
        finetune_adapter.read(tmp_path, kyutai("native"))
    finetune_adapter.write(state, 4, 8.0, kyutai("native"), tmp_path)
    (tmp_path / "config.json").write_text('{"lora_scaling": "two"}')
    with pytest.raises(BadInput, match="'two' as lora_scaling"):
        finetune_adapter.read(tmp_path, kyutai("native"))
    (tmp_path / "config.json").write_text('{"lora_scaling": 2.0}')
    save_file({"x": torch.zeros(1)}, tmp_path / "lora.safetensors")
    with pytest.raises(BadInput, match="lacks"):
        finetune_adapter.read(tmp_path, kyutai("native"))
    data = (tmp_path / "lora.safetensors").read_bytes()
    (tmp_path / "lora.safetensors").write_bytes(data[:-1])
    with pytest.raises(BadInput, match="cut short"):
        finetune_adapter.read(tmp_path, kyutai("native"))


def test_a_config_becomes_options() -> None:
    found = finetune_config.options_of(yaml.safe_load(EXAMPLE))
    assert found.options == {
        "steps": 500, "batch_size": 8, "accumulation": 1, "lr": 2e-5, "weight_decay": 0.1,
        "schedule": "one-cycle",
        "warmup_steps": 25, "clip_norm": 1.0, "rank": 128, "alpha": 256.0, "train_embeddings": True,
        "train_lm_head": True, "padding_weight": 0.5, "window_seconds": 30.0, "seed": 4, "eval_every": 100,
        "save_every": 500, "keep_last": 4, "gradient_checkpointing": True,
    }
    assert found.places == {"train": "data/numbers.jsonl", "run": "runs/one",
                            "repository": "kyutai/stt-1b-en_fr"}
    assert set(found.ignored) == {"data.shuffle", "first_codebook_weight_multiplier", "log_freq", "do_eval",
                                  "save_adapters"}
    assert all(found.ignored.values())
    assert found.unknown == ("optim_extra.betas", "vad_loss_weight")


def test_shared_options_take_the_values() -> None:
    options = finetune_config.options_of(yaml.safe_load(EXAMPLE)).options
    shared = {name: value for name, value in options.items() if name in LoopOptions.model_fields}
    assert LoopOptions(**shared).model_dump() | shared == LoopOptions(**shared).model_dump()
    own = {"rank", "alpha", "train_embeddings", "train_lm_head", "padding_weight", "window_seconds"}
    assert options.keys() - shared.keys() == own


def test_what_is_left_out_means_what_it_means_there() -> None:
    found = finetune_config.options_of({"max_steps": 40, "moshi_paths": {"hf_repo_id": None}})
    assert (found.options["lr"], found.options["rank"], found.options["alpha"]) == (1e-4, 64, 128.0)
    assert (found.options["batch_size"], found.options["warmup_steps"]) == (1, 2)
    assert found.options["window_seconds"] == 10.0 and "save_every" not in found.options
    assert not found.places and not found.unknown


def test_there_and_back() -> None:
    first = finetune_config.options_of(yaml.safe_load(EXAMPLE))
    ours = {**first.options, "hold_heads": 0.1}
    assert finetune.left_out(ours, finetune_config.DIALECT) == ("hold_heads", "train_lm_head")
    text = yaml.safe_dump(finetune.config_of(ours, finetune_config.DIALECT, first.places))
    written = yaml.safe_load(text)
    again = finetune_config.options_of(written)
    assert (again.options, again.places, again.unknown) == (first.options, first.places, ())
    assert written["lora"] == {"rank": 128, "ft_embed": True, "enable": True, "scaling": 2.0}
    assert written["optim"] == {"lr": 2e-5, "weight_decay": 0.1, "pct_start": 0.05}


@pytest.mark.parametrize(("given", "told"), [
    ({"full_finetuning": True}, "trains all weights"),
    ({"lora": {"enable": False}}, "trains all weights"),
    ({"max_steps": "many"}, "max_steps is 'many': write a whole number"),
    ({"batch_size": 2.5}, "batch_size is 2.5: write a whole number"),
    ({"optim": {"lr": "fast"}}, r"optim\.lr is 'fast': write a number"),
    ({"optim": {"lr": -1}}, r"optim\.lr is -1"),
    ({"lora": {"ft_embed": "yes"}}, r"lora\.ft_embed is 'yes': write true or false"),
    ({"lora": {"rank": True}}, r"lora\.rank is True"),
])
def test_bad_values_are_named(given: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        finetune_config.options_of(given)
