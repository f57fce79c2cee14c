"""Events also to TensorBoard or Weights & Biases: each row once, an attempt voids, failures end no run."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput, Unavailable
from core.run_dir import RunDir
from core.runs import followers
from core.runs.followers import following, take


class Recorded:
    """A writer that keeps what it was given."""

    def __init__(self) -> None:
        self.said: list[tuple[Any, ...]] = []

    def figures(self, values: Mapping[str, float], step: int, at: float) -> None:
        self.said.append(("figures", step, dict(values)))

    def text(self, name: str, said: str, step: int, at: float) -> None:
        self.said.append(("text", step, name, said))

    def back_to(self, step: int) -> None:
        self.said.append(("back", step))

    def close(self) -> None:
        self.said.append(("close",))


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir.create(tmp_path, "train", {})


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if both packages were there."""
    monkeypatch.setattr(followers, "find_spec", lambda name: object())


def test_rows_become_figures_and_texts_each_once(run: RunDir) -> None:
    writer = Recorded()
    run.event("step", 1, loss=2.0, lr=0.1, grad_norm=None)
    run.event("eval", 1, loss=1.5, wer=0.5, n=8, digit_error_rate=None)
    run.event("sample", 1, id="a", reference="one", prediction="1")
    run.event("warning", 1, sentence="Look out.")
    run.event("phase", 1, name="train")
    take(run, "tensorboard", writer)
    expected = [("figures", 1, {"train/loss": 2.0, "train/lr": 0.1}),
                ("figures", 1, {"validation/loss": 1.5, "validation/wer": 0.5}),
                ("text", 1, "sample/a", "1  (one)"), ("text", 1, "warning", "Look out.")]
    assert writer.said == expected
    take(run, "tensorboard", writer)
    assert writer.said == expected
    run.event("attempt", 0, from_step=0)
    run.event("step", 1, loss=3.0)
    take(run, "tensorboard", writer)  # also where another worker goes on: the place is kept in the run folder
    assert writer.said[4:] == [("back", 0), ("figures", 1, {"train/loss": 3.0})]


def test_what_is_written_until_the_end_arrives_and_the_writer_is_closed(run: RunDir) -> None:
    writer = Recorded()
    with following(run, {"also": "wandb"}, lambda *given: writer):
        run.event("step", 1, loss=2.0)
    assert writer.said == [("figures", 1, {"train/loss": 2.0}), ("close",)]
    with following(run, {}, lambda *given: pytest.fail("nobody asked")):
        pass


def test_a_writer_that_fails_is_a_warning_and_the_run_goes_on(run: RunDir) -> None:
    class Broken(Recorded):
        def figures(self, values: Mapping[str, float], step: int, at: float) -> None:
            raise OSError("no room")

    def never(*given: Any) -> Recorded:
        raise RuntimeError("cannot be opened")

    with following(run, {"also": "tensorboard"}, lambda *given: Broken()):
        run.event("step", 1, loss=2.0)
    with following(run, {"also": "tensorboard"}, never):
        run.event("step", 2, loss=2.0)
    assert [row["sentence"] for row in run.events()[0] if row["kind"] == "warning"] == [
        "Events are not written to TensorBoard: no room",
        "Events are not written to TensorBoard: cannot be opened"]


def test_what_is_not_installed_or_not_known_is_said(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="TensorBoard is not installed here: run “pip install tensorboard”"):
        followers.check("tensorboard")
    with pytest.raises(BadInput, match="choose one of: tensorboard, wandb"):
        followers.check("papers")
    followers.check("")
    with following(run, {"also": "wandb"}):
        run.event("step", 1, loss=1.0)
    assert "pip install wandb" in next(r["sentence"] for r in run.events()[0] if r["kind"] == "warning")


def test_weights_and_biases_is_offline_and_gets_no_texts(
    run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[dict[str, Any]] = []
    said: list[Any] = []

    class Fake:
        @staticmethod
        def init(**given: Any) -> Any:
            opened.append(given)
            return Fake()

        def log(self, values: dict[str, float], step: int) -> None:
            said.append((step, values))

        def finish(self) -> None:
            said.append("finished")

    monkeypatch.setitem(__import__("sys").modules, "wandb", Fake)
    with following(run, {"also": "wandb", "options": {"lr": 0.1}, "base": "/private/model"}):
        run.event("step", 2, loss=1.0)
        run.event("sample", 2, id="a", reference="my secret", prediction="my secret")
        run.event("attempt", 1, from_step=1)
        run.event("step", 2, loss=0.5)
    assert said == [(2, {"train/loss": 1.0}), "finished", (2, {"train/loss": 0.5}), "finished"]
    assert [given["mode"] for given in opened] == ["offline", "offline"]
    assert opened[0]["config"] == {"lr": 0.1}
    assert "secret" not in str(opened) and "private" not in str(opened)


def test_tensorboard_reads_what_was_written_for_it(run: RunDir) -> None:
    pytest.importorskip("tensorboard", reason="tensorboard is not installed here")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with following(run, {"also": "tensorboard"}):
        run.event("step", 1, loss=2.0)
        run.event("step", 2, loss=9.0)
        run.event("attempt", 1, from_step=1)
        run.event("step", 2, loss=1.0)
        run.event("sample", 2, id="a", reference="one", prediction="1")
    found = EventAccumulator(str(run.path / "tensorboard"))
    found.Reload()
    assert [(e.step, e.value) for e in found.Scalars("train/loss")] == [(1, 2.0), (2, 1.0)]
    assert "sample/a/text_summary" in found.Tags()["tensors"]
