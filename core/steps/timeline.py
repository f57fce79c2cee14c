"""The time line of a recording as a page reads it: what the newest run found, and the segments as they are
now."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.library import Library, Project, Recording, Section, View
from core.run_dir import RunDir
from core.runs import listing
from core.runs.listing import RunCard
from core.runs.long.text import written
from core.runs.long.timeline import KINDS as KINDS
from core.runs.long.timeline import MATCHED, UNCERTAIN, UNMATCHED
from core.text.word_keys import key

FIGURES = ("confidence", "worst", "margin", "words_per_second", "coverage")
SPOKEN = (MATCHED, UNCERTAIN, UNMATCHED)
SHORTEST = 0.05  # seconds: less of a stretch is not left over beside a segment
LEADING, MOST_HITS = 4, 20


@dataclass(frozen=True)
class Piece:
    """A stretch of the time line; `clip` and what stands after it are those of a segment in the library,
    `sentence` says why a stretch cannot be read."""

    start: float
    end: float
    kind: str
    sentence: str = ""
    clip: str = ""
    name: str = ""
    text: str = ""
    decision: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """A recording from end to end; `run` is the id of the run that heard it, empty before the first."""

    recording: Recording
    run: str
    pieces: tuple[Piece, ...]

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of each kind."""
        return {kind: round(sum(p.end - p.start for p in self.pieces if p.kind == kind), 2) for kind in KINDS}


@dataclass(frozen=True)
class Hit:
    """A place in the text: `word` counts the words of the section as they are written."""

    section: int
    name: str
    word: int
    before: str
    said: str
    after: str


def cards(lib: Library, project: Project) -> list[RunCard]:
    """The runs that looked for the text, newest first."""
    return listing.runs(lib.root, project.slug, "segment")


def results(lib: Library, project: Project) -> dict[str, tuple[str, dict[str, Any]]]:
    """By recording id: the newest run that has a result for it, and that result without its segments; one
    of a stretch alone is laid over the result before it."""
    found: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for card in cards(lib, project):
        for item, row in rows_of(card).items():
            _, rows = found.setdefault(item, (card.id, []))
            if not rows or rows[-1].get("within"):
                rows.append(row)
    return {item: (run, reduce(_laid_over, reversed(rows))) for item, (run, rows) in found.items()}


def _laid_over(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """A result in which what a newer one found in its stretch takes the place of what was there."""
    begin, stop = new["within"]
    inside = [[max(start, begin), min(end, stop), *more] for start, end, *more in new["stretches"]]
    outside = [[*edges, *more] for start, end, *more in old["stretches"]
               for edges in ((start, min(end, begin)), (max(start, stop), end))]
    stretches = sorted(one for one in [*inside, *outside] if one[0] < one[1])
    seconds = {kind: sum(one[1] - one[0] for one in stretches if one[2] == kind) for kind in KINDS}
    figures = {**new["figures"], **seconds, "speech": sum(seconds[kind] for kind in SPOKEN)}
    return {**new, "stretches": stretches, "figures": figures}


def rows_of(card: RunCard) -> dict[str, dict[str, Any]]:
    """What a run found by recording id, without the segments: those are clips."""
    path = card.path / "results.jsonl"
    return _rows(path, path.stat().st_size) if path.exists() else {}


@lru_cache(maxsize=16)
def _rows(path: Path, size: int) -> dict[str, dict[str, Any]]:
    """`size` is part of the question: results are only ever appended to."""
    kept = ("stretches", "chains", "figures", "sentences", "within")
    rows = RunDir(path.parent).results()[0]
    return {row["item"]: {name: row[name] for name in kept if name in row} for row in rows}


def line(lib: Library, project: Project, recording_id: str) -> Line:
    """The time line of one recording; NotFound for one that there is not.

    Segments are those of the library: one that somebody moved, divided or rejected is shown as it is now,
    and what a run found under it is not.
    """
    recording = lib.recordings.get(recording_id)
    run, row = results(lib, project).get(recording_id, ("", {"stretches": []}))
    own = sorted((_piece(view) for view in segments(lib, project, recording)), key=lambda piece: piece.start)
    rest = [Piece(*stretch) for stretch in row["stretches"] if stretch[2] not in (MATCHED, UNCERTAIN)]
    pieces = sorted([*own, *_beside(rest, own)], key=lambda piece: piece.start)
    return Line(recording, run, tuple(pieces))


def segments(lib: Library, project: Project, recording: Recording | None = None) -> list[View]:
    """The segments of a recording (or of all) that are in the library, oldest first."""
    hashes = {one.sha256 for one in ([recording] if recording else lib.recordings.of(project.id))}
    return [view for view in lib.clips.views(project.id)
            if view.clip.kind == "segment" and view.clip.sha256 in hashes]


def _piece(view: View) -> Piece:
    clip, details = view.clip, view.details
    doubts = tuple(details.get("doubts") or ())
    figures = {name: details[name] for name in FIGURES if details.get(name) is not None}
    return Piece(clip.start, clip.end, UNCERTAIN if doubts else MATCHED, "", clip.id, clip.name,
                 view.text or "", clip.decision, figures, doubts)


def _beside(rest: Sequence[Piece], own: Sequence[Piece]) -> Iterator[Piece]:
    """What is left of stretches beside the segments; both by time."""
    at = 0
    for piece in sorted(rest, key=lambda piece: piece.start):
        start = piece.start
        while at < len(own) and own[at].end <= start:
            at += 1
        for over in own[at:]:
            if over.start >= piece.end:
                break
            if over.start - start >= SHORTEST:
                yield Piece(start, over.start, piece.kind, piece.sentence)
            start = max(start, over.end)
        if piece.end - start >= SHORTEST:
            yield Piece(start, piece.end, piece.kind, piece.sentence)


# --- the text, to find a word in it

def find(lib: Library, project: Project, query: str) -> list[Hit]:
    """Where words stand in the project's text: the same words one after the other, the last one perhaps only
    begun; spelling variants, accents and case count as the same."""
    wanted = [key(word, project.language) for word in query.split()]
    wanted = [word for word in wanted if word]
    return [hit for section in lib.recordings.sections(project.id) if wanted
            for hit in _hits(section, project.language, wanted)][:MOST_HITS]


def _hits(section: Section, language: str, wanted: Sequence[str]) -> Iterator[Hit]:
    words, keys = _keyed(section.text, language)
    *whole, last = wanted
    for at in range(len(keys) - len(whole)):
        end = at + len(wanted)
        if keys[end - 1].startswith(last) and list(keys[at : end - 1]) == whole:
            yield Hit(section.id, section.name, at, " ".join(words[max(0, at - LEADING) : at]),
                      " ".join(words[at:end]), " ".join(words[end : end + LEADING]))


@lru_cache(maxsize=64)
def _keyed(text: str, language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    words = tuple(written(text))
    return words, tuple(key(word, language) for word in words)


def place(lib: Library, project: Project, recording_id: str, section_id: int, word: int, at: float, who: str
          ) -> None:
    """Say that a word of the text is spoken `at` seconds into a recording; the next run goes by it.

    Raises BadInput for a second outside of the recording, or a word that the text has not.
    """
    recording = lib.recordings.get(recording_id)
    if not 0 <= at < recording.seconds:
        raise BadInput(f"{recording.name} lasts {recording.seconds:.1f} s, so nothing is said at {at:.1f} s.")
    section = next((one for one in lib.recordings.sections(project.id) if one.id == section_id), None)
    if section is None or not 0 <= word < len(written(section.text)):
        raise BadInput("This word is not in the text any more; look for it again.")
    lib.recordings.add_anchor(recording_id, section_id, word, at, who)


def anchored(lib: Library, project: Project) -> list[tuple[int, str, float, str]]:
    """The anchors that were set by hand: (id, recording id, second, the words there)."""
    texts = {section.id: written(section.text) for section in lib.recordings.sections(project.id)}
    return [(a.id, a.recording_id, a.at, " ".join(texts[a.section_id][a.word : a.word + LEADING]))
            for a in lib.recordings.anchors(project.id)]
