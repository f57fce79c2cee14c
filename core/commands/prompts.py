"""The command for the prompts of a project."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.commands.given import Data, bytes_of, library, settings
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA
from core.errors import BadInput, StudioError

if TYPE_CHECKING:
    from core.library import Library, Project, Prompt
    from core.text.coverage import Coverage
    from core.text.suggestions import Suggestion

WHO = "command"
Edit = Annotated[list[str] | None, typer.Option(metavar="ID=TEXT", help="Change a prompt's text.")]
Recorded = Annotated[bool, typer.Option("--although-recorded", help="With --edit: also of one with takes.")]
Move = Annotated[list[str] | None, typer.Option(metavar="ID=PLACE", help="To a place, up, down or top.")]
Must = Annotated[list[int] | None, typer.Option("--must", metavar="ID", help="It has to be recorded.")]
NoMust = Annotated[list[int] | None, typer.Option("--no-must", metavar="ID", help="It need not.")]
Skip = Annotated[list[str] | None, typer.Option(metavar="ID=REASON", help="Leave it out, and say why.")]
Unskip = Annotated[list[int] | None, typer.Option(metavar="ID", help="Ask for it again.")]
Delete = Annotated[list[int] | None, typer.Option(metavar="ID", help="Delete it; one with takes stays.")]


def prompts(tell: Tell, project: str,
            generate: Annotated[str, typer.Option(help="Add orders, locations, phones, codes, dates or "
                                                       "amounts.")] = "",
            n: Annotated[int, typer.Option("--n", help="How many.")] = 20, seed: int = 1,
            set_: Annotated[list[str] | None, typer.Option("--set", help="Of what kind: name=value.")] = None,
            file: Annotated[Path | None, typer.Option("--import", help="Add those of a .txt, .csv, .tsv or "
                                                                       ".json file.")] = None,
            coverage: Annotated[bool, typer.Option("--coverage", help="Which digits stand where.")] = False,
            suggest: Annotated[int, typer.Option(help="Show so many that are worth adding.")] = 0,
            add: Annotated[bool, typer.Option("--add", help="Add what is suggested.")] = False,
            edit: Edit = None, although_recorded: Recorded = False, move: Move = None, must: Must = None,
            no_must: NoMust = None, skip: Skip = None, unskip: Unskip = None, delete: Delete = None,
            deduplicate: Annotated[bool, typer.Option("--deduplicate", help="Delete the doubles.")] = False,
            shuffle: Annotated[bool, typer.Option("--shuffle", help="Mix those without takes.")] = False,
            undo: Annotated[bool, typer.Option("--undo", help="Take back the newest of these.")] = False,
            export: Annotated[Path | None, typer.Option(help="Write all to a file.")] = None,
            data: Data = DEFAULT_DATA) -> Told:
    """List the prompts of a project, add more, put them in order, see what they cover.

    The list shows the ID of each prompt; what is asked with an ID may be given several times.
    """
    from core.commands.prompt_edits import Edits, edited
    from core.steps import prompts as step

    if set_ and not generate:
        raise BadInput("--set says what to generate; name it with --generate too.")
    lib = library(data)
    chosen = lib.projects.get(project)
    with _kept(tell) as done:
        done.extend([step.undo(lib, chosen, WHO)] if undo else [])
        done.extend(edited(lib, chosen, Edits(edit, must, no_must, skip, unskip, move, delete,
                                              although_recorded)))
        done.extend(_filled(lib, chosen, file, generate, {"n": n, **settings(set_ or [])}, seed))
        done.extend(_tidied(lib, chosen, deduplicate, shuffle, seed))
        better = step.suggest(lib, chosen, suggest, seed) if suggest else []
        done.extend([step.add(lib, chosen, [each.draft for each in better], WHO).sentence] if add else [])
        done.extend(_written(lib, chosen, export))
    found = step.coverage(lib, chosen) if coverage else None
    return _told(done, found, better, [] if done or coverage or suggest else step.listing(lib, chosen))


@contextmanager
def _kept(tell: Tell) -> Iterator[list[str]]:
    """What is done, one sentence each; when something goes wrong, what was done before it is told."""
    done: list[str] = []
    try:
        yield done
    except StudioError:
        for sentence in done:
            tell(sentence)
        raise


def _filled(lib: Library, project: Project, file: Path | None, generate: str, values: dict[str, Any],
            seed: int) -> Iterator[str]:
    from core.steps import prompts as step

    if file:
        yield step.import_file(lib, project, bytes_of(file), file.name, WHO).sentence
    if generate:
        yield step.generate(lib, project, generate, step.options(project, generate, **values), seed,
                            WHO).sentence


def _tidied(lib: Library, project: Project, deduplicate: bool, shuffle: bool, seed: int) -> Iterator[str]:
    from core.steps import prompts as step

    if deduplicate:
        yield step.deduplicate(lib, project, WHO)
    if shuffle:
        yield step.shuffle(lib, project, seed, WHO)


def _written(lib: Library, project: Project, export: Path | None) -> Iterator[str]:
    from core.files import write_atomic
    from core.steps import prompts as step

    if export:
        write_atomic(export, step.export_file(lib, project, export.name))
        yield f"Written to {export}."


def _told(done: list[str], found: Coverage | None, better: Sequence[Suggestion],
          rows: Sequence[Prompt]) -> Told:
    said = [found.sentence, *(f"{g}: {c.sentence}" for g, c in found.groups.items())] if found else []
    said += [f"{each.draft.text}  ({each.sentence})" for each in better]
    listed = [{**asdict(row), "place": place} for place, row in enumerate(rows, 1)]
    return Told({"done": done, "coverage": found and {**asdict(found), "sentence": found.sentence},
                 "suggestions": [asdict(each) for each in better], "prompts": listed},
                "\n".join([*done, *said, *_lines(rows)]) or "No prompts yet.")


def _lines(rows: Sequence[Prompt]) -> list[str]:
    """The list for a person: place, id, text, and what is special about it."""
    if not rows:
        return []
    wide = max(2, *(len(str(row.id)) for row in rows))
    return [f"place  {'id':>{wide}}  prompt",
            *(f"{place:5}  {row.id:{wide}}  {row.text}{_marks(row)}" for place, row in enumerate(rows, 1))]


def _marks(prompt: Prompt) -> str:
    marks = ["must"] * prompt.must + [f"takes: {prompt.n_takes}"] * bool(prompt.n_takes)
    marks += [f"skipped: {prompt.skipped}"] * bool(prompt.skipped)
    return f"  [{', '.join(marks)}]" if marks else ""
