"""PocketSphinx: aligns English without a download (its package holds an acoustic model and a dictionary).

Its hidden Markov models know where sounds begin, within 10 ms, which CTC models do not; what it recognises
freely is poor, so it only aligns. Huggins-Daines et al. 2006, https://doi.org/10.1109/ICASSP.2006.1659988.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.alignment.fit import Fit
from core.alignment.words import Times, placed
from core.errors import BadInput, Unavailable
from core.families.base import Aligner, Clip
from core.types import Word

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

RATE, FRAME = 16_000, 0.01
DITHER = 3e-4  # digital silence has no logarithm: the search loses its way in it
NOT_FOUND = "PocketSphinx did not find this text in the sound; check that they belong together."
_SPOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


class PocketSphinxFamily:
    """English only; ability Aligns."""

    name = "pocketsphinx"
    title = "PocketSphinx (English, offline)"

    def claims(self, folder: Path) -> bool:
        """No folder holds a model of it: its package does."""
        return False

    def aligner(
        self, model: str = "", device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> Aligner:
        """Raises Unavailable for another language than English, or where the package is missing."""
        if not language.lower().startswith("en"):
            raise Unavailable(f"PocketSphinx knows English only, not “{language}”.")
        try:
            from pocketsphinx import Decoder
        except ImportError as error:
            raise Unavailable("PocketSphinx is not installed; run ./start.sh once more.") from error
        return SphinxAligner(Decoder(lm=None, loglevel="FATAL", samprate=float(RATE)))


class SphinxAligner:
    """One decoder with its dictionary; not for several threads at once."""

    engine = "pocketsphinx"

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder

    def listen(self, clip: Clip) -> SphinxListened:
        """Read the clip; its sound is searched through once for every question."""
        from core.audio.read import read

        return SphinxListened(self._decoder, read(clip.path, clip.start, clip.end, rate=RATE).samples)


class SphinxListened:
    """The sound of one clip."""

    def __init__(self, decoder: Any, samples: npt.NDArray[np.float32]) -> None:
        import numpy as np

        self._decoder = decoder
        hiss = np.random.default_rng(0).normal(0, DITHER, len(samples))  # always the same
        self._pcm = (np.clip(samples + hiss, -1, 1) * 32767).astype("<i2").tobytes()
        self._seconds = len(samples) / RATE

    def align(self, text: str) -> tuple[Word, ...]:
        """Words with times from the best path; their scores are not comparable with others', so None."""
        spoken = [(index, part) for index, word in enumerate(text.split()) for part in self._known(word)]
        segments = [s for s in self._search(f"( {' '.join(part for _, part in spoken)} )") if _is_word(s)]
        if [_plain(segment.word) for segment in segments] != [part for _, part in spoken]:
            raise BadInput(NOT_FOUND)
        times: dict[int, Times] = {}
        for (index, _), segment in zip(spoken, segments, strict=True):
            start, end = segment.start_frame * FRAME, min((segment.end_frame + 1) * FRAME, self._seconds)
            times[index] = round(times.get(index, (start, end))[0], 3), round(end, 3)
        return placed(text.split(), times)

    def fit(self, text: str) -> Fit | None:
        """Its likelihoods say nothing by themselves."""
        return None

    def compare(self, parts: Sequence[str | Sequence[str]]) -> list[dict[str, float]]:
        """The best way through all wordings at once, and for each list the best without its winner."""
        lists = [list(part) for part in parts if not isinstance(part, str)]
        winners, best = self._best(parts, lists)
        found = []
        for place, winner in enumerate(winners):
            scores, others = {winner: 0.0}, [wording for wording in lists[place] if wording != winner]
            found.append(scores)
            if not others:
                continue
            with suppress(BadInput):  # no other wording is to be found in this sound
                narrowed = [others if at == place else [winners[at]] for at in range(len(lists))]
                second, score = self._best(parts, narrowed)
                scores[second[place]] = round(min(0.0, score - best), 4)
        return found

    def _best(
        self, parts: Sequence[str | Sequence[str]], lists: Sequence[Sequence[str]]
    ) -> tuple[list[str], float]:
        """The wording of each of `lists` on the best path, and the path's log-likelihood a frame."""
        left = iter(lists)
        slots = [{w: self._rule(w).split() for w in ([part] if isinstance(part, str) else next(left))}
                 for part in parts]
        rule = " ".join("( " + " | ".join(f"( {' '.join(words)} )" for words in slot.values()) + " )"
                        for slot in slots if any(slot.values()))
        segments = self._search(rule)
        heard = [_plain(segment.word) for segment in segments if _is_word(segment)]
        chosen = _way(heard, slots)
        if chosen is None:
            raise BadInput(NOT_FOUND)
        frames = max(1, segments[-1].end_frame + 1)
        return ([wording for wording, part in zip(chosen, parts, strict=True) if not isinstance(part, str)],
                sum(math.log(max(segment.ascore, 1e-300)) for segment in segments) / frames)

    def _search(self, rule: str) -> list[Any]:
        """The segments of the best path through a grammar's rule. BadInput where there is none."""
        decoder = self._decoder
        decoder.add_jsgf_string("text", f"#JSGF V1.0;\ngrammar text;\npublic <text> = {rule} ;\n")
        decoder.activate_search("text")
        decoder.reinit_feat()  # nothing of the clip before stays
        decoder.start_utt()
        decoder.process_raw(self._pcm, full_utt=True)
        decoder.end_utt()
        segments = list(decoder.seg() or ()) if decoder.hyp() is not None else []
        if not segments:
            raise BadInput(NOT_FOUND)
        return segments

    def _rule(self, text: str) -> str:
        return " ".join(part for word in text.split() for part in self._known(word))

    def _known(self, word: str) -> list[str]:
        """The dictionary's words in `word` ("forty-five," is two). BadInput for one that it lacks."""
        parts = [part.lower().replace("’", "'") for part in _SPOKEN.findall(word)]
        missing = [part for part in parts if self._decoder.lookup_word(part) is None]
        if missing:
            raise BadInput(f"PocketSphinx's dictionary lacks “{missing[0]}”.")
        return parts


def _way(heard: Sequence[str], slots: Sequence[dict[str, list[str]]]) -> list[str] | None:
    """The wording of each slot that together give the words `heard`; None where none do."""
    if not slots:
        return [] if not heard else None
    for wording, words in slots[0].items():
        if list(heard[:len(words)]) == words:
            rest = _way(heard[len(words):], slots[1:])
            if rest is not None:
                return [wording, *rest]
    return None


def _is_word(segment: Any) -> bool:
    return segment.word[0] not in "<["


def _plain(word: str) -> str:
    """A dictionary's word without the number of its pronunciation: "the(2)"."""
    return word.partition("(")[0]
