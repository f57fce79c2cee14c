"""The command for a random sample: draw it, hand it to a reviewer elsewhere, bring her marks home, read its
proof."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.given import Data, bytes_of, library
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA

if TYPE_CHECKING:
    from core.library import Library, Project
    from core.steps.sample_marks import Plan

Drawn = Annotated[int | None, typer.Option("--n", help="Draw a new sample of N takes.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write it here: clips and one page for a reviewer.")]
Bring = Annotated[Path | None, typer.Option("--import", help="A reviewer's file of marks.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only show what the marks would change.")]
Undo = Annotated[str, typer.Option("--undo", metavar="REVIEWER", help="Take back the marks last imported.")]


def sample(tell: Tell, project: str, n: Drawn = None,
           seed: Annotated[int | None, typer.Option(help="The same seed draws the same takes.")] = None,
           out: Out = None, bring: Bring = None, dry_run: Dry = False, undo: Undo = "",
           data: Data = DEFAULT_DATA) -> Told:
    """A random sample to check by ear: draw, export for a reviewer, import her marks, read the proof."""
    from core.steps import sample as step

    lib = library(data)
    chosen = lib.projects.get(project)
    if undo:
        return _taken_back(lib, chosen, undo)
    drawn = step.draw(lib, chosen, n, "command", seed) if n is not None else step.get(lib, chosen)
    found = _bring(lib, chosen, bring, dry_run) if bring else None
    lines = [_told(found, dry_run)] if found else []
    if out:
        from core.steps.sample_page import export

        lines.append(f"Written to {export(lib, chosen, drawn, out.resolve(), tell=tell)}.")
    standing = step.standing(lib, chosen, drawn)
    lines.append(f"{drawn.name}: {len(drawn.clips)} of {drawn.n_total} takes, seed {drawn.seed}, "
                 f"{standing.n_done} checked. {standing.sentence}")
    value = {"sample": drawn.name, "seed": drawn.seed, "n": len(drawn.clips), "of": drawn.n_total,
             "clips": drawn.clips, "checked": standing.n_done, "right": standing.n_right,
             "wrong": standing.n_bad, "proof": standing.sentence}
    if found:
        value |= {"imported": len(found.lines), "changed": found.changed, "gone": found.gone}
    return Told(value, "\n".join(lines), code=int(bool(found and (found.changed or found.gone))))


def _bring(lib: Library, project: Project, file: Path, dry_run: bool) -> Plan:
    from core.steps import sample_marks

    brought = sample_marks.read(bytes_of(file), file.name)
    found = sample_marks.plan(lib, project, brought)
    return found if dry_run else sample_marks.apply(lib, project, brought, found.mark)


def _told(found: Plan, dry_run: bool) -> str:
    """What the marks changed, line by line, and what was left alone."""
    lines = [f"{line.name}: {line.before or 'no mark'} -> {line.after} {line.note}".rstrip()
             for line in found.lines]
    lines += [f"{name}: has changed since, so its mark was not taken" for name in found.changed]
    lines += [f"{clip}: is not there any more, so its mark was not taken" for clip in found.gone]
    lines.append(f"{len(found.lines)} marks of {found.brought.reviewer} {'would be ' if dry_run else ''}set, "
                 f"{found.n_same} stood there already.")
    return "\n".join(lines)


def _taken_back(lib: Library, project: Project, reviewer: str) -> Told:
    from core.steps.review import told

    done = lib.changes.undo(project.id, f"reviewer:{reviewer}")
    return Told({"undone": len(done)}, told(done))
