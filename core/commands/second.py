"""The command for a second review: draw a sample, decide on its clips, see the agreement."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.given import Data, library
from core.commands.told import Told
from core.config import DEFAULT_DATA
from core.errors import BadInput, NotFound

if TYPE_CHECKING:
    from core.library import Library, Project

Who = Annotated[str, typer.Option(help="Who is the second person.")]
Decided = Annotated[list[str] | None, typer.Option("--decide", metavar="CLIP=accepted|rejected",
                                                   help="What the second person says of a clip.")]
Agreement = Annotated[bool, typer.Option("--agreement", help="How far the two agree, and where not.")]


def second(project: str, start: Annotated[int | None, typer.Option(help="Draw N decided clips.")] = None,
           seed: int = 1, who: Who = "second", decide: Decided = None, agreement: Agreement = False,
           data: Data = DEFAULT_DATA) -> Told:
    """Review a sample of decided takes a second time, blind, and see how far two people agree."""
    from core.steps import second_review as step

    lib = library(data)
    chosen = lib.projects.get(project)
    if start is not None:
        step.start(lib, chosen, start, who, seed)
    _decide(lib, chosen, decide or (), who)
    drawn, found = lib.second_reviews.of(chosen.id), step.standing(lib, chosen)
    left = [lib.clips.view(one.clip_id) for one in drawn if not one.decision]
    rows = [{"clip": v.clip.id, "name": v.clip.name, "text": v.text, "prompt": v.prompt} for v in left]
    if not agreement:
        lines = [f"{row['clip']} {row['name']}: {row['text']}" for row in rows]
        lines.append(f"{found.n_done} of {found.n} clips decided." if drawn else
                     "No second review yet; draw one with --start N.")
        return Told({"n": found.n, "done": found.n_done, "left": rows}, "\n".join(lines))
    lines = [found.agreement.sentence if found.agreement else "Nothing is decided a second time yet."]
    lines += [f"{d.name}: first {d.first}, second {d.second}{', heard “' + d.text + '”' if d.text else ''}"
              f"{' (settled)' if d.is_settled else ''}" for d in found.differences]
    return Told(asdict(found), "\n".join(lines), code=int(any(not d.is_settled for d in found.differences)))


def _decide(lib: Library, project: Project, pairs: Sequence[str], who: str) -> None:
    from core.steps import second_review as step

    known = {one.clip_id: one.id for one in lib.second_reviews.of(project.id)}
    for pair in pairs:
        clip, sign, decision = pair.partition("=")
        if not sign:
            raise BadInput(f"“{pair}” does not say what is decided; write --decide CLIP=accepted.")
        if clip not in known:
            raise NotFound(f"The clip “{clip}” is not part of the second review of “{project.name}”: `app.py "
                           f"second {project.slug}` lists its clips.")
        step.decide(lib, project, known[clip], decision, who)
