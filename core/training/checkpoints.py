"""Save all of a session, keep the best and the last few, and take the latest whole one up again."""

from __future__ import annotations

import shutil
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import StudioError
from core.files import read_json, write_json
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training import guards, phases, rng
from core.training.reporting import leads
from core.training.session import Best

if TYPE_CHECKING:
    import torch

    from core.training.looking import Look
    from core.training.session import Session

def name_of(step: int) -> str:
    """Folder name of the checkpoint of `step`."""
    return f"step-{step:06d}"


def save(session: Session, seen: Look | None) -> None:
    """Write the checkpoint of this step; with a look at the validation clips it may become the best."""
    name = name_of(session.progress.step)
    is_best = _judge(session, name, seen)
    gathered = session.ranks.gather(rng.capture())
    if not session.ranks.lead:
        return
    with phases.all_moved(session):
        learned = session.family.saved_state(session.model)
    tensors = {
        folders.ADAPTER: learned,
        folders.OPTIMIZER: _optimizer_tensors(session),
        folders.RNG: {
            f"{rank}/{key}": value for rank, (held, _) in enumerate(gathered) for key, value in held.items()
        },
    }
    if not guards.is_finite(tensors[folders.ADAPTER]) or not guards.is_finite(tensors[folders.OPTIMIZER]):
        raise StudioError(
            f"Training stopped at step {session.progress.step}: what was to be saved holds values that are no"
            " numbers. Lower the learning rate and start again; the last checkpoint is kept."
        )
    state = _state(session, [held for _, held in gathered])
    room = session.report.room
    room.keep_trying(lambda: folders.write(session.run.checkpoints / name, tensors, state))
    room.keep_trying(lambda: point(session, name))
    session.report.event("checkpoint", session.progress.step, path=name, best=is_best)
    _rotate(session.run, session.options.keep_last)


def point(session: Session, last: str) -> None:
    """Name the best and the last checkpoint; without validation clips the last is the best."""
    best = session.progress.best
    choose(session.run, best.name if best else last, last)


def choose(run: RunDir, best: str, last: str) -> None:
    """Name the best and the last checkpoint of a run."""
    write_json(run.checkpoints / folders.CHOSEN, {"best": best, "last": last})


def _judge(session: Session, name: str, seen: Look | None) -> bool:
    """Whether this checkpoint is the best so far; without validation clips the last one always is."""
    progress = session.progress
    if not len(session.plan.val):
        return True
    if seen is None:
        return False
    before, judged = progress.best, seen.loss if seen.wer is None else seen.wer
    if before is None:
        progress.best = Best(name, seen.wer, seen.loss, judged)
        progress.stale_looks = 0
        return True
    gained = before.lowest - judged > session.options.minimum_gain or (
        judged == before.lowest and seen.loss < before.loss
    )
    progress.stale_looks = 0 if gained else progress.stale_looks + 1
    progress.best = before.followed_by(name, seen.wer, seen.loss, seen.n_words)
    return progress.best.name == name


def _state(session: Session, generators: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything that is no tensor."""
    import torch

    plan = session.plan
    return {
        "step": session.progress.step,
        "progress": session.progress.to_json(),
        "figures": session.report.finite_figures(),
        "family": plan.family.name,
        "base": str(plan.base),
        "base_id": plan.base_id,
        "fingerprint": plan.fingerprint,
        "options": plan.options.model_dump(),
        "rng": generators,
        "prepared": {
            "vocabulary": plan.prepared.vocabulary,
            "normaliser": plan.prepared.normaliser,
            "extra": plan.prepared.extra,
        },
        "optimizer": [
            {k: v for k, v in group.items() if k != "params"} for group in session.optimizer.param_groups
        ],
        "remembered": len(session.optimizer.state),
        "schedule": {"name": plan.options.schedule, "step": session.progress.step},
        "threads": torch.get_num_threads(),
        "device": session.ranks.device.type,
        "world": session.ranks.world,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Versions of what decides the numbers."""
    return {name: _installed(name) for name in ("torch", "transformers", "peft", "accelerate", "numpy")}


@cache
def _installed(package: str) -> str:
    """Its version, read from the disk once: a process keeps the package that it began with."""
    return version(package)


def _optimizer_tensors(session: Session) -> dict[str, torch.Tensor]:
    """The optimizer's memory as `<parameter>/<what>`."""
    held = session.optimizer.state
    return {
        f"{name}/{what}": value.detach().cpu().contiguous()
        for name, parameter in session.trained().items()
        for what, value in held.get(parameter, {}).items()
    }


def _rotate(run: RunDir, last: int) -> None:
    """Remove checkpoints but the last whole ones and those that they call best. A whole one is never
    given up for a damaged one."""
    ranked = sorted((p for p in run.checkpoints.glob("step-*") if p.suffix != ".tmp"), reverse=True)
    whole = [p for p in ranked if folders.is_whole(p)][:last]
    kept = {p.name for p in whole}
    for folder in whole:
        best = folders.read_state(folder)["progress"]["best"]
        kept |= {best["name"]} if best else set()
    for folder in ranked:
        if folder.name not in kept:
            shutil.rmtree(folder)


def latest(run: RunDir, report: Any) -> Path | None:
    """The newest whole checkpoint; damaged ones are passed over with a warning, half-written ones removed."""
    if leads():
        for half in run.checkpoints.glob("*.tmp"):
            shutil.rmtree(half, ignore_errors=True)
    for folder in sorted(run.checkpoints.glob("step-*"), reverse=True):
        if folder.suffix != ".tmp" and folders.is_whole(folder):
            return folder
        report.warn(
            f"Checkpoint {folder.name} is damaged and was passed over; the run goes on from the one"
            " before it."
        )
    return None


def last_step(run: RunDir) -> int:
    """The step of the last checkpoint, 0 before the first."""
    index = run.checkpoints / folders.CHOSEN
    return int(str(read_json(index)["last"]).removeprefix("step-")) if index.exists() else 0


def best_name(run: RunDir) -> str:
    """Name of the best checkpoint so far, "" before the first."""
    index = run.checkpoints / folders.CHOSEN
    return str(read_json(index)["best"]) if index.exists() else ""
