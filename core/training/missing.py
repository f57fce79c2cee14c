"""Files of a corpus that are gone or are no longer what they were: named once, and the run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.training.corpus import Corpus, LeftOut, nothing_left
from core.training.reporting import Reporter

if TYPE_CHECKING:
    from core.training.session import Session

MOST = 50
"""Files that are named one by one before the start."""


def look(train: Corpus, report: Reporter) -> None:
    """Name what is missing before the first step, as far as it shows without opening a file. Refused where
    nothing is left to learn from."""
    gone = train.lost()
    if not gone:
        return
    n_files = len({row.audio for row in train.files})
    if len(gone) == n_files:
        raise nothing_left(gone)
    report.warn(f"{len(gone)} of {n_files} files of the corpus are gone or were changed, and are left out: "
                f"the run goes on with the others. Put them back, or make the dataset again from what is "
                "there.")
    for lost in gone[:MOST]:
        name(report, lost, 0)


def told(session: Session, lost: Sequence[LeftOut]) -> list[LeftOut]:
    """What any process misses in its share of a window; each file is named once."""
    gone = [each for share in session.ranks.gather(list(lost)) for each in share]
    for each in gone:
        name(session.report, each, session.progress.step)
    return gone


def name(report: Reporter, lost: LeftOut, step: int) -> None:
    """Tell of a file, once, as what was skipped at `step`."""
    if lost.audio not in report.missing:
        report.missing.add(lost.audio)
        report.event("skipped", step, ids=[lost.id], reason=lost.reason)
