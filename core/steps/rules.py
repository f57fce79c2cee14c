"""The rules of a project and the words of its digits: listed with their tests, kept as a whole, in and out as
a table."""
from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from core.errors import BadInput
from core.library import Library, Project
from core.text.names import known
from core.text.readings import checked
from core.text.rules import Rule
from core.text.rules_checked import Tested, check, cleaned

HEADS = ("written", "spoken", "example", "expected")


@dataclass(frozen=True)
class Kept:
    """A table after it was saved: each rule with its test."""

    rules: tuple[Rule, ...]
    tested: tuple[Tested, ...]


def listing(lib: Library, project: Project) -> Kept:
    """The rules of a project, tested."""
    rules = lib.rules.of(project.id)
    return Kept(rules, tuple(check(rules, project.language, project.digit_words)))


def save(lib: Library, project: Project, rules: Sequence[Rule], expected: Sequence[Rule], who: str) -> Kept:
    """Keep `rules` in place of all that there are. A test that fails is shown and keeps nobody from saving.

    Raises BadInput for a rule that cannot work, and Stale when the rules are not `expected` any more.
    """
    kept = cleaned(rules, project.language, project.digit_words)
    lib.rules.put(project.id, kept, expected, who)
    return Kept(kept, tuple(check(kept, project.language, project.digit_words)))


def as_csv(rules: Sequence[Rule]) -> str:
    """A table with a head, for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([HEADS, *map(astuple, rules)])
    return out.getvalue()


def from_csv(raw: bytes, name: str) -> list[Rule]:
    """The rules of a table: two to four columns (written, spoken, example, expected), by comma, semicolon or
    tab; the head may be missing. Raises BadInput with the line of what does not fit."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not written in UTF-8; save it again in that encoding.") from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    if rows and [cell.strip().lower() for cell in rows[0]][:2] == list(HEADS[:2]):
        rows[0] = []
    for number, row in enumerate(rows, 1):
        if any(cell.strip() for cell in row) and not 2 <= len(row) <= len(HEADS):
            raise BadInput(f"Line {number} of {name} has {len(row)} columns; a rule has two to four: "
                           "written, spoken, example, expected.")
    made = [Rule(*row) for row in rows if any(cell.strip() for cell in row)]
    if not made:
        raise BadInput(f"{name} holds no rules.")
    return made


def merged(rules: Sequence[Rule], more: Sequence[Rule]) -> list[Rule]:
    """`rules` with those of `more`: of one text, the one that came last."""
    found = {" ".join(rule.written.split()).casefold(): rule for rule in (*rules, *more)}
    return list(found.values())


def in_order(lib: Library, project: Project) -> dict[str, Any]:
    """The rules and digit words as an order takes them to a worker; empty where there are none."""
    rules = [[rule.written, rule.spoken] for rule in lib.rules.of(project.id)]
    digits = list(project.digit_words or ())
    return {**({"rules": rules} if rules else {}), **({"digits": digits} if digits else {})}


def needs_digits(project: Project) -> bool:
    """Whether nothing here knows the names of numbers in the project's language."""
    return known(project.language) is None


def name_digits(lib: Library, project: Project, words: str, expected: str) -> Project:
    """Keep ten words for the digits 0 to 9 (by spaces, commas or lines; none: forget them); the project as it
    is now. Raises BadInput for other than ten different words, Stale when they are not `expected` any
    more."""
    lib.projects.name_digits(project.id, ten(words) or (), expected)
    return lib.projects.get(project.slug)


def ten(words: str) -> tuple[str, ...] | None:
    """Ten words in one text, by lines or commas where it has any, else by spaces; None for an empty one."""
    ways = [way for way in (r"[\n\r]+", r"[,;،、]") if re.search(way, words.strip())]
    parts = [part.strip() for part in re.split(ways[0] if ways else r"\s+", words.strip())]
    return checked([part for part in parts if part]) if any(parts) else None
