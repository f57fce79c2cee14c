"""What would spoil a run, looked for before it starts: the same checks on the page and in the worker.

`checks` names each with its outcome and loads no torch, so that a page may call it; what needs the model
loaded is in core/training/examining.py and runs in a process of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.errors import Refused, StudioError
from core.families.base import LEFT_OUT, Trains
from core.families.base.options import LoopOptions
from core.modelling.weights import n_parameters
from core.training.checks import Check, machine, of_finding, parts, passed, refused, sounds, texts
from core.training.checks.texts import Decoded
from core.types import Finding, Row

NAMES = {
    "text_empty": "texts",
    "sound_alone": "texts",
    "letters_outside_vocabulary": "letters",
    "letters_unheard": "letters",
    "alphabet": "letters",
    "odd_letters": "letters",
    "label_longer_than_audio": "label_room",
    LEFT_OUT: "label_room",
}
"""The check that a family's finding belongs to, by the finding's code; others are checks of their own."""
FINE = {
    "texts": "Every clip has a text.",
    "letters": "The model can write every letter of the texts.",
    "label_room": "Every text has room in the frames of its clip.",
}
"""What is said of a check of which a family found nothing."""
LISTENED = 200
"""Clips that are listened to where somebody waits."""
SHOWN = 6
"""Clips whose labels are shown read back."""


def findings(family: Trains, rows: Sequence[Row], base: Path, options: LoopOptions) -> list[Finding]:
    """All findings on the train and validation clips; raises StudioError when the base
    itself cannot be used."""
    family.check_base(base)
    used = [row for row in rows if row.split != "test"]
    return [*parts.sizes(rows), *_twice(rows), *_leaks(rows), *family.preflight(used, base, options)]


def refuse(found: Iterable[Finding]) -> None:
    """Raise Refused with the sentences of the findings that forbid a run."""
    bad = [f.sentence for f in found if f.level == "refuse"]
    if bad:
        raise Refused(" ".join(bad))


def left_out(found: Iterable[Finding]) -> set[str]:
    """The ids of the clips that no run learns from."""
    return {clip for finding in found if finding.code == LEFT_OUT for clip in finding.ids}


def learnable(rows: Sequence[Row], found: Sequence[Finding]) -> list[Row]:
    """`rows` without those that a finding leaves out. Refused when nothing to train on remains."""
    gone = left_out(found)
    kept = [row for row in rows if row.id not in gone]
    refuse(f for f in parts.sizes(kept) if f.level == "refuse")
    return kept


def checks(
    family: Trains,
    rows: Sequence[Row],
    folder: Path,
    base: Path,
    options: LoopOptions,
    most: int | None = LISTENED,
) -> list[Check]:
    """Every check of the data and the base that needs no model loaded. `folder` holds the dataset; `most`
    clips are listened to, None is all."""
    used = [row for row in rows if row.split != "test"]
    found = [of_finding(f, "parts") for f in parts.sizes(rows)] + parts.small(rows)
    found += [of_finding(f, "ids") for f in _twice(rows)] or [passed("ids", "No clip is there twice.")]
    found += [*parts.leaks(rows), texts.digits([row for row in rows if row.split == "train"])]
    found += sounds.heard(used, folder, most)
    try:
        family.check_base(base)
    except StudioError as error:
        return [*found, refused("base", str(error))]
    found.append(_whole(base))
    try:
        return [*found, *_of_family(family, rows, base, options)]
    except StudioError as error:
        return [*found, refused("options", str(error))]


def shown(family: Trains, rows: Sequence[Row], base: Path, options: LoopOptions) -> list[Decoded]:
    """The labels of a fixed handful of training clips, read back. StudioError as `checks` tells it."""
    learned = [row for row in rows if row.split == "train"]
    return texts.decoded(family, learned, family.prepare(learned, base, options), SHOWN)


def _of_family(family: Trains, rows: Sequence[Row], base: Path, options: LoopOptions) -> list[Check]:
    learned = [row for row in rows if row.split == "train"]
    held_out = [row for row in rows if row.split == "test"]
    used = [row for row in rows if row.split != "test"]
    noticed = [*family.preflight(used, base, options), *family.preflight(held_out, base, options, learned)]
    found = [of_finding(f, NAMES.get(f.code, "")) for f in noticed]
    named = {check.name for check in found}
    found += [passed(name, sentence) for name, sentence in FINE.items() if name not in named]
    prepared = family.prepare(learned, base, options)
    found.append(texts.read_back(texts.decoded(family, learned, prepared)))
    found += sounds.lengths(family, used, base)
    found.append(machine.memory(family.estimate(used, base, options), machine.memory_gb()))
    return found


def _whole(base: Path) -> Check:
    """The base as its files tell it; whether its weights fit is for whoever loads it."""
    n = n_parameters(base)
    return passed("base", f"The files of {base.name} are whole: {n:,} weights.", n=n)


def _leaks(rows: Sequence[Row]) -> list[Finding]:
    """Those leaks that forbid a run."""
    return [Finding("leakage", "refuse", check.sentence, None, check.ids)
            for check in parts.leaks(rows) if check.outcome == "refused"]


def _twice(rows: Sequence[Row]) -> list[Finding]:
    counts = Counter(row.id for row in rows)
    twice = sorted(name for name, n in counts.items() if n > 1)
    if not twice:
        return []
    return [
        Finding(
            "ids_twice",
            "refuse",
            f"{len(twice)} clips are in the dataset twice: {', '.join(twice[:5])}.",
            float(len(twice)),
            tuple(twice),
        )
    ]
