"""The whole recipe on a tiny Kyutai STT of the real class: train, stop, resume, merge, reload, recognise,
stream, probe, export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from core import manifest
from core.audio.read import read
from core.cache import ArrayCache
from core.errors import Refused, Unavailable
from core.families import family_of, named
from core.families.base import Clip, Example
from core.families.kyutai import labels, layouts, network
from core.families.kyutai.frames import FRONT, RATE
from core.modelling import checkpoint_folder
from core.run_dir import RunDir
from core.steps import checklist
from core.training import checkpoints, stepping
from core.training.corpus import Corpus
from core.training.exporting import export_run
from core.training.loading import load_base, load_tuned
from core.training.loop import train
from core.training.merging import MergeReport, merge_run
from tests.core.families.kyutai.conftest import Kyutai
from tests.tiny_kyutai import make_spoken

KYUTAI: Any = named("kyutai")
TEXTS = ["six", "one two", "three", "four five", "six"]
"""The first is held out, and sounds as the last one does."""
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_spoken(tmp_path_factory.mktemp("spoken") / "set", TEXTS)


@pytest.fixture(scope="module")
def new_run(tmp_path_factory: pytest.TempPathFactory, kyutai: Kyutai, data: Path) -> Callable[..., RunDir]:
    """`new_run(options)`: a run on the tiny model, with pause heads unless it says another layout."""
    home = tmp_path_factory.mktemp("runs") / "project" / "runs"

    def run(layout: str = "candle", **options: Any) -> RunDir:
        quiet = {"batch_size": 4, "rank": 8, "alpha": 16, "warmup_steps": 3, "weight_decay": 0.0, "lr": 0.01,
                 "eval_every": 100, "sample_every": 100, "save_every": 100}
        order = {"family": "kyutai", "base": str(kyutai(layout)), "dataset": str(data), "device": "cpu",
                 "way": "start", "options": {**quiet, **options}}
        return RunDir.create(home, "train", order)

    return run


@pytest.fixture(scope="module")
def learned(one_thread: None, new_run: Callable[..., RunDir]) -> RunDir:
    """A run that knows its four clips by heart."""
    run = new_run(steps=60, train_embeddings=True, train_lm_head=True)
    train(run, run.order())
    return run


@pytest.fixture(scope="module")
def merged(learned: RunDir, data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MergeReport]:
    out = tmp_path_factory.mktemp("merged") / "out"
    return out, merge_run(learned.path, out, "fp32", manifest.read(data), data)


def examples_of(data: Path, run: RunDir) -> list[Example]:
    _, _, prepared, base = load_tuned(run.path)
    return [KYUTAI.example(row, KYUTAI.encode(row, data, base), prepared) for row in manifest.read(data)]


def test_it_writes_what_it_learned_at_the_right_frames(learned: RunDir, data: Path) -> None:
    family, model, prepared, _ = load_tuned(learned.path)
    examples = examples_of(data, learned)
    assert [found.text for found in family.predict(model, examples, prepared)] == TEXTS
    for example, written in zip(examples, network.write(model, [e.features for e in examples], prepared),
                                strict=True):
        assert written.tokens == example.labels, "each piece and mark at its frame, padding elsewhere"
    looks = [row for row in learned.events()[0] if row["kind"] == "eval"]
    assert looks[-1]["wer"] == 0.0 and looks[-1]["loss"] < 0.05
    with family.base_of(model):
        assert [found.text for found in family.predict(model, examples, prepared)] != TEXTS
    family.weaken(model, 0.5)
    assert any(not torch.equal(a, b) for a, b in zip(
        family.saved_state(model).values(), family.saved_state(load_tuned(learned.path)[1]).values(),
        strict=True))


def test_codes_are_kept_as_small_numbers(kyutai: Kyutai, data: Path, tmp_path: Path) -> None:
    base, rows, kept = kyutai("candle"), manifest.read(data), ArrayCache(tmp_path)
    prepared = KYUTAI.prepare(rows, base, KYUTAI.options())
    corpora = [Corpus(KYUTAI, rows, data, base, prepared, kept) for _ in range(2)]
    made, again = (corpus.example(1) for corpus in corpora)
    assert made.features.dtype == again.features.dtype == np.uint16
    assert np.array_equal(made.features, again.features) and len(list(tmp_path.rglob("*.npy"))) == 1
    ids = {KYUTAI.encoder_id(kyutai(layout)) for layout in ("native", "candle")}
    assert len(ids) == 1, "the same codec"


@pytest.mark.parametrize("options", [{"adapter_dropout": 0.1, "hold_heads": 1.0},
                                     pytest.param({"train_embeddings": True}, marks=pytest.mark.slow)])
def test_stopped_and_resumed_it_ends_with_the_very_weights(
    new_run: Callable[..., RunDir], monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    options = {"steps": 5, "batch_size": 2, "accumulation": 2, **options}
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


@pytest.mark.parametrize("options", [pytest.param({}, marks=pytest.mark.slow), {"hold_heads": 0.5}])
def test_layers_computed_twice_give_the_same_weights(
    new_run: Callable[..., RunDir], options: dict[str, Any]
) -> None:
    one, other = (new_run(steps=3, adapter_dropout=0.1, gradient_checkpointing=twice, **options)
                  for twice in (False, True))
    for run in (one, other):
        train(run, run.order())
    states = [checkpoint_folder.read_tensors(run.checkpoints / checkpoints.name_of(3),
                                             checkpoint_folder.ADAPTER) for run in (one, other)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_the_merged_folder_is_base_and_adapter(
    learned: RunDir, data: Path, merged: tuple[Path, MergeReport], kyutai: Kyutai
) -> None:
    out, report = merged
    assert report.merged_equal and report.n == len(TEXTS) and not report.written.items
    assert report.max_logit_difference < 1e-3 and report.written.max_logit_difference < 1e-3
    assert family_of(out) is KYUTAI and layouts.layout_of(out) == "transformers"
    model, prepared = load_base(KYUTAI, out)
    examples = [KYUTAI.example(row, KYUTAI.encode(row, data, out), prepared) for row in manifest.read(data)]
    assert [found.text for found in KYUTAI.predict(model, examples, prepared)] == TEXTS
    assert KYUTAI.encoder_id(out) == KYUTAI.encoder_id(kyutai("transformers"))
    assert KYUTAI.why_not_probed(out) == "", "the heads of its base lie beside"


@pytest.mark.slow
def test_in_bf16_it_is_within_rounding(learned: RunDir, data: Path, tmp_path: Path) -> None:
    report = merge_run(learned.path, tmp_path / "out", "bf16", manifest.read(data), data)
    assert report.merged_equal and not report.written.items
    assert report.written.max_logit_difference > report.max_logit_difference


@pytest.mark.parametrize("form", ["candle", pytest.param("native", marks=pytest.mark.slow)])
def test_a_run_goes_out_to_kyutais_programs(learned: RunDir, tmp_path: Path, form: str) -> None:
    report = export_run(learned.path, tmp_path / "out", form, "bf16")
    assert all(check.value <= check.allowed for check in report.checks)
    compared = {check.name: check.clips for check in report.checks}
    assert compared["logits"] == ("c0",) and compared["tensors"] == (), "the clip that was not learned"
    shown = checklist.of(report.figures())
    assert [check.name for check in shown.checks][:4] == ["merged", "written", "tensors", "logits"]
    assert shown.checks[0].clips == ("c0",) and all(map(checklist.passed, shown.checks))
    assert layouts.layout_of(tmp_path / "out") == form
    heard = KYUTAI.recogniser(str(tmp_path / "out"), "cpu")
    order = learned.order()
    row = manifest.read(Path(order["dataset"]))[1]
    assert heard.transcribe(Clip(row.id, Path(order["dataset"]) / row.audio)).text == row.text


def test_run_and_merged_folder_recognise_with_word_times(
    learned: RunDir, data: Path, merged: tuple[Path, MergeReport]
) -> None:
    for row in manifest.read(data):
        heard = [KYUTAI.recogniser(str(path), "cpu").transcribe(Clip(row.id, data / row.audio))
                 for path in (learned.path, merged[0])]
        assert heard[0].text == row.text and heard[0].words == heard[1].words
        assert heard[0].score and heard[0].score > 0.8
        assert [word.text for word in heard[0].words] == row.text.split()
        for said, meant in zip(heard[0].words, row.words, strict=True):
            assert abs(said.start - meant.start) <= 0.08 and said.start < said.end <= row.seconds


@pytest.mark.parametrize("times", [2, pytest.param(6, marks=pytest.mark.slow)])
def test_pushed_piece_by_piece_it_writes_the_same(learned: RunDir, data: Path, times: int) -> None:
    """Also over a sound many times its context, and over more than a minute, in which it has to go on
    writing."""
    model = KYUTAI.recogniser(str(learned.path), "cpu")
    rows = [row for row in manifest.read(data) for _ in range(times)]
    sounds = [np.pad(read(data / row.audio, rate=RATE).samples, (0, 2 * RATE)) for row in rows]
    samples = np.concatenate(sounds)
    stream = model.listen()
    steps = [step for at in range(0, len(samples), 1700) for step in stream.push(samples[at : at + 1700])]
    steps += stream.finish()
    written = model._write(samples)
    assert stream.tokens == list(written.tokens) and len(written.tokens) > 150 * times
    assert times < 6 or len(written.tokens) > 60 * 12.5
    assert stream.text.split()[-1] == TEXTS[-1], "it goes on after so many contexts"
    assert stream.text == "".join(step.text for step in steps)
    assert stream.text == labels.decode(written.tokens, model.prepared)
    assert np.allclose([step.pauses for step in steps], written.pauses[FRONT:], atol=1e-5)
    assert steps[0].time == 0.0 and steps[-1].time == pytest.approx((len(steps) - 1) / 12.5)
    first = next(i for i, step in enumerate(steps) if step.text)
    assert abs(steps[first].time - 0.5 - rows[0].words[0].start) <= 0.08, "half a second behind the sound"


def test_the_pause_heads_are_probed(
    learned: RunDir, data: Path, kyutai: Kyutai, merged: tuple[Path, MergeReport]
) -> None:
    row = manifest.read(data)[1]
    clip = Clip(row.id, data / row.audio)
    base, tuned, again = (KYUTAI.prober(str(path), "cpu").probe(clip)
                          for path in (kyutai("candle"), learned.path, merged[0]))
    assert tuned.probabilities.shape == base.probabilities.shape and tuned.probabilities.shape[1] == 4
    assert ((0 <= tuned.probabilities) & (tuned.probabilities <= 1)).all()
    assert not np.allclose(base.probabilities, tuned.probabilities), "the adapter moves what they read"
    assert np.allclose(tuned.probabilities, again.probabilities, atol=1e-4)
    assert [word for _, word in tuned.words] == ["one", "two"] and tuned.front == FRONT
    assert tuned.seconds == pytest.approx(row.seconds, abs=1e-3)
    with pytest.raises(Unavailable, match="kyutai/stt-1b-en_fr-candle"):
        KYUTAI.prober(str(kyutai("native")), "cpu").probe(clip)
    assert "kyutai/stt-1b-en_fr-candle" in KYUTAI.why_not_probed(kyutai("native"))


def test_heads_that_are_held_stay_nearer_to_the_base(new_run: Callable[..., RunDir], data: Path) -> None:
    def apart(hold: float) -> float:
        run = new_run(steps=15, hold_heads=hold)
        train(run, run.order())
        _, model, prepared, _ = load_tuned(run.path)
        batch = {**network.collate(examples_of(data, run), prepared), "hold": torch.tensor(1.0)}
        with torch.no_grad():
            return float(network.loss(model, batch)["heads"][0])

    free, held = apart(0.0), apart(30.0)
    assert 0 < held < 0.5 * free


def test_heads_that_are_not_there_cannot_be_held(new_run: Callable[..., RunDir]) -> None:
    run = new_run("native", steps=1, hold_heads=1.0)
    with pytest.raises(Refused, match="kyutai/stt-1b-en_fr-candle"):
        train(run, run.order())


def test_a_short_sound_and_silence_are_heard(learned: RunDir, tmp_path: Path) -> None:
    model = KYUTAI.recogniser(str(learned.path), "cpu")
    for n in (1, 400, 30_000):
        soundfile.write(tmp_path / "quiet.wav", np.zeros(n, np.float32), RATE)
        heard = model.transcribe(Clip("quiet", tmp_path / "quiet.wav"))
        assert all(0 <= word.start <= word.end <= n / RATE + 1e-3 for word in heard.words)
