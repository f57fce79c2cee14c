"""Where a run begins: at the start, where it was, or from another run's weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput, Refused, StudioError
from core.families.base.growing import TakesOver
from core.families.base.options import FREE
from core.modelling import checkpoint_folder as folders
from core.run_dir import STEPPED
from core.training import checkpoints, phases, rng
from core.training.differences import changed_options
from core.training.session import Progress

if TYPE_CHECKING:
    from core.training.session import Session

WAYS = ("start", "continue", "warm start", "retune")


def begin(session: Session) -> None:
    """Bring the session to where it goes on. A run that has checkpoints of its own
    always continues from them."""
    # a file that was missing before the first step is told at step 0
    earlier = any(row["kind"] in STEPPED and row["step"] for row in session.run.events()[0])
    own = checkpoints.latest(session.run, session.report)
    way, order = session.plan.order.get("way", "start"), session.plan.order
    if own is not None:
        continue_from(session, own)
    elif way == "continue":
        continue_from(session, checkpoint_of(order))
        if session.progress.step >= session.steps:
            raise Refused(
                f"Run {_parent(order).name} has done all of its {session.steps} steps; choose Retune"
                " to train it further."
            )
    elif way in ("warm start", "retune"):
        weights_from(session, checkpoint_of(order))
    if earlier or session.progress.step:
        session.report.event("attempt", session.progress.step, from_step=session.progress.step)


def checkpoint_of(order: dict[str, Any]) -> Path:
    """The checkpoint that an order begins from: the one it names (best, last, or a folder), else the last to
    continue from and the best for its weights."""
    usual = "last" if order["way"] == "continue" else "best"
    return folders.chosen(_parent(order), str(order.get("checkpoint") or usual))


def parent_options(order: dict[str, Any]) -> dict[str, Any]:
    """The options that a run takes over from the one that it begins from."""
    options: dict[str, Any] = folders.read_state(checkpoint_of(order))["options"]
    return options


def _parent(order: dict[str, Any]) -> Path:
    if not order.get("parent"):
        raise BadInput(f"“{order['way']}” needs the run to go on from; choose one.")
    return Path(order["parent"])


def continue_from(session: Session, folder: Path) -> None:
    """Continue: everything as it was. Refused when the data, the base, the options or the
    number of processes changed."""
    import torch

    state = folders.read_state(folder)
    _same(session, state, folder)
    torch.set_num_threads(int(state["threads"]))
    _restore_weights(session, folder)
    phases.go_to(session, phases.index_at(session.phases, int(state["step"])))
    _restore_optimizer(session, state, folder)
    prefix = f"{session.ranks.rank}/"
    tensors = {
        name.removeprefix(prefix): t
        for name, t in folders.read_tensors(folder, folders.RNG).items()
        if name.startswith(prefix)
    }
    rng.restore(tensors, state["rng"][session.ranks.rank])
    session.progress = Progress.from_json(state["progress"])
    session.report.figures |= state["figures"]
    best = session.progress.best
    if best and not folders.is_whole(session.run.checkpoints / best.name):
        session.progress.best = None  # it lies in the parent's folder, or was damaged
    if folder.parent == session.run.checkpoints and session.ranks.lead:
        checkpoints.point(session, folder.name)  # a kill may have come between the folder and its naming


def _same(session: Session, state: dict[str, Any], folder: Path) -> None:
    plan, named = session.plan, f"checkpoint {folder.name}"
    if state["fingerprint"] != plan.fingerprint:
        raise Refused(
            f"The dataset is not the one of {named} ({plan.fingerprint} instead of {state['fingerprint']});"
            " Continue needs the same one. Choose Warm start or Retune to go on with new data."
        )
    if state["base_id"] != plan.base_id or state["family"] != plan.family.name:
        raise Refused(f"The base model is not the one of {named}; Continue needs the same one.")
    changed = [k for k in changed_options(state["options"], plan.options) if k not in FREE]
    if changed:
        raise Refused(
            f"Continue keeps every option, but these differ from {named}: {', '.join(changed)}. Choose Retune"
            " for new options."
        )
    if state["prepared"] != {
        "vocabulary": plan.prepared.vocabulary,
        "normaliser": plan.prepared.normaliser,
        "extra": plan.prepared.extra,
    }:
        raise Refused(
            f"Vocabulary or feature settings are not those of {named}; put the base's files back as they"
            " were."
        )
    if state["world"] != session.ranks.world:
        raise Refused(
            f"{named.capitalize()} was made by {state['world']} processes, and now there are"
            f" {session.ranks.world}; use as many."
        )
    if state["device"] != session.ranks.device.type:
        session.report.warn(
            f"The run goes on on another device ({session.ranks.device.type} instead of {state['device']}):"
            " its numbers will differ a little."
        )
    other = [f"{k} {v}" for k, v in state["versions"].items() if checkpoints.versions().get(k) != v]
    if other:
        session.report.warn(
            f"{named.capitalize()} was made with {', '.join(other)}: the numbers may differ a little from"
            " those of an uninterrupted run."
        )


def _restore_weights(session: Session, folder: Path) -> None:
    with phases.all_moved(session):
        session.family.restore(session.model, folders.read_tensors(folder, folders.ADAPTER))


def _take_over(session: Session, folder: Path) -> None:
    """The weights of another run, which a family may take over in part, as it tells."""
    family, state = session.family, folders.read_tensors(folder, folders.ADAPTER)
    with phases.all_moved(session):
        if isinstance(family, TakesOver):
            state, notes = family.taken_over(session.model, state)
            for note in notes:
                session.report.warn(note)
        session.family.restore(session.model, state)


def _restore_optimizer(session: Session, state: dict[str, Any], folder: Path) -> None:
    """Put the optimizer's memory back; StudioError when a parameter's is missing, because a failed load
    must not pass for a start."""
    held = folders.read_tensors(folder, folders.OPTIMIZER)
    # before the first step of a phase nothing is remembered; older checkpoints do not tell how much was
    is_remembered = bool(state.get("remembered", held))
    for name, parameter in session.trained().items():
        mine = {key.rsplit("/", 1)[1]: value for key, value in held.items() if key.rsplit("/", 1)[0] == name}
        if not mine and is_remembered:
            raise StudioError(
                f"Checkpoint {folder.name} lacks the optimizer's memory of {name}; choose Warm start to use"
                " its weights alone."
            )
        if mine:
            session.optimizer.state[parameter] = {
                k: v if k == "step" else v.to(parameter.device) for k, v in mine.items()
            }
    for group, saved in zip(session.optimizer.param_groups, state["optimizer"], strict=True):
        group.update({k: tuple(v) if isinstance(v, list) else v for k, v in saved.items()})


def weights_from(session: Session, folder: Path) -> None:
    """Warm start and Retune: the weights alone; the base must be the same one."""
    state = folders.read_state(folder)
    if state["base_id"] != session.plan.base_id or state["family"] != session.plan.family.name:
        raise Refused(
            f"Run {folder.parent.parent.name} was trained on another base model; its adapter does not fit"
            " this one."
        )
    if state["prepared"]["vocabulary"] != session.plan.prepared.vocabulary:
        raise Refused(
            f"Run {folder.parent.parent.name} learned other letters than this data has, so its output layer"
            " does not fit; merge that run, and start from the merged model."
        )
    _take_over(session, folder)
    session.report.event("phase", 0, name=f"weights of {folder.parent.parent.name}, {folder.name}")
