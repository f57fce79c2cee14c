"""A merged Kyutai model in four forms: each opens again and answers as the model in memory does."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file

from core.errors import BadInput, Refused, StudioError, Unavailable
from core.families.base import Check
from core.families.kyutai import exporting, exporting_checks, exporting_files, layouts, opening
from core.modelling.kyutai import mlx_names, native_forward
from tests.core.families.kyutai.conftest import Kyutai
from tests.tiny_kyutai import CODEC, SHAPE, TOKENIZER, make_kyutai

FORMS = [(form, dtype) for form, types in exporting.EXPORTS.items() for dtype in types]


@pytest.fixture(scope="module")
def tuned(kyutai: Kyutai) -> Any:
    """The tiny model with other weights than its base, the rows without a native place included."""
    model = opening.open_folder(kyutai("candle")).model
    drawn = torch.Generator().manual_seed(9)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.02 * torch.randn(parameter.shape, generator=drawn))
    return model


def by_name(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {each.name: each for each in checks}


@pytest.mark.parametrize(("form", "dtype"), FORMS)
def test_each_form_is_written_and_proved(
    kyutai: Kyutai, tuned: Any, input_ids: torch.Tensor, tmp_path: Path, form: str, dtype: str
) -> None:
    checks = by_name(exporting.export(tuned, kyutai("candle"), form, dtype, tmp_path / "out", input_ids))
    assert all(each.value <= each.allowed for each in checks.values())
    assert checks["logits"].value < (1e-5 if dtype == "fp32" else 0.05)
    assert "heads" in checks or form not in ("candle", "mlx")
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "nothing else is left"


def test_candle_is_what_the_server_loads(
    kyutai: Kyutai, tuned: Any, input_ids: torch.Tensor, tmp_path: Path
) -> None:
    base = kyutai("candle")
    exporting.export(tuned, base, "candle", "bf16", tmp_path / "out", input_ids)
    held = load_file(tmp_path / "out" / "model.safetensors")
    assert {name: tuple(t.shape) for name, t in held.items()} == SHAPE.native() | SHAPE.pause_heads()
    assert {tensor.dtype for tensor in held.values()} == {torch.bfloat16}
    heads = load_file(base / "model.safetensors")["extra_heads.1.weight"]
    assert torch.equal(held["extra_heads.1.weight"], heads.bfloat16())
    for name in (CODEC, TOKENIZER, "mimi_config.json"):
        assert (tmp_path / "out" / name).read_bytes() == (base / name).read_bytes()
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (config["extra_heads_num_heads"], config["extra_heads_dim"], config["mimi_name"]) == (4, 6, CODEC)
    assert layouts.layout_of(tmp_path / "out") == "candle"


def test_the_servers_config(kyutai: Kyutai, tuned: Any, input_ids: torch.Tensor, tmp_path: Path) -> None:
    exporting.export(tuned, kyutai("candle"), "candle", "bf16", tmp_path / "out", input_ids)
    module = tomllib.loads((tmp_path / "out" / "server.toml").read_text())["modules"]["asr"]
    assert (module["type"], module["asr_delay_in_tokens"]) == ("BatchedAsr", 6)
    for name in ("lm_model_file", "text_tokenizer_file", "audio_tokenizer_file"):
        assert (tmp_path / "out" / module[name]).is_file()
    model = module["model"]
    assert (model["text_in_vocab_size"], model["text_out_vocab_size"]) == (65, 64)
    assert (model["audio_codebooks"], model["audio_vocab_size"]) == (8, 17)
    assert model["extra_heads"] == {"num_heads": 4, "dim": 6}
    inside = model["transformer"]
    assert (inside["d_model"], inside["num_heads"], inside["num_layers"]) == (64, 4, 2)
    assert (inside["dim_feedforward"], inside["context"], inside["max_period"]) == (256, 10, 100_000)


def test_transformers_own_loading_and_generation(
    kyutai: Kyutai, tuned: Any, input_ids: torch.Tensor, tmp_path: Path
) -> None:
    exporting.export(tuned, kyutai("native"), "transformers", "bf16", tmp_path / "out", input_ids)
    library: Any = transformers
    kind = library.KyutaiSpeechToTextForConditionalGeneration
    model, info = kind.from_pretrained(tmp_path / "out", output_loading_info=True)
    assert not any(info.values())
    assert model.dtype == torch.bfloat16 and next(model.codec_model.parameters()).dtype == torch.float32
    processor = library.KyutaiSpeechToTextProcessor.from_pretrained(tmp_path / "out")
    sound = 0.2 * torch.randn(6 * 1920, generator=torch.Generator().manual_seed(0))
    inputs = processor(audio=sound.numpy())
    assert inputs["input_values"].shape[-1] == 6 * 1920 + 36_000, "1.5 s behind it"
    written = model.float().generate(**inputs)
    assert written.shape[0] == 1 and processor.batch_decode(written)
    assert opening.open_codec(tmp_path / "out")


def test_a_merged_folder_carries_what_later_exports_need(
    kyutai: Kyutai, tuned: Any, input_ids: torch.Tensor, tmp_path: Path
) -> None:
    exporting.write_transformers(tuned, kyutai("candle"), "fp32", tmp_path / "merged")
    opened = opening.open_folder(tmp_path / "merged")
    assert opened.heads is not None and opened.source.layout == "transformers"
    exporting.export_folder(tmp_path / "merged", "candle", "bf16", tmp_path / "one", input_ids)
    exporting.export_folder(tmp_path / "merged", "candle", "bf16", tmp_path / "two", input_ids,
                            base=kyutai("candle"))
    one, two = (load_file(tmp_path / name / "model.safetensors") for name in ("one", "two"))
    assert one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)
    made = load_file(tmp_path / "one" / exporting_files.CODEC_FILE)
    copied = load_file(tmp_path / "two" / CODEC)
    assert made.keys() == copied.keys() and all(torch.equal(made[name], copied[name]) for name in made)


def test_transformers_to_native_without_a_sentencepiece_model_is_told(
    kyutai: Kyutai, tuned: Any, input_ids: torch.Tensor, tmp_path: Path
) -> None:
    base = Path(shutil.copytree(kyutai("transformers"), tmp_path / "base"))
    with pytest.raises(Unavailable, match=r"tokenizer\.json only"):
        exporting.export(tuned, base, "native", "bf16", tmp_path / "out", input_ids)
    assert not (tmp_path / "out").exists()
    shutil.copy(kyutai("native") / TOKENIZER, base)
    exporting.export(tuned, base, "native", "bf16", tmp_path / "out", input_ids)
    assert layouts.layout_of(tmp_path / "out") == "native" and opening.open_codec(tmp_path / "out")


def test_the_server_needs_heads_which_only_one_repository_has(
    kyutai: Kyutai, tuned: Any, input_ids: torch.Tensor, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match="kyutai/stt-1b-en_fr-candle"):
        exporting.export(tuned, kyutai("native"), "candle", "bf16", tmp_path / "out", input_ids)


def test_the_larger_english_model_goes_to_the_server_without_heads(
    input_ids: torch.Tensor, tmp_path: Path
) -> None:
    base = make_kyutai(tmp_path / "base", "native", context=5)
    config = json.loads((base / "config.json").read_text())
    config["stt_config"]["audio_delay_seconds"] = 2.5
    (base / "config.json").write_text(json.dumps(config))
    checks = exporting.export_folder(base, "candle", "bf16", tmp_path / "out", input_ids)
    assert "heads" not in by_name(checks)
    module = tomllib.loads((tmp_path / "out" / "server.toml").read_text())["modules"]["asr"]
    assert "extra_heads" not in module["model"] and module["asr_delay_in_tokens"] == 31


def test_no_room_is_told_before_anything_is_written(
    kyutai: Kyutai, tuned: Any, input_ids: torch.Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.files.free_gb", lambda _: 0.05)
    with pytest.raises(Unavailable, match=r"needs 0\.1 GB, and 0\.1 GB are free"):
        exporting.export(tuned, kyutai("candle"), "candle", "bf16", tmp_path / "out", input_ids)
    assert not list(tmp_path.iterdir())


def test_what_differs_is_not_kept(
    kyutai: Kyutai, tuned: Any, input_ids: torch.Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = exporting_checks.reopened_logits
    monkeypatch.setattr(exporting_checks, "reopened_logits", lambda *given: 1.2 * right(*given))
    with pytest.raises(StudioError, match="was not kept: Read back, its logits differ"):
        exporting.export(tuned, kyutai("candle"), "candle", "bf16", tmp_path / "out", input_ids)
    assert not list(tmp_path.iterdir())


def test_a_wrong_order_of_the_heads_rows_would_be_found(
    kyutai: Kyutai, tuned: Any, input_ids: torch.Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check is no circle: it computes by native rules, so rows left in transformers' order stand out."""
    from core.modelling.kyutai import rotary

    monkeypatch.setattr(rotary, "to_pairs", lambda rows, heads: rows)
    with pytest.raises(StudioError, match="its logits differ"):
        exporting.export(tuned, kyutai("candle"), "candle", "bf16", tmp_path / "out", input_ids)


def test_bad_orders(kyutai: Kyutai, tuned: Any, input_ids: torch.Tensor, tmp_path: Path) -> None:
    for form, dtype, told in (("onnx", "fp32", "is no form"), ("candle", "fp32", "is written as bf16")):
        with pytest.raises(BadInput, match=told):
            exporting.export(tuned, kyutai("candle"), form, dtype, tmp_path / "out", input_ids)
    (tmp_path / "out").mkdir()
    with pytest.raises(Refused, match="exists already"):
        exporting.export(tuned, kyutai("candle"), "candle", "bf16", tmp_path / "out", input_ids)


def test_native_rules_give_transformers_logits_and_hidden_state(
    kyutai: Kyutai, input_ids: torch.Tensor
) -> None:
    model = opening.open_folder(kyutai("native")).model
    heard = native_forward.forward(load_file(kyutai("native") / "model.safetensors"), SHAPE, input_ids)
    with torch.no_grad():
        theirs = model(input_ids=input_ids, use_cache=False)
        hidden = model.model(input_ids=input_ids, use_cache=False).last_hidden_state
    assert torch.allclose(heard.logits, theirs.logits[..., : SHAPE.text], atol=2e-5)
    assert torch.allclose(heard.hidden, hidden, atol=2e-5), "what the pause heads read"


def test_native_rules_see_no_further_than_the_context(kyutai: Kyutai) -> None:
    ids = torch.randint(16, (1, 30, 9), generator=torch.Generator().manual_seed(2))
    other = ids.clone()
    other[:, 0] = 7
    held = load_file(kyutai("native") / "model.safetensors")
    far = [(native_forward.forward(held, SHAPE, each)).logits for each in (ids, other)]
    same = (far[0] == far[1]).all(-1)[0]
    assert not same[:10].any() and same[19:].all(), "two layers of ten frames"


def test_mlx_names_there_and_back(kyutai: Kyutai) -> None:
    held = load_file(kyutai("candle") / "model.safetensors")
    mlx = mlx_names.to_mlx(held)
    assert {"audio_embs.7.weight", "transformer.layers.1.self_attn.in_proj.weight", "out_norm.weight",
            "extra_heads.3.weight", "text_emb.weight"} <= mlx.keys()
    assert mlx["transformer.layers.0.norm1.weight"].shape == (64,)
    back = mlx_names.from_mlx(mlx, held)
    assert back.keys() == held.keys() and all(torch.equal(back[name], held[name]) for name in held)
