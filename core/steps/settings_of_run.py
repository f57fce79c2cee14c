"""The settings of a training run as a file: the one that starts it again here, or another trainer's."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.families import named
from core.families.base.sharing import SharesSettings
from core.files import write_atomic
from core.run_dir import RunDir
from core.runs import listing
from core.steps import train_request
from core.steps.train_request import FILE


@dataclass(frozen=True)
class Settings:
    """The YAML, the `form` that it is in ("" for ours), and the options that have no place there."""

    text: str
    form: str = ""
    left_out: tuple[str, ...] = ()


def of_run(root: DataRoot, run_id: str, form: str | None = None) -> Settings:
    """The settings of a training run. NotFound for a run that has none, BadInput for a form that none of its
    family has."""
    run = listing.find(root, run_id)
    order = run.order()
    if order["kind"] != "train":
        raise NotFound(f"Run {run.id} is no training run, so it has no options to keep.")
    if not form:
        path = run.path / FILE  # a run of before there were such files has its order
        return Settings(path.read_text(encoding="utf-8") if path.exists()
                        else train_request.text(train_request.of_run(run)))
    known = form_of(run)
    if form != known:
        able = f"it can be {known}" if known else "a run of this kind has no other one"
        raise BadInput(f"The settings of run {run.id} cannot be written for “{form}”: {able}.")
    home = root.path / str(order.get("project", "")) / "exports" / f"{order.get('dataset_name')}-moshi"
    parts = {part: str((home / part / "data.jsonl").resolve()) for part in ("train", "val")}
    _, text, left = train_request.elsewhere(run, parts)
    return Settings(text, known, left)


def form_of(run: RunDir) -> str:
    """The other trainer that the settings of a run can be written for; "" where there is none."""
    family = named(str(run.order().get("family", "ctc")))
    return family.settings_form if isinstance(family, SharesSettings) else ""


def write(made: Settings, out: Path) -> None:
    """The settings as a file, whole or not at all."""
    write_atomic(out, made.text)
