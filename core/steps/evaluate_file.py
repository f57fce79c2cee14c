"""Measure one model on a list of clips that belongs to no project: a file of {audio, text} a line."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, NotFound
from core.evaluation.bootstrap import alone
from core.evaluation.rates import ItemScore, score_item
from core.evaluation.verdict import Figures, figures
from core.families import named
from core.families.base.sharing import SearchesBeams
from core.files import read_jsonl
from core.library import Library
from core.steps.recognise import ask
from core.steps.transcribe import ModelChoice, model_named

PATHS = ("audio", "audio_filepath", "path")
"""What lists of clips call the sound file, from our own manifest on."""


@dataclass(frozen=True)
class Listed:
    """One clip of a list: `start` and `end` in seconds, None to the end."""

    id: str
    audio: Path
    text: str
    start: float
    end: float | None


@dataclass(frozen=True)
class Measured:
    """Rates with their intervals (95 %), and some texts: (clip, what is said, what was heard)."""

    model: str
    figures: Figures
    intervals: dict[str, tuple[float, float] | None]
    samples: tuple[tuple[str, str, str], ...]

    @property
    def sentence(self) -> str:
        """Both rates for a person."""
        rates = (("words", self.figures.wer, "wer"), ("characters", self.figures.cer, "cer"))
        said = " and ".join(f"{100 * rate:.1f} % of the {what} ({_between(self.intervals[name])})"
                            for what, rate, name in rates)
        n = self.figures.n_items
        return f"{self.model}: {said} wrong on {n} clip{'' if n == 1 else 's'}."


def _between(interval: tuple[float, float] | None) -> str:
    low, high = interval or (0.0, 0.0)
    return f"95 %: {100 * low:.1f} to {100 * high:.1f}"


def evaluate(
    lib: Library, model: str, manifest: Path, n_texts: int, beam: int, tell: Callable[[str], None]
) -> Measured:
    """Hear every clip of the file `manifest`; `n_texts` of the texts are shown, spread over the file.

    Raises StudioError for a list or a model that cannot be used.
    """
    choice, clips = model_named(lib, model), list(read(manifest))
    path, scores = with_beam(choice, beam), list[ItemScore]()
    for clip in clips:
        reply = ask(lib, {"do": "recognise", "family": choice.family, "model": path,
                          "audio": str(clip.audio), "start": clip.start, "end": clip.end})
        scores.append(score_item(clip.id, clip.text, reply["text"]))
        if len(scores) % 100 == 0:
            tell(f"{len(scores)} of {len(clips)} clips.")
    intervals = {"wer": alone(scores, "wer"), "cer": alone(scores, "cer")}
    return Measured(choice.name, figures(scores), intervals, tuple(_spread(scores, n_texts)))


def with_beam(choice: ModelChoice, beam: int) -> str:
    """The place of a model as it is opened with a beam of this width; BadInput where it knows none."""
    family = named(choice.family)
    if beam == 1:
        return choice.path
    if not isinstance(family, SearchesBeams):
        raise BadInput(f"{family.title} has no beam to search with; leave --beam out.")
    return family.with_beam(choice.path, beam)


def read(manifest: Path) -> Iterator[Listed]:
    """The clips of a list, one JSON object a line; paths are relative to it. NotFound or BadInput, with the
    line, for what is missing."""
    if not manifest.is_file():
        raise NotFound(f"There is no file {manifest}; name a .jsonl with audio and text in each line.")
    rows = read_jsonl(manifest)[0]
    if not rows:
        raise BadInput(f"{manifest.name} has no line with a clip; each needs “audio” and “text”.")
    for number, row in enumerate(rows, 1):
        yield _listed(manifest, number, row)


def _listed(manifest: Path, number: int, row: dict[str, Any]) -> Listed:
    where = f"Line {number} of {manifest.name}"
    name = next((row[key] for key in PATHS if isinstance(row.get(key), str)), None)
    if name is None or not isinstance(row.get("text"), str):
        raise BadInput(f"{where} needs a text and the path of its sound, as “audio” and “text”.")
    audio = (manifest.parent / name).resolve()
    if not audio.exists():
        raise NotFound(f"{where} names {name}, which does not exist beside the list.")
    try:
        start = float(row.get("start", row.get("offset")) or 0.0)
        end = float(row["end"]) if row.get("end") is not None else None
    except (TypeError, ValueError) as error:
        raise BadInput(f"{where} has a start or an end that is no number of seconds.") from error
    return Listed(str(row.get("id") or number), audio, row["text"], start, end)


def _spread(scores: list[ItemScore], n: int) -> Iterator[tuple[str, str, str]]:
    """`n` of the texts, at even distances."""
    n = min(n, len(scores))
    for i in range(n):
        score = scores[i * len(scores) // n]
        yield score.id, score.reference, score.hypothesis
