"""The command for the prompts of a project."""
from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.given import Data, bytes_of, library, settings
from core.commands.told import Told
from core.config import DEFAULT_DATA
from core.errors import BadInput

if TYPE_CHECKING:
    from core.library import Prompt


def prompts(project: str,
            generate: Annotated[str, typer.Option(help="Add orders, locations, phones, codes, dates or "
                                                       "amounts.")] = "",
            n: Annotated[int, typer.Option("--n", help="How many.")] = 20, seed: int = 1,
            set_: Annotated[list[str] | None, typer.Option("--set", help="Of what kind: name=value.")] = None,
            file: Annotated[Path | None, typer.Option("--import", help="Add those of a .txt, .csv, .tsv or "
                                                                       ".json file.")] = None,
            coverage: Annotated[bool, typer.Option("--coverage", help="Which digits stand where.")] = False,
            suggest: Annotated[int, typer.Option(help="Show so many that are worth adding.")] = 0,
            add: Annotated[bool, typer.Option("--add", help="Add what is suggested.")] = False,
            deduplicate: Annotated[bool, typer.Option("--deduplicate", help="Delete the doubles.")] = False,
            shuffle: Annotated[bool, typer.Option("--shuffle", help="Mix those without takes.")] = False,
            undo: Annotated[bool, typer.Option("--undo", help="Take back the newest of these.")] = False,
            export: Annotated[Path | None, typer.Option(help="Write all to a file.")] = None,
            data: Data = DEFAULT_DATA) -> Told:
    """List the prompts of a project, add more, put them in order, see what they cover."""
    from core.files import write_atomic
    from core.steps import prompts as step

    if set_ and not generate:
        raise BadInput("--set says what to generate; name it with --generate too.")
    lib = library(data)
    chosen, who = lib.projects.get(project), "command"
    done = [step.undo(lib, chosen, who)] if undo else []
    if file:
        done.append(step.import_file(lib, chosen, bytes_of(file), file.name, who).sentence)
    if generate:
        options = step.options(chosen, generate, **{"n": n, **settings(set_ or [])})
        done.append(step.generate(lib, chosen, generate, options, seed, who).sentence)
    if deduplicate:
        done.append(step.deduplicate(lib, chosen, who))
    if shuffle:
        done.append(step.shuffle(lib, chosen, seed, who))
    better = step.suggest(lib, chosen, suggest, seed) if suggest else []
    if add:
        done.append(step.add(lib, chosen, [each.draft for each in better], who).sentence)
    if export:
        write_atomic(export, step.export_file(lib, chosen, export.name))
        done.append(f"Written to {export}.")
    found = step.coverage(lib, chosen) if coverage else None
    rows = [] if done or coverage or suggest else step.listing(lib, chosen)
    said = [found.sentence, *(f"{g}: {c.sentence}" for g, c in found.groups.items())] if found else []
    said += [f"{each.draft.text}  ({each.sentence})" for each in better]
    return Told({"done": done, "coverage": found and {**asdict(found), "sentence": found.sentence},
                 "suggestions": [asdict(each) for each in better], "prompts": [asdict(row) for row in rows]},
                "\n".join([*done, *said, *map(_line, rows)]) or "No prompts yet.")


def _line(prompt: Prompt) -> str:
    marks = ["must"] * prompt.must + [f"takes: {prompt.n_takes}"] * bool(prompt.n_takes)
    marks += [f"skipped: {prompt.skipped}"] * bool(prompt.skipped)
    return f"{prompt.text}  [{', '.join(marks)}]" if marks else prompt.text
