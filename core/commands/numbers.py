"""The commands for how numbers are said: of any text, and by the rules of a project."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.given import Data, bytes_of, library
from core.commands.told import Told
from core.config import DEFAULT_DATA
from core.errors import BadInput, NotFound

if TYPE_CHECKING:
    from core.library import Project
    from core.steps.rules import Kept
    from core.text.rules import Rule

WHO = "command"
Pairs = Annotated[list[str] | None, typer.Option("--set", metavar="WRITTEN=SPOKEN",
                                               help="Add or change one.")]
Gone = Annotated[list[str] | None, typer.Option("--delete", metavar="WRITTEN", help="Take one away.")]
Table = Annotated[Path | None, typer.Option("--import", help="A csv file: written, spoken, example, "
                                                             "expected.")]
Out = Annotated[Path | None, typer.Option("--export", help="Write the rules to a csv file.")]
Words = Annotated[str | None, typer.Option(help="Ten words for 0 to 9, for a language without number names.")]


def numbers(text: list[str], lang: str = "en",
            prompt: Annotated[str | None, typer.Option(help="What was asked for.")] = None,
            every: Annotated[bool, typer.Option("--all", help="All the ways to say each number, and the "
                                                              "whole text.")] = False,
            digits: Words = None) -> Told:
    """Say the numbers in TEXT in words."""
    from core.steps.rules import ten
    from core.text.alternatives import explained
    from core.text.convert import to_words

    words = ten(digits) if digits else None
    if every:
        found = explained(text, lang, prompt, digits=words)
        return Told(found, "\n".join(line for row in found for line in row["alternatives"]))
    made = [to_words(t, language=lang, prompt=prompt, digits=words) for t in text]
    return Told([{"text": m.text, "items": [asdict(i) for i in m.items]} for m in made],
                "\n".join(m.text for m in made))


def rules(project: str, set_: Pairs = None, delete: Gone = None, import_: Table = None, export: Out = None,
          digits: Words = None, data: Data = DEFAULT_DATA) -> Told:
    """List or change a project's own replacements, each with its test."""
    from core.files import write_atomic
    from core.steps import rules as step

    lib = library(data)
    chosen = lib.projects.get(project)
    if digits is not None:
        chosen = step.name_digits(lib, chosen, digits, chosen.digits)
    before = lib.rules.of(chosen.id)
    more = step.from_csv(bytes_of(import_), import_.name) if import_ else []
    after = _without(_changed(step.merged(before, more), set_ or ()), delete or (), chosen)
    changes = bool(set_ or delete or import_)
    kept = step.save(lib, chosen, after, before, WHO) if changes else step.listing(lib, chosen)
    if export:
        write_atomic(export, step.as_csv(kept.rules))
    return _told(kept, chosen)


def _changed(rules: Sequence[Rule], pairs: Sequence[str]) -> list[Rule]:
    from core.text.rules_checked import with_pairs

    parts = [pair.partition("=") for pair in pairs]
    if bad := [written for written, sign, _ in parts if not sign]:
        raise BadInput(f"“{bad[0]}” does not say what is spoken; write --set WRITTEN=SPOKEN.")
    return with_pairs(rules, [(written.strip(), spoken.strip()) for written, _, spoken in parts])


def _without(rules: Sequence[Rule], gone: Sequence[str], project: Project) -> list[Rule]:
    known = {rule.written.casefold() for rule in rules}
    if missing := [written for written in gone if written.casefold() not in known]:
        raise NotFound(f"The project “{project.name}” has no rule for “{missing[0]}”: `app.py rules "
                       f"{project.slug}` lists them.")
    out = {written.casefold() for written in gone}
    return [rule for rule in rules if rule.written.casefold() not in out]


def _told(kept: Kept, project: Project) -> Told:
    rows = [{**asdict(one.rule), "gives": one.actual, "ok": one.ok} for one in kept.tested]
    lines = [f"{r['written']} -> {r['spoken']}: “{r['gives']}” "
             f"{'as expected' if r['ok'] else 'is not what is expected'}" for r in rows]
    words = project.digit_words
    lines += [f"Digits: {' '.join(words)}."] if words else []
    text = "\n".join(lines) or "No rules yet; add one with --set WRITTEN=SPOKEN."
    return Told({"rules": rows, "digits": words}, text, code=int(not all(r["ok"] for r in rows)))
