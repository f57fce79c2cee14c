"""A base folder is read whole or refused with a sentence; its frame arithmetic is the model's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import BadInput, NotFound, Refused, StudioError, Unavailable
from core.families.ctc import folder as folders
from core.families.ctc import network

BaseMaker = Callable[..., Path]


def change(file: Path, **values: Any) -> None:
    """Overwrite some keys of a JSON file; None removes one."""
    merged = {**json.loads(file.read_text()), **values}
    file.write_text(json.dumps({k: v for k, v in merged.items() if v is not None}))


@pytest.mark.parametrize("kind", ["bert", "layer", "group"])
def test_a_complete_folder_tells_what_it_is(tiny_base: BaseMaker, kind: str) -> None:
    folder = folders.read(tiny_base(kind))
    assert folder.blank == 0 and folder.delimiter == 1
    assert folder.silent == [0, 39]
    assert folder.rate == 16000
    assert folder.seconds_per_frame() == pytest.approx(0.02)
    assert folder.depends_on_padding == (kind == "group")


@pytest.mark.parametrize("kind", ["bert", "layer"])
@pytest.mark.parametrize("seconds", [0.05, 0.5, 1.2345, 3.0])
def test_frames_are_counted_as_the_model_gives_them(tiny_base: BaseMaker, kind: str, seconds: float) -> None:
    from core.families.base import Example
    from core.families.ctc.labels import prepared_from

    base = tiny_base(kind)
    samples = np.random.default_rng(0).normal(0, 0.1, round(seconds * 16000)).astype(np.float32)
    example = Example("c", network.extract(samples, base), (), "")
    logits = network.frame_logits(network.load_plain(base), [example], prepared_from(folders.read(base)))[0]
    assert folders.read(base).n_frames(seconds) == len(logits)


@pytest.mark.parametrize(
    ("gone", "sentence"),
    [
        ("vocab.json", r"no vocabulary: vocab\.json is missing"),
        ("processor_config.json", "no feature settings"),
        ("config.json", r"config\.json is missing"),
        ("model.safetensors", r"put model\.safetensors there"),
    ],
)
def test_a_missing_file_is_told(own_base: BaseMaker, gone: str, sentence: str) -> None:
    base = own_base()
    (base / gone).unlink()
    with pytest.raises(Unavailable, match=sentence):
        folders.read(base)


def test_only_a_pickle_is_refused(own_base: BaseMaker) -> None:
    base = own_base()
    (base / "model.safetensors").rename(base / "pytorch_model.bin")
    with pytest.raises(Refused, match=r"pytorch_model\.bin"):
        folders.read(base)


def test_no_folder_and_a_run_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no model folder"):
        folders.read(tmp_path / "nowhere")
    (tmp_path / "run.json").write_text('{"family": "ctc"}')
    with pytest.raises(BadInput, match="Warm start or Retune"):
        folders.read(tmp_path)


def test_another_class_is_told(own_base: BaseMaker) -> None:
    base = own_base()
    change(base / "config.json", architectures=["WhisperForConditionalGeneration"])
    assert not folders.claims(base)
    with pytest.raises(BadInput, match="is a WhisperForConditionalGeneration"):
        folders.read(base)


@pytest.mark.parametrize("vocabulary", [{"<pad>": 0, "|": 1, "a": 2}, {"<pad>": 0, "|": 1, "a": 99}])
def test_a_vocabulary_of_another_size_is_told(own_base: BaseMaker, vocabulary: dict[str, int]) -> None:
    base = own_base()
    (base / "vocab.json").write_text(json.dumps(vocabulary))
    with pytest.raises(BadInput, match="its output layer has 40"):
        folders.read(base)


def test_a_vocabulary_without_its_blank_is_told(own_base: BaseMaker) -> None:
    base = own_base()
    change(base / "tokenizer_config.json", pad_token="[PAD]")
    with pytest.raises(BadInput, match="lacks its pad_token"):
        folders.read(base)


def test_feature_settings_of_another_model_are_told(own_base: BaseMaker, tiny_base: BaseMaker) -> None:
    base = own_base()
    (base / "processor_config.json").write_text((tiny_base("layer") / "processor_config.json").read_text())
    with pytest.raises(BadInput, match="feature settings of another model"):
        folders.read(base)


def test_a_vocabulary_of_many_languages_uses_the_named_one(own_base: BaseMaker) -> None:
    base = own_base()
    found = json.loads((base / "vocab.json").read_text())
    (base / "vocab.json").write_text(json.dumps({"eng": found, "deu": {"<pad>": 0}}))
    with pytest.raises(BadInput, match="target_lang"):
        folders.read(base)
    change(base / "tokenizer_config.json", target_lang="eng")
    assert folders.read(base).vocabulary == found


def test_keys_that_are_missing_or_left_over_are_an_error(own_base: BaseMaker) -> None:
    base = own_base()
    change(base / "config.json", num_hidden_layers=2)
    with pytest.raises(StudioError, match="missing or left over"):
        network.load_plain(base)


def test_weights_of_other_shapes_are_an_error(own_base: BaseMaker) -> None:
    base = own_base()
    change(base / "config.json", intermediate_size=64)
    with pytest.raises(StudioError, match="do not fit its config"):
        network.load_plain(base)


def test_the_encoder_id_follows_the_feature_settings(own_base: BaseMaker, tiny_base: BaseMaker) -> None:
    base = own_base()
    assert folders.read(base).encoder_id() == folders.read(tiny_base()).encoder_id()
    settings = json.loads((base / "processor_config.json").read_text())
    settings["feature_extractor"]["padding_value"] = 1.0
    (base / "processor_config.json").write_text(json.dumps(settings))
    assert folders.read(base).encoder_id() != folders.read(tiny_base()).encoder_id()
