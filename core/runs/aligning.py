"""Lay texts upon clips with several engines: the first that can answer does, and what answered is said."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from core.alignment.borrowed import borrow
from core.alignment.fit import Fit
from core.alignment.pace import by_pace
from core.errors import BadInput, NotFound, StudioError
from core.families.base import Aligner, Aligns, AlignsToo, Clip, Listened, Recogniser
from core.text.convert import Conversion, is_asked_for, to_words, wordings
from core.text.rules import Rule
from core.text.spoken import to_digits
from core.types import Word

log = logging.getLogger(__name__)
Found = TypeVar("Found")
FAR = -1.0  # nats a frame: a reading that was out of the question


@dataclass(frozen=True)
class Laid:
    """A text in words upon its sound: `words` by `engine` ("" and none where no engine could), and by number
    and name of its reading how well it fits the sound, in nats a frame below the best; `fit`, where an engine
    can tell, how well text and sound agree."""

    text: str
    engine: str
    words: tuple[Word, ...]
    scores: dict[int, dict[str, float]]
    fit: Fit | None = None

    def row(self) -> dict[str, Any]:
        """As it goes into a result."""
        words = [[word.text, word.start, word.end, word.score] for word in self.words]
        return {"text": self.text, "engine": self.engine, "words": words,
                "scores": {str(number): found for number, found in self.scores.items()},
                "fit": [self.fit.agreement, self.fit.worst] if self.fit else None}


class Aligners:
    """The engines of an order, in the order in which they are asked."""

    def __init__(self, engines: Sequence[Aligner], rules: Sequence[Rule] = (),
                 digits: Sequence[str] | None = None) -> None:
        self.engines, self._rules, self._digits = tuple(engines), tuple(rules), digits

    def lay(self, clip: Clip, text: str, language: str = "en", prompt: str | None = None,
            own: Sequence[Word] = ()) -> Laid:
        """`text` with its numbers as they were spoken, and when its words are. `own`: the words of the
        recogniser that wrote it, whose times are the last resort.

        Numbers that the prompt has are said as it says; of the others the readings are compared by the sound,
        or, where no engine can, by the time that they took.
        """
        hearing = _Hearing(self.engines, clip)
        try:
            conversion = to_words(text, language, prompt, undash=True, rules=self._rules, digits=self._digits)
        except BadInput:  # no number names for this language: the text stays as it is
            return self._laid(hearing, text, own, {}, language)
        scores = (hearing.readings(conversion) or by_pace(conversion, own)) if _open(conversion) else {}
        if scores:
            conversion = to_words(text, language, prompt, undash=True, scores=scores, rules=self._rules,
                                  digits=self._digits)
        return self._laid(hearing, conversion.text, own, scores, language)

    def _laid(self, hearing: _Hearing, text: str, own: Sequence[Word], scores: dict[int, dict[str, float]],
              language: str) -> Laid:
        engine, words = hearing.times(text)
        if not words and own:
            engine, words = "own", borrow(text, own)
        forms = (text, to_digits(text, language))
        return Laid(text, engine, words, scores, hearing.fit(forms) if words else None)


def _open(conversion: Conversion) -> bool:
    """Whether there is a number that could be said in several ways and that the prompt does not have."""
    return any(len(item.readings) > 1 and not is_asked_for(item.reason) for item in conversion.items)


class _Hearing:
    """One clip and the engines that have listened to it so far."""

    def __init__(self, engines: Sequence[Aligner], clip: Clip) -> None:
        self._engines, self._clip = engines, clip
        self._listened: dict[str, Listened] = {}

    def times(self, text: str) -> tuple[str, tuple[Word, ...]]:
        """The words by the first engine that can lay them, with the scores of the first that gives any."""
        engine, words = "", tuple[Word, ...]()
        for by, found in self._answers(lambda listened: listened.align(text)):
            if not words:
                engine, words = by, found
            if any(word.score is not None for word in found):
                return engine, tuple(replace(w, score=s.score) for w, s in zip(words, found, strict=True))
        return engine, words

    def fit(self, forms: Sequence[str]) -> Fit | None:
        """By the first engine that can tell, of the form that fits best: a model that writes digits is not
        wrong about the words."""
        found = [self._fit(form) for form in dict.fromkeys(forms)]
        return max(filter(None, found), key=lambda fit: fit.agreement, default=None)

    def _fit(self, form: str) -> Fit | None:
        told = (fit for _, fit in self._answers(lambda listened: listened.fit(form)))
        return next(filter(None, told), None)

    def readings(self, conversion: Conversion) -> dict[int, dict[str, float]]:
        """By number the score of each reading that was not out of the question."""
        parts = wordings(conversion)
        compared = next((found for _, found in self._answers(lambda listened: listened.compare(parts))), [])
        return {number: {reading.name: fits.get(reading.text, min(FAR, *fits.values()))
                         for reading in conversion.items[number].readings}
                for number, fits in enumerate(compared)}

    def _answers(self, ask: Callable[[Listened], Found]) -> Iterator[tuple[str, Found]]:
        """What each engine says, in their order; those that cannot answer are passed over."""
        for aligner in self._engines:
            try:
                if aligner.engine not in self._listened:
                    self._listened[aligner.engine] = aligner.listen(self._clip)
                answer = ask(self._listened[aligner.engine])
            except StudioError as error:
                log.info("%s: %s", aligner.engine, error)
                continue
            yield aligner.engine, answer


def open_aligners(order: dict[str, Any], recogniser: Recogniser | None = None) -> Aligners:
    """Load `order["aligners"]` ({family, model}); one that is missing here is left out, with a line in the
    log. `recogniser` is the order's own, loaded already: where an engine is the same model it is taken."""
    from core.families import named, that

    own = {"family": order.get("family"), "model": order.get("model")}
    is_as_asked = (order.get("precision") or "auto") == "auto"
    engines = []
    for wanted in order.get("aligners") or []:
        if isinstance(recogniser, AlignsToo) and wanted == own and is_as_asked:
            engines.append(recogniser.aligner(wanted["model"]))
            continue
        family = named(wanted["family"])
        if not isinstance(family, Aligns):
            raise NotFound(f"The model family “{family.name}” does not align; these do: "
                           f"{', '.join(sorted(that(Aligns)))}.")
        try:
            engines.append(family.aligner(wanted.get("model") or "", order.get("device") or "auto", "auto",
                                          order.get("language") or "en"))
        except StudioError as error:
            log.warning("%s", error)
    rules = [Rule(written, spoken) for written, spoken in order.get("rules") or []]
    return Aligners(engines, rules, order.get("digits"))


def clip_of(item: dict[str, Any]) -> Clip:
    """The clip of an order's item {id, audio, start, end}."""
    return Clip(str(item["id"]), Path(item["audio"]), item.get("start") or 0.0, item.get("end"))
