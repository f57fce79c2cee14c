"""The fresh test: new prompts of the same kinds, recorded after a training, and a verdict on them alone.

Their takes have a role of their own and never become part of a dataset (see core/steps/fresh_guard.py).
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core import manifest
from core.errors import BadInput, Refused
from core.files import write_json
from core.library import Library, Project, Prompt, View
from core.run_dir import RunDir
from core.runs import listing
from core.runs.listing import RunCard
from core.runs.start import start as start_run
from core.steps import dataset, record, speakers
from core.steps.fresh_guard import ROLE
from core.steps.hearing import doubts
from core.text.convert import leftovers
from core.text.fresh import Known, fresh_drafts
from core.types import Row

PROMPTS = 10
MOST = 50


@dataclass(frozen=True)
class Unsure:
    """A fresh take of which it is not sure that it says its prompt, and why."""

    clip_id: str
    prompt: str
    why: str


@dataclass(frozen=True)
class Standing:
    """How far the fresh test of a run is; `sentence` says what to do next."""

    run: str
    prompts: tuple[Prompt, ...]
    n_recorded: int
    unsure: tuple[Unsure, ...]
    cards: tuple[RunCard, ...]
    sentence: str
    can_make: bool
    can_judge: bool


def make(lib: Library, project: Project, run_id: str, n: int = PROMPTS, who: str = "") -> list[Prompt]:
    """Append `n` fresh prompts to judge a training run by; the new ones. Raises Refused while some of an
    earlier set wait to be recorded, BadInput where none can be made."""
    run = _trained(lib, project, run_id)
    if not 1 <= n <= MOST:
        raise BadInput(f"A fresh test has 1 to {MOST} prompts at a time, not {n}.")
    before = _prompts(lib, project, run)
    if waiting := len(before) - len({view.clip.prompt_id for view in _takes(lib, project, before)}):
        raise Refused(f"{waiting} of the fresh prompts of this run wait to be recorded on the Record tab; "
                      "record or skip them before more are made.")
    asked = [(p.text, p.grp) for p in lib.prompts.of(project.id, "target")]
    drafts = fresh_drafts(asked, _known(lib, project), n, f"{run.id} {len(before)}")
    lib.prompts.append(project.id, [replace(draft, must=True) for draft in drafts], who=who, fresh=run.id)
    there = {prompt.id for prompt in before}
    return [prompt for prompt in _prompts(lib, project, run) if prompt.id not in there]


def standing(lib: Library, project: Project, run_id: str) -> Standing:
    """How far the fresh test of a training run is."""
    run = _trained(lib, project, run_id)
    prompts = _prompts(lib, project, run)
    views = _takes(lib, project, prompts)
    recorded = {view.clip.prompt_id for view in views}
    unsure = _unsure(lib, project, views)
    n_left = len(prompts) - len(recorded)
    cards = tuple(of_run(lib, project, run))
    is_busy = any(card.state in ("queued", "running") for card in cards)
    return Standing(run.id, tuple(prompts), len(recorded), tuple(unsure), cards,
                    _next(len(prompts), n_left, len(unsure)), not n_left,
                    bool(prompts) and not n_left and not unsure and not is_busy)


def judge(lib: Library, project: Project, run_id: str) -> RunDir:
    """Start the verdict on the fresh takes; returns at once. Raises Refused while one is missing or
    unsure."""
    run = _trained(lib, project, run_id)
    now = standing(lib, project, run.id)
    if not now.prompts or now.n_recorded < len(now.prompts) or now.unsure:
        raise Refused(now.sentence)
    folder = _place(lib, project, run)
    rows = _rows(lib, project, now.prompts, folder)
    _refuse_what_was_learned(run, rows)
    order = run.order()
    manifest.write(folder, rows)
    about = dataset.asked_for(lib, project, rows)
    write_json(folder / "dataset.json", {"name": folder.name, "fresh_of": run.id, **about})
    names = {name: order.get(name) for name in ("device", "precision", "language")}
    model = {"family": order["family"], "base": order["base"]}
    return start_run(lib.root, project.slug, "evaluate", {
        "project": project.slug, "dataset": str(folder.resolve()), "split": "all", "regression": None,
        "fresh_of": run.id, **names,
        "models": [{**model, "name": "base", "base_of": str(run.path.resolve())},
                   {**model, "name": "tuned", "adapter": str(run.path.resolve())}]})


def of_run(lib: Library, project: Project, run: RunDir) -> list[RunCard]:
    """The fresh verdicts of a training run, finished or not, newest first."""
    return [card for card in listing.runs(lib.root, project.slug, "evaluate")
            if card.order.get("fresh_of") == run.id]


def _trained(lib: Library, project: Project, run_id: str) -> RunDir:
    run = listing.find(lib.root, run_id)
    order = run.order()
    if order["kind"] != "train" or order["project"] != project.slug:
        raise BadInput(f"Run {run.id} is no training run of the project “{project.name}”.")
    if not (run.checkpoints / "manifest.json").exists():
        raise Refused(f"Run {run.id} has no checkpoint yet, so there is nothing to judge.")
    return run


def _prompts(lib: Library, project: Project, run: RunDir) -> list[Prompt]:
    return [p for p in lib.prompts.of(project.id, ROLE) if p.fresh == run.id and not p.skipped]


def _known(lib: Library, project: Project) -> Known:
    """All that was ever asked for, said, or frozen in a dataset of the project."""
    known = Known(project.language, project.digit_words)
    for prompt in lib.prompts.ever(project.id):
        known.add(prompt.text, prompt.grp)
    for view in lib.clips.views(project.id, spare=True):
        for text in filter(None, (view.text, view.heard)):
            known.add(text)
    for snapshot in lib.datasets.of(project.id):
        for folder in (lib.root.path / snapshot.folder, lib.root.path / snapshot.folder / "regression"):
            if (folder / manifest.NAME).exists():
                for row in manifest.read(folder):
                    known.add(row.text)
    return known


def _takes(lib: Library, project: Project, prompts: Sequence[Prompt]) -> list[View]:
    asked, withdrawn = {prompt.id for prompt in prompts}, speakers.withdrawn(lib, project)
    return [view for view in lib.clips.views(project.id, role=ROLE)
            if view.clip.prompt_id in asked and view.clip.decision != "rejected"
            and view.clip.speaker_id not in withdrawn]


def _unsure(lib: Library, project: Project, views: Sequence[View]) -> list[Unsure]:
    """Takes that nobody has accepted and that a machine has not heard say their prompt."""
    doubted = doubts(lib, project)
    found = []
    for view in views:
        why = record.to_say_again(view.clip) or doubted.get(view.clip.id, "")
        if not why and view.heard is None:
            why = "It was not heard yet."
        if why and view.clip.decision != "accepted":
            found.append(Unsure(view.clip.id, view.prompt or "", why))
    return found


def _next(n: int, n_left: int, n_unsure: int) -> str:
    if not n:
        return "No fresh prompts were made for this run yet: make some, and record them."
    if n_left:
        return f"{n - n_left} of {n} fresh prompts are recorded; record the others on the Record tab."
    if n_unsure:
        return (f"Fresh takes of which it is not sure what they say: {n_unsure}; accept, mend or reject them "
                "on the Review tab first.")
    return f"All {n} fresh prompts are recorded, so the verdict can be given."


def _rows(lib: Library, project: Project, prompts: Sequence[Prompt], folder: Path) -> list[Row]:
    rows = []
    for view in _takes(lib, project, prompts):
        is_mended = view.clip.decision == "accepted" and (view.text or "").strip()
        text = (view.text if is_mended else view.prompt) or ""
        if leftovers(text, project.language):
            raise Refused(f"The text of the fresh take {view.clip.name} still holds digits or signs: "
                          f"“{text}”. Convert it on the Review tab, or use its prompt.")
        rows.append(replace(dataset.row_of(lib, view, text, folder, project), split="test"))
    return rows


def _refuse_what_was_learned(run: RunDir, rows: Sequence[Row]) -> None:
    """The last look before a verdict: none of it may stand in what the run learned from."""
    learned = [row for row in manifest.read(Path(run.order()["dataset"])) if row.split != "test"]
    sounds, texts = {row.sha256 for row in learned}, {row.text for row in learned}
    if bad := [row for row in rows if row.sha256 in sounds or row.text in texts]:
        raise Refused(f"Run {run.id} learned from what the fresh take “{bad[0].text}” says, so it proves "
                      "nothing; reject it and make new prompts.")


def _place(lib: Library, project: Project, run: RunDir) -> Path:
    """A new folder that no list of datasets knows, so that none can be trained on."""
    kept = lib.root.project(project.slug) / "fresh"
    return kept / f"{run.id}-{len(list(kept.glob(f'{run.id}-*'))) + 1}"
