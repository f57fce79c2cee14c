"""Continue gives the very weights of an uninterrupted run, wherever it was killed; and
what Continue refuses."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import manifest
from core.errors import BadInput, NotFound, Refused, StudioError
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training import checkpoints, stepping
from core.training.loop import train
from core.training.session import Best, Progress

BaseMaker = Callable[..., Path]
RunMaker = Callable[..., RunDir]
pytestmark = pytest.mark.usefixtures("one_thread")
STEPS = 7
OPTIONS = {
    "steps": STEPS,
    "batch_size": 3,
    "eval_every": 3,
    "save_every": 2,
    "sample_every": 3,
    "lr": 0.01,
    "adapter_dropout": 0.1,
}


class Killed(BaseException):
    """Stands for kill -9: nothing gets a chance to save."""


def killed_after(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Die right after the weights of `step` were moved, before anything of it is saved."""
    real = stepping.one_step

    def one_step(session: Any) -> None:
        real(session)
        if session.progress.step == step:
            raise Killed

    monkeypatch.setattr(stepping, "one_step", one_step)


def final(run: RunDir, step: int = STEPS) -> dict[str, Any]:
    """Adapter and optimizer of the last checkpoint."""
    folder = run.checkpoints / checkpoints.name_of(step)
    return {
        **folders.read_tensors(folder, folders.ADAPTER),
        **folders.read_tensors(folder, folders.OPTIMIZER),
    }


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Bit for bit."""
    import torch

    return set(one) == set(other) and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def uninterrupted(
    one_thread: None, tmp_path_factory: pytest.TempPathFactory, tiny_base: BaseMaker, tiny_data: Path
) -> RunDir:
    """A run of seven steps that nothing disturbed."""
    order = {
        "family": "ctc",
        "base": str(tiny_base()),
        "dataset": str(tiny_data),
        "device": "cpu",
        "way": "start",
        "options": {"rank": 2, "alpha": 4.0, **OPTIONS},
    }
    run = RunDir.create(tmp_path_factory.mktemp("whole") / "project" / "runs", "train", order)
    train(run, run.order())
    return run


@pytest.mark.parametrize("step", [1, 4, 7, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3, 5, 6))])
def test_a_run_killed_at_any_step_ends_with_the_same_weights(
    uninterrupted: RunDir, new_run: RunMaker, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(OPTIONS)
    with monkeypatch.context() as patched:
        killed_after(patched, step)
        with pytest.raises(Killed):
            train(run, run.order())
    assert train(run, run.order()).ended == "done"
    assert same(final(run), final(uninterrupted))
    assert [row["step"] for row in run.history() if row["kind"] == "step"] == list(range(1, STEPS + 1))
    told = {row["step"]: row["loss"] for row in run.history() if row["kind"] == "step"}
    assert told == {row["step"]: row["loss"] for row in uninterrupted.history() if row["kind"] == "step"}
    saved = [s for s in (2, 3, 4, 6, 7) if s < step]
    assert [row["from_step"] for row in run.history() if row["kind"] == "attempt"] == [max(saved, default=0)]


@pytest.mark.budget(40)
def test_stopped_at_every_step_it_still_ends_with_the_same_weights(
    uninterrupted: RunDir, new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, real, ends = new_run(OPTIONS), stepping.one_step, []

    def one_step(session: Any) -> None:
        real(session)
        run.request_stop()

    monkeypatch.setattr(stepping, "one_step", one_step)
    for _ in range(STEPS + 1):
        run.clear_stop()
        ends.append(train(run, run.order()).ended)
    assert ends[: STEPS - 1] == ["stopped"] * (STEPS - 1) and ends[-1] == "done"
    assert same(final(run), final(uninterrupted))


def test_another_process_with_another_thread_count_goes_on_with_the_one_that_was(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    run, before = new_run(OPTIONS), torch.get_num_threads()
    with monkeypatch.context() as patched:
        killed_after(patched, 5)
        with pytest.raises(Killed):
            train(run, run.order())
    try:
        torch.set_num_threads(before + 1)
        train(run, run.order())
        assert torch.get_num_threads() == before
    finally:
        torch.set_num_threads(before)


def test_half_written_checkpoints_are_removed_and_damaged_ones_passed_over(
    uninterrupted: RunDir, new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(OPTIONS)
    with monkeypatch.context() as patched:
        killed_after(patched, 5)
        with pytest.raises(Killed):
            train(run, run.order())
    (run.checkpoints / "step-000006.tmp").mkdir()
    adapter = run.checkpoints / "step-000004" / folders.ADAPTER
    adapter.write_bytes(adapter.read_bytes()[:-20])
    train(run, run.order())
    told = [row["sentence"] for row in run.history() if row["kind"] == "warning"]
    assert len(told) == 1 and "step-000004 is damaged" in told[0]
    assert [row["from_step"] for row in run.history() if row["kind"] == "attempt"] == [3]
    assert not list(run.checkpoints.glob("*.tmp"))
    assert same(final(run), final(uninterrupted))


@pytest.mark.parametrize("file", folders.FILES)
def test_a_checkpoint_that_lacks_a_file_is_not_whole(
    uninterrupted: RunDir, tmp_path: Path, file: str
) -> None:
    copy = Path(shutil.copytree(uninterrupted.checkpoints / "step-000007", tmp_path / "copy"))
    assert folders.is_whole(copy)
    (copy / file).unlink()
    assert not folders.is_whole(copy)


def test_a_finished_run_taken_up_again_is_just_done(uninterrupted: RunDir) -> None:
    before = final(uninterrupted)
    result = train(uninterrupted, uninterrupted.order())
    assert (result.ended, result.step) == ("done", STEPS)
    assert same(final(uninterrupted), before)


def test_a_kill_between_a_checkpoint_and_its_naming_is_mended(
    uninterrupted: RunDir, new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, real = new_run(OPTIONS), checkpoints.point

    def point(session: Any, last: str) -> None:
        if last == "step-000007":
            raise Killed
        real(session, last)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "point", point)
        with pytest.raises(Killed):
            train(run, run.order())
    assert checkpoints.last_step(run) == 6
    assert train(run, run.order()).best == checkpoints.best_name(uninterrupted)
    assert checkpoints.last_step(run) == STEPS


def test_a_best_checkpoint_that_was_damaged_is_no_longer_called_best(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.training import looking

    wers = iter([0.1, 0.8, 0.7, 0.9, 0.95, 0.97])
    monkeypatch.setattr(looking, "look", lambda _: looking.Look(1.0, next(wers), 0.1, None, 1.0, 2, 1000))
    run = new_run({**OPTIONS, "steps": 6, "eval_every": 1, "patience": 3})
    with monkeypatch.context() as patched:
        killed_after(patched, 4)
        with pytest.raises(Killed):
            train(run, run.order())
    assert checkpoints.best_name(run) == "step-000001"
    (run.checkpoints / "step-000001" / folders.ADAPTER).write_bytes(b"cut")
    result = train(run, run.order())
    assert (result.best, result.step) == ("step-000004", 6)  # patience begins anew with the new best


def test_a_best_of_before_the_lowest_was_kept_is_itself_the_lowest() -> None:
    old = Progress(best=Best("step-000002", 0.2, 1.5, 0.1)).to_json()
    del old["best"]["lowest"]
    assert Progress.from_json(old).best == Best("step-000002", 0.2, 1.5, 0.2)


def test_other_versions_are_told(new_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    run = stopped_run(new_run, monkeypatch)
    now = checkpoints.versions()
    monkeypatch.setattr(checkpoints, "versions", lambda: {**now, "torch": "9.9"})
    train(run, run.order())
    told = [row["sentence"] for row in run.history() if row["kind"] == "warning"]
    assert len(told) == 1 and f"was made with torch {now['torch']}" in told[0]


def stopped_run(new_run: RunMaker, monkeypatch: pytest.MonkeyPatch, **order: Any) -> RunDir:
    """A run with checkpoints up to step 4 of 7."""
    run = new_run(OPTIONS, **order)
    with monkeypatch.context() as patched:
        killed_after(patched, 5)
        with pytest.raises(Killed):
            train(run, run.order())
    return run


def test_continue_in_a_new_run_takes_everything_over(
    uninterrupted: RunDir, new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = stopped_run(new_run, monkeypatch)
    run = new_run(OPTIONS, way="continue", parent=str(parent.path))
    result = train(run, run.order())
    assert (result.ended, result.step) == ("done", STEPS)
    assert same(final(run), final(uninterrupted))
    assert (run.checkpoints / result.best).is_dir()


def test_continue_refuses_other_data(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch, tiny_data: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(tiny_data, tmp_path / "copy"))
    run = stopped_run(new_run, monkeypatch, dataset=str(data))
    manifest.write(data, manifest.read(data)[:-1])
    with pytest.raises(Refused, match="The dataset is not the one of checkpoint step-000004"):
        train(run, run.order())


def test_continue_refuses_another_base(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch, own_base: BaseMaker
) -> None:
    base = own_base()
    run = stopped_run(new_run, monkeypatch, base=str(base))
    weights = bytearray((base / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (base / "model.safetensors").write_bytes(bytes(weights))
    with pytest.raises(Refused, match="The base model is not the one"):
        train(run, run.order())


def test_continue_refuses_other_options_and_a_run_that_is_over(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch, uninterrupted: RunDir
) -> None:
    parent = stopped_run(new_run, monkeypatch)
    run = new_run({**OPTIONS, "lr": 0.5}, way="continue", parent=str(parent.path))
    with pytest.raises(Refused, match="differ from checkpoint step-000004: lr"):
        train(run, run.order())
    run = new_run(OPTIONS, way="continue", parent=str(uninterrupted.path))
    with pytest.raises(Refused, match="choose Retune"):
        train(run, run.order())


def test_continue_refuses_when_the_optimizers_memory_is_gone(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state that failed to load must not pass for a fresh start."""
    from safetensors.torch import save_file

    run = stopped_run(new_run, monkeypatch)
    folder = run.checkpoints / "step-000004"
    tensors = folders.read_tensors(folder, folders.OPTIMIZER)
    gone = next(iter(tensors)).rsplit("/", 1)[0]
    save_file(
        {name: t for name, t in tensors.items() if not name.startswith(gone)}, folder / folders.OPTIMIZER
    )
    hashes = json.loads((folder / folders.HASHES).read_text())
    hashes[folders.OPTIMIZER] = folders.sha256_of(folder / folders.OPTIMIZER)
    (folder / folders.HASHES).write_text(json.dumps(hashes))
    with pytest.raises(StudioError, match="lacks the optimizer's memory"):
        train(run, run.order())


def test_warm_start_takes_weights_and_options_and_retune_weights_alone(
    new_run: RunMaker, uninterrupted: RunDir, tiny_base: BaseMaker
) -> None:
    import torch

    best = folders.read_tensors(folders.chosen(uninterrupted.path), folders.ADAPTER)
    warm = new_run({}, way="warm start", parent=str(uninterrupted.path))
    order = {**warm.order(), "options": {"steps": 1, "lr": 1e-9}}
    train(warm, order)
    state = folders.read_state(warm.checkpoints / "step-000001")
    assert state["options"]["batch_size"] == OPTIONS["batch_size"] and state["options"]["rank"] == 2
    retuned = new_run({"steps": 1, "lr": 1e-9}, way="retune", parent=str(uninterrupted.path))
    train(retuned, retuned.order())
    assert folders.read_state(retuned.checkpoints / "step-000001")["options"]["batch_size"] == 4
    for run in (warm, retuned):
        found = folders.read_tensors(run.checkpoints / "step-000001", folders.ADAPTER)
        assert all(torch.allclose(found[name], best[name], atol=1e-7) for name in best)
        assert any("weights of" in row["name"] for row in run.history() if row["kind"] == "phase")


def test_an_adapter_of_another_rank_or_base_is_refused(
    new_run: RunMaker, uninterrupted: RunDir, tiny_base: BaseMaker
) -> None:
    run = new_run({"rank": 3}, way="retune", parent=str(uninterrupted.path))
    with pytest.raises(StudioError, match="use the same rank"):
        train(run, run.order())
    run = new_run(way="retune", parent=str(uninterrupted.path), base=str(tiny_base("layer")))
    with pytest.raises(Refused, match="another base model"):
        train(run, run.order())


def test_a_parent_without_checkpoints_is_told(new_run: RunMaker) -> None:
    run = new_run(way="retune", parent=str(new_run().path))
    with pytest.raises(NotFound, match="has no checkpoint"):
        train(run, run.order())


def test_a_tuned_model_needs_its_own_base(new_run: RunMaker, own_base: BaseMaker) -> None:
    from core.training.loading import load_tuned

    base = own_base()
    run = new_run({"steps": 1}, base=str(base))
    train(run, run.order())
    weights = bytearray((base / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (base / "model.safetensors").write_bytes(bytes(weights))
    with pytest.raises(BadInput, match="is not the one that run"):
        load_tuned(run.path)
    shutil.rmtree(base)
    with pytest.raises(NotFound, match="is gone"):
        load_tuned(run.path)


WORKER = """
import sys
from pathlib import Path
from core.run_dir import RunDir
from core.training.loop import train
run = RunDir(Path(sys.argv[1]))
train(run, run.order())
"""


def lives(process: Path) -> bool:
    """Whether a process, by its folder in /proc, is there and has not ended."""
    try:
        return "State:\tZ" not in (process / "status").read_text()
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize(("step", "workers"), [(3, 0), (5, 2)])
def test_a_worker_that_is_really_killed_goes_on_bit_equal(
    uninterrupted: RunDir, new_run: RunMaker, step: int, workers: int
) -> None:
    """And those that prepared clips for it go too."""
    run = new_run({**OPTIONS, "data_workers": workers})
    command = [sys.executable, "-c", WORKER, str(run.path)]
    worker = subprocess.Popen(command, cwd=Path(folders.__file__).parents[2])
    until = time.monotonic() + 60
    while (
        not any(row["kind"] == "step" and row["step"] >= step for row in run.events()[0])
        and time.monotonic() < until
    ):
        time.sleep(0.002)
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
    helpers = [Path("/proc") / pid for pid in children.read_text().split()] if children.exists() else []
    assert len(helpers) == workers or not children.exists()
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    until = time.monotonic() + 60
    while any(map(lives, helpers)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not [helper for helper in helpers if lives(helper)]
    subprocess.run(command, cwd=Path(folders.__file__).parents[2], check=True)
    assert same(final(run), final(uninterrupted))
