"""Training on corpora where they lie: long files by seek, exact resume, files that are gone on the way."""

from __future__ import annotations

import shutil
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from core import manifest
from core.config import DataRoot
from core.errors import Refused
from core.families import named
from core.library import Library, Project
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.steps import corpus_dataset
from core.training import planning, stepping
from core.training.corpus import LeftOut
from core.training.feeding import Windows
from core.training.loop import train
from core.training.reporting import Reporter
from tests.corpora import spoken_dailytalk, spoken_libri_light, spoken_librispeech
from tests.made import library
from tests.tiny_moshi import make_moshi

QUIET: dict[str, Any] = {"steps": 4, "batch_size": 2, "warmup_steps": 1, "eval_every": 100,
                         "sample_every": 100, "save_every": 100, "samples": 1}
MOSHI = {**QUIET, "rank": 2, "alpha": 4.0, "window_seconds": 1.6, "adapter_dropout": 0.1}
ALONE = {**MOSHI, "hears_user": False, "text_weight": 0.0}
LACT = {**QUIET, "updates_per_clip": 1}
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def moshi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_moshi(tmp_path_factory.mktemp("moshi") / "tiny-moshi")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[tuple[Library, Project]]:
    root = DataRoot(tmp_path / "data")
    root.path.mkdir()
    yield library(root)


def run_on(
    made: tuple[Library, Project], corpus: Path, family: str, base: Path, options: dict[str, Any]
) -> RunDir:
    """The order of a run on the corpus, as a dataset of its name."""
    lib, project = made
    folder = lib.root.project(project.slug) / "datasets" / corpus.name
    if not folder.exists():
        corpus_dataset.make(lib, project, corpus, "")
    order = {"family": family, "base": str(base), "dataset": str(folder), "device": "cpu", "way": "start",
             "fingerprint": manifest.fingerprint(manifest.read(folder)), "options": options}
    return RunDir.create(lib.root.runs(project.slug), "train", order)


def stopped_at(run: RunDir, step: int) -> None:
    """Train until a step, and stop there as a person would."""
    real = stepping.one_step

    def one_step(session: Any) -> None:
        real(session)
        if session.progress.step == step:
            session.run.request_stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stepping, "one_step", one_step)
        assert train(run, run.order()).ended == "stopped"
    run.clear_stop()


def weights(run: RunDir) -> dict[str, torch.Tensor]:
    return folders.read_tensors(folders.chosen(run.path, "last"), folders.ADAPTER)


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return set(one) == set(other) and all(torch.equal(one[name], other[name]) for name in one)


def left_out(run: RunDir) -> dict[str, str]:
    """Clip -> reason, of what a run named."""
    return {name: row["reason"] for row in run.events()[0] if row["kind"] == "skipped" for name in row["ids"]}


def test_moshi_learns_chapters_window_by_window_and_resumes_to_the_very_weights(
    made: tuple[Library, Project], tmp_path: Path, moshi: Path
) -> None:
    spoken_libri_light(tmp_path / "ll", [7.0, 2.0, 5.5, 6.2, 1.9])
    whole, stopped = (run_on(made, tmp_path / "ll", "moshi", moshi, ALONE) for _ in range(2))
    train(whole, whole.order())
    n_before = len(list((whole.path.parent.parent / ".cache").rglob("*.npy")))
    plan = planning.plan(whole, whole.order(), Reporter(whole))
    assert len(plan.train) > len(plan.train.files), "long files are several windows"
    assert n_before <= 4 * 2 + len(plan.val), "what no step read was not encoded"
    stopped_at(stopped, 2)
    assert train(stopped, stopped.order()).ended == "done" and equal(weights(whole), weights(stopped))
    assert left_out(whole) == {}


def test_a_process_that_reads_ahead_learns_the_same_and_names_what_it_misses(
    made: tuple[Library, Project], tmp_path: Path, moshi: Path
) -> None:
    paths = spoken_libri_light(tmp_path / "ll", [3.2] * 6)
    alone, ahead = (run_on(made, tmp_path / "ll", "moshi", moshi, {**ALONE, "data_workers": n})
                    for n in (0, 1))
    rows = manifest.read(Path(alone.order()["dataset"]))
    lost = next(row for row in rows if row.split == "train")
    broken = next(path for path in paths if path.parts[-3] == lost.speaker)
    held = bytearray(broken.read_bytes())
    held[-500:] = bytes(500)
    broken.write_bytes(held)
    for run in (alone, ahead):
        assert train(run, run.order()).step == 4
    assert equal(weights(alone), weights(ahead))
    assert left_out(ahead) == left_out(alone) and len(left_out(alone)) == 1


def test_each_window_is_the_sound_at_its_place(
    made: tuple[Library, Project], tmp_path: Path, moshi: Path
) -> None:
    spoken_libri_light(tmp_path / "ll", [5.9] * 4)
    run = run_on(made, tmp_path / "ll", "moshi", moshi, ALONE)
    plan = planning.plan(run, run.order(), Reporter(run))
    assert len(plan.train) == 8, "two files of 5.9 s in windows of 1.6 s"
    family: Any = named("moshi")
    for row in plan.train.rows:
        samples, rate = soundfile.read(plan.dataset / row.audio, dtype="float32")
        alone = tmp_path / "alone.wav"
        soundfile.write(alone, samples[round(row.start * rate) : round(row.end * rate)], rate, "FLOAT")
        part = manifest.Row("x", alone.name, 0.0, row.seconds, rate, "", "train")
        assert np.array_equal(family.encode(row, plan.dataset, moshi), family.encode(part, tmp_path, moshi))


def test_files_that_are_gone_are_named_once_and_the_run_goes_on(
    made: tuple[Library, Project], tmp_path: Path, moshi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = spoken_libri_light(tmp_path / "ll", [3.2] * 8)
    run = run_on(made, tmp_path / "ll", "moshi", moshi, {**ALONE, "steps": 8})
    learned = {(Path(row.audio).parts[-3]): row for row in manifest.read(Path(run.order()["dataset"]))
               if row.split == "train"}
    gone, cut, other, later, *left = [path for path in paths if path.parts[-3] in learned]
    assert left, "some are as they were"
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:3000])
    held = bytearray(other.read_bytes())
    held[-2000:] = bytes(2000)
    other.write_bytes(held)
    real = stepping.one_step

    def one_step(session: Any) -> None:
        real(session)
        if session.progress.step == 2:
            later.unlink()

    monkeypatch.setattr(stepping, "one_step", one_step)
    result = train(run, run.order())
    assert (result.ended, result.step) == ("done", 8)
    told = {name.partition("/")[2].split("/")[0]: why for name, why in left_out(run).items()}
    assert set(told) == {path.parts[-3] for path in (gone, cut, other, later)}, "each file once, and no other"
    assert "is gone" in told[gone.parts[-3]] and "is gone" in told[later.parts[-3]]
    assert "bytes and has 3,000 now" in told[cut.parts[-3]]
    assert "as large as it was, but another sound" in told[other.parts[-3]]
    warned = [row["sentence"] for row in run.events()[0] if row["kind"] == "warning"]
    assert any(said.startswith("2 of 6 files of the corpus are gone or were changed") for said in warned)
    assert sum(row["kind"] == "step" for row in run.events()[0]) == 8, "a window of lost clips is no step"
    assert not any(row["kind"] == "attempt" for row in run.events()[0]), "it began once"


def test_where_nothing_is_left_the_run_is_refused(
    made: tuple[Library, Project], tmp_path: Path, moshi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken_libri_light(tmp_path / "ll", [2.0] * 4)
    before, on_the_way = (run_on(made, tmp_path / "ll", "moshi", moshi, ALONE) for _ in range(2))
    real = stepping.one_step

    def one_step(session: Any) -> None:
        real(session)
        shutil.rmtree(tmp_path / "ll", ignore_errors=True)

    with monkeypatch.context() as patch:
        patch.setattr(stepping, "one_step", one_step)
        with pytest.raises(Refused, match="Not one of 2 clips of the corpus can be read as it was"):
            train(on_the_way, on_the_way.order())
    with pytest.raises(Refused, match=r"part_01\.flac is gone.*put its files back where they were"):
        train(before, before.order())


def test_conversations_are_learned_in_windows_with_their_words(
    made: tuple[Library, Project], tmp_path: Path, moshi: Path
) -> None:
    texts = ["one two three six", "two six one three", "six three two one", "three one six two"]
    spoken_dailytalk(tmp_path / "dailytalk", texts, seconds=4.0)
    run = run_on(made, tmp_path / "dailytalk", "moshi", moshi, {**MOSHI, "steps": 2})
    assert train(run, run.order()).step == 2
    plan = planning.plan(run, run.order(), Reporter(run))
    said = [plan.train.example(i) for i in range(len(plan.train))]
    assert [one.text + " " + other.text for one, other in zip(said[::2], said[1::2], strict=True)] == [
        row.text for row in plan.train.files], "two words in each, and none twice"
    assert {len(example.features) for example in said} == {20}, "1.6 s"


def test_lact_learns_librispeech_and_passes_over_what_is_gone(
    made: tuple[Library, Project], tmp_path: Path
) -> None:
    family: Any = named("lact")
    texts = ["one two", "six", "three four", "five", "two", "six one"] * 2
    paths = spoken_librispeech(tmp_path / "ls", texts, 2)
    run = run_on(made, tmp_path / "ls", "lact", family.blank(), LACT)
    rows = manifest.read(Path(run.order()["dataset"]))
    assert {row.text for row in rows} >= {"ONE TWO", "SIX"} and {row.speaker for row in rows} >= {"10", "12"}
    lost = next(row for row in rows if row.split == "train")
    next(path for path in paths if path.stem in lost.id).unlink()
    result = train(run, run.order())
    assert (result.ended, result.step) == ("done", 4) and np.isfinite(result.figures["loss"])
    assert list(left_out(run)) == [lost.id]


def test_twenty_long_files_are_never_held(
    made: tuple[Library, Project], tmp_path: Path, moshi: Path
) -> None:
    for number in range(20):
        path = tmp_path / "long" / str(number) / "b" / "chapter.flac"
        path.parent.mkdir(parents=True)
        soundfile.write(path, np.zeros(8000 * 300, np.int16), 8000)
    whole = 4 * 8000 * 300  # bytes of one file, decoded, at its own rate
    run = run_on(made, tmp_path / "long", "moshi", moshi, ALONE)
    plan = planning.plan(run, run.order(), Reporter(run))
    windows = Windows(plan)
    place, read = (0, 0), set()
    assert len(windows[1, 0]) == 2, "the codec is loaded now"
    tracemalloc.start()
    try:
        for _ in range(8):
            clips = windows[place]
            assert not any(isinstance(clip, LeftOut) for clip in clips)
            read |= {plan.train.rows[i].audio for i in windows.clips(place)}
            place = windows.after(place)
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(plan.train) == 187 * len(plan.train.files) and len(read) > 8
    assert most < whole / 4 and held < whole / 20, f"{most:,} bytes at most, {held:,} kept, of {whole:,}"
