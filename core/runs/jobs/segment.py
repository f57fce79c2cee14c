"""Find where a text is said in long recordings, and cut it into segments; a stopped run goes on where it was.

What was heard is kept outside the run (`DATA/.cache/heard`), so another run with other settings does not hear
it again.
"""

from __future__ import annotations

import logging
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.alignment.anchors import Anchor
from core.alignment.chain import Chain
from core.alignment.segments import SegmentOptions
from core.cache import ArrayCache
from core.errors import NotFound
from core.families.base import Emits, Emitter
from core.run_dir import RunDir
from core.runs.jobs import Countdown, Stopped
from core.runs.long import hearing, report
from core.runs.long.cutting import cut
from core.runs.long.listening import listen
from core.runs.long.matching import match
from core.runs.long.placing import Placing
from core.runs.long.spelling import Mute, mute
from core.runs.long.text import Text, text_of
from core.runs.queue import data_root
from core.runs.recognisers import in_language, open_recogniser
from core.text.rules import Rule

log = logging.getLogger(__name__)

HEARD = 0.9
"""The share of a run's time that hearing takes, about."""
ROUNDS = 4


def run_job(run: RunDir, order: dict[str, Any]) -> None:
    """One result row a recording: {item, segments, stretches, chains, figures, sentences}; with an order
    `within` (start, end) of a single recording, only the segments in that stretch, and {within}."""
    folder = Path(order["cache"]) if order.get("cache") else data_root(run).cache / "heard"
    sources = [hearing.Source(r["id"], r["name"], Path(r["path"]), r["sha256"], r["seconds"])
               for r in order["recordings"]]
    rules = [Rule(*rule) for rule in order.get("rules") or []]
    text = text_of(order["sections"], order["language"], rules, order.get("digits") or None)
    run.report("Loading the model.", 0.0)
    emitter = _emitter(order)
    log.info("%s", emitter.choice)
    run.event("phase", name="heard")
    share = HEARD / (1 + len(_listeners(order)))
    heard = {source.id: hearing.hear(source, emitter, ArrayCache(folder), tell)
             for source, tell in _tellers(run, sources, 0.0, share, emitter.choice)}
    more = _listened(run, order, sources, folder, share)
    there = {source.id: _there(text, heard[source.id], emitter) for source in sources}
    anchors = {id_: [each.free, *more[id_], *_given(order, id_)] for id_, each in there.items()}
    _place(run, order, text, there, anchors)
    lost = mute(text, emitter)
    _cut(run, order, text, sources, there, emitter, lost)
    rows = run.results()[0]
    figures = {**report.totals(rows, text), "n_words_mute": len(lost.places), "peak_gb": _peak_gb()}
    told = (report.of_stretch(rows[0], sources[0].name) if order.get("within")
            else report.conclusion(rows, text, lost))
    run.report(told, 1.0, figures=figures)


@dataclass(frozen=True)
class There:
    """A recording that was heard, the words that the model wrote by itself, what is placed in it, and the
    chains by which that was found."""

    heard: hearing.Heard
    free: list[Anchor]
    placing: Placing
    chains: list[Chain] = field(default_factory=list)


def _there(text: Text, heard: hearing.Heard, emitter: Emitter) -> There:
    return There(heard, heard.free(emitter), Placing(text, heard.log_probs, emitter))


def _place(run: RunDir, order: dict[str, Any], text: Text, there: dict[str, There],
           anchors: dict[str, list[list[Anchor]]]) -> None:
    """Match and place, and again with the sentences and the sound that are left: sections that stand
    elsewhere in the text than in the recording come to light when those around them are out of the way."""
    by_hand, left = _by_hand(order, text), [*text.sentences]
    for number in range(ROUNDS):
        run.report(f"Looking for the text, round {number + 1}.", HEARD)
        _check_stop(run, f"after {number} rounds of looking")
        free = {id_: [each.placing.free(source) for source in anchors[id_]] for id_, each in there.items()}
        words = [place for sentence in left for place in range(sentence.first, sentence.stop)]
        run.event("phase", name="matched")
        matched = match(text, free, by_hand, order["language"], order["options"]["similarity"], words)
        run.event("phase", name="aligned")
        for id_, chains in matched.items():
            for chain in chains:
                there[id_].placing.lay(chain, left)
                there[id_].chains.append(chain)
        placed = {p.sentence.first for each in there.values() for p in each.placing.placed}
        before, left = len(left), [sentence for sentence in left if sentence.first not in placed]
        if not left or len(left) == before:
            return


def _cut(run: RunDir, order: dict[str, Any], text: Text, sources: list[hearing.Source],
         there: dict[str, There], emitter: Emitter, lost: Mute) -> None:
    """Segments, recording by recording; those of an earlier attempt stay."""
    run.event("phase", name="segments")
    done, options = {row["item"] for row in run.results()[0]}, _options(order["options"])
    within = order.get("within")
    for number, source in enumerate(sources):
        if source.id not in done:
            _check_stop(run, f"after {number} of {len(sources)} recordings")
            run.report(f"Cutting {source.name} into segments.", HEARD + (1 - HEARD) * number / len(sources))
            own = there[source.id]
            made = cut(text, own.placing, own.chains, own.heard, own.free, emitter, source, options,
                       lost)
            row = report.row(text, made, source)
            run.add_results([{"item": source.id, **(report.within(row, *within) if within else row)}])


def _peak_gb() -> float:
    """The most memory that this process had (macOS counts in bytes, Linux in kB)."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1e9 if sys.platform == "darwin" else 1e6), 2)


def _emitter(order: dict[str, Any]) -> Emitter:
    from core.families import named, that

    family = named(order["family"])
    if not isinstance(family, Emits):
        able = ", ".join(sorted(f.title for f in that(Emits).values()))
        raise NotFound(f"Long recordings are aligned by a CTC model, which “{family.name}” is not; these "
                       f"are: {able}.")
    return family.emitter(order["model"], order.get("device") or "auto", order.get("precision") or "auto",
                          order["language"])


def _tellers(
    run: RunDir, sources: list[hearing.Source], first: float, last: float, choice: str
) -> Iterator[tuple[hearing.Source, hearing.Tell]]:
    """Each recording with what tells how far its hearing is, between two shares of the whole run."""
    total, before = sum(source.seconds for source in sources), 0.0
    clock = Countdown(total)
    for source in sources:

        def tell(done: int, of: int, source: hearing.Source = source, before: float = before) -> None:
            here = source.seconds * done / of
            _check_stop(run, f"after {(before + here) / 60:.0f} of {total / 60:.0f} minutes")
            minutes = f"{here / 60:.1f} of {source.seconds / 60:.1f} minutes"
            run.report(f"Hearing {source.name}: {minutes}. {choice}",
                       first + (last - first) * (before + here) / total, clock.left(before + here))

        yield source, tell
        before += source.seconds


def _listened(run: RunDir, order: dict[str, Any], sources: list[hearing.Source], folder: Path, first: float
              ) -> dict[str, list[list[Anchor]]]:
    """By recording, the words of each other listener that was asked for."""
    found: dict[str, list[list[Anchor]]] = {source.id: [] for source in sources}
    listeners = _listeners(order)
    for number, listener in enumerate(listeners):
        begin, end = (first + (HEARD - first) * at / len(listeners) for at in (number, number + 1))
        for source, words in _heard_by(run, order, listener, sources, folder, begin, end):
            found[source.id].append(words)
    return found


def _listeners(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of an order; one by an older version names a single one."""
    return [*order.get("listeners", []), *([order["listener"]] if order.get("listener") else [])]


def _heard_by(run: RunDir, order: dict[str, Any], listener: dict[str, Any], sources: list[hearing.Source],
              folder: Path, first: float, last: float) -> Iterator[tuple[hearing.Source, list[Anchor]]]:
    """What one listener hears, between two shares of the whole run; its model is let go at the end."""
    language = listener.get("language") or order["language"]
    asked = {**order, **listener, "language": language,
             "model": in_language(listener["family"], listener["model"], listener.get("language") or "")}
    recogniser = open_recogniser(asked, data_root(run).models)
    engine = f"{listener['family']}:{Path(listener['model']).name} {language}"
    for source, tell in _tellers(run, sources, first, last, recogniser.choice):
        yield source, listen(source, recogniser, engine, folder, tell)


def _check_stop(run: RunDir, where: str) -> None:
    if run.stop_requested():
        raise Stopped(where)


def _given(order: dict[str, Any], recording: str) -> list[list[Anchor]]:
    """Anchors from elsewhere, a list for each source."""
    sources: dict[str, list[Anchor]] = {}
    for text, start, end, score, source in (order.get("anchors") or {}).get(recording, []):
        sources.setdefault(source, []).append(Anchor(text, start, end, score, source))
    return list(sources.values())


def _options(given: dict[str, Any]) -> SegmentOptions:
    return SegmentOptions(given["min_seconds"], given["max_seconds"], confidence=given["confidence"],
                          min_words_per_second=given["min_rate"], max_words_per_second=given["max_rate"])


def _by_hand(order: dict[str, Any], text: Text) -> dict[str, dict[int, float]]:
    """By recording, the second of each word (its place) that a person, or a start mark, has placed."""
    placed: dict[str, dict[int, float]] = {}
    marks = [{"recording": s["recording"], "section": s["id"], "word": 0, "at": s["start"]}
             for s in order["sections"] if s.get("recording") and s.get("start") is not None]
    for anchor in [*marks, *(order.get("hand") or [])]:
        places = text.places.get(anchor["section"], ())
        if anchor["word"] < len(places):
            placed.setdefault(anchor["recording"], {})[places[anchor["word"]]] = anchor["at"]
    return placed
