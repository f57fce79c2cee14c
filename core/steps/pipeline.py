"""The path of a project's recordings step by step: how each stands, what it counts, how long it took, and by
which settings."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.library import Library, Project, View
from core.runs.listing import RunCard
from core.runs.long.report import anchors_by
from core.steps import timeline
from core.steps.recordings import Options

STEPS = ("heard", "matched", "aligned", "segments", "reviewed", "checked")
OF_RUN = STEPS[:4]
SETTINGS = {"matched": ("similarity",),
            "segments": ("confidence", "min_rate", "max_rate", "min_seconds", "max_seconds")}
HEARD = 0.9  # of a run's progress


@dataclass(frozen=True)
class Setting:
    """A setting of a step, beside its default."""

    name: str
    value: float
    default: float

    @property
    def is_changed(self) -> bool:
        """Whether it differs from the default."""
        return self.value != self.default


@dataclass(frozen=True)
class Step:
    """One step: `state` is waiting, queued, running, done, stopped, failed or lost; `counts` are numbers by
    name; `seconds` what it took, None where nobody knows; `model` the one that listened; `sources` the
    matches that each source of anchors gave."""

    name: str
    state: str
    counts: dict[str, float]
    seconds: float | None = None
    settings: tuple[Setting, ...] = ()
    model: str = ""
    sources: Mapping[str, int] = field(default_factory=dict)


def pipeline(lib: Library, project: Project, views: Sequence[View] | None = None) -> list[Step]:
    """All steps of a project, in their order; `views` are its segments where they were read already."""
    runs = timeline.cards(lib, project)
    run = runs[0] if runs else None
    found = [row for _, row in timeline.results(lib, project).values()]
    views = timeline.segments(lib, project) if views is None else views
    total = sum(one.seconds for one in lib.recordings.of(project.id))
    states, times = _states(run), _times(run)
    counts = {"heard": {"seconds": _heard(run, found, total), "total": total}, **_found(found, views)}
    options = run.order["options"] if run else {}
    model = str(run.order.get("model", "")) if run else ""
    made = [Step(name, states[name], counts[name], times.get(name), _settings(name, options),
                 model if name == "heard" else "", anchors_by(found) if name == "matched" else {})
            for name in OF_RUN]
    return [*made, *_by_people(views)]


def _found(rows: Sequence[Mapping[str, Any]], views: Sequence[View]) -> dict[str, dict[str, float]]:
    """What the runs found, and the segments that there are now."""
    figures = [row["figures"] for row in rows]
    n_words = max((one["n_words"] for one in figures), default=0)
    n_uncertain = sum(bool(view.details.get("doubts")) for view in views)
    chains = [chain for row in rows for chain in row["chains"]]
    spoken, covered = (sum(one[name] for one in figures) for name in ("speech", "matched"))
    return {"matched": {"anchors": sum(chain["matches"] for chain in chains), "chains": len(chains)},
            "aligned": {"words": sum(one["n_words_placed"] for one in figures), "of": n_words,
                        "covered": covered, "speech": spoken},
            "segments": {"n": len(views), "sure": len(views) - n_uncertain, "uncertain": n_uncertain}}


def _heard(run: RunCard | None, found: Sequence[Mapping[str, Any]], total: float) -> float:
    """Seconds that were heard: by the results, or by how far a newest run is that has not come to its end."""
    if run is None or run.state == "done":
        return min(total, float(sum(row["figures"]["seconds"] for row in found)))
    asked = float(sum(one["seconds"] for one in run.order["recordings"]))
    return min(total, asked * min(1.0, run.progress / HEARD))


def _settings(step: str, options: Mapping[str, float]) -> tuple[Setting, ...]:
    usual = Options().model_dump()
    return tuple(Setting(name, options.get(name, usual[name]), usual[name])
                 for name in SETTINGS.get(step, ()))


def _states(run: RunCard | None) -> dict[str, str]:
    """How the steps of the newest run stand: those before the one that it is at are done."""
    if run is None:
        return dict.fromkeys(OF_RUN, "waiting")
    if run.state == "done":
        return dict.fromkeys(OF_RUN, "done")
    at = max((OF_RUN.index(name) for name, _ in _phases(run)), default=0)
    return {name: "done" if place < at else run.state if place == at else "waiting"
            for place, name in enumerate(OF_RUN)}


def _phases(run: RunCard) -> list[tuple[str, float]]:
    """(step, second since 1970 at which it began) of the newest attempt; matching and aligning take turns."""
    began: list[tuple[str, float]] = []
    for row in run.run.events()[0]:
        if row["kind"] == "phase" and row.get("name") in OF_RUN:
            began = [*([] if row["name"] == OF_RUN[0] else began), (row["name"], row["t"])]
    return began


def _times(run: RunCard | None) -> dict[str, float]:
    """Seconds that each step took in the newest attempt; the last one until the run's last sign of life."""
    phases = _phases(run) if run else []
    if run is None or not phases:
        return {}
    ends = [at for _, at in phases[1:]] + [run.at]
    took = dict.fromkeys((name for name, _ in phases), 0.0)
    for (name, at), end in zip(phases, ends, strict=True):
        took[name] += max(0.0, end - at)
    return took


def _by_people(views: Sequence[View]) -> list[Step]:
    """What people did with the segments."""
    decided = Counter(view.clip.decision for view in views)
    marked = Counter(view.clip.mark for view in views if view.clip.mark in ("right", "wrong"))
    n, n_decided, n_marked = len(views), len(views) - decided["todo"], sum(marked.values())
    state = "done" if n and n_decided == n else "running" if n_decided else "waiting"
    reviewed: dict[str, float] = {"n": n_decided, "of": n, "accepted": decided["accepted"],
                                  "rejected": decided["rejected"]}
    checked: dict[str, float] = {"n": n_marked, "of": n, "right": marked["right"], "wrong": marked["wrong"]}
    return [Step("reviewed", state, reviewed),
            Step("checked", "running" if n_marked else "waiting", checked)]
