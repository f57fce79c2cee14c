"""MMS: a language is chosen, heard, aligned, taught from another's adapter, opened by plain transformers."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import manifest
from core.errors import BadInput, NotFound, Refused, StudioError, Unavailable
from core.families import family_of, named
from core.families.base import Clip
from core.families.ctc import folder as folders
from core.families.ctc import languages, network
from core.run_dir import RunDir
from core.training.loading import load_tuned
from core.training.loop import train
from core.training.merging import merge_run
from core.types import Row

pytestmark = pytest.mark.usefixtures("one_thread")
RunMaker = Callable[..., RunDir]
CTC = named("ctc")
TVL: dict[str, Any] = {
    "tune": "language", "from_language": "smo", "language": "tvl", "batch_size": 4, "head_epochs": 1,
    "adapter_epochs": 2, "lr": 0.02, "head_lr": 0.02, "eval_every": 100, "sample_every": 100,
    "save_every": 100, "tempo": 0, "formants": 0, "time_masks": 0, "frequency_masks": 0, "noise": 0,
}


@pytest.fixture(scope="module")
def tvl_run(
    one_thread: None, tmp_path_factory: pytest.TempPathFactory, mms_base: Path, tiny_data: Path
) -> RunDir:
    """A run that taught tvl, from smo."""
    order = {"family": "ctc", "base": str(mms_base), "dataset": str(tiny_data), "device": "cpu",
             "options": TVL}
    run = RunDir.create(tmp_path_factory.mktemp("tvl") / "project" / "runs", "train", order)
    train(run, run.order())
    return run


@pytest.fixture(scope="module")
def tvl(tvl_run: RunDir, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is merged from it, in fp32."""
    out = tmp_path_factory.mktemp("merged") / "tvl"
    merge_run(tvl_run.path, out, "fp32")
    return out


def plain(base: Path, language: str, row: Row, data: Path) -> np.ndarray:
    """What plain transformers makes of one clip, in a language."""
    import soundfile
    import torch
    import transformers as t

    model = t.Wav2Vec2ForCTC.from_pretrained(base, target_lang=language, ignore_mismatched_sizes=True).eval()
    samples, rate = soundfile.read(data / row.audio, dtype="float32")
    extractor = t.AutoFeatureExtractor.from_pretrained(base)
    with torch.no_grad():
        found = model(**extractor(samples, sampling_rate=rate, return_tensors="pt")).logits[0]
    return found.numpy()


def ours(model: str, row: Row, data: Path) -> np.ndarray:
    """What our recogniser makes of the same clip."""
    return CTC.recogniser(model, device="cpu").hear(Clip(row.id, data / row.audio)).logits


# --- choosing a language

@pytest.mark.parametrize("language", ["eng", "smo", "fij"])
def test_each_language_is_heard_as_plain_transformers_hears_it(
    mms_base: Path, tiny_data: Path, language: str
) -> None:
    row = manifest.read(tiny_data)[0]
    heard = ours(f"{mms_base}:{language}", row, tiny_data)
    assert np.array_equal(heard, plain(mms_base, language, row, tiny_data))
    assert heard.shape[1] == len(json.loads((mms_base / "vocab.json").read_text())[language])


def test_a_recogniser_and_an_aligner_say_and_use_their_language(mms_base: Path, tiny_data: Path) -> None:
    row = manifest.read(tiny_data)[0]
    clip = Clip(row.id, tiny_data / row.audio)
    recogniser = CTC.recogniser(f"{mms_base}:smo", device="cpu")
    assert recogniser.choice.endswith("The language adapter is that of “smo”.")
    assert set(recogniser.transcribe(clip).text) <= set("aefgilmnoprstuv' ")
    listened = CTC.aligner(f"{mms_base}:smo", device="cpu").listen(clip)
    words = listened.align("mata o le tai")
    assert [word.text for word in words] == ["mata", "o", "le", "tai"]
    starts = [word.start for word in words]
    assert starts == sorted(starts) and 0 <= starts[0] and words[-1].end <= row.seconds + 0.05
    with pytest.raises(BadInput, match="cannot write “b”"):
        listened.align("baba")


@pytest.mark.parametrize(("project", "found"), [
    ("sm", "smo"), ("smo", "smo"), ("sm-WS", "smo"), ("fj", "fij"), ("en", ""), ("eng", ""), ("", ""),
    ("de", ""),
])
def test_a_projects_language_finds_its_adapter(mms_base: Path, project: str, found: str) -> None:
    assert languages.of_project(mms_base, project) == found


def test_the_only_script_of_a_language_is_meant_by_its_code(own_mms: Path) -> None:
    known = json.loads((own_mms / "vocab.json").read_text())
    known["uzb-script_latin"] = known["smo"]
    (own_mms / "vocab.json").write_text(json.dumps(known))
    assert languages.of_project(own_mms, "uz") == "uzb-script_latin"
    (own_mms / "vocab.json").write_text(json.dumps({**known, "uzb-script_cyrillic": known["smo"]}))
    assert languages.of_project(own_mms, "uz") == ""


def test_the_languages_on_disk_are_told(mms_base: Path, tiny_base: Callable[..., Path]) -> None:
    assert CTC.languages(mms_base) == ["eng", "fij", "smo"]
    assert CTC.languages(tiny_base()) == []
    assert languages.split(f"{mms_base}:smo") == (mms_base, "smo")
    assert languages.split(str(mms_base)) == (mms_base, "")


def test_a_missing_adapter_is_told_with_the_file_and_the_place(own_mms: Path) -> None:
    (own_mms / "adapter.smo.safetensors").unlink()
    with pytest.raises(Unavailable, match=f"put adapter.smo.safetensors into {own_mms}"):
        CTC.recogniser(f"{own_mms}:smo", device="cpu")
    with pytest.raises(Unavailable, match="has no adapter for “smo”"):
        CTC.recogniser(str(own_mms), device="cpu", language="sm")


def test_an_adapter_that_is_only_a_pickle_is_not_opened(own_mms: Path, tmp_path: Path) -> None:
    trap = f"cposix\nsystem\n(S'touch {tmp_path}/ran'\ntR."
    (own_mms / "adapter.smo.safetensors").unlink()
    (own_mms / "adapter.smo.bin").write_text(trap)
    with pytest.raises(Refused, match=r"only as adapter\.smo\.bin.* put adapter\.smo\.safetensors into"):
        CTC.recogniser(f"{own_mms}:smo", device="cpu")
    assert not (tmp_path / "ran").exists()


def test_a_language_that_the_folder_does_not_know_is_told(
    mms_base: Path, tiny_base: Callable[..., Path]
) -> None:
    with pytest.raises(BadInput, match="knows no language “deu”: it has vocabularies for eng, fij, smo;"):
        CTC.recogniser(f"{mms_base}:deu", device="cpu")
    with pytest.raises(BadInput, match="it has one vocabulary for all"):
        folders.read(tiny_base(), "deu")
    with pytest.raises(NotFound, match="no model folder facebook/mms-1b-all"):
        CTC.recogniser("facebook/mms-1b-all", device="cpu")


def test_an_adapter_cut_short_or_of_another_model_is_told(own_mms: Path, mms_base: Path) -> None:
    from safetensors.torch import load_file, save_file

    file = own_mms / "adapter.smo.safetensors"
    held = load_file(file)
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(BadInput, match="cut short"):
        network.load_plain(own_mms, "smo")
    save_file({name.replace("linear_1", "linear_9"): t for name, t in held.items()}, file)
    with pytest.raises(BadInput, match="4 of its weights are missing or left over"):
        network.load_plain(own_mms, "smo")
    narrow = {name: t[:2].contiguous() if "linear_1" in name else t for name, t in held.items()}
    save_file(narrow, file)
    with pytest.raises(BadInput, match=r"no adapter for the model in own-mms: .*size mismatch"):
        network.load_plain(own_mms, "smo")
    shutil.copyfile(mms_base / "adapter.fij.safetensors", file)
    with pytest.raises(BadInput, match="its output layer has 27"):
        network.load_plain(own_mms, "smo")


# --- teaching one

def test_what_is_known_of_the_source_is_kept_and_new_letters_alone_are_new(
    mms_base: Path, tiny_data: Path
) -> None:
    options = CTC.options(**TVL)
    rows = [row for row in manifest.read(tiny_data) if row.split == "train"]
    prepared = CTC.prepare(rows, mms_base, options)
    model, source = CTC.load(mms_base, prepared, options), network.load_plain(mms_base, "smo")
    before = folders.read(mms_base, "smo").vocabulary
    new = set(prepared.vocabulary) - set(before)
    assert new == set("hwxz") and "'" not in prepared.vocabulary and "m" not in prepared.vocabulary
    for token, i in prepared.vocabulary.items():
        if token in before:
            assert model.lm_head.weight[i].equal(source.lm_head.weight[before[token]])
            assert model.lm_head.bias[i].equal(source.lm_head.bias[before[token]])
        else:
            assert 0 < model.lm_head.weight[i].abs().max() < 0.2 and model.lm_head.bias[i] == 0
    learned, had = dict(model.named_parameters()), dict(source.named_parameters())
    assert all(p.equal(had[name]) for name, p in learned.items() if not name.startswith("lm_head"))
    again = CTC.load(mms_base, prepared, options)
    assert again.lm_head.weight.equal(model.lm_head.weight), "a new letter's row goes by seed and letter"
    assert {p.p for p in model.modules() if type(p).__name__ == "Dropout"} == {0.0}


def test_a_language_that_goes_on_learning_keeps_its_letters(mms_base: Path, tiny_data: Path) -> None:
    options = CTC.options(**{**TVL, "language": "smo"})
    prepared = CTC.prepare(manifest.read(tiny_data), mms_base, options)
    before = folders.read(mms_base, "smo").vocabulary
    assert {token: prepared.vocabulary[token] for token in before} == before
    assert set(prepared.vocabulary) - set(before) == set("hwxz")


@pytest.mark.budget(30)
def test_one_batch_is_overfitted_and_then_written_right(tmp_path: Path, new_run: RunMaker) -> None:
    from tests.core.conftest import make_dataset, make_mms

    base = make_mms(tmp_path / "wide-mms", hidden_size=32)
    data = make_dataset(tmp_path / "few", ["taz", "zat a"], n_val=0)
    options = {**TVL, "head_epochs": 5, "adapter_epochs": 150}
    run = new_run(options, base=str(base), dataset=str(data))
    assert train(run, run.order()).ended == "done"
    family, model, prepared, _ = load_tuned(run.path)
    rows = manifest.read(data)
    examples = [family.example(row, family.encode(row, data, base), prepared) for row in rows]
    assert [p.text for p in family.predict(model, examples, prepared)] == [row.text for row in rows]


def test_plain_transformers_opens_the_taught_language_with_equal_logits(
    tvl: Path, tvl_run: RunDir, tiny_data: Path
) -> None:
    from transformers import Wav2Vec2CTCTokenizer

    family, model, prepared, base = load_tuned(tvl_run.path)
    tokenizer = Wav2Vec2CTCTokenizer(str(tvl / "vocab.json"), target_lang="tvl")
    opened = Wav2Vec2CTCTokenizer.from_pretrained(tvl)
    assert tokenizer.encoder == opened.encoder == prepared.vocabulary
    for row in manifest.read(tiny_data)[:3]:
        example = family.example(row, family.encode(row, tiny_data, base), prepared)
        theirs = plain(tvl, "tvl", row, tiny_data)
        assert np.array_equal(theirs, family.outputs(model, [example], prepared)[0])
        assert np.array_equal(theirs, ours(str(tvl), row, tiny_data))
        assert tokenizer(row.text).input_ids == list(example.labels)
        said = CTC.recogniser(str(tvl), device="cpu").transcribe(Clip(row.id, tiny_data / row.audio)).text
        assert re.sub("<.+?>", "", tokenizer.decode(theirs.argmax(-1))).split() == said.split()


def test_the_other_languages_of_the_folder_are_as_they_were(
    tvl: Path, mms_base: Path, tiny_data: Path
) -> None:
    before, after = (json.loads((folder / "vocab.json").read_text()) for folder in (mms_base, tvl))
    assert {name: after[name] for name in before} == before and set(after) - set(before) == {"tvl"}
    for name in before:
        file = f"adapter.{name}.safetensors"
        assert (tvl / file).read_bytes() == (mms_base / file).read_bytes()
    row = manifest.read(tiny_data)[0]
    assert np.array_equal(ours(f"{tvl}:smo", row, tiny_data), ours(f"{mms_base}:smo", row, tiny_data))
    config, base = (json.loads((folder / "config.json").read_text()) for folder in (tvl, mms_base))
    changed = {name for name in base | config if base.get(name) != config.get(name)}
    assert changed == {"vocab_size", "ctc_zero_infinity"}
    assert family_of(tvl).name == "ctc" and not (mms_base / "adapter.tvl.safetensors").exists()


def test_the_taught_language_is_heard_and_aligned_from_run_and_folder(
    tvl: Path, tvl_run: RunDir, tiny_data: Path
) -> None:
    row = manifest.read(tiny_data)[0]
    clip = Clip(row.id, tiny_data / row.audio)
    heard = [CTC.recogniser(str(model), device="cpu").transcribe(clip) for model in (tvl, tvl_run.path)]
    assert heard[0] == heard[1]
    words = CTC.aligner(str(tvl), device="cpu").listen(clip).align(row.text)
    assert [word.text for word in words] == row.text.split()


def test_a_taught_language_is_the_start_of_another(tvl: Path, new_run: RunMaker) -> None:
    run = new_run({**TVL, "from_language": "", "language": "tkl", "adapter_epochs": 1}, base=str(tvl))
    assert train(run, run.order()).ended == "done"
    assert CTC.base_model(tvl, CTC.options(**TVL)) == f"{tvl}:smo"


def test_in_bf16_the_folder_is_as_near_as_bf16_allows(tvl_run: RunDir, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    report = merge_run(tvl_run.path, tmp_path / "out", "bf16")
    assert report.max_logit_difference == 0.0 < report.written.max_logit_difference
    held = load_file(tmp_path / "out" / "adapter.tvl.safetensors")
    assert {str(t.dtype) for t in held.values()} == {"torch.bfloat16"}


def test_what_is_kept_of_a_taught_language_lies_between_start_and_end(
    tvl_run: RunDir, mms_base: Path
) -> None:
    family, model, _, _ = load_tuned(tvl_run.path)
    end = family.saved_state(model)
    end = {name: tensor.clone() for name, tensor in end.items()}
    start = model.taught.start
    with family.base_of(model):
        assert all(tensor.equal(start[name]) for name, tensor in family.saved_state(model).items())
    assert all(tensor.equal(end[name]) for name, tensor in family.saved_state(model).items())
    family.weaken(model, 0.25)
    for name, tensor in family.saved_state(model).items():
        assert np.allclose(tensor, start[name] + 0.25 * (end[name] - start[name]), atol=1e-6)
    with pytest.raises(StudioError, match=r"1 of its parts differ, such as lm_head\.bias"):
        family.restore(model, {name: t for name, t in end.items() if name != "lm_head.bias"})


def test_lora_works_on_a_folder_with_languages(
    mms_base: Path, new_run: RunMaker, tiny_data: Path, tmp_path: Path
) -> None:
    """Its weights change for every language, so the others' adapters do not come along."""
    rows = [dataclasses.replace(row, text="tala" if row.split == "train" else "lata")
            for row in manifest.read(tiny_data)]
    data = Path(shutil.copytree(tiny_data, tmp_path / "tala"))
    manifest.write(data, rows)
    run = new_run({"from_language": "smo", "steps": 3, "lr": 0.05}, base=str(mms_base), dataset=str(data))
    train(run, run.order())
    merge_run(run.path, tmp_path / "out", "fp32")
    assert [file.name for file in (tmp_path / "out").glob("adapter.*")] == ["adapter.smo.safetensors"]
    assert np.array_equal(
        plain(tmp_path / "out", "smo", rows[0], data), ours(str(tmp_path / "out"), rows[0], data)
    )
    assert not np.allclose(ours(f"{mms_base}:smo", rows[0], data), ours(str(tmp_path / "out"), rows[0], data))


def test_a_run_needs_the_adapter_that_it_began_with(new_run: RunMaker, own_mms: Path) -> None:
    run = new_run(TVL, base=str(own_mms))
    train(run, run.order())
    shutil.copyfile(own_mms / "adapter.smo.safetensors", own_mms / "adapter.was")
    held = bytearray((own_mms / "adapter.smo.safetensors").read_bytes())
    held[-1] ^= 1
    (own_mms / "adapter.smo.safetensors").write_bytes(bytes(held))
    with pytest.raises(BadInput, match="is not the one that this run began with"):
        load_tuned(run.path)


@pytest.mark.parametrize(("changed", "sentence"), [
    ({"language": ""}, "Say which language is taught"),
    ({"language": "../x"}, "“../x” is no code of a language"),
    ({"from_language": "deu"}, "knows no language “deu”"),
])
def test_options_that_make_no_sense_are_told(
    mms_base: Path, tiny_data: Path, changed: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        CTC.preflight(manifest.read(tiny_data), mms_base, CTC.options(**{**TVL, **changed}))


def test_a_model_without_adapters_cannot_be_taught_a_language(
    tiny_base: Callable[..., Path], tiny_data: Path
) -> None:
    options = CTC.options(**{**TVL, "from_language": ""})
    for kind in ("bert", "layer"):
        with pytest.raises(BadInput, match="has no language adapters"):
            CTC.estimate(manifest.read(tiny_data), tiny_base(kind), options)


def test_group_norm_is_still_heard_one_by_one(tmp_path: Path) -> None:
    from tests.core.conftest import make_mms

    base = make_mms(tmp_path / "group", feat_extract_norm="group")
    assert CTC.batch_limit(base) == 1
    row = Row("c", "", 0, 1, 16000, "ta", "train")
    assert CTC.prepare([row], base, CTC.options(**TVL)).extra["one_by_one"]


def test_the_estimate_tells_the_share_that_is_trained(mms_base: Path, tiny_data: Path) -> None:
    from core.modelling.weights import n_parameters

    rows, options = manifest.read(tiny_data), CTC.options(**TVL)
    learned = [row for row in rows if row.split == "train"]
    model = CTC.load(mms_base, CTC.prepare(learned, mms_base, options), options)
    n, n_trained = n_parameters(mms_base), sum(p.numel() for p in model.parameters() if p.requires_grad)
    said = CTC.estimate(rows, mms_base, options).sentence
    assert "for 6 steps over 8 clips." in said
    assert said.endswith(f"Trained are {n_trained / 1e6:.3g} of {n / 1e6:.3g} million weights"
                         f" ({100 * n_trained / n:.2g} %).")
