"""Whether a table of rules can be kept, and what each rule makes of its own example."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import BadInput
from core.text.convert import leftovers, to_words
from core.text.rules import Rule, applied

MOST_RULES = 500
MOST_CHARS = 200


@dataclass(frozen=True)
class Tested:
    """A rule, what became of its example (of its written text, where it has none), and whether that is what
    was expected (of a rule without an expectation: that nothing is left to read)."""

    rule: Rule
    actual: str
    ok: bool


def check(
    rules: Sequence[Rule], language: str = "en", digits: Sequence[str] | None = None
) -> list[Tested]:
    """Each rule's test, with all rules at work. A language without number names leaves the numbers."""
    return [_tested(rule, rules, language, digits) for rule in rules]


def cleaned(
    rules: Sequence[Rule], language: str = "en", digits: Sequence[str] | None = None
) -> tuple[Rule, ...]:
    """`rules` with single spaces, without empty lines.

    Raises BadInput with a sentence for what cannot be kept: a half-empty rule, one text twice, a spoken text
    that would be read once more, by the numbers or by a rule (then a second conversion would say something
    else than the first).
    """
    neat = [Rule(*(" ".join(part.split()) for part in _parts(rule))) for rule in rules]
    kept = tuple(rule for rule in neat if any(_parts(rule)))
    if len(kept) > MOST_RULES:
        raise BadInput(f"A project has {MOST_RULES} rules at most; these are {len(kept)}.")
    seen = set[str]()
    for rule in kept:
        _must_be_whole(rule)
        if rule.written.casefold() in seen:
            raise BadInput(f"“{rule.written}” is written in two rules; keep one of them.")
        seen.add(rule.written.casefold())
        _must_stay(rule, kept, language, digits)
    return kept


def _must_be_whole(rule: Rule) -> None:
    if not rule.written:
        raise BadInput(f"The rule that says “{rule.spoken or rule.example}” does not say what is written "
                       "there.")
    if not rule.spoken:
        raise BadInput(f"The rule for “{rule.written}” does not say what is spoken; to leave the text as it "
                       "is, repeat it there.")
    if len(longest := max(_parts(rule), key=len)) > MOST_CHARS:
        raise BadInput(f"“{longest[:40]}…” is too long for a rule: it has {len(longest)} characters, and "
                       f"{MOST_CHARS} is the most.")


def _must_stay(rule: Rule, rules: Sequence[Rule], language: str, digits: Sequence[str] | None) -> None:
    """BadInput where something would change the spoken text of a rule once more."""
    if left := leftovers(rule.spoken, language):
        raise BadInput(f"The rule for “{rule.written}” says “{rule.spoken}”, and “{left[0]}” in it would be "
                       "read as a number; write it in words.")
    again = applied(rule.spoken, rules)
    if again != rule.spoken:
        raise BadInput(f"The rule for “{rule.written}” says “{rule.spoken}”, of which the rules would make "
                       f"“{again}” the next time: change one of the two.")
    read = _said(rule.spoken, (), language, digits)
    if read != rule.spoken:
        raise BadInput(f"The rule for “{rule.written}” says “{rule.spoken}”, which would be read as “{read}” "
                       "the next time; write that.")


def _tested(
    rule: Rule, rules: Sequence[Rule], language: str, digits: Sequence[str] | None
) -> Tested:
    actual = _said(rule.example or rule.written, rules, language, digits)
    wanted = rule.expected or ("" if rule.example else rule.spoken)
    return Tested(rule, actual, actual == wanted if wanted else not leftovers(actual, language))


def _said(text: str, rules: Sequence[Rule], language: str, digits: Sequence[str] | None) -> str:
    try:
        return to_words(text, language, undash=True, digits=digits, rules=rules).text
    except BadInput:  # no number names: only the rules can say something
        return applied(text, rules)


def _parts(rule: Rule) -> tuple[str, str, str, str]:
    return rule.written, rule.spoken, rule.example, rule.expected


def with_pairs(rules: Sequence[Rule], pairs: Sequence[tuple[str, str]]) -> list[Rule]:
    """`rules` with other spoken texts for the written ones of `pairs`, new ones at the end."""
    made = list(rules)
    for written, spoken in pairs:
        at = next((i for i, r in enumerate(made) if r.written.casefold() == written.casefold()), None)
        if at is None:
            made.append(Rule(written, spoken))
        else:
            made[at] = replace(made[at], spoken=spoken)
    return made
