"""Which words of a text a model cannot write: they are spoken, and have no letters to be found by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from core.families.base import Emitter
from core.runs.long.text import Text
from core.text.word_keys import key

SHOWN = 5  # signs that are named


@dataclass(frozen=True)
class Mute:
    """`places` of words in the text that cannot be written, and the `signs` to blame, the commonest first."""

    places: frozenset[int] = frozenset()
    signs: tuple[str, ...] = ()


def mute(text: Text, emitter: Emitter) -> Mute:
    """The words with a letter or a digit that `emitter` cannot write as they stand; a dash is no word."""
    lost = {word for word in set(text.words) if key(word) and not emitter.spell(word)}
    places = [place for place, word in enumerate(text.words) if word in lost]
    signs = Counter(sign for place in places for sign in set(text.words[place].casefold())
                    if sign.isalnum() and not emitter.spell(sign))
    return Mute(frozenset(places), tuple(sorted(signs, key=lambda sign: (-signs[sign], sign))[:SHOWN]))


def about(lost: Mute, text: Text) -> list[str]:
    """What a person should know of them; nothing where there are none."""
    if not lost.places:
        return []
    signs = f" ({', '.join(lost.signs)})" if lost.signs else ""
    return [f"{len(lost.places)} of {len(text.words)} words have letters or digits that the model cannot "
            f"write{signs}: they have no time of their own, and segments with them are uncertain. Write them "
            "as they are spoken, or choose a model that knows these letters."]
