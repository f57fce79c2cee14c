"""The command that looks at sounds and sets before anybody trusts them."""
from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.exporting import ticker
from core.commands.given import Data
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA, DataRoot
from core.errors import StudioError
from core.types import Finding

if TYPE_CHECKING:
    from core.steps.check import Checked

SHOWN = 20


def check(tell: Tell, paths: Annotated[list[Path], typer.Argument(help="Sounds, folders, tables, manifests, "
                                                                       "ChatML files.")],
          alphabet: Annotated[str, typer.Option(help="The letters that texts may be written with.")] = "",
          measure: Annotated[bool, typer.Option(help="Measure the sounds of sets with texts, too.")] = False,
          data: Data = DEFAULT_DATA) -> Told:
    """Measure sounds; look through datasets, tables and ChatML files for what would spoil a training."""
    from core.steps import check as step

    values, lines, refused = [], [], False
    try:
        for path in paths:
            try:
                found = step.check(DataRoot(data.resolve()), path, alphabet, measure, ticker(tell, "sounds"))
            except StudioError as error:  # one bad path must not cost the others theirs
                bad = Finding("bad_path", "refuse", str(error), None, (str(path),))
                found = step.Checked(path, "nothing", 0, 0.0, (bad,), {})
            refused |= found.is_refused
            values.append({**asdict(found), "refused": found.is_refused})
            lines += _lines(found)
    except KeyboardInterrupt:
        tell("Stopped by you; the same command goes on from there.")
        raise typer.Exit(130) from None
    return Told(values, "\n".join(lines), code=int(refused))


def _lines(found: Checked) -> list[str]:
    """What a person reads: the head, the findings by their number where they are many, and the verdict."""
    head = f"{found.path}: {found.kind}, {found.n:,} rows, {found.seconds / 3600:.2f} hours."
    lines = [f"  {one.level}: {_named(one)}" for one in found.findings[:SHOWN]]
    if len(found.findings) > SHOWN:
        more = Counter((one.level, one.code) for one in found.findings[SHOWN:])
        lines += [f"  {level}: {n} more of “{code}”" for (level, code), n in more.most_common()]
    if len(found.figures) == 1:
        lines += [f"  {name}: {value}" for name, value in _figures(found)]
    return [head, *lines, "  refused" if found.is_refused else "  fine" if not lines else "  usable"]


def _named(one: Finding) -> str:
    """The sentence, with its row's name where it does not say it."""
    named = one.ids[0] if len(one.ids) == 1 and one.ids[0] not in one.sentence else ""
    return f"{named}: {one.sentence}" if named else one.sentence


def _figures(found: Checked) -> list[tuple[str, str]]:
    from core.quality.clip import sentence

    (figures,) = found.figures.values()
    return [(name, sentence(name, value)) for name, value in asdict(figures).items()
            if isinstance(value, float)]
