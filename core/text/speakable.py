"""A text as a voice says it: numbers and signs in words, nothing that has no sound, one way to write each
mark."""

from __future__ import annotations

import re
import unicodedata

from core.text.convert import to_words
from core.text.normalise import APOSTROPHES
from core.text.numerals import DASHES

SIGNS: dict[str, dict[str, str]] = {
    "ar": {"&": "و", "+": "زائد", "=": "يساوي", "×": "في"},
    "de": {"№": "Nummer", "&": "und", "@": "at", "+": "plus", "=": "gleich", "×": "mal"},
    "en": {"№": "number", "&": "and", "@": "at", "+": "plus", "=": "equals", "×": "times"},
    "es": {"№": "número", "&": "y", "@": "arroba", "+": "más", "=": "igual a", "×": "por"},
    "fr": {"№": "numéro", "&": "et", "@": "arobase", "+": "plus", "=": "égale", "×": "fois"},
    "it": {"№": "numero", "&": "e", "@": "chiocciola", "+": "più", "=": "uguale", "×": "per"},
    "nl": {"№": "nummer", "&": "en", "@": "apenstaartje", "+": "plus", "=": "is", "×": "keer"},
    "pt": {"№": "número", "&": "e", "@": "arroba", "+": "mais", "=": "igual a", "×": "vezes"},
    "sm": {"&": "ma"},
}
"""Signs that are words when read aloud, by language; in others, and without a name here, they are left out.
Currency, percent and degrees are numbers' business (core/text/convert.py)."""

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\v\f\x85]")
# Letters that were joined or stretched for print: ligatures, Arabic presentation forms, full-width letters.
_PRINTED = re.compile("[\ufb00-\ufb06\ufb1d-\ufdff\ufe70-\ufefc\uff21-\uff3a\uff41-\uff5a]+")
_TATWEEL = "\u0640"
# Short vowels, doubling and signs of recitation: marks on Arabic letters that most texts leave out.
ARABIC_MARKS = re.compile(
    "[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff]+"
)
_JOINERS = "\u200c\u200d"
"""Part the words of Persian and join those of Indian scripts; all other invisible signs say nothing."""
_LOOKS = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""Choose how the sign before them looks, an emoji mostly."""
_QUOTES = dict.fromkeys("“”„‟«»‹›〝〞＂", '"') | dict.fromkeys(APOSTROPHES + "‚‛", "'")
_FRENCH = re.compile(r"(?<![^\s(])([«‹])\s+|\s+([»›])(?![^\s.,;:!?…)])")
"""Room on the inner side of quotes, as French has it."""
_SILENT = frozenset("*#_|\\^`~<>{}[]/@&%§¶†‡•·‣※")
_SPOKEN_KINDS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Nl", "No",
                           "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Zs"))

_LONE_JOINER = re.compile(rf"(?<!\S)[{_JOINERS}]+")
_DASH = re.compile(rf"\s+[{DASHES}]+\s+|\s*(?:[—―]|--+)\s*")
_MANY = re.compile(r"[!?؟！？](?:\s*[!?؟！？])+")
_DOTS = re.compile(r"\.{3,}|…+")
_GAP = re.compile(r"\s+(?=[.,;:!?؟،؛۔。、，！？：；)])")
_COMMAS = re.compile(r"([,،])(?:\s*[,،])+")
_SPARE = re.compile(r"[,،](?=[.;:!?؟؛۔])|(?<=[!?؟])[,،]")
"""A comma beside a stronger mark."""


def speakable(text: str, language: str = "en", keep_marks: bool = False) -> str:
    """`text` as it is read aloud in `language`; doing it twice changes nothing more.

    Numbers, currency, percent and signs become words, each as its surroundings ask (an order number digit by
    digit, a number of things as one). Quotes, apostrophes and dashes are written in one way, and what has no
    sound goes: emoji, marks of layout, invisible signs, the stretching of Arabic letters and, unless
    `keep_marks`, their vowel marks, which a voice that learned from usual texts has never seen. A paragraph
    becomes one line, an empty line apart from the next. Empty where nothing is left to say. Raises
    BadInput for numbers in a language whose number names are not known.
    """
    paragraphs = _PARAGRAPH.split(_LINE_ENDS.sub("\n", text))
    said = (_paragraph(paragraph, language, keep_marks) for paragraph in paragraphs)
    return "\n\n".join(filter(None, said))


def _paragraph(text: str, language: str, keep_marks: bool) -> str:
    plain = _one_way(text)
    if not keep_marks:
        plain = ARABIC_MARKS.sub("", plain)
    words = to_words(plain, language, default="cardinal").text
    paused = _with_pauses(_only_sounds(words, language))
    return paused if any(map(str.isalnum, paused)) else ""


def _one_way(text: str) -> str:
    """One way to write each letter and quote; no stretching, nothing invisible, spaces for line breaks."""
    whole = _PRINTED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    composed = _FRENCH.sub(r"\1\2", unicodedata.normalize("NFC", whole))
    shown = (_QUOTES.get(char, char) for char in composed if not _is_unseen(char))
    return " ".join("".join(shown).split())


def _is_unseen(char: str) -> bool:
    return char == _TATWEEL or char in _LOOKS or (
        unicodedata.category(char) == "Cf" and char not in _JOINERS)


def _only_sounds(text: str, language: str) -> str:
    """Signs by their names in the language, and a space for what has none and no sound."""
    names = SIGNS.get(re.split("[-_]", language.strip().lower())[0], {})
    return "".join(f" {names[char]} " if char in names else char if _is_said(char) else " " for char in text)


def _is_said(char: str) -> bool:
    """Whether a sign is a letter, or a mark that a voice makes a pause or a tone of."""
    return char in _JOINERS or (char not in _SILENT and unicodedata.category(char) in _SPOKEN_KINDS)


def _with_pauses(text: str) -> str:
    """Dashes between words as commas, each mark once and close to its word."""
    comma = "، " if re.search("[\u0620-\u064a]", text) else ", "
    text = _LONE_JOINER.sub("", text)
    text = _DASH.sub(comma, f" {text} ").strip(f" {comma}")
    text = _DOTS.sub("...", _MANY.sub(_strongest, text))
    text = _COMMAS.sub(r"\1", _GAP.sub("", text))
    return " ".join(_SPARE.sub("", text).split())


def _strongest(marks: re.Match[str]) -> str:
    """Of several marks in a row the one that says most: that something is asked."""
    return next((mark for mark in marks[0] if mark in "?؟？"), marks[0][0])
