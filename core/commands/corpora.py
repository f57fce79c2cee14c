"""The commands for large corpora: bring one here by name, see what a folder holds."""
from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.given import Data
from core.commands.importing import tell_of
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA, DataRoot

if TYPE_CHECKING:
    from core.audio.survey import Indexed


def download(tell: Tell, name: Annotated[str, typer.Argument(help="Without one: the names.")] = "",
             to: Annotated[Path, typer.Option(help="The folder that it comes into.")] = Path("corpora"),
             mirror: Annotated[str, typer.Option(help="Another address of the same files.")] = "",
             revision: Annotated[str, typer.Option(help="A state of a repository.")] = "main",
             keep: Annotated[bool, typer.Option(help="Keep the archive, too.")] = False) -> Told:
    """Download a corpus by name from where it is published; broken off, the same command goes on."""
    from core.datasets.fetching.sources import SOURCES
    from core.steps.download import download as step

    if not name:
        return Told(list(SOURCES), "\n".join(SOURCES))
    try:
        said = step(name, to.resolve(), mirror, revision, keep, tell)
    except KeyboardInterrupt:
        tell("Stopped by you; the same command goes on from there.")
        raise typer.Exit(130) from None
    return Told({"name": name, "folder": to.resolve()}, said)


def index_(tell: Tell, folder: Path,
           out: Annotated[Path | None, typer.Option(help="Write {path, duration, ...} a line to it.")] = None,
           data: Data = DEFAULT_DATA) -> Told:
    """Which corpora a folder holds, hours, speakers and lengths; read once, remembered afterwards."""
    from core.steps.index import Ticker, index

    ticker = Ticker(tell)
    try:
        found = index(DataRoot(data.resolve()), folder, out, ticker)
    except KeyboardInterrupt:
        tell(f"Stopped by you after {ticker.n_looked:,} files; the same command goes on from there.")
        raise typer.Exit(130) from None
    tell_of(found.errors, tell)
    return Told(asdict(found), "\n".join(_lines(found)), code=1 if found.errors and not found.files else 0)


def _lines(found: Indexed) -> list[str]:
    """What was found, for a person: formats, rates, corpora, lengths, and the sum last."""
    told = [f"{name}: {hours:.2f} hours" for name, hours in found.formats.items()]
    told += [f"{rate:,} Hz: {hours:.2f} hours" for rate, hours in found.rates.items()]
    for part in found.corpora:
        whose = f", {part.speakers:,} speakers" if part.speakers else ""
        told.append(f"{part.layout}: {part.files:,} files, {part.hours:.2f} hours{whose} ({part.why})")
    told += [f"{span}: {n:,} files" for span, n in _spans(found)]
    if found.files:
        told.append(f"Lengths: {found.lengths.shortest:.1f} to {found.lengths.longest:,.1f} s, "
                    f"{found.lengths.mean:.1f} s on average.")
    told.append(f"{found.files} files, {found.hours:.2f} hours; {len(found.errors)} are bad. "
                f"It took {found.seconds:.1f} s.")
    return told


def _spans(found: Indexed) -> list[tuple[str, int]]:
    """(span of lengths, number of files) where there are any, the short ones first."""
    from core.audio.index_cache import BOUNDS

    names = [f"under {BOUNDS[0]} s"]
    names += [f"{low} to {high} s" for low, high in pairwise(BOUNDS)]
    names.append(f"{BOUNDS[-1]} s and more")
    return [(name, n) for name, n in zip(names, found.lengths.counts, strict=True) if n]
