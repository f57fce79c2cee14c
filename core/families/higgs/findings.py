"""What in a dataset a Higgs-Audio v2 could not learn a voice from, or would learn wrongly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from core.families.base import LEFT_OUT
from core.families.higgs import labels, pairs
from core.families.higgs.options import HiggsOptions
from core.types import Finding, Level, Row

FEW_SECONDS = 60.0
"""Less of a speaker than this teaches little of a voice."""
NO_WHISPER = (
    "The released weights of Higgs-Audio v2 hear a reference through the codes of its sound alone: they have"
    " no Whisper pathway, and none is trained here."
)


def of(rows: Sequence[Row], options: HiggsOptions, is_held_out: bool) -> list[Finding]:
    """The findings on `rows`, in which each part of the dataset has references of its own."""
    found = [] if is_held_out else [Finding("pathway", "ok", NO_WHISPER)]
    found += _texts(rows)
    long = [row.id for row in rows if row.seconds > options.most_target]
    if long:
        found.append(_finding(LEFT_OUT, "warn", long, len(rows), f"last longer than {options.most_target:g} s"
                              " and are left out; cut them, or raise the option “most_target”"))
    kept = [row for row in rows if row.seconds <= options.most_target]
    lonely = pairs.alone(kept, options.least_reference, options.most_reference)
    if lonely:
        found.append(_finding(LEFT_OUT, "warn", lonely, len(rows), _why_alone(kept, lonely, options)))
    return [*found, *_speakers(kept)]


def _texts(rows: Sequence[Row]) -> list[Finding]:
    empty = [row.id for row in rows if not labels.normalise(row.text)]
    marked = [row.id for row in rows if "<|" in row.text]
    found = []
    if empty:
        found.append(_finding("text_empty", "refuse", empty, len(rows), "have no text; write what is said, or"
                              " leave them out"))
    if marked:
        found.append(_finding("letters_outside_vocabulary", "refuse", marked, len(rows),
                              "hold marks that the model reads as turns (an angle bracket and a bar); take"
                              " them out"))
    return found


def _why_alone(rows: Sequence[Row], ids: Sequence[str], options: HiggsOptions) -> str:
    """The speakers and parts that have no reference for these clips."""
    lonely = set(ids)
    where = Counter((row.speaker or "no name", row.split) for row in rows if row.id in lonely)
    named = ", ".join(f"{who} ({part}: {n})" for (who, part), n in sorted(where.items())[:5])
    return (f"are left out, because no other clip of their speaker in the same part of the dataset lasts"
            f" {options.least_reference:g} to {options.most_reference:g} s and could show the voice,"
            f" {named}")


def _speakers(rows: Sequence[Row]) -> list[Finding]:
    seconds: dict[str, float] = defaultdict(float)
    for row in rows:
        if row.split == "train":
            seconds[row.speaker] += row.seconds
    found = []
    if "" in seconds and len(rows) > 1:
        nameless = tuple(row.id for row in rows if not row.speaker)
        said = (f"{len(nameless)} of {len(rows)} clips do not say who speaks and are taken for one speaker:"
                " with several voices among them the model would learn to ignore the reference.")
        found.append(Finding("speakers_unknown", "warn", said, float(len(nameless)), nameless))
    little = sorted(who for who, n in seconds.items() if n < FEW_SECONDS)
    if little:
        some = ", ".join(who or "no name" for who in little[:5])
        found.append(Finding("little_speech", "warn", f"There is less than {FEW_SECONDS:.0f} s to learn from"
                             f" of {some}: more takes teach a voice, longer training does not.",
                             float(len(little))))
    return found


def _finding(code: str, level: Level, ids: Sequence[str], n: int, said: str) -> Finding:
    some = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
    return Finding(code, level, f"{len(ids)} of {n} clips {said}: {some}.", float(len(ids)), tuple(ids))
