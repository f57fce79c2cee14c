"""Numbers to words: chooses the reading of every written number in a transcript, and shows why."""
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from core.errors import NotFound
from core.text.clues import clue, preferred
from core.text.names import known, number_words
from core.text.numerals import DASHES, NUMBER_DIGITS, SIGNS, Numeral, find
from core.text.prompt_match import Match, matches
from core.text.readings import DIGIT_BY_DIGIT, Reading, readings

_DOUBLED = re.compile(r" {2,}")
_LEFT = re.compile(f"[{NUMBER_DIGITS}]+|[{SIGNS}٪﹪％＄]")
_DASHED = re.compile(rf"[^\W\d_]+(?:[{DASHES}][^\W\d_]+)+")
_CLOSE_DASH = re.compile(rf"[{DASHES}]")
# Kinds whose way of writing says how they are spoken.
_TELLING = frozenset(
    "time ratio money range slash fraction decade ordinal percent degrees decimal version "
    "thousands quantity hash sign dashed code phone".split()
)


@dataclass(frozen=True)
class Item:
    """One written number and its chosen reading; `start`/`end` are offsets in the original, `margin` 0..1
    to the runner-up.
    """

    written: str
    start: int
    end: int
    chosen: Reading
    readings: tuple[Reading, ...]
    reason: str
    margin: float


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
) -> Conversion:
    """`text` with every written number in words, everything else unchanged; doing it twice changes nothing
    more.

    The reading is chosen by the prompt, else by the words around it (`context`: what was said before), else
    by the way it is written, else digit by digit. `undash` also opens dashed number words that were there
    ("forty-five"). Raises BadInput when `text` holds numbers and no number names are known for `language`.
    """
    numerals = find(text, language)
    if undash:
        numerals = sorted(numerals + _dashed(text, language), key=lambda numeral: numeral.start)
    sayable = [(numeral, options) for numeral in numerals if (options := readings(numeral, language))]
    if not sayable:
        return _rendered(text, (), language)
    fits: list[Match | None] = [None] * len(sayable)
    if prompt and prompt.strip():
        fits = matches(text, [pair[0] for pair in sayable], [pair[1] for pair in sayable], prompt)
    items = tuple(_item(text, *pair, fit, context or "") for pair, fit in zip(sayable, fits, strict=True))
    return _rendered(text, items, language)


def _item(text: str, numeral: Numeral, options: tuple[Reading, ...], fit: Match | None, context: str) -> Item:
    """The choice for one number, with its reason."""
    chosen, reason, margin = options[0], "", 1.0
    if fit is not None:
        chosen, margin = fit.reading, fit.margin
        reason = f"the prompt says “{fit.spoken}”" + (
            "" if fit.cost == 0 else ", which is closest to this reading"
        )
    elif (near := clue(text, numeral, context)) and (wanted := preferred(near[0], numeral, options)):
        chosen, reason = wanted, f"“{near[1]}” stands beside it"
    elif numeral.kind in _TELLING:
        reason = "the way it is written"
    else:
        reason = f"no clue in the text, so {DIGIT_BY_DIGIT}"
    if fit is None and len(options) > 1:
        other = max(reading.score for reading in options if reading != chosen)
        margin = round(abs(chosen.score - other) if not reason.startswith("“") else 0.5, 4)
    return Item(numeral.written, numeral.start, numeral.end, chosen, options, reason, margin)


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
    items[index] = replace(item, chosen=wanted, reason="chosen by hand", margin=1.0)
    return _rendered(conversion.source, tuple(items), conversion.language)


def _rendered(source: str, items: tuple[Item, ...], language: str) -> Conversion:
    """The source with the chosen words in the place of each item; spaces mended, dashes beside the words
    opened.
    """
    text, at = "", 0
    for index, item in enumerate(items):
        gap = source[at : item.start]
        before = items[index - 1] if index else None
        text = _joined(text, _opened(gap, before is not None, True, language), item.chosen.text)
        at = item.end
    text = _joined(text, _opened(source[at:], bool(items), False, language), "")
    text = _DOUBLED.sub(" ", text)
    return Conversion(text, items, text != source, source, language)


def _joined(text: str, gap: str, words: str) -> str:
    """text + gap + words, with a space wherever letters would touch the words of a number."""
    if gap and text and text[-1].isalnum() and gap[0].isalnum():
        gap = " " + gap
    whole = text + gap
    return whole + (" " if whole and words and whole[-1].isalnum() else "") + words


def _opened(gap: str, after_number: bool, before_number: bool, language: str) -> str:
    """A dash that ties a number to a word or to another number becomes a space, or "to" between two
    numbers.
    """
    if after_number and before_number and gap.strip() and not _CLOSE_DASH.sub("", gap.strip()):
        return " to " if language.lower().startswith("en") else " "
    if after_number and len(gap) > 1 and _CLOSE_DASH.match(gap) and gap[1].isalnum() and gap[0] != "—":
        gap = " " + gap[1:]
    if before_number and len(gap) > 1 and _CLOSE_DASH.match(gap[-1]) and gap[-2].isalnum() and gap[-1] != "—":
        gap = gap[:-1] + " "
    return gap


def _dashed(text: str, language: str) -> list[Numeral]:
    return [
        Numeral(match[0], *match.span(), "dashed", match[0])
        for match in _DASHED.finditer(text)
        if _tied(match[0], language)
    ]


def _tied(dashed: str, language: str) -> bool:
    """Whether two neighbours in "a-b-c" are both number words."""
    code = known(language)
    words = number_words(code) if code else frozenset[str]()
    flags = [part.casefold() in words for part in _CLOSE_DASH.split(dashed)]
    return any(left and right for left, right in pairwise(flags))


def leftovers(text: str, language: str = "en") -> list[str]:
    """What a converted text must not hold: digits of any script, currency, percent and degree signs, dashed
    number words.

    Each is given as it stands in the text; an empty list means clean.
    """
    left = [(match.start(), match[0]) for match in _LEFT.finditer(text)]
    left += [(match.start(), match[0]) for match in _DASHED.finditer(text) if _tied(match[0], language)]
    return [piece for _, piece in sorted(left)]
