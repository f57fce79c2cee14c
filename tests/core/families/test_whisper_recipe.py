"""The whole recipe on a tiny Whisper of the real class: train, stop, resume, merge, reload, recognise, and
export to other programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from core import manifest
from core.audio.read import read
from core.errors import BadInput, Refused, StudioError, Unavailable
from core.families import family_of, named
from core.families.base import Clip, Example
from core.families.whisper import exporting, labels, network
from core.files import read_json
from core.modelling import checkpoint_folder
from core.run_dir import RunDir
from core.training import checkpoints, stepping
from core.training.exporting import export_run
from core.training.loading import load_base, load_tuned
from core.training.loop import train
from core.training.merging import MergeReport, merge_run
from tests.core.conftest import make_dataset
from tests.tiny_whisper import make_whisper

WhisperMaker = Callable[..., Path]
WHISPER = named("whisper")
pytestmark = pytest.mark.usefixtures("one_thread")
TEXTS = ["six", "one two", "three", "four five", "six"]
"""The first is held out, and sounds as the last one does."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("whisper-data") / "set", TEXTS, n_val=1)


@pytest.fixture(scope="module")
def new_run(
    tmp_path_factory: pytest.TempPathFactory, whisper_base: WhisperMaker, data: Path
) -> Callable[..., RunDir]:
    """`new_run(options)`: a run on the tiny Whisper."""
    home = tmp_path_factory.mktemp("whisper-runs") / "project" / "runs"

    def run(**options: Any) -> RunDir:
        quiet = {"batch_size": 2, "accumulation": 2, "rank": 8, "alpha": 16, "warmup_steps": 3,
                 "eval_every": 100, "sample_every": 100, "save_every": 100, "language": "de"}
        order = {"family": "whisper", "base": str(whisper_base()), "dataset": str(data), "device": "cpu",
                 "way": "start", "options": {**quiet, **options}}
        return RunDir.create(home, "train", order)

    return run


@pytest.fixture(scope="module")
def learned(one_thread: None, new_run: Callable[..., RunDir]) -> RunDir:
    """A run that knows its four clips by heart."""
    run = new_run(steps=40, lr=0.01, time_masks=0, frequency_masks=0)
    train(run, run.order())
    return run


@pytest.fixture(scope="module")
def merged(learned: RunDir, data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MergeReport]:
    """The run merged in fp32, compared on its clips; one that is too long to learn from is among them."""
    rows = [*manifest.read(data), replace(manifest.read(data)[0], id="long", end=9.0)]
    out = tmp_path_factory.mktemp("whisper-merged") / "out"
    return out, merge_run(learned.path, out, "fp32", rows, data)


def examples_of(data: Path, run: RunDir) -> list[Example]:
    _, _, prepared, base = load_tuned(run.path)
    return [WHISPER.example(row, WHISPER.encode(row, data, base), prepared) for row in manifest.read(data)]


def test_it_generates_what_it_learned_and_ends(learned: RunDir, data: Path) -> None:
    family, model, prepared, _ = load_tuned(learned.path)
    examples = examples_of(data, learned)
    assert [found.text for found in family.predict(model, examples, prepared)] == TEXTS
    assert all(written.is_ended for written in network.write(model, examples, prepared))
    looks = [row for row in learned.events()[0] if row["kind"] == "eval"]
    assert looks[-1]["wer"] == 0.0 and looks[-1]["loss"] < 0.1
    with family.base_of(model):
        assert [found.text for found in family.predict(model, examples, prepared)] != TEXTS


def test_stopped_and_resumed_it_ends_with_the_very_weights(
    new_run: Callable[..., RunDir], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"steps": 5, "lr": 0.01, "adapter_dropout": 0.1, "targets": "all"}
    whole, stopped = new_run(**options), new_run(**options)
    train(whole, whole.order())
    real = stepping.one_step

    def one_step(session: Any) -> None:
        real(session)
        if session.progress.step in (2, 4):
            session.run.request_stop()

    with monkeypatch.context() as patched:
        patched.setattr(stepping, "one_step", one_step)
        for step in (2, 4):
            assert train(stopped, stopped.order()).step == step
            stopped.clear_stop()
    assert train(stopped, stopped.order()).ended == "done"
    for name in (checkpoint_folder.ADAPTER, checkpoint_folder.OPTIMIZER):
        one, other = (checkpoint_folder.read_tensors(run.checkpoints / checkpoints.name_of(5), name)
                      for run in (whole, stopped))
        assert set(one) == set(other) and all(torch.equal(one[key], other[key]) for key in one)


def test_the_merged_folder_is_base_and_adapter_and_names_its_prompt(
    learned: RunDir, data: Path, merged: tuple[Path, MergeReport]
) -> None:
    out, report = merged
    assert report.merged_equal and report.n == len(TEXTS) and not report.written.items
    assert report.max_logit_difference < 1e-3 and report.written.max_logit_difference < 1e-3
    _, _, prepared, base = load_tuned(learned.path)
    model, again = load_base(WHISPER, out)
    assert again.extra["prompt"] == prepared.extra["prompt"], "told the same language without being asked"
    settings = read_json(out / "generation_config.json")
    assert (settings["language"], settings["task"], settings["max_length"]) == ("de", "transcribe", 48)
    inputs = network.inputs_of(examples_of(data, learned), again)
    theirs = [labels.decode(ids, again) for ids in model.generate(inputs).tolist()]
    assert theirs == TEXTS, "transformers needs no word about language, task or times"
    before, after = (read_json(path / "config.json") for path in (base, out))
    differ = {key for key in after if before.get(key) != after[key]}
    assert differ <= {"dtype", "transformers_version"}
    assert family_of(out) is WHISPER
    WHISPER.check_base(out)
    assert WHISPER.prepare([], out, WHISPER.options()).extra["language"] == "de", "as a base too"


@pytest.mark.slow
def test_in_bf16_it_is_within_rounding(learned: RunDir, data: Path, tmp_path: Path) -> None:
    report = merge_run(learned.path, tmp_path / "out", "bf16", manifest.read(data), data)
    assert report.merged_equal and not report.written.items
    assert report.written.max_logit_difference > report.max_logit_difference


@pytest.mark.parametrize("dtype", ["fp32", pytest.param("int8", marks=pytest.mark.slow)])
def test_ctranslate2_writes_the_same(learned: RunDir, tmp_path: Path, dtype: str) -> None:
    ctranslate2 = pytest.importorskip("ctranslate2")
    report = export_run(learned.path, tmp_path / "out", "ctranslate2", dtype)
    texts, logits = report.checks
    assert texts.value == 0.0 and logits.value < {"fp32": 1e-4, "int8": 0.1}[dtype]
    assert (tmp_path / "out" / "tokenizer.json").exists(), "faster-whisper reads it"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    assert ctranslate2.contains_model(str(tmp_path / "out"))
    assert not WHISPER.claims(tmp_path / "out"), "another program's model is not taken for one of ours"


@pytest.mark.slow
def test_openai_whisper_writes_the_same(data: Path, tmp_path: Path) -> None:
    """With the vocabulary that openai-whisper brings along, and 30 seconds heard at once."""
    import whisper

    base = make_whisper(tmp_path / "base", seconds=30, is_openais=True)
    options = {"steps": 60, "keep": 1.0, "batch_size": 4, "accumulation": 1, "lr": 0.01, "warmup_steps": 3,
               "language": "de", "encoder": False, "time_masks": 0, "frequency_masks": 0,
               "eval_every": 100, "sample_every": 100}
    order = {"family": "whisper", "base": str(base), "dataset": str(data), "device": "cpu", "way": "start",
             "options": options}
    run = RunDir.create(tmp_path / "project" / "runs", "train", order)
    train(run, run.order())
    report = export_run(run.path, tmp_path / "models" / "out", "openai-whisper", "fp32")
    assert [check.value <= 1e-4 for check in report.checks] == [True, True]
    files = {path.name for path in (tmp_path / "models" / "out").iterdir()}
    assert files == {"model.safetensors", "whisper.json"}, "no pickle"
    assert family_of(tmp_path / "models" / "out") is WHISPER
    row = manifest.read(data)[1]
    recogniser = WHISPER.recogniser(str(tmp_path / "models" / "out"), "cpu")
    sound = whisper.pad_or_trim(read(data / row.audio, row.start, row.end, 16_000).samples)
    asked = whisper.DecodingOptions(language="de", without_timestamps=True, fp16=False)
    # not through whisper.transcribe: it fills a clip up by zeros of the spectrum, which this model never saw
    assert whisper.decode(recogniser._model, whisper.log_mel_spectrogram(sound), asked).text == "one two"
    words = recogniser.transcribe(Clip(row.id, data / row.audio)).words
    assert words and all(0 <= word.start <= word.end <= row.seconds for word in words)


@pytest.mark.slow
def test_an_export_that_answers_otherwise_is_not_kept(
    learned: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the other program's model is the base, or rounds too coarsely."""
    pytest.importorskip("ctranslate2")
    real = exporting._ctranslate2

    def wrong(out: Path, dtype: str) -> Any:
        answers = real(out, dtype)
        return lambda *given: [each._replace(logits=each.logits + 1) for each in answers(*given)]

    monkeypatch.setattr(exporting, "_ctranslate2", wrong)
    with pytest.raises(StudioError, match="was not kept: Its logits differ"):
        export_run(learned.path, tmp_path / "out", "ctranslate2", "fp32")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_cannot_be_written_is_told_before_anything_is_merged(
    learned: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="openai-whisper, ctranslate2"):
        export_run(learned.path, tmp_path / "out", "onnx", "fp32")
    with pytest.raises(BadInput, match="fp32, bf16, not “int8”"):
        export_run(learned.path, tmp_path / "out", "openai-whisper", "int8")
    with pytest.raises(BadInput, match="own vocabularies"):
        export_run(learned.path, tmp_path / "out", "openai-whisper", "fp32")
    monkeypatch.setattr(exporting, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="pip install ctranslate2"):
        export_run(learned.path, tmp_path / "out", "ctranslate2", "fp32")
    (tmp_path / "out").mkdir()
    with pytest.raises(Refused, match="not overwritten"):
        export_run(learned.path, tmp_path / "out", "openai-whisper", "fp32")


@pytest.mark.budget(30)
def test_run_and_merged_folder_recognise_with_word_times(
    learned: RunDir, data: Path, merged: tuple[Path, MergeReport], whisper_base: WhisperMaker
) -> None:
    """The last two here: what times words starts threads of its own, which wait for each other from then
    on."""
    out, row = merged[0], manifest.read(data)[1]
    clip = Clip(row.id, data / row.audio)
    paths = (learned.path, out)
    heard = [WHISPER.recogniser(str(path), "cpu").transcribe(clip) for path in paths]
    assert heard[0] == heard[1] and heard[0].text == "one two"
    assert [word.text for word in heard[0].words] == ["one", "two"]
    edges = [edge for word in heard[0].words for edge in (word.start, word.end)]
    assert edges == sorted(edges) and 0 <= edges[0] and edges[-1] <= row.seconds
    assert heard[0].score and heard[0].score > 0.8
    assert "language is de" in WHISPER.recogniser(str(learned.path), "cpu").choice
    english = WHISPER.recogniser(f"{out}:en", "cpu")
    assert "language is en" in english.choice, "named behind the folder, it is told that one"
    base = WHISPER.base_model(whisper_base(), WHISPER.options(language="de"))
    assert "language is de" in WHISPER.recogniser(base, "cpu").choice, "the base is judged by the same prompt"
    assert WHISPER.recogniser(str(whisper_base()), "cpu", language="auto").transcribe(clip).id == row.id
    with pytest.raises(BadInput, match="no language"):
        WHISPER.recogniser(str(whisper_base()), "cpu", language="sm")


@pytest.mark.budget(30)
def test_a_clip_longer_than_is_heard_at_once_is_heard_in_parts(
    learned: RunDir, data: Path, tmp_path: Path
) -> None:
    """Two clips, each of nearly two seconds: nothing is cut off, and the times go on."""
    rows = {row.text: row for row in manifest.read(data)}
    sounds = [np.asarray(read(data / rows[text].audio).samples) for text in ("one two", "four five")]
    whole = np.concatenate([np.pad(sound, (0, 32000 - len(sound))) for sound in sounds])
    soundfile.write(tmp_path / "long.wav", whole, 16000)
    heard = WHISPER.recogniser(str(learned.path), "cpu").transcribe(Clip("long", tmp_path / "long.wav"))
    assert heard.text.startswith("one two") and len(heard.words) >= 3
    assert heard.words[-1].start > 1.5 and heard.words[-1].end <= 4.0
