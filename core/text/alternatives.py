"""The other ways in which a whole text can be said, best first, and everything about its numbers for a
command.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import Any

from core.text.convert import Conversion, Item, choose, to_words
from core.text.readings import DIGIT_BY_DIGIT, Reading

MOST = 12


def alternatives(
    text: str,
    language: str = "en",
    prompt: str | None = None,
    *,
    digits: Sequence[str] | None = None,
    scores: Mapping[int, Mapping[str, float]] | None = None,
    default: str = DIGIT_BY_DIGIT,
    most: int = MOST,
) -> list[str]:
    """At most `most` different whole texts: the chosen readings first, then the combinations that come next.

    A combination is as good as its readings stand high in the lists of their numbers. A text without numbers
    gives itself. Raises BadInput as `to_words` does.
    """
    made = to_words(text, language, prompt, digits=digits, scores=scores, default=default)
    return said_otherwise(made, most)


def said_otherwise(made: Conversion, most: int = MOST) -> list[str]:
    """The texts of `alternatives` for a conversion that is there already."""
    ways = [_ranked(item) for item in made.items]
    start = (0,) * len(ways)
    waiting, seen, texts = [(0, start)], {start}, dict[str, None]()
    while waiting and len(texts) < most:
        _, places = heapq.heappop(waiting)
        texts[_text(made, ways, places)] = None
        for at, place in enumerate(places):
            following = (*places[:at], place + 1, *places[at + 1 :])
            if place + 1 < len(ways[at]) and following not in seen:
                seen.add(following)
                heapq.heappush(waiting, (sum(following), following))
    return list(texts)


def _ranked(item: Item) -> list[Reading]:
    """The chosen reading, the runner-up, and the others in their order."""
    order = {item.chosen.name: -2, item.runner_up: -1} | {item.chosen.name: -2}
    return sorted(item.readings, key=lambda reading: order.get(reading.name, 0))


def _text(made: Conversion, ways: list[list[Reading]], places: tuple[int, ...]) -> str:
    for at, place in enumerate(places):
        if place:
            made = choose(made, at, ways[at][place].name)
    return made.text


def explained(
    texts: Sequence[str],
    language: str = "en",
    prompt: str | None = None,
    *,
    digits: Sequence[str] | None = None,
    default: str = DIGIT_BY_DIGIT,
) -> list[dict[str, Any]]:
    """For each text {text, alternatives, items: [{written, readings: [{name, text, score}]}]}, ready for
    JSON.

    `text` is the text in words; the readings of a number come with the chosen one first. Raises BadInput as
    `to_words` does.
    """
    rows = []
    for text in texts:
        made = to_words(text, language, prompt, digits=digits, default=default)
        items = [
            {
                "written": item.written,
                "readings": [{"name": r.name, "text": r.text, "score": r.score} for r in _ranked(item)],
            }
            for item in made.items
        ]
        rows.append({"text": made.text, "alternatives": said_otherwise(made), "items": items})
    return rows
