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
        found.append(_left_out(long, f"longer than {options.most_target:g} s, and left out; cut what is long,"
                                     " or raise the option “most_target”"))
    kept = [row for row in rows if row.seconds <= options.most_target]
    lonely = pairs.alone(kept, options.least_reference, options.most_reference)
    if lonely:
        found.append(_left_out(lonely, _why_alone(kept, lonely, options)))
    return [*found, *_speakers(kept)]


def _texts(rows: Sequence[Row]) -> list[Finding]:
    empty = [row.id for row in rows if not labels.normalise(row.text)]
    marked = [row.id for row in rows if "<|" in row.text]
    found = []
    if empty:
        found.append(_finding("text_empty", "refuse", empty, "no text; write what is said, or leave it out"))
    if marked:
        found.append(_finding("letters_outside_vocabulary", "refuse", marked,
                              "“<|” in the text, which marks turns to the model; take it out"))
    return found


def _why_alone(rows: Sequence[Row], ids: Sequence[str], options: HiggsOptions) -> str:
    """The speakers and parts that have no reference for these clips."""
    lonely = set(ids)
    where = Counter((row.speaker or "no name", row.split) for row in rows if row.id in lonely)
    named = ", ".join(f"{who} ({part}: {n})" for (who, part), n in sorted(where.items())[:5])
    return (f"no other clip of the same speaker in the same part of the dataset lasts"
            f" {options.least_reference:g} to {options.most_reference:g} s and could show the voice, so left"
            f" out are: {named}")


def _speakers(rows: Sequence[Row]) -> list[Finding]:
    seconds: dict[str, float] = defaultdict(float)
    for row in rows:
        if row.split == "train":
            seconds[row.speaker] += row.seconds
    found = []
    if "" in seconds and len(rows) > 1:
        nameless = tuple(row.id for row in rows if not row.speaker)
        found.append(Finding("speakers_unknown", "warn",
                             f"{len(nameless)} clips do not say who speaks and are taken for one speaker:"
                             " with several voices among them the model would learn to ignore the reference.",
                             float(len(nameless)), nameless))
    little = sorted(who for who, n in seconds.items() if n < FEW_SECONDS)
    if little:
        found.append(Finding("little_speech", "warn",
                             f"Of {len(little)} speakers there is less than {FEW_SECONDS:.0f} s to learn"
                             f" from ({', '.join(who or 'no name' for who in little[:5])}): more takes teach"
                             " the voice, longer training does not.", float(len(little))))
    return found


def _left_out(ids: Sequence[str], said: str) -> Finding:
    return _finding(LEFT_OUT, "warn", ids, said)


def _finding(code: str, level: Level, ids: Sequence[str], said: str) -> Finding:
    some = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
    clips = "1 clip" if len(ids) == 1 else f"{len(ids)} clips"
    return Finding(code, level, f"{clips} ({some}): {said}.", float(len(ids)), tuple(ids))
