"""The report of a run is one file without scripts or requests; its table holds every step and every look."""
from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.config import DataRoot
from core.evaluation import verdict
from core.evaluation.rates import score_item
from core.files import write_json
from core.run_dir import RunDir
from core.runs import notes
from core.steps import report, run_table
from core.steps.report_chart import Line, chart

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def run(data_root: DataRoot) -> RunDir:
    """A finished run with everything that a report can show."""
    order = {"project": "codes", "preset": "Quick", "family": "ctc", "dataset_name": "first",
             "base": "/somewhere/private/starter", "options": {"lr": 0.001, "steps": 120, "warmup_steps": 0},
             "versions": {"torch": "2.0"}, "licence": "cc-by-nc-4.0"}
    made = RunDir.create(data_root.runs("codes"), "train", order)
    for step in range(1, 121):
        made.event("step", step, loss=2.9, lr=0.001, grad_norm=1.0 / step)
        if step % 20 == 0:
            made.event("eval", step, loss=3.0, wer=0.5, cer=0.25, digit_error_rate=None, n=9)
            said = f"one {EVIL}" if step > 20 else "1"
            made.event("sample", step, id="a", reference="one two", prediction=said)
    made.event("skipped", 7, ids=["clip1"], reason="the loss is not finite", module="encoder.layer.3")
    made.event("warning", 3, sentence="Look out.")
    made.event("attempt", 100, from_step=100)
    base, tuned = ([score_item(str(n), "one two", said) for n in range(12)] for said in ("1 2", "one two"))
    items = [{"id": "1", "reference": "one two", "base": "1 2", "tuned": "one two"}]
    found = verdict.to_json(verdict.judge(base, tuned))
    write_json(made.path / "verdict.json", {**found, "items": items, "regression_items": []})
    notes.write(made, f"my note {EVIL}", "good", 0, "page:1")
    made.write_status("done", "Trained 60 steps.")
    return made


class Seen(HTMLParser):
    """Elements, their attributes, and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_report_holds_everything_and_asks_for_nothing(run: RunDir, tmp_path: Path) -> None:
    page = report.write(run, tmp_path / "report.html").read_text(encoding="utf-8")
    seen = Seen(page)
    for said in ("Better: on 12 held-out items", "Look out.", "clip1", "encoder.layer.3", "my note", "good",
                 "starter", "CC-BY-NC-4.0", "torch", "lr", "Every item of the verdict", "Learning rate",
                 "The loss hardly moved"):
        assert said in seen.text, said
    assert seen.tags.count("svg") == 4 and "polyline" in seen.tags
    assert not {"script", "link", "img", "iframe", "object", "audio"} & set(seen.tags)
    assert not {"src", "href", "onload", "onclick"} & {name for name, _ in seen.attributes}
    assert not re.search(r"https?://|url\(|@import|/somewhere/private", page)
    assert "default-src 'none'" in page


def test_what_an_attempt_repeated_is_in_neither(run: RunDir) -> None:
    rows = list(csv.DictReader(io.StringIO(run_table.as_csv(run))))
    assert [int(row["step"]) for row in rows if row["kind"] == "step"] == [*range(1, 101)]
    assert [int(row["step"]) for row in rows if row["kind"] == "eval"] == [20, 40, 60, 80, 100]
    at20 = [row for row in rows if row["step"] == "20"]
    assert [row["kind"] for row in at20] == ["step", "eval"]
    assert (at20[0]["lr"], at20[0]["wer"], at20[1]["wer"], at20[1]["loss"]) == ("0.001", "", "0.5", "3")
    assert "memory_gb" not in rows[0] and at20[0]["time"].endswith("+00:00")


def test_a_run_without_anything_has_a_report_too(data_root: DataRoot) -> None:
    made = RunDir.create(data_root.runs("codes"), "train", {})
    seen = Seen(report.html(made))
    assert "This run has no verdict." in seen.text and "svg" not in seen.tags
    assert run_table.as_csv(made) == "kind,step,time\n"


@pytest.mark.parametrize(("y", "low", "high"), [
    ([0.0, 1.0], "0", "1"), ([3.0, 9.7], "0", "10"), ([-2.0, 0.5], "-2", "1"), ([0.0, 0.0], "0", "0.5"),
    ([1e-5, 9e-4], "0", "0.001"), ([1000.0, 250_000.0], "0", "300000")])
def test_the_axis_of_a_chart_has_round_ends(y: list[float], low: str, high: str) -> None:
    drawn = chart("t", "step", [Line("a", "raw", [1, 2], y)])
    labels = re.findall(r'text-anchor="end">([^<]+)<', drawn)
    assert (labels[0], labels[-1]) == (low, high)
    pairs = re.findall(r'points="([^"]+)"', drawn)[0].split()
    points = [tuple(map(float, pair.split(","))) for pair in pairs]
    assert all(0 <= x <= 760 and 0 <= down <= 260 for x, down in points) and points[0][0] < points[1][0]
    assert chart("t", "step", []) == "" == chart("t", "step", [Line("a", "raw", [], [])])
