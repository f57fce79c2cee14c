"""Phases: what moves when; a run of two that is stopped or killed anywhere ends with the same weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import Refused, StudioError
from core.families import named
from core.families.base.phases import Phase, whole_run
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training import checkpoints, phases, schedule, stepping
from core.training.loop import train

pytestmark = pytest.mark.usefixtures("one_thread")
RunMaker = Callable[..., RunDir]
TAUGHT: dict[str, Any] = {
    "tune": "language", "from_language": "smo", "language": "tvl", "batch_size": 2, "accumulation": 2,
    "head_epochs": 1, "adapter_epochs": 2, "eval_every": 4, "save_every": 2, "sample_every": 100,
    "lr": 0.01, "head_lr": 0.02, "warmup_steps": 1,
}
HEAD, STEPS = 2, 6  # eight clips, four a step: one epoch is two steps


class Killed(BaseException):
    """Stands for kill -9."""


@pytest.fixture
def taught(new_run: RunMaker, mms_base: Path) -> RunMaker:
    """`taught(options)`: a run that teaches a language in two phases."""
    return lambda options=None, **order: new_run({**TAUGHT, **(options or {})}, base=str(mms_base), **order)


@pytest.fixture(scope="module")
def uninterrupted(
    one_thread: None, tmp_path_factory: pytest.TempPathFactory, mms_base: Path, tiny_data: Path
) -> RunDir:
    """A run of both phases that nothing disturbed."""
    order = {"family": "ctc", "base": str(mms_base), "dataset": str(tiny_data), "device": "cpu",
             "way": "start", "options": {"rank": 2, "alpha": 4.0, "steps": 6, **TAUGHT}}
    run = RunDir.create(tmp_path_factory.mktemp("phases") / "project" / "runs", "train", order)
    train(run, run.order())
    return run


def final(run: RunDir) -> dict[str, Any]:
    """Weights and optimizer of the last checkpoint."""
    folder = run.checkpoints / checkpoints.name_of(STEPS)
    files = (folders.ADAPTER, folders.OPTIMIZER)
    return {name: held for file in files for name, held in folders.read_tensors(folder, file).items()}


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Bit for bit."""
    return set(one) == set(other) and all(one[name].equal(other[name]) for name in one)


def of(run: RunDir, kind: str) -> list[dict[str, Any]]:
    """The events of one kind."""
    return [row for row in run.history() if row["kind"] == kind]


def watched(monkeypatch: pytest.MonkeyPatch) -> dict[int, set[str]]:
    """step -> names of the parameters that it moved."""
    real, moved = stepping.one_step, dict[int, set[str]]()

    def one_step(session: Any) -> None:
        before = {name: p.detach().clone() for name, p in session.model.named_parameters()}
        real(session)
        after = session.model.named_parameters()
        moved[session.progress.step] = {name for name, p in after if not p.equal(before[name])}

    monkeypatch.setattr(stepping, "one_step", one_step)
    return moved


def test_only_the_phases_parameters_move(taught: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    moved, run = watched(monkeypatch), taught()
    train(run, run.order())
    assert sorted(moved) == list(range(1, STEPS + 1))
    assert all(moved[step] == {"lm_head.weight", "lm_head.bias"} for step in (1, 2))
    for step in range(3, STEPS + 1):
        assert {"lm_head.weight", "lm_head.bias"} < moved[step]
        assert all("adapter_layer" in name for name in moved[step] if not name.startswith("lm_head"))
    linear = {f"wav2vec2.encoder.layers.0.adapter_layer.linear_2.{part}" for part in ("weight", "bias")}
    assert linear <= moved[STEPS]


def test_each_phase_is_told_with_its_share_and_its_rate(uninterrupted: RunDir) -> None:
    told = [row for row in of(uninterrupted, "phase") if "number" in row]
    assert [(row["name"], row["step"], row["steps"], row["lr"]) for row in told] == [
        ("output layer", 0, HEAD, 0.02), ("adapter and output layer", HEAD, STEPS - HEAD, 0.01)]
    assert told[0]["n_trained"] < told[1]["n_trained"] < told[1]["n_parameters"]
    rates = [row["lr"] for row in of(uninterrupted, "step")]
    first, second = named("ctc").phases(named("ctc").options(**TAUGHT), 2)
    assert rates == [schedule.rate_at(n, first) for n in (1, 2)] + [
        schedule.rate_at(n, second) for n in range(1, 5)]


def test_a_phase_forgets_the_optimizer_of_the_one_before(uninterrupted: RunDir) -> None:
    last = folders.read_tensors(uninterrupted.checkpoints / checkpoints.name_of(STEPS), folders.OPTIMIZER)
    assert {float(held) for name, held in last.items() if name.endswith("/step")} == {float(STEPS - HEAD)}
    assert any("adapter_layer" in name for name in last)


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_killed_at_any_step_it_ends_with_the_same_weights(
    taught: RunMaker, uninterrupted: RunDir, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, real = taught(), stepping.one_step

    def one_step(session: Any) -> None:
        real(session)
        if session.progress.step == step:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(stepping, "one_step", one_step)
        with pytest.raises(Killed):
            train(run, run.order())
    assert train(run, run.order()).ended == "done"
    assert same(final(run), final(uninterrupted))
    told = [[(row["step"], row["loss"]) for row in of(each, "step")] for each in (run, uninterrupted)]
    assert told[0] == told[1]


@pytest.mark.budget(20)
def test_stopped_at_every_step_it_ends_with_the_same_weights(
    taught: RunMaker, uninterrupted: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the border, too: what was saved there is the first phase's."""
    run, real = taught(), stepping.one_step

    def one_step(session: Any) -> None:
        real(session)
        run.request_stop()

    monkeypatch.setattr(stepping, "one_step", one_step)
    ends = []
    for _ in range(STEPS):
        run.clear_stop()
        ends.append(train(run, run.order()).ended)
    assert ends == ["stopped"] * (STEPS - 1) + ["done"]
    assert same(final(run), final(uninterrupted))


def test_patience_ends_the_last_phase_alone(taught: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.training import looking

    monkeypatch.setattr(looking, "look", lambda _: looking.Look(1.0, 0.5, 0.1, None, 1.0, 2, 1000))
    run = taught({"head_epochs": 2, "eval_every": 1, "patience": 2})
    assert train(run, run.order()).step == 4 + 2


def test_a_phase_without_epochs_is_left_out(taught: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    moved, run = watched(monkeypatch), taught({"head_epochs": 0, "adapter_epochs": 1})
    assert train(run, run.order()).step == 2
    assert any("adapter_layer" in name for name in moved[1])
    assert not [row for row in of(run, "phase") if "number" in row], "one phase is not told as one of several"


def test_a_step_belongs_to_one_phase() -> None:
    parts = [Phase("a", 2, 1.0, 0, "linear"), Phase("b", 3, 1.0, 0, "linear")]
    assert [phases.index_at(parts, step) for step in range(8)] == [0, 0, 0, 1, 1, 1, 1, 1]
    assert [phases.first_step(parts, index) for index in range(3)] == [0, 2, 5]


def test_one_phase_is_the_whole_run() -> None:
    options = named("ctc").options(steps=9, lr=0.5, warmup_steps=3, schedule="cosine")
    (only,) = named("ctc").phases(options, 4)
    assert only == whole_run(options)[0] and only.is_moved("anything")
    rates = [[schedule.rate_at(step, held) for step in range(1, 10)] for held in (options, only)]
    assert rates[0] == rates[1]


def test_a_warm_up_leaves_most_of_a_short_phase() -> None:
    options = named("ctc").options(**{**TAUGHT, "warmup_steps": 100})
    assert [phase.warmup_steps for phase in named("ctc").phases(options, 30)] == [10, 20]
    assert [phase.warmup_steps for phase in named("ctc").phases(options, 3000)] == [100, 100]


def test_a_phase_that_would_move_nothing_is_an_error(
    taught: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = (Phase("void", 2, 0.1, 0, "linear", ("no_such_layer",)),)
    monkeypatch.setattr(named("ctc"), "phases", lambda options, n_windows: nothing)
    run = taught()
    with pytest.raises(StudioError, match="Nothing in this model is trained in the phase “void”"):
        train(run, run.order())


def test_weights_of_other_letters_are_refused(
    taught: RunMaker, uninterrupted: RunDir, tiny_data: Path, tmp_path: Path
) -> None:
    """As many letters, but others: the shapes would fit."""
    import dataclasses
    import shutil

    from core import manifest

    data = Path(shutil.copytree(tiny_data, tmp_path / "copy"))
    rows = manifest.read(data)
    manifest.write(data, [dataclasses.replace(row, text=row.text.replace("x", "q")) for row in rows])
    run = taught({}, dataset=str(data), way="retune", parent=str(uninterrupted.path))
    with pytest.raises(Refused, match="learned other letters"):
        train(run, run.order())
    again = taught({"head_epochs": 1}, way="retune", parent=str(uninterrupted.path))
    assert train(again, again.order()).ended == "done"


def test_clips_that_no_run_can_learn_from_are_left_out(
    taught: RunMaker, tiny_data: Path, tmp_path: Path
) -> None:
    import dataclasses
    import shutil

    from core import manifest
    from core.training import preflight

    data = Path(shutil.copytree(tiny_data, tmp_path / "copy"))
    rows = manifest.read(data)
    rows[5] = dataclasses.replace(rows[5], text="two " * 60)
    manifest.write(data, rows)
    once = {"head_epochs": 0, "adapter_epochs": 1, "batch_size": 1, "accumulation": 1}
    run = taught(once, dataset=str(data))
    assert train(run, run.order()).step == 7, "seven clips are left of eight"
    told = [row["sentence"] for row in of(run, "warning")]
    assert any(f"and are left out; the text or the cut is wrong: {rows[5].id}." in said for said in told)
    assert not any(said.startswith("The alphabet") for said in told), "what is well is no warning"
    hopeless = [dataclasses.replace(row, text="two " * 60) for row in rows]
    options, base = named("ctc").options(**TAUGHT), Path(run.order()["base"])
    found = preflight.findings(named("ctc"), hopeless, base, options)
    with pytest.raises(Refused, match="no clips to train on"):
        preflight.learnable(hopeless, found)
