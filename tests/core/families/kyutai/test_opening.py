"""A Kyutai folder of any of the three layouts becomes the same model, or a sentence says what is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from core.errors import BadInput, NotFound, StudioError, Unavailable
from core.families.kyutai import layouts, opening
from core.modelling.kyutai import names
from tests.core.families.kyutai.conftest import Kyutai
from tests.tiny_kyutai import CODEC, SHAPE, TOKENIZER, make_kyutai, write_tokenizer

LAYOUTS = ("native", "candle", "transformers")


def logits(model: torch.nn.Module, ids: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=ids, use_cache=False).logits[..., : SHAPE.text]


@pytest.fixture
def copy(kyutai: Kyutai, tmp_path: Path) -> Kyutai:
    """`copy(layout)`: a model of this test's own, to be spoiled."""
    def made(layout: str) -> Path:
        return Path(shutil.copytree(kyutai(layout), tmp_path / layout))

    return made


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_recognised_and_read(kyutai: Kyutai, layout: str) -> None:
    folder = kyutai(layout)
    source = layouts.read(folder)
    assert layouts.layout_of(folder) == source.layout == layout
    assert source.shape == SHAPE and source.delay == 0.5 and source.delay_frames == 6
    assert source.tokenizer.name == ("tokenizer.json" if layout == "transformers" else TOKENIZER)


def test_all_layouts_give_the_logits_of_transformers_own_loading(
    kyutai: Kyutai, input_ids: torch.Tensor
) -> None:
    theirs = transformers.KyutaiSpeechToTextForConditionalGeneration.from_pretrained(kyutai("transformers"))
    wanted = logits(theirs.eval(), input_ids)
    for layout in LAYOUTS:
        opened = opening.open_folder(kyutai(layout))
        assert torch.equal(logits(opened.model, input_ids), wanted), layout
        assert not any(name.startswith("codec_model.") for name in opened.model.state_dict())
        assert all(parameter.requires_grad for parameter in opened.model.parameters())
        assert opened.config.bos_token_id == SHAPE.text


def test_weights_are_copies_of_their_own(kyutai: Kyutai) -> None:
    """A mapped file, or a part of a larger tensor, would be held as long as the model."""
    model = opening.open_folder(kyutai("candle")).model
    for parameter in model.parameters():
        assert parameter.untyped_storage().nbytes() == parameter.numel() * 4


def test_as_bf16(kyutai: Kyutai, input_ids: torch.Tensor) -> None:
    full, half = (opening.open_folder(kyutai("candle"), dtype).model for dtype in ("fp32", "bf16"))
    assert {parameter.dtype for parameter in half.parameters()} == {torch.bfloat16}
    far = (logits(half, input_ids).float() - logits(full, input_ids)).abs().max()
    assert 0 < far < 0.1 * logits(full, input_ids).abs().max()


def test_pause_heads_are_kept_aside_or_said_to_be_elsewhere(kyutai: Kyutai) -> None:
    heads = opening.open_folder(kyutai("candle")).heads
    saved = load_file(kyutai("candle") / "model.safetensors")
    assert heads is not None and heads.shape == (4, 6, 64)
    assert torch.equal(heads[2], saved["extra_heads.2.weight"])
    for layout in ("native", "transformers"):
        assert opening.open_folder(kyutai(layout)).heads is None
        with pytest.raises(Unavailable, match="kyutai/stt-1b-en_fr-candle"):
            opening.pause_heads(layouts.read(kyutai(layout)))


def test_the_codec_of_every_layout_gives_the_same_codes(kyutai: Kyutai) -> None:
    sound = 0.2 * torch.randn(1, 1, 8 * 1920, generator=torch.Generator().manual_seed(0))
    codes = []
    for layout in LAYOUTS:
        with torch.no_grad():
            codes.append(opening.open_codec(kyutai(layout)).encode(sound).audio_codes)
    assert codes[0].shape == (1, 8, 8) and len(codes[0].unique()) > 4
    assert torch.equal(codes[0], codes[1]) and torch.equal(codes[0], codes[2])


def test_with_the_codec_inside_transformers_own_generation_runs(kyutai: Kyutai) -> None:
    model = opening.with_codec(opening.open_folder(kyutai("candle")))
    sound = 0.2 * torch.randn(1, 1, 4 * 1920, generator=torch.Generator().manual_seed(0))
    written = model.generate(input_values=sound, max_new_tokens=4, do_sample=False)
    assert written.shape == (1, 5)


def test_later_native_names_are_read(copy: Kyutai, kyutai: Kyutai, input_ids: torch.Tensor) -> None:
    folder = copy("native")
    held = load_file(folder / "model.safetensors")
    later = {name.replace("in_proj_weight", "in_projs.0.weight").replace("out_proj.", "out_projs.0."): tensor
             for name, tensor in held.items()}
    save_file(later, folder / "model.safetensors")
    wanted = logits(opening.open_folder(kyutai("native")).model, input_ids)
    assert torch.equal(logits(opening.open_folder(folder).model, input_ids), wanted)


def test_the_larger_english_kind_has_no_heads_and_another_delay(tmp_path: Path) -> None:
    folder = make_kyutai(tmp_path / "en", "native", layers=3, heads=8, context=5)
    config = json.loads((folder / "config.json").read_text())
    config["stt_config"] = {"audio_delay_seconds": 2.5, "audio_silence_prefix_seconds": 1.0}
    (folder / "config.json").write_text(json.dumps(config))
    opened = opening.open_folder(folder)
    assert (opened.source.delay_frames, opened.source.silence, opened.heads) == (31, 1.0, None)
    assert opened.config.sliding_window == 5


def test_other_models_are_none_of_these(tmp_path: Path, copy: Kyutai) -> None:
    assert layouts.layout_of(tmp_path / "none") is None
    folder = copy("native")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "dep_q": 8}))
    assert layouts.layout_of(folder) is None, "a Moshi that speaks"
    save_file({"a": torch.zeros(1)}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    assert layouts.layout_of(folder) is None, "a config alone makes no model"


def _cut(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:-100])


def _without_a_weight(folder: Path) -> None:
    held = load_file(folder / "model.safetensors")
    held.pop("emb.7.weight")
    save_file(held, folder / "model.safetensors")


def _another_config(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "num_layers": 3}))


@pytest.mark.parametrize(("spoil", "kind", "told"), [
    (_cut, BadInput, "cut short"),
    (_without_a_weight, BadInput, r"emb\.7\.weight \(missing; wanted: \(17, 64\)\)"),
    (_another_config, BadInput, r"transformer\.layers\.2"),
    (lambda folder: (folder / TOKENIZER).unlink(), Unavailable, TOKENIZER),
    (lambda folder: (folder / CODEC).unlink(), Unavailable, "lacks mimi"),
    (lambda folder: (folder / "config.json").unlink(), Unavailable, r"config\.json is missing"),
    (lambda folder: write_tokenizer(folder / TOKENIZER, ("▁", "a")), BadInput, "has 6 pieces .* writes 64"),
    (lambda folder: (folder / TOKENIZER).write_bytes(b"no model"), BadInput, "is no SentencePiece model"),
])
def test_a_spoiled_folder_is_told(copy: Kyutai, spoil: object, kind: type[StudioError], told: str) -> None:
    folder = copy("native")
    spoil(folder)  # type: ignore[operator]
    with pytest.raises(kind, match=told):
        opening.open_folder(folder)
    with pytest.raises(NotFound):
        opening.open_folder(folder / "none")


def test_a_codec_of_another_size_is_told(copy: Kyutai) -> None:
    folder = copy("native")
    held = load_file(folder / CODEC)
    save_file({**held, "downsample.conv.conv.conv.weight": torch.zeros(1, 1, 1)}, folder / CODEC)
    with pytest.raises(BadInput, match=r"the codec .* encoder\.downsample"):
        opening.open_codec(folder)


def test_an_old_transformers_is_told(kyutai: Kyutai, monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        __version__ = "4.50.0"

    import sys
    monkeypatch.setitem(sys.modules, "transformers", Old)
    with pytest.raises(Unavailable, match=r"transformers 4\.50\.0 is too old"):
        opening.open_folder(kyutai("native"))


def test_the_table_of_transformers_is_what_marks_its_layout(copy: Kyutai) -> None:
    folder = copy("transformers")
    held = load_file(folder / "model.safetensors")
    held.pop(names.TABLE)
    save_file(held, folder / "model.safetensors")
    assert layouts.layout_of(folder) is None
