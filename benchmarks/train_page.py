"""The Train tab on the server: opening a long run, and a refresh while one of many runs goes on; beside
both, in the same run, a page that reads all events anew each time.

    python benchmarks/train_page.py [--runs N] [--events N] [--long N] [--times N] [--json]
"""
from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from core.config import DataRoot  # noqa: E402
from core.library import Library, Project  # noqa: E402
from core.run_dir import RunDir, without_superseded  # noqa: E402
from core.runs import curves  # noqa: E402
from core.steps import projects, train  # noqa: E402
from ui import live_plot, run_panel  # noqa: E402
from ui.state import stamp, standing  # noqa: E402

EVAL_EVERY = 250


def make(lib: Library, project: Project, n_events: int, seed: int) -> RunDir:
    """A run of so many steps, with looks and samples, as a worker writes them."""
    order = {"project": project.slug, "preset": "Careful", "family": "ctc", "dataset_name": "first",
             "options": {"steps": n_events, "lr": 0.001, "warmup_steps": 40}}
    run = RunDir.create(lib.root.runs(project.slug), "train", order)
    chance, rows = random.Random(seed), []
    for step in range(1, n_events + 1):
        loss = (0.3 + 2.7 * math.exp(-3 * step / n_events)) * math.exp(chance.gauss(0, 0.1))
        rows.append({"kind": "step", "loss": loss, "lr": 0.001, "grad_norm": chance.random(), "seconds": 0.25,
                     "epoch": step // 50, "clips_per_second": 30.0, "memory_gb": 3.5, "step": step})
        if step % EVAL_EVERY == 0:
            rows.append({"kind": "eval", "step": step, "loss": loss, "wer": 1 / (1 + step / 1000), "n": 20})
            rows += [{"kind": "sample", "step": step, "id": name, "reference": "order one two nine",
                      "prediction": f"order one {step % 10}"} for name in "abcd"]
    with open(run.path / "events.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"t": float(row["step"]), **row}) + "\n" for row in rows)
    run.write_status("stopped", "Stopped by you.", 0.5)
    return run


def opening(run: RunDir) -> None:
    """What a page asks for when a run is shown that nobody has looked at."""
    curves.index_of(run)._forget()
    json.dumps(curves.curves(run))


def naive_opening(run: RunDir) -> None:
    """All points of all rows, read at once."""
    rows = without_superseded(run.events()[0])
    steps = [row for row in rows if row["kind"] == "step"]
    json.dumps({name: [[row["step"], row.get(name)] for row in steps]
                for name in ("loss", "lr", "grad_norm", "clips_per_second", "memory_gb")})


class Refresh:
    """A page that looks at one run, which gets an event between two looks."""

    def __init__(self, lib: Library, project: Project, run: RunDir) -> None:
        self.lib, self.project, self.run, self.step = lib, project, run, 10**6
        self.had: dict[str, Any] | None = None

    def grow(self) -> None:
        """One more step."""
        self.step += 1
        self.run.event("step", self.step, loss=1.0, lr=0.001, grad_norm=1.0, seconds=0.2, epoch=1)

    def look(self) -> None:
        """One tick of the tab: is there anything new, what is drawn, and the new points."""
        stamp(self.lib, self.project.slug)
        standing(train.cards(self.lib, self.project))
        json.dumps(run_panel.paint(self.lib, self.project, self.run.id))
        got = live_plot.answers(self.lib, [{"id": self.run.id, "had": self.had}])[0]
        self.had = got["had"]
        json.dumps(got)

    def naive(self) -> None:
        """The same tab, its curves and rows read anew."""
        curves.index_of(self.run)._forget()
        self.had = None
        self.look()


def median_ms(act: Callable[[], object], times: int, before: Callable[[], object] = lambda: None) -> float:
    """Median milliseconds of this process (not of others beside it), after one that is not counted."""
    found = []
    for _ in range(times + 1):
        before()
        began = time.process_time()
        act()
        found.append(1000 * (time.process_time() - began))
    return statistics.median(found[1:])


def main() -> None:
    """Measure, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("runs", 10), ("events", 10_000), ("long", 100_000), ("times", 9)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        lib = Library(DataRoot(Path(place)))
        project = projects.create(lib, "Many", "blank").project
        runs = [make(lib, project, args.events, seed) for seed in range(args.runs)]
        page = Refresh(lib, project, runs[-1])
        figures: dict[str, Any] = {**vars(args), "refresh_ms": median_ms(page.look, args.times, page.grow),
                                   "refresh_naive_ms": median_ms(page.naive, args.times, page.grow)}
        long = make(lib, projects.create(lib, "Long", "blank").project, args.long, 0)
        few = max(3, args.times // 3)
        figures |= {"open_ms": median_ms(lambda: opening(long), few),
                    "open_naive_ms": median_ms(lambda: naive_opening(long), few),
                    "open_kb": len(json.dumps(curves.curves(long))) / 1000}
    said = ("{runs} runs of {events:,} steps: a refresh {refresh_ms:.1f} ms, all read anew "
            "{refresh_naive_ms:.0f} ms ({more:.0f} times as much)\n"
            "a run of {long:,} steps: opened in {open_ms:.0f} ms, {open_kb:.0f} kB; all points read and sent "
            "{open_naive_ms:.0f} ms")
    more = figures["refresh_naive_ms"] / figures["refresh_ms"]
    print(json.dumps(figures) if args.json else said.format(**figures, more=more))


if __name__ == "__main__":
    main()
