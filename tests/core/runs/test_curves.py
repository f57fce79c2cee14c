"""Curves of a run: few points that keep every peak, only ever extended; what an attempt repeats is gone."""
from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.run_dir import RunDir, without_superseded
from core.runs import curves
from core.runs.curves import Index


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    made = RunDir.create(tmp_path, "train", {"options": {"steps": 100}})
    made.write_status("queued")  # not over, without a worker
    return made


def write(run: RunDir, rows: list[dict[str, Any]]) -> None:
    """Many rows at once, as a worker writes them one by one."""
    with open(run.path / "events.jsonl", "a", encoding="utf-8") as file:
        file.writelines(json.dumps({"t": 1.0, **row}) + "\n" for row in rows)


def steps(first: int, last: int, loss: float = 1.0) -> list[dict[str, Any]]:
    return [{"kind": "step", "step": step, "loss": loss} for step in range(first, last + 1)]


class Page:
    """What a browser does with the answers: extends its curves, or begins them anew."""

    def __init__(self, run: RunDir) -> None:
        self.run, self.had, self.n_resets = run, None, 0
        self.drawn: dict[str, tuple[list[int], list[float]]] = {}

    def pull(self) -> dict[str, Any]:
        got = json.loads(json.dumps(curves.curves(self.run, self.had)))
        if got["reset"]:
            self.drawn, self.n_resets = {}, self.n_resets + 1
        for name, (x, y) in got["curves"].items():
            mine = self.drawn.setdefault(name, ([], []))
            mine[0].extend(x)
            mine[1].extend(y)
        self.had = got["had"]
        return got


def test_a_page_that_follows_has_what_a_page_that_opens_now_has(run: RunDir) -> None:
    page, rng, at = Page(run), np.random.default_rng(0), 0
    while at < 9000:
        n = int(rng.integers(1, 900))
        losses = rng.normal(size=n).tolist()
        write(run, [{"kind": "step", "step": at + k, "loss": loss, "lr": 0.1, "grad_norm": None}
                    for k, loss in enumerate(losses, 1)])
        write(run, [{"kind": "eval", "step": at + n, "loss": 1.0, "wer": 0.5}])
        at += n
        page.pull()
    fresh = Page(run)
    fresh.pull()
    assert page.drawn == fresh.drawn and page.n_resets == 5  # 1, 2, 4, 8 and 16 steps a stretch
    assert all(len(x) <= 2000 and x == sorted(x) for x, _ in page.drawn.values())
    assert set(page.drawn) == {"loss", "smoothed", "lr", "val_loss", "wer"}


def test_no_peak_is_lost_in_a_hundred_thousand_steps(run: RunDir) -> None:
    rows = steps(1, 100_000)
    for step, loss in ((31_415, 99.0), (31_416, -5.0), (77_777, 42.0)):
        rows[step - 1]["loss"] = loss
    write(run, rows)
    x, y = curves.curves(run)["curves"]["loss"]
    assert len(x) <= 2000 and {(31_415, 99.0), (31_416, -5.0), (77_777, 42.0)} <= set(zip(x, y, strict=True))


def test_a_refresh_moves_only_what_is_new(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    page, read = Page(run), []
    write(run, steps(1, 500))
    page.pull()
    real = RunDir.events
    monkeypatch.setattr(RunDir, "events", lambda self, offset=0: (read.append(offset), real(self, offset))[1])
    assert page.pull()["curves"] == {} and read == []
    size = (run.path / "events.jsonl").stat().st_size
    write(run, steps(501, 502))
    assert page.pull()["curves"]["loss"] == [[501, 502], [1.0, 1.0]] and read == [size]


def test_the_last_stretch_is_sent_when_the_run_is_over(run: RunDir) -> None:
    write(run, steps(1, 1999))
    page = Page(run)
    page.pull()
    assert page.drawn["loss"][0][-1] == 1997
    run.write_status("done")
    assert page.pull()["reset"] and page.drawn["loss"][0][-1] == 1999
    assert not page.pull()["reset"]


def test_an_attempt_that_went_back_draws_anew_and_one_that_did_not_goes_on(run: RunDir) -> None:
    page = Page(run)
    write(run, steps(1, 30, 2.0))
    page.pull()
    write(run, [{"kind": "attempt", "step": 30, "from_step": 30}, *steps(31, 32, 1.0)])
    assert not page.pull()["reset"] and page.drawn["loss"][0][-1] == 32
    write(run, [{"kind": "attempt", "step": 20, "from_step": 20}, *steps(21, 22, 5.0)])
    assert page.pull()["reset"]
    assert page.drawn["loss"] == ([*range(1, 23)], [2.0] * 20 + [5.0] * 2)


def test_smoothing_is_the_same_however_often_it_was_continued(run: RunDir) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(3, 1, 300)
    values[[5, 77]] = np.nan
    for n, value in enumerate(values):
        write(run, [{"kind": "step", "step": n + 1, "loss": None if np.isnan(value) else value}])
        if n % 37 == 0:
            curves.curves(run)
    x, y = curves.curves(run)["curves"]["smoothed"]
    mean = weight = 0.0
    expected = []
    for value in values:
        if not np.isnan(value):
            mean, weight = 0.9 * mean + 0.1 * value, 0.9 * weight + 0.1
        expected.append(mean / weight)
    assert x == [*range(1, 301)] and np.allclose(y, expected, rtol=1e-4)


def test_runs_that_are_compared_are_smoothed_alike(run: RunDir) -> None:
    write(run, [*steps(1, 50), {"kind": "step", "step": 51, "loss": 2.0}])
    own, wide = (curves.curves(run, window=window)["curves"]["smoothed"][1][-1] for window in (0, 100))
    assert own == pytest.approx(1.1, abs=0.01) and wide == pytest.approx(1.025, abs=0.01)
    assert curves.window_of({"steps": 50_000}) == 1000


def test_notes_are_what_without_superseded_leaves(run: RunDir) -> None:
    rows: list[dict[str, Any]] = []
    for attempt in range(4):
        rows += [{"kind": kind, "step": step, "id": f"{attempt} {kind}", "loss": 1.0, "t": 1.0}
                 for step in range(3 * attempt, 3 * attempt + 6)
                 for kind in ("step", "sample", "warning", "phase", "skipped", "eval")]
        rows.append({"kind": "attempt", "step": 3 * attempt + 2, "from_step": 3 * attempt + 2, "t": 1.0})
        write(run, rows[-37:])
        assert curves.notes(run)[0] == [r for r in without_superseded(rows) if r["kind"] != "step"]
    table, looks = curves.tables(run)
    assert table["step"].tolist() == looks["step"].tolist() == [*range(12)]


def test_half_a_line_waits_and_a_replaced_file_is_read_anew(run: RunDir) -> None:
    page, path = Page(run), run.path / "events.jsonl"
    write(run, steps(1, 3))
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"kind": "step", "st')
    page.pull()
    assert page.drawn["loss"][0] == [1, 2, 3]
    with open(path, "a", encoding="utf-8") as file:
        file.write('ep": 4, "loss": 1.0, "t": 1.0}\n')
    assert page.pull()["curves"]["loss"][0] == [4]
    path.rename(path.with_suffix(".old"))
    write(run, steps(1, 2, 7.0))
    assert page.pull()["reset"] and page.drawn["loss"] == ([1, 2], [7.0, 7.0])
    path.unlink()
    assert page.pull()["curves"] == {}


def test_only_so_many_runs_are_kept_in_memory(tmp_path: Path) -> None:
    runs = [RunDir.create(tmp_path, "train", {}) for _ in range(curves.KEPT + 3)]
    found = [curves.index_of(run) for run in runs]
    assert isinstance(found[0], Index) and curves.index_of(runs[0]) is not found[0]
    assert curves.index_of(runs[-1]) is found[-1]


def test_opening_a_run_costs_little_more_than_reading_it(run: RunDir) -> None:
    more = {"lr": 1e-3, "grad_norm": 0.5, "seconds": 0.25, "epoch": 1}
    write(run, [{**row, **more} for row in steps(1, 20_000)])
    run.events()
    began = time.process_time()
    run.events()
    naive = time.process_time() - began
    began = time.process_time()
    curves.curves(run)
    assert time.process_time() - began < 4 * naive
