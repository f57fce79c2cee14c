"""Numbers to words: chooses the reading of every written number in a transcript, and shows why."""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite

from core.errors import NotFound
from core.text.clues import clue, preferred
from core.text.languages import table
from core.text.names import known, number_words
from core.text.numerals import DASHES, NUMBER_DIGITS, SIGNS, Numeral, find
from core.text.prompt_match import Match, matches
from core.text.readings import DIGIT_BY_DIGIT, Reading, readings
from core.text.rules import NAME, REASON, Rule, found, masked

_DOUBLED = re.compile(r" {2,}")
_LEFT = re.compile(f"[{NUMBER_DIGITS}]+|[{SIGNS}٪﹪％＄]")
_DASHED = re.compile(rf"[^\W\d_]+(?:[{DASHES}][^\W\d_]+)+")
_CLOSE_DASH = re.compile(rf"[{DASHES}]")
# Kinds whose way of writing says how they are spoken.
_TELLING = frozenset(
    "time ratio money range slash fraction decade ordinal percent degrees decimal version "
    "thousands quantity hash sign dashed code phone date roman".split()
)


# How the reasons of a choice begin, or end; who wants to know who chose asks the functions below.
BY_PROMPT, NEARLY, BY_SOUND = "the prompt says", ", which is closest to this reading", "the sound fits"
BY_HAND = "chosen by hand"


def is_asked_for(reason: str) -> bool:
    """Whether the prompt has exactly the words of the reading."""
    return reason.startswith(BY_PROMPT) and not reason.endswith(NEARLY)


def is_heard(reason: str) -> bool:
    """Whether the sound chose the reading."""
    return reason.startswith(BY_SOUND)


@dataclass(frozen=True)
class Item:
    """One written number and its chosen reading; `start`/`end` are offsets in the original.

    `margin` is how far the reading named `runner_up` ("" when there is none) is behind: 0..1, or in the
    unit of the scores where the sound decided.
    """

    written: str
    start: int
    end: int
    chosen: Reading
    readings: tuple[Reading, ...]
    reason: str
    margin: float
    runner_up: str = ""


@dataclass(frozen=True)
class Conversion:
    """A text with its numbers in words; `source` is the text as it was, `changed` whether the two differ."""

    text: str
    items: tuple[Item, ...]
    changed: bool
    source: str
    language: str = "en"


def to_words(
    text: str,
    language: str = "en",
    prompt: str | None = None,
    context: str | None = None,
    undash: bool = False,
    *,
    digits: Sequence[str] | None = None,
    scores: Mapping[int, Mapping[str, float]] | None = None,
    default: str = DIGIT_BY_DIGIT,
    rules: Sequence[Rule] = (),
) -> Conversion:
    """`text` with every written number in words, everything else unchanged; doing it twice changes nothing
    more.

    What one of `rules` finds is said as the rule has it, and is not read as a number. Of all other numbers
    the first of these that says something chooses the reading of a number:
    1. the prompt, when its words at the number's place are exactly those of one reading;
    2. the audio: `scores` gives, by the index of the item, a score by the name of a reading (higher fits
       better, in any unit); it takes two readings with a finite score, and one of them in front;
    3. the prompt, when its words come close to a reading (a digit was misheard, the style is visible);
    4. the words around the number (`context`: what was said before);
    5. the way it is written, and for bare digits the reading named `default` where they have it.

    `undash` also opens dashed number words that were there ("forty-five"). `digits` are the ten names of the
    digits in a language that has no number names here. Raises BadInput when `text` holds numbers and no
    number names are known for `language`.
    """
    sayable = _sayable(text, language, undash, digits, rules)
    if not sayable:
        return _rendered(text, (), language)
    fits: list[Match | None] = [None] * len(sayable)
    if prompt and prompt.strip():
        fits = matches(text, [pair[0] for pair in sayable], [pair[1] for pair in sayable], prompt, language)
    asked = _Asked(text, language, context or "", default)
    items = tuple(
        _item(asked, *pair, fit, (scores or {}).get(index, {}))
        for index, (pair, fit) in enumerate(zip(sayable, fits, strict=True))
    )
    return _rendered(text, items, language)


def _sayable(
    text: str, language: str, undash: bool, digits: Sequence[str] | None, rules: Sequence[Rule]
) -> list[tuple[Numeral, tuple[Reading, ...]]]:
    """Everything that is said in another way than it is written, in order, with all its readings."""
    places = found(text, rules)
    rest = masked(text, places)
    numerals = find(rest, language) + (_dashed(rest, language) if undash else [])
    read = [(numeral, options) for numeral in numerals if (options := readings(numeral, language, digits))]
    for place in places:
        written = text[place.start : place.end]
        by_rule = Numeral(written, place.start, place.end, "rule", written)
        read.append((by_rule, (Reading(NAME, place.spoken, 1.0),)))
    return sorted(read, key=lambda pair: pair[0].start)


@dataclass(frozen=True)
class _Asked:
    """What is the same for all numbers of one text."""

    text: str
    language: str
    context: str
    default: str


def _item(
    asked: _Asked,
    numeral: Numeral,
    options: tuple[Reading, ...],
    fit: Match | None,
    scores: Mapping[str, float],
) -> Item:
    """The choice for one number, with its reason."""
    if numeral.kind == "rule":
        return Item(numeral.written, numeral.start, numeral.end, options[0], options, REASON, 1.0)
    heard = _heard(options, scores)
    if fit is not None and (fit.cost == 0 or heard is None):
        exact = "" if fit.cost == 0 else NEARLY
        chosen, reason, margin = fit.reading, f"{BY_PROMPT} “{fit.spoken}”{exact}", fit.margin
        second = fit.runner_up
    elif heard is not None:
        chosen, second, margin = heard
        reason = f"{BY_SOUND} “{chosen.text}” best"
    else:
        chosen, reason, margin = _unheard(asked, numeral, options)
        second = next((reading.name for reading in options if reading != chosen), "")
    return Item(numeral.written, numeral.start, numeral.end, chosen, options, reason, margin, second)


def _heard(options: tuple[Reading, ...], scores: Mapping[str, float]) -> tuple[Reading, str, float] | None:
    """The reading that the audio likes best, the runner-up's name and the margin; None where it does not
    decide.
    """
    ranked = sorted(
        (reading for reading in options if isfinite(scores.get(reading.name, float("nan")))),
        key=lambda reading: -scores[reading.name],
    )
    if len(ranked) < 2:
        return None
    margin = scores[ranked[0].name] - scores[ranked[1].name]
    return (ranked[0], ranked[1].name, round(margin, 4)) if margin > 0 else None


def _unheard(asked: _Asked, numeral: Numeral, options: tuple[Reading, ...]) -> tuple[Reading, str, float]:
    """The choice by the words around the number, by the way it is written, or by default: with reason and
    margin.
    """
    chosen = options[0]
    near = clue(asked.text, numeral, asked.context, asked.language)
    if near and (wanted := preferred(near[0], numeral, options, asked.language)):
        reason = f"“{near[1]}” stands beside it" if near[1] else "the way it is written"
        return wanted, reason, 0.5 if len(options) > 1 else 1.0
    reason = "the way it is written"
    if numeral.kind not in _TELLING:
        liked = next((r for r in options if r.name == asked.default and numeral.kind == "digits"), None)
        chosen = liked or chosen
        reason = f"no clue in the text, so {chosen.name}"
    others = [reading.score for reading in options if reading != chosen]
    return chosen, reason, round(abs(chosen.score - max(others)), 4) if others else 1.0


def choose(conversion: Conversion, index: int, reading_name: str) -> Conversion:
    """`conversion` with another reading for item `index`; NotFound when there is no such item or reading."""
    if not 0 <= index < len(conversion.items):
        raise NotFound(
            f"This text has {len(conversion.items)} numbers, so there is no number {index + 1}: reload "
            f"the take."
        )
    item = conversion.items[index]
    wanted = next((reading for reading in item.readings if reading.name == reading_name), None)
    if wanted is None:
        names = ", ".join(reading.name for reading in item.readings)
        raise NotFound(f"“{item.written}” has no reading named “{reading_name}”; choose one of: {names}.")
    items = list(conversion.items)
    items[index] = replace(item, chosen=wanted, reason=BY_HAND, margin=1.0, runner_up="")
    return _rendered(conversion.source, tuple(items), conversion.language)


def wordings(conversion: Conversion) -> list[str | list[str]]:
    """The text in words with all readings of each number: what stands between, and for each item a list."""
    source, parts, at = conversion.source, list[str | list[str]](), 0
    for index, item in enumerate(conversion.items):
        parts.append(_opened(source[at : item.start], index > 0, True, conversion.language))
        parts.append([reading.text for reading in item.readings])
        at = item.end
    return [*parts, _opened(source[at:], bool(conversion.items), False, conversion.language)]


def _rendered(source: str, items: tuple[Item, ...], language: str) -> Conversion:
    """The source with the chosen words in the place of each item; spaces mended, dashes beside the words
    opened.
    """
    own = table(known(language) or "")
    prefixes = own.prefixes if own else ""
    text, at = "", 0
    for index, item in enumerate(items):
        gap = source[at : item.start]
        before = items[index - 1] if index else None
        if before and REASON in (before.reason, item.reason) and not _CLOSE_DASH.sub("", gap.strip()):
            gap = " " if len(gap) == 1 else gap  # no range: what a rule says is no number
        else:
            gap = _opened(gap, before is not None, True, language)
        text = _joined(text, gap, item.chosen.text, prefixes)
        at = item.end
    text = _joined(text, _opened(source[at:], bool(items), False, language), "")
    text = _DOUBLED.sub(" ", text)
    return Conversion(text, items, text != source, source, language)


def _joined(text: str, gap: str, words: str, prefixes: str = "") -> str:
    """text + gap + words, with a space wherever letters would touch the words of a number.

    One of the letters in `prefixes` that stands alone, or drawn out (U+0640), is written on the number
    (Arabic "and").
    """
    if gap and text and text[-1].isalnum() and gap[0].isalnum():
        gap = " " + gap
    whole = text + gap
    if gap and gap[-1] in prefixes and (gap[-1] == "ـ" or not gap[-2:-1].isalnum()):
        return whole + words
    return whole + (" " if whole and words and whole[-1].isalnum() else "") + words


def _opened(gap: str, after_number: bool, before_number: bool, language: str) -> str:
    """A dash that ties a number to a word or to another number becomes a space, or "to" between two
    numbers, in the words of the language.
    """
    if after_number and before_number and gap.strip() and not _CLOSE_DASH.sub("", gap.strip()):
        return f" {_to(language)} "
    if after_number and len(gap) > 1 and _CLOSE_DASH.match(gap) and gap[1].isalnum() and gap[0] != "—":
        gap = " " + gap[1:]
    if before_number and len(gap) > 1 and _CLOSE_DASH.match(gap[-1]) and gap[-2].isalnum() and gap[-1] != "—":
        gap = gap[:-1] + " "
    return gap


def _to(language: str) -> str:
    """The word between the two ends of a range; "" where it is not known."""
    own = table(known(language) or "")
    return own.to if own else ""


def _dashed(text: str, language: str) -> list[Numeral]:
    return [
        Numeral(match[0], *match.span(), "dashed", match[0])
        for match in _DASHED.finditer(text)
        if _tied(match[0], language)
    ]


def _tied(dashed: str, language: str) -> bool:
    """Whether two neighbours in "a-b-c" are both number words, a word for "and" between them aside."""
    code = known(language)
    words = number_words(code) if code else frozenset[str]()
    own = table(code) if code else None
    links = {*own.joins, *own.link.split()} if own else set[str]()
    parts = [part for part in _CLOSE_DASH.split(dashed.casefold()) if part not in links]
    flags = [part in words for part in parts]
    return any(left and right for left, right in pairwise(flags))


def leftovers(text: str, language: str = "en") -> list[str]:
    """What a converted text must not hold: digits of any script, currency, percent and degree signs, dashed
    number words.

    Each is given as it stands in the text; an empty list means clean.
    """
    left = [(match.start(), match[0]) for match in _LEFT.finditer(text)]
    left += [(match.start(), match[0]) for match in _DASHED.finditer(text) if _tied(match[0], language)]
    return [piece for _, piece in sorted(left)]
