"""The loop as a whole: it learns, tells, looks, saves, stops, and never opens the test split."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import manifest
from core.errors import BadInput, NotFound, Refused
from core.families import named
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training.loading import load_tuned
from core.training.loop import train
from core.training.stepping import _gradients
from core.types import Row

BaseMaker = Callable[..., Path]
RunMaker = Callable[..., RunDir]
pytestmark = pytest.mark.usefixtures("one_thread")
PLAIN: dict[str, Any] = {"tempo": 0, "formants": 0, "time_masks": 0, "frequency_masks": 0, "noise": 0}


def of(run: RunDir, kind: str) -> list[dict[str, Any]]:
    """The events of one kind."""
    return [row for row in run.history() if row["kind"] == kind]


def sound(letters: str, folder: Path, name: str) -> float:
    """A tone a letter; its length in seconds."""
    import numpy as np
    import soundfile

    hertz = {"a": 400.0, "b": 1600.0}
    hush = np.random.default_rng(0).normal(0, 1e-3, 1920)
    parts = [
        0.3 * np.sin(2 * np.pi * hertz[x] * np.arange(1920) / 16000) if x in hertz else hush
        for x in f" {letters} "
    ]
    soundfile.write(folder / name, np.concatenate(parts).astype(np.float32), 16000)
    return len(parts) * 0.12


@pytest.mark.budget(30)
def test_one_batch_is_overfitted_and_then_written_right(
    tmp_path: Path, new_run: RunMaker, wide_base: Path
) -> None:
    data = tmp_path / "tones"
    data.mkdir()
    texts = ["ab", "ba b", "aba"]
    rows = [
        Row(t, f"{i}.wav", 0.0, sound(t, data, f"{i}.wav"), 16000, t, "train") for i, t in enumerate(texts)
    ]
    manifest.write(data, rows)
    run = new_run(
        {**PLAIN, "steps": 100, "batch_size": 4, "lr": 0.02, "rank": 8, "alpha": 16.0},
        base=str(wide_base),
        dataset=str(data),
    )
    assert train(run, run.order()).ended == "done"
    family, model, prepared, base = load_tuned(run.path)
    examples = [family.example(row, family.encode(row, data, base), prepared) for row in rows]
    assert [p.text for p in family.predict(model, examples, prepared)] == texts
    losses = [row["loss"] for row in of(run, "step")]
    assert losses[-1] < 0.2 < losses[0]


def test_it_tells_looks_shows_samples_and_saves_when_due(new_run: RunMaker, tiny_data: Path) -> None:
    run = new_run({"steps": 7, "eval_every": 3, "sample_every": 7, "save_every": 2})
    result = train(run, run.order())
    assert (result.ended, result.step) == ("done", 7)
    steps = of(run, "step")
    assert [row["step"] for row in steps] == list(range(1, 8))
    assert all(
        math.isfinite(row[name]) for row in steps for name in ("loss", "lr", "grad_norm", "seconds", "epoch")
    )
    assert [row["step"] for row in of(run, "eval")] == [3, 6, 7]
    assert {"loss", "wer", "cer", "digit_error_rate", "no_digit_share", "n"} <= set(of(run, "eval")[0])
    val = {row.id: row.text for row in manifest.read(tiny_data) if row.split == "val"}
    assert {row["id"]: row["reference"] for row in of(run, "sample")} == val
    assert [row["step"] for row in of(run, "checkpoint")] == [2, 3, 4, 6, 7]
    assert of(run, "attempt") == []
    assert result.best == json.loads((run.checkpoints / "manifest.json").read_text())["best"]


def test_no_look_after_the_best_checkpoint_was_as_good_as_the_best_before(new_run: RunMaker) -> None:
    run = new_run({"steps": 12, "eval_every": 2, "lr": 0.02})
    best = int(train(run, run.order()).best.split("-")[1])
    wers = {row["step"]: row["wer"] for row in of(run, "eval")}
    lowest = min(wer for step, wer in wers.items() if step <= best)
    assert all(wer > lowest for step, wer in wers.items() if step > best)


def test_what_the_finished_model_keeps_is_what_is_looked_at(new_run: RunMaker) -> None:
    """Training goes its way untouched by the looks, which judge the weakened model that is opened later."""
    whole, part = (new_run({"steps": 4, "eval_every": 2, "lr": 0.05, "keep": keep}) for keep in (1.0, 0.5))
    for run in (whole, part):
        train(run, run.order())
    last = [run.checkpoints / "step-000004" for run in (whole, part)]
    saved, other = (folders.read_tensors(folder, folders.ADAPTER) for folder in last)
    assert all(saved[name].equal(other[name]) for name in saved)
    assert of(whole, "eval")[-1]["loss"] != of(part, "eval")[-1]["loss"]
    family, model, _, _ = load_tuned(part.path, "last")
    opened = family.saved_state(model)
    for name in opened:
        assert opened[name].equal(saved[name]) is (".lora_A." in name)


def test_the_test_split_is_never_opened(new_run: RunMaker, tiny_data: Path, tmp_path: Path) -> None:
    import shutil

    data = Path(shutil.copytree(tiny_data, tmp_path / "copy"))
    for row in manifest.read(data):
        if row.split == "test":
            (data / row.audio).unlink()
    run = new_run({"steps": 2}, dataset=str(data))
    assert train(run, run.order()).ended == "done"
    assert of(run, "eval")[-1]["n"] == 2


def test_without_validation_clips_it_says_so_and_the_last_one_counts(
    new_run: RunMaker, tiny_data: Path, tmp_path: Path
) -> None:
    import shutil

    data = Path(shutil.copytree(tiny_data, tmp_path / "copy"))
    manifest.write(data, [row for row in manifest.read(data) if row.split == "train"])
    run = new_run({"steps": 4, "save_every": 2}, dataset=str(data))
    assert train(run, run.order()).best == "step-000004"
    assert "no validation clips" in of(run, "warning")[0]["sentence"]
    assert of(run, "eval") == [] and of(run, "sample") == []


def test_a_wish_to_stop_is_met_at_the_next_step_and_saves(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run({"steps": 50})
    tell = RunDir.event

    def stop_at_three(self: RunDir, kind: str, step: int = 0, **values: Any) -> None:
        tell(self, kind, step, **values)
        if kind == "step" and step == 3:
            self.request_stop()

    monkeypatch.setattr(RunDir, "event", stop_at_three)
    result = train(run, run.order())
    assert (result.ended, result.step) == ("stopped", 3)
    assert folders.is_whole(run.checkpoints / "step-000003")


def test_a_wish_to_stop_before_the_first_step_is_met_too(new_run: RunMaker) -> None:
    run = new_run()
    run.request_stop()
    result = train(run, run.order())
    assert (result.ended, result.step, result.best) == ("stopped", 0, "")


@pytest.mark.parametrize(("kind", "other"), [("bert", (4, 2)), ("layer", (4, 2)), ("group", (1, 4))])
def test_two_batches_of_four_are_one_of_eight(
    new_run: RunMaker, own_base: BaseMaker, kind: str, other: tuple[int, int]
) -> None:
    import torch

    base = own_base(kind)
    config = json.loads((base / "config.json").read_text())
    config.update({name: 0.0 for name in config if name.endswith("dropout")})
    (base / "config.json").write_text(json.dumps(config))
    states, losses = [], []
    for size, accumulation in ((other[0] * other[1], 1), other):
        given = {"steps": 2, "batch_size": size, "accumulation": accumulation, "lr": 0.01}
        run = new_run(given, base=str(base))
        train(run, run.order())
        states.append(folders.read_tensors(run.checkpoints / "step-000002", folders.ADAPTER))
        losses.append([row["loss"] for row in of(run, "step")])
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    assert all(torch.allclose(states[1][name], states[0][name], atol=1e-4) for name in states[0])


@pytest.mark.slow
def test_two_processes_take_the_same_steps_as_one(new_run: RunMaker, own_base: BaseMaker) -> None:
    """Sums over the processes: nothing but rounding may differ."""
    import torch

    base = own_base()
    config = json.loads((base / "config.json").read_text())
    config.update({name: 0.0 for name in config if name.endswith("dropout")})
    (base / "config.json").write_text(json.dumps(config))
    options = {"steps": 4, "batch_size": 3, "eval_every": 2, "lr": 0.01}
    one, two = (new_run(options, base=str(base)) for _ in range(2))
    train(one, one.order())
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    root = Path(folders.__file__).parents[2]
    worker = two.path / "worker.py"
    worker.write_text(
        "import sys\nfrom pathlib import Path\nfrom core.run_dir import RunDir\n"
        "from core.training.loop import train\nrun = RunDir(Path(sys.argv[1]))\ntrain(run, run.order())\n"
        # a thread of the group that outlives it aborts the process at its end, now and then
        "tasks = Path('/proc/self/task')\nassert not tasks.exists() or len(list(tasks.iterdir())) == 1\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    subprocess.run([*command, str(worker), str(two.path)], cwd=root, env=environment, check=True, timeout=240)
    assert [row["step"] for row in of(two, "step")] == [1, 2, 3, 4]
    losses = [[row["loss"] for row in of(run, "step")] for run in (one, two)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    assert len(of(two, "eval")) == 2 and len(of(two, "phase")) == 2
    states = [folders.read_tensors(run.checkpoints / "step-000004", folders.ADAPTER) for run in (one, two)]
    assert all(torch.allclose(states[1][name], states[0][name], atol=1e-4) for name in states[0])


def test_the_loss_is_the_mean_over_all_letters_of_the_window(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand in float64: sums of the single clips over the letters of all, whatever the micro-batches."""
    import torch

    from core.training import stepping

    seen: list[tuple[float, float]] = []

    def compare(session: Any, window: Any) -> Any:
        session.model.eval()
        sums = [
            float(
                session.family.loss(session.model, session.family.collate([e], session.plan.prepared))["ctc"][
                    0
                ].detach()
            )
            for e in window
        ]
        done = _gradients(session, window)
        seen.append((done.loss if done else 0.0, math.fsum(sums) / sum(len(e.labels) for e in window)))
        return done

    monkeypatch.setattr(stepping, "_gradients", compare)
    run = new_run({"steps": 2, "batch_size": 3, "accumulation": 2})
    train(run, run.order())
    assert len(seen) == 2 and torch.is_grad_enabled()
    for loss, by_hand in seen:
        assert loss == pytest.approx(by_hand, rel=1e-5)


def test_patience_ends_a_run_that_no_longer_gains(new_run: RunMaker) -> None:
    run = new_run(
        {"steps": 9, "eval_every": 1, "lr": 1e-12, "patience": 2, "warmup_steps": 0, "minimum_gain": 0.5}
    )
    result = train(run, run.order())
    assert (result.ended, result.step) == ("done", 3)


@pytest.mark.parametrize(
    ("order", "error", "sentence"),
    [
        ({"options": {"stepz": 1}}, BadInput, "stepz"),
        ({"preset": "Fast"}, BadInput, "no preset “Fast”"),
        ({"family": "pocketsphinx"}, BadInput, "cannot be trained here yet"),
        ({"family": "nobody"}, NotFound, "no model family"),
        ({"way": "sideways"}, BadInput, "no way to begin"),
        ({"way": "retune"}, BadInput, "needs the run to go on from"),
        ({"fingerprint": "0123456789abcdef"}, Refused, "changed since this run was ordered"),
        ({"base": "/nowhere/at/all"}, NotFound, "no model folder"),
        ({"dataset": "/nowhere/at/all"}, NotFound, "There is no dataset"),
    ],
)
def test_an_order_that_cannot_be_met_is_told(
    new_run: RunMaker, order: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    run = new_run()
    with pytest.raises(error, match=sentence):
        train(run, {**run.order(), **order})
    assert of(run, "step") == []


def test_the_status_tells_progress(new_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.training import reporting

    monkeypatch.setattr(reporting, "BETWEEN", 0.0)
    run = new_run({"steps": 4})
    train(run, run.order())
    status = run.status()
    assert status.state == "running" and status.progress == 1.0
    assert status.message.startswith("Step 4 of 4, loss")
    assert status.seconds_left == pytest.approx(0.0)
    assert set(status.figures) >= {"loss", "lr"}


def test_a_tuned_run_transcribes_and_its_base_is_untouched(
    new_run: RunMaker, tiny_data: Path, tiny_base: BaseMaker
) -> None:
    from core.families.base import Clip

    run = new_run({"steps": 5, "lr": 0.05})
    train(run, run.order())
    row = manifest.read(tiny_data)[-1]
    clip = Clip(row.id, tiny_data / row.audio)
    tuned, base = (
        named("ctc").recogniser(str(path), device="cpu").transcribe(clip) for path in (run.path, tiny_base())
    )
    assert tuned.words != base.words
    family, model, prepared, folder = load_tuned(run.path)
    example = family.example(row, family.encode(dataclasses.replace(row), tiny_data, folder), prepared)
    assert family.predict(model, [example], prepared)[0].words == tuned.words
    with family.base_of(model):
        assert family.predict(model, [example], prepared)[0].words == base.words


def test_a_look_tells_the_wrong_words_of_each_named_speaker(
    new_run: RunMaker, tiny_data: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(tiny_data, tmp_path / "voices"))
    rows = [dataclasses.replace(row, speaker=("Ann", "Ben")[n % 2])
            for n, row in enumerate(manifest.read(data))]
    manifest.write(data, rows)
    run = new_run({"steps": 1, "eval_every": 1}, dataset=str(data))
    train(run, run.order())
    told = of(run, "eval")[-1]["by_speaker"]
    words = {name: sum(len(row.text.split()) for row in rows if row.split == "val" and row.speaker == name)
             for name in ("Ann", "Ben")}
    assert {name: total for name, (_, total) in told.items()} == words
    look = of(run, "eval")[-1]
    assert sum(wrong for wrong, _ in told.values()) == round(look["wer"] * sum(words.values()))
    nameless = new_run({"steps": 1, "eval_every": 1})
    train(nameless, nameless.order())
    assert of(nameless, "eval")[-1]["by_speaker"] == {}
