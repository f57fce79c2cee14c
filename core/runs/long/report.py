"""What came of a text in its recordings, in figures and in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from core.runs.long.cutting import Made
from core.runs.long.hearing import Source
from core.runs.long.spelling import Mute, about
from core.runs.long.text import Text
from core.runs.long.timeline import KINDS, MATCHED, SILENCE, SOUND, UNCERTAIN, UNMATCHED, UNREADABLE

OTHER_TEXT = 0.1  # of the text and of the speech: below both, text and sound do not belong together
LITTLE = 0.5
Row = dict[str, Any]


def row(text: Text, made: Made, source: Source) -> Row:
    """The result of one recording, without its id: segments, stretches, figures and sentences."""
    seconds = {kind: round(sum(s.seconds for s in made.stretches if s.kind == kind), 2)
               for kind in KINDS}
    spoken = seconds[MATCHED] + seconds[UNCERTAIN] + seconds[UNMATCHED]
    figures = {"seconds": round(source.seconds, 2), **seconds,
               "speech": round(spoken, 2),
               "speech_covered": round(seconds[MATCHED] / spoken, 4) if spoken else 0.0,
               "n_words": len(text.words), "n_words_matched": made.n_words_matched,
               "n_words_placed": made.n_words_placed,
               "n_words_dropped": made.dropped, "n_segments": len(made.segments),
               "n_uncertain": sum(one["kind"] == UNCERTAIN for one in made.segments)}
    return {"segments": made.segments, "chains": made.chains,
            "stretches": [[s.start, s.end, s.kind, s.sentence] for s in made.stretches],
            "figures": figures, "sentences": list(_about(source, figures, made))}


def _about(source: Source, figures: Row, made: Made) -> Iterator[str]:
    """What a person should know of one recording."""
    if figures["speech"] == 0:
        what = "music or noise" if figures[SOUND] > figures[SILENCE] else "silence"
        yield (f"No speech was heard in {source.name}: {source.seconds:.0f} s of {what}. Choose another file "
               "if there should be some.")
        return
    if figures[UNREADABLE]:
        first = next(s for s in made.stretches if s.kind == UNREADABLE)
        yield (f"{figures[UNREADABLE]:.0f} s of {source.name} could not be read, from {_clock(first.start)} "
               f"on: {first.sentence}")
    if figures["speech_covered"] < OTHER_TEXT:
        yield (f"Only {_percent(figures['speech_covered'])} of the speech in {source.name} was found in the "
               "text: it is probably the text of another recording, or in another language than the model's.")
    elif figures["speech_covered"] < LITTLE:
        yield (f"{_percent(figures['speech_covered'])} of the speech in {source.name} was found in the text; "
               "listen to what is unmatched: the text may lack it.")


def within(found: Row, start: float, end: float) -> Row:
    """A result of which only what lies in a stretch counts: a person asked for nothing else."""
    own = [one for one in found["segments"] if start <= (one["start"] + one["end"]) / 2 < end]
    return {**found, "segments": own, "within": [start, end], "sentences": []}


def of_stretch(found: Row, name: str) -> str:
    """What came of a search within a stretch of the recording `name`."""
    start, end = found["within"]
    n_unsure = sum(one["kind"] == UNCERTAIN for one in found["segments"])
    return (f"From {_clock(start)} to {_clock(end)} of {name}, {len(found['segments']) - n_unsure} segments "
            f"were matched and {n_unsure} are uncertain; all else stays as it was.")


def totals(rows: Sequence[Row], text: Text) -> Row:
    """The figures of all recordings together."""
    names = ("seconds", *KINDS, "speech", "n_words_matched", "n_words_placed", "n_segments", "n_uncertain")
    found = {name: round(sum(row["figures"][name] for row in rows), 2) for name in names}
    n_words = len(text.words)
    return {**found, "n_words": n_words, "anchors": anchors_by(rows),
            "speech_covered": round(found[MATCHED] / found["speech"], 4) if found["speech"] else 0.0,
            "text_covered": round(found["n_words_matched"] / n_words, 4) if n_words else 0.0}


def anchors_by(rows: Sequence[Row]) -> dict[str, int]:
    """How many matches each source gave ("ctc:starter", "file:meeting.srt", "hand")."""
    n = Counter[str]()
    for row in rows:
        for chain in row["chains"]:
            n.update(chain.get("heard_by", {}))
    return dict(sorted(n.items()))


def conclusion(rows: Sequence[Row], text: Text, lost: Mute) -> str:
    """All of it in one paragraph; what is wrong comes first. `lost`: words that the model cannot write."""
    figures = totals(rows, text)
    warned = [sentence for row in rows for sentence in row["sentences"]]
    if figures["text_covered"] < LITTLE <= figures["speech_covered"]:
        warned.append(f"Only {_percent(figures['text_covered'])} of the text was found: the rest is not said "
                      "here, or in another language than the model's.")
    if figures["speech"] and figures["text_covered"] < OTHER_TEXT and figures["speech_covered"] < OTHER_TEXT:
        warned = [f"Coverage {_percent(figures['text_covered'])}: text and sound hardly have a word in "
                  "common; it is probably the text of another recording, or in another language than the "
                  "model's."]
    n_sure = figures["n_segments"] - figures["n_uncertain"]
    told = (f"{n_sure} segments were matched and {figures['n_uncertain']} are uncertain: "
            f"{_percent(figures['text_covered'])} of the text, {_percent(figures['speech_covered'])} of the "
            f"speech ({figures[MATCHED] / 60:.1f} of {figures['speech'] / 60:.1f} minutes).")
    return " ".join([*warned, *about(lost, text), told])


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
