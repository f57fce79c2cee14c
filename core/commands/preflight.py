"""The commands that say before a run, and before a model is used, whether it can be trusted."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.given import Data, Device, library, settings
from core.commands.told import Told
from core.commands.training import Base, Preset, Settings
from core.config import DEFAULT_DATA

if TYPE_CHECKING:
    from core.library import Library, Project
    from core.steps.preflight import Wish
    from core.training.checks import Check
    from core.training.diagnosing import Block

SIGNS = {"passed": "passed ", "warned": "WARNED ", "refused": "REFUSED"}


def preflight(project: str, family: str = "ctc", base: Base = None, preset: Preset = None,
              set_: Settings = None,
              dataset: Annotated[str | None, typer.Option(help="Default: what is accepted now.")] = None,
              device: Device = "auto", precision: str = "auto",
              frames: Annotated[str, typer.Option(metavar="CLIP", help=(
                  "Show this clip (id or file name) as a model that streams learns it."))] = "",
              quick: Annotated[bool, typer.Option(help="Without loading the model.")] = False,
              data: Data = DEFAULT_DATA) -> Told:
    """Check data and base before a run: passed, warned or refused."""
    from core.steps import preflight as step
    from core.steps import train

    lib = library(data)
    owner = lib.projects.get(project)
    wish = step.Wish(family, base or "starter", preset or train.usual_preset(family), settings(set_ or []),
                     dataset)
    if frames:
        return _frames(lib, owner, wish, frames)
    seen = step.look(lib, owner, wish, most=None)
    checks = [*seen.checks, *([] if quick else step.examine(lib, owner, wish, device, precision))]
    read_back = "\n".join(f"  {each.id}: “{each.text}” is taught as"
                          f" “{each.written}”" for each in seen.decoded)
    text = f"{_table(checks)}\nLabels read back:\n{read_back}" if read_back else _table(checks)
    value = {"checks": [asdict(check) for check in checks], "decoded": [asdict(d) for d in seen.decoded]}
    return Told(value, text, _code(checks))


def _frames(lib: Library, owner: Project, wish: Wish, clip: str) -> Told:
    """A line a frame: its time, the text token, the word, and the energy of its codes."""
    from core.steps import frames as step

    shown = step.of_clip(lib, owner, wish, clip)
    head = f"{'seconds':>8}  {'token':12}  {'word':16}  {'energy':>8}"
    lines = [f"{each.time:8.2f}  {each.token:12}  {each.word:16}  {each.energy:8.3f}"
             for each in shown.frames]
    return Told(asdict(shown), "\n".join([f"{shown.name}: {shown.text}", head, *lines]))


def doctor(model: str, device: Device = "auto", precision: str = "auto", data: Data = DEFAULT_DATA) -> Told:
    """Whether MODEL (a name, a run, a folder or a size) can be trusted here."""
    from core.steps import doctor as step

    health = step.examine(library(data), model, device, precision)
    told = {"checked": "checked here", "warned": "checked here, with a reservation", "refused": "refused"}
    value = {"model": model, "state": health.state, "at": health.at,
             "checks": [asdict(check) for check in health.checks]}
    return Told(value, f"{model}: {told[health.state]}\n{_table(health.checks)}", _code(health.checks))


def diagnose(model: str,
             audio: Annotated[Path | None, typer.Option(help="A sound to send through it.")] = None,
             project: Annotated[str, typer.Option(help="Instead, takes of a project.")] = "",
             manifest: Annotated[Path | None, typer.Option(
                 help="Instead, a .jsonl with audio and text in each line.")] = None,
             checkpoint: Annotated[str, typer.Option(help="Of a run: last, best, or its name.")] = "last",
             device: Device = "auto", precision: str = "auto", data: Data = DEFAULT_DATA) -> Told:
    """The first layer of MODEL (a name, a run or a folder) that gives no numbers."""
    from core.steps import diagnose as step

    seen = step.diagnose(library(data), model, audio, project, manifest, checkpoint, device, precision)
    value = {"model": seen.model, "sound": seen.found.is_sound, "sentences": seen.sentences,
             **asdict(seen.found)}
    return Told(value, "\n".join([*seen.sentences, *_sizes(seen.found.blocks)]), int(not seen.found.is_sound))


def _sizes(blocks: Sequence[Block]) -> list[str]:
    """A line a part: the largest number in it, as a share of what fp16 holds, and the module that gave it."""
    from core.steps.diagnose import FP16_MOST

    width = max((len(block.name) for block in blocks), default=0)
    head = f"{'part':{width}}  {'largest':>9}  {'of fp16':>9}  type      given by"
    lines = [f"{b.name:{width}}  {b.largest:9.3g}  {b.largest / FP16_MOST:9.2%}  {b.dtype:8}  {b.module}"
             for b in blocks]
    return [head, *lines] if lines else []


def _table(checks: Sequence[Check]) -> str:
    return "\n".join(f"{SIGNS[c.outcome]} {c.name:13} {c.sentence}" for c in checks)


def _code(checks: Sequence[Check]) -> int:
    return int(any(check.outcome == "refused" for check in checks))
