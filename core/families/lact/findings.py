"""What in a dataset would spoil a run of this family, named before it starts."""

from __future__ import annotations

from collections.abc import Sequence

from core.families.base import LEFT_OUT, Prepared
from core.families.lact import labels
from core.families.lact.options import LactOptions
from core.families.lact.preparing import frames_of, network_of
from core.types import Finding, Level, Row

SHOWN = 5


def findings(rows: Sequence[Row], prepared: Prepared, options: LactOptions) -> list[Finding]:
    """Clips without a text, too long, with letters outside the vocabulary or more letters than frames; clips
    in which the fast weights never learn."""
    ids = prepared.vocabulary
    spoken = [row for row in rows if labels.normalise(row.text)]
    short = [row for row in spoken if row.seconds <= options.longest]
    fits = [row for row in short if labels.room_needed(row.text, ids) <= frames_of(row.seconds)]
    odd = {row.id: letters for row in fits if (letters := labels.outside(row.text, ids))}
    learned = [row for row in fits if row.id in odd and row.split == "train"]
    unheard = [row for row in fits if row.id in odd and row.split != "train"]
    found = [
        _named("text_empty", "refuse", rows, _without(rows, spoken),
               "have no text to learn; write what is said, or leave them out"),
        _named(LEFT_OUT, "warn", rows, _without(spoken, short),
               f"last longer than the option “longest” ({options.longest:g} s) and are left out"),
        _named(LEFT_OUT, "warn", rows, _without(short, fits),
               "have more letters than their audio has room for, and are left out; the text or the cut is"
               " wrong"),
        _named("letters_outside_vocabulary", "refuse", rows, learned,
               f"hold characters that the model cannot write ({_listed(odd, learned)}); spell them out"),
        _named("letters_unheard", "warn", rows, unheard,
               f"hold characters that no training clip has ({_listed(odd, unheard)}); the model will get"
               " them wrong"),
    ]
    return [each for each in [*found, _updates(fits, prepared)] if each]


def _updates(rows: Sequence[Row], prepared: Prepared) -> Finding | None:
    """How many clips are too short for one update of the fast weights; a run in which all clips that it
    learns from are is not worth having."""
    layers = network_of(prepared).layers
    never = [row for row in rows if not layers.updates(frames_of(row.seconds))]
    if layers.frozen or not never:
        return None
    learned = {row.id for row in rows if row.split == "train"}
    is_idle = bool(learned) and learned <= {row.id for row in never}
    chunk = layers.lact_chunk_size * float(prepared.extra["seconds_per_frame"])
    return _named("no_updates", "refuse" if is_idle else "warn", rows, never,
                  f"are no longer than one chunk of the fast weights ({chunk:.2g} s), so nothing is learned"
                  " while they are heard; raise the option “updates_per_clip”, or freeze them")


def _without(rows: Sequence[Row], kept: Sequence[Row]) -> list[Row]:
    held = {row.id for row in kept}
    return [row for row in rows if row.id not in held]


def _named(code: str, level: Level, rows: Sequence[Row], bad: Sequence[Row], fault: str) -> Finding | None:
    if not bad:
        return None
    ids = tuple(row.id for row in bad)
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return Finding(code, level, f"{len(ids)} of {len(rows)} clips {fault}: {', '.join(ids[:SHOWN])}{more}.",
                   float(len(ids)), ids)


def _listed(odd: dict[str, set[str]], rows: Sequence[Row]) -> str:
    letters = sorted({letter for row in rows for letter in odd[row.id]})
    return ", ".join(f"“{letter}”" for letter in letters[:12])
