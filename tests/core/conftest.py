"""Tiny real models and datasets: random weights of width 16 in the classes that transformers ships."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core import manifest
from core.run_dir import RunDir
from core.types import Row

LETTERS = ["<pad>", "|", *"abcdefghijklmnopqrstuvwxyz", "'", *"0123456789", "<unk>"]
TONES = {letter: 200.0 + 90.0 * i for i, letter in enumerate("abcdefghijklmnopqrstuvwxyz ")}
RATE = 16000

BaseMaker = Callable[..., Path]
DatasetMaker = Callable[..., Path]
RunMaker = Callable[..., RunDir]


def make_base(folder: Path, kind: str = "bert", **config: Any) -> Path:
    """A complete CTC folder: `kind` is bert, or the feature norm of a Wav2Vec2 (layer, group)."""
    import torch
    import transformers as t

    torch.manual_seed(3)
    folder.mkdir(parents=True)
    t.utils.logging.disable_progress_bar()
    (folder / "vocab.json").write_text(json.dumps({letter: i for i, letter in enumerate(LETTERS)}))
    tokenizer = t.Wav2Vec2CTCTokenizer(str(folder / "vocab.json"), bos_token=None, eos_token=None)
    common: dict[str, Any] = {
        "vocab_size": len(LETTERS),
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "pad_token_id": 0,
        "bos_token_id": None,
        "eos_token_id": None,
    }
    if kind == "bert":
        features = t.SeamlessM4TFeatureExtractor(
            feature_size=80, num_mel_bins=80, sampling_rate=RATE, stride=2, padding_value=0.0
        )
        t.Wav2Vec2BertProcessor(features, tokenizer).save_pretrained(folder)
        more: dict[str, Any] = {"position_embeddings_type": "rotary", "conv_depthwise_kernel_size": 5}
        model = t.Wav2Vec2BertForCTC(t.Wav2Vec2BertConfig(**{**common, **more, **config}))
    else:
        t.Wav2Vec2Processor(
            t.Wav2Vec2FeatureExtractor(return_attention_mask=True), tokenizer
        ).save_pretrained(folder)
        more = {
            "feat_extract_norm": kind,
            "conv_dim": (8,) * 7,
            "num_conv_pos_embeddings": 8,
            "num_conv_pos_embedding_groups": 2,
        }
        model = t.Wav2Vec2ForCTC(t.Wav2Vec2Config(**{**common, **more, **config}))
    model.save_pretrained(folder)
    return folder


LANGUAGES = {"eng": "abcdefghijklmnopqrstuvwxyz'", "smo": "aefgilmnoprstuv'", "fij": "abcdefgiklmnopqrstuvwy"}
"""The letters of the three languages of a tiny MMS model."""


def make_mms(folder: Path, **config: Any) -> Path:
    """A Wav2Vec2 folder with language adapters, as facebook/mms-1b-all is laid out; its own weights are those
    of eng."""
    import torch
    import transformers as t
    from safetensors.torch import save_file

    marked = ["<pad>", "<s>", "</s>", "<unk>", "|"]
    known = {name: {token: i for i, token in enumerate([*marked, *letters])}
             for name, letters in LANGUAGES.items()}
    make_base(folder, "layer", adapter_attn_dim=4, do_stable_layer_norm=True,
              vocab_size=len(known["eng"]), **config)
    (folder / "vocab.json").write_text(json.dumps(known))
    (folder / "added_tokens.json").unlink(missing_ok=True)
    tokenizer = t.Wav2Vec2CTCTokenizer(str(folder / "vocab.json"), target_lang="eng")
    tokenizer.save_pretrained(folder)
    model = t.Wav2Vec2ForCTC.from_pretrained(folder)
    for seed, (name, letters) in enumerate(known.items()):
        torch.manual_seed(seed)
        if name != "eng":
            model.lm_head = torch.nn.Linear(model.config.hidden_size, len(letters))
            for part in model._get_adapters().values():
                torch.nn.init.normal_(part, std=0.1)
        save_file(model._get_adapters(), folder / f"adapter.{name}.safetensors", metadata={"format": "pt"})
    return folder


def make_sound(path: Path, text: str, seconds_per_letter: float = 0.12) -> float:
    """A WAV of one tone a letter, with a little noise; its length in seconds."""
    n = round(seconds_per_letter * RATE)
    rng = np.random.default_rng(len(text))
    tones = [0.3 * np.sin(2 * np.pi * TONES.get(letter, 100.0) * np.arange(n) / RATE) for letter in text]
    samples = np.concatenate([np.zeros(n), *tones, np.zeros(n)])
    soundfile.write(path, (samples + rng.normal(0, 0.003, len(samples))).astype(np.float32), RATE)
    return len(samples) / RATE


def make_dataset(folder: Path, texts: Sequence[str], n_val: int = 2, n_test: int = 0) -> Path:
    """A dataset folder: the first `n_val` texts validate, the next `n_test` test, the rest train."""
    folder.mkdir(parents=True)
    rows = []
    for i, text in enumerate(texts):
        seconds = make_sound(folder / f"{i}.wav", text)
        split = "val" if i < n_val else "test" if i < n_val + n_test else "train"
        rows.append(Row(f"c{i}", f"{i}.wav", 0.0, seconds, RATE, text, split))
    manifest.write(folder, rows)
    return folder


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> BaseMaker:
    """`tiny_base(kind)`: a folder that every test may read and none may change."""
    made: dict[str, Path] = {}

    def base(kind: str = "bert") -> Path:
        if kind not in made:
            made[kind] = make_base(tmp_path_factory.mktemp("bases") / kind, kind)
        return made[kind]

    base("bert")
    return base


@pytest.fixture(scope="session")
def mms_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny MMS folder of three languages that every test may read and none may change."""
    return make_mms(tmp_path_factory.mktemp("mms") / "mms-tiny")


@pytest.fixture
def own_mms(mms_base: Path, tmp_path: Path) -> Path:
    """A copy of it that the test may spoil."""
    return Path(shutil.copytree(mms_base, tmp_path / "own-mms"))


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """PyTorch on one thread: on a busy machine several of them wait for each other at every tiny layer."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def wide_base(tmp_path: Path) -> Path:
    """Width 32 and no dropout: enough to learn three clips by heart."""
    kinds = ("hidden", "attention", "activation", "feat_proj", "final", "conformer_conv")
    return make_base(tmp_path / "wide", "bert", hidden_size=32, **{f"{kind}_dropout": 0.0 for kind in kinds})


@pytest.fixture
def own_base(tiny_base: BaseMaker, tmp_path: Path) -> BaseMaker:
    """`own_base(kind)`: a copy that the test may spoil."""

    def base(kind: str = "bert") -> Path:
        return Path(shutil.copytree(tiny_base(kind), tmp_path / f"own-{kind}"))

    return base


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight training clips, two to validate, two to test."""
    texts = [
        "one two",
        "three",
        "four five",
        "six",
        "seven eight",
        "nine",
        "zero one",
        "two",
        "three four",
        "five six",
        "eight",
        "nine ten",
    ]
    return make_dataset(tmp_path_factory.mktemp("data") / "set", texts, n_val=2, n_test=2)


@pytest.fixture
def new_run(tmp_path: Path, tiny_base: BaseMaker, tiny_data: Path) -> RunMaker:
    """`new_run(options, **order)`: a run folder with its order on the tiny base and data."""

    def run(options: dict[str, Any] | None = None, **order: Any) -> RunDir:
        quiet = {
            "steps": 6,
            "batch_size": 4,
            "eval_every": 100,
            "sample_every": 100,
            "save_every": 100,
            "rank": 2,
            "alpha": 4.0,
        }
        given = {
            "family": "ctc",
            "base": str(tiny_base()),
            "dataset": str(tiny_data),
            "device": "cpu",
            "precision": "auto",
            "way": "start",
            "options": {**quiet, **(options or {})},
        }
        return RunDir.create(tmp_path / "project" / "runs", "train", {**given, **order})

    return run
