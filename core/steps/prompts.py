"""The script of a project: fill it from generators and files, keep it in order, see what it covers.

What a person does here is one batch in `prompt_changes` and can be undone, apart from the changes of clips:
a prompt has a life before its first take. Deleting hides a prompt, and one that has takes is never hidden.
"""
from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import BadInput, NotFound
from core.library import Library, Project, Prompt
from core.library.prompt_changes import PromptChange
from core.text import coverage as meter
from core.text import suggestions
from core.text.coverage import Coverage
from core.text.generator_options import HEEDED, Options, options_for
from core.text.generators import GENERATORS
from core.text.normalise import for_scoring
from core.text.script_export import write_script
from core.text.script_file import Draft, clean_prompt, read_script
from core.text.suggestions import Suggestion

__all__ = ["GENERATORS", "HEEDED", "Options"]
MAX_REASON = 200


@dataclass(frozen=True)
class Added:
    """How many prompts are new; `notes` are sentences on what was left out."""

    n_new: int
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What was added, for a person."""
        return " ".join([f"{_n(self.n_new, 'new prompt')}.", *self.notes])


@dataclass(frozen=True)
class Preview:
    """What a generator would add: all its prompts, and how many of them the project does not have yet."""

    drafts: tuple[Draft, ...]
    n_new: int


def listing(lib: Library, project: Project) -> list[Prompt]:
    """The prompts in their order."""
    return lib.prompts.of(project.id)


def add(lib: Library, project: Project, drafts: Sequence[Draft], who: str) -> Added:
    """Append drafts; those already there are left out and counted."""
    n_new = lib.prompts.append(project.id, drafts, who=who)
    n_there = len(drafts) - n_new
    there = f"{_n(n_there, 'prompt')} {'was' if n_there == 1 else 'were'} in the project already."
    return Added(n_new, (there,) if n_there else ())


def import_file(lib: Library, project: Project, data: bytes, name: str, who: str) -> Added:
    """Append the prompts of a .txt, .csv, .tsv or .json file. Raises BadInput, naming the line, before
    anything is written."""
    script = read_script(data, name, project.language)
    added = add(lib, project, script.drafts, who)
    return Added(added.n_new, (*script.notes, *added.notes))


def export_file(lib: Library, project: Project, name: str) -> bytes:
    """All prompts, in their order, as the bytes of a file of that name; `import_file` takes it back."""
    return write_script([_draft(prompt) for prompt in listing(lib, project)], name)


def options(project: Project, generator: str, **values: Any) -> Options:
    """What a generator is asked for, from a form or a command, in the project's language unless another is
    named; BadInput says what does not fit."""
    return options_for(generator, **{"language": project.language, **values})


def generate(lib: Library, project: Project, generator: str, options: Options, seed: int, who: str) -> Added:
    """Append the prompts that a generator makes of `options` and `seed`."""
    return add(lib, project, GENERATORS[generator](options, seed), who)


def preview(lib: Library, project: Project, generator: str, options: Options, seed: int) -> Preview:
    """What `generate` would append now; nothing is added."""
    drafts = tuple(GENERATORS[generator](options, seed))
    known = {prompt.text for prompt in listing(lib, project)}
    return Preview(drafts, len({draft.text for draft in drafts} - known))


def coverage(lib: Library, project: Project) -> Coverage:
    """What the prompts cover that are not skipped."""
    return meter.coverage(_asked(lib, project))


def suggest(lib: Library, project: Project, n: int, seed: int = 1) -> list[Suggestion]:
    """The `n` prompts that would raise the coverage most; nothing is added yet: see `add`."""
    return suggestions.suggest(_asked(lib, project), n, seed)


def edit(lib: Library, project: Project, prompt_id: int, text: str, expected: str, who: str,
         although_recorded: bool = False) -> None:
    """Change a prompt's text from `expected` (Stale when it is another by now). Raises BadInput for one with
    takes, whose speakers said the old text, unless `although_recorded`."""
    (prompt,), clean = _chosen(lib, project, [prompt_id]), clean_prompt(text)
    if not clean:
        raise BadInput("The prompt is empty: type what is to be read, or delete the prompt.")
    if prompt.n_takes and not although_recorded:
        raise BadInput(f"The prompt “{prompt.text}” was read as it stands in {_n(prompt.n_takes, 'take')}; "
                       "add a new one, or say that its text is to be changed although it was recorded.")
    if clean != expected:
        lib.prompts.apply(project.id, [PromptChange(prompt_id, "text", expected, clean)], who)


def skip(lib: Library, project: Project, prompt_ids: Sequence[int], reason: str, who: str) -> None:
    """Leave prompts out, and say why; nothing is removed."""
    why = " ".join(reason.split())
    if not 0 < len(why) <= MAX_REASON:
        raise BadInput(f"Say in up to {MAX_REASON} characters why the prompt is skipped.")
    _set(lib, project, prompt_ids, "skipped", why, who)


def unskip(lib: Library, project: Project, prompt_ids: Sequence[int], who: str) -> None:
    """Ask for skipped prompts again."""
    _set(lib, project, prompt_ids, "skipped", "", who)


def mark_must(lib: Library, project: Project, prompt_ids: Sequence[int], must: bool, who: str) -> None:
    """Say that prompts have to be recorded, or that they need not."""
    _set(lib, project, prompt_ids, "must", must, who)


def delete(lib: Library, project: Project, prompt_ids: Sequence[int], who: str) -> None:
    """Delete prompts. Raises BadInput, and deletes none, when one of them has takes."""
    recorded = [prompt for prompt in _chosen(lib, project, prompt_ids) if prompt.n_takes]
    if recorded:
        raise BadInput(f"The prompt “{recorded[0].text}” has {_n(recorded[0].n_takes, 'take')}, so it stays: "
                       "skip it, or move its takes to the trash first.")
    _set(lib, project, prompt_ids, "removed", 1, who)


def move(lib: Library, project: Project, prompt_id: int, to: int, who: str) -> None:
    """Move a prompt to place `to` of the list, counted from 1; the others close up."""
    prompts = listing(lib, project)
    (chosen,) = _chosen(lib, project, [prompt_id])
    if not 1 <= to <= len(prompts):
        raise BadInput(f"There is no place {to} in a list of {_n(len(prompts), 'prompt')}.")
    others = [prompt for prompt in prompts if prompt.id != chosen.id]
    _reorder(lib, project, prompts, [*others[: to - 1], chosen, *others[to - 1 :]], who)


def shuffle(lib: Library, project: Project, seed: int, who: str) -> str:
    """Mix the order of the prompts without takes, the same way for the same seed; recorded ones keep their
    places. Returns what was done as a sentence."""
    prompts = listing(lib, project)
    waiting = [prompt for prompt in prompts if not prompt.n_takes]
    mixed = iter(random.Random(f"shuffle {seed}").sample(waiting, len(waiting)))
    _reorder(lib, project, prompts, [p if p.n_takes else next(mixed) for p in prompts], who)
    return f"{_n(len(waiting), 'prompt')} without takes mixed."


def deduplicate(lib: Library, project: Project, who: str) -> str:
    """Delete prompts that say the same words as another, case and punctuation aside; returns what was done
    as a sentence. Those with takes stay, else the first; it is a must if one of them was."""
    alike: defaultdict[tuple[str, ...], list[Prompt]] = defaultdict(list)
    for prompt in listing(lib, project):
        alike[for_scoring(prompt.text) or prompt.text, prompt.language, prompt.role].append(prompt)
    changes: list[PromptChange] = []
    n_recorded = 0
    for prompts in alike.values():
        kept = [p for p in prompts if p.n_takes] or [min(prompts, key=lambda p: bool(p.skipped))]
        n_recorded += len(kept) - 1
        changes += [PromptChange(p.id, "removed", 0, 1) for p in prompts if p not in kept]
        if any(p.must for p in prompts) and not any(p.must for p in kept):
            changes.append(PromptChange(kept[0].id, "must", False, True))
    if changes:
        lib.prompts.apply(project.id, changes, who)
    n_gone = sum(change.field == "removed" for change in changes)
    stayed = f" {_n(n_recorded, 'more')} stayed: they have takes." if n_recorded else ""
    return f"{_n(n_gone, 'duplicate')} deleted.{stayed}"


def undo(lib: Library, project: Project, who: str) -> str:
    """Take back the newest thing that `who` did to the prompts; says what, as a sentence."""
    done = lib.prompts.undo(project.id, who)
    touched = {change.prompt_id for change in done}
    there = {prompt.id for prompt in listing(lib, project)}
    stayed = len({change.prompt_id for change in done if change.field == "removed" and change.after} & there)
    if not done:
        return "There is nothing to undo."
    kept = f" {stayed} of them stay in the list: they have takes." if stayed else ""
    return f"Taken back for {_n(len(touched), 'prompt')}.{kept}"


def _set(lib: Library, project: Project, prompt_ids: Sequence[int], field: str, after: Any, who: str) -> None:
    """Set a field of several prompts; one that a Prompt does not show, `removed`, is 0 so far."""
    changes = [PromptChange(prompt.id, field, before, after) for prompt in _chosen(lib, project, prompt_ids)
               if (before := getattr(prompt, field, 0)) != after]
    if changes:
        lib.prompts.apply(project.id, changes, who)


def _reorder(lib: Library, project: Project, before: Sequence[Prompt], after: Sequence[Prompt],
             who: str) -> None:
    """Give the places that `before` holds to `after`, in turn."""
    changes = [PromptChange(moved.id, "position", moved.position, there.position)
               for moved, there in zip(after, before, strict=True) if moved.position != there.position]
    if changes:
        lib.prompts.apply(project.id, changes, who)


def _chosen(lib: Library, project: Project, prompt_ids: Sequence[int]) -> list[Prompt]:
    there = {prompt.id: prompt for prompt in listing(lib, project)}
    for prompt_id in prompt_ids:
        if prompt_id not in there:
            raise NotFound(f"There is no prompt {prompt_id} in the project “{project.name}”; reload the "
                           "page.")
    return [there[prompt_id] for prompt_id in dict.fromkeys(prompt_ids)]


def _asked(lib: Library, project: Project) -> list[Draft]:
    return [_draft(prompt) for prompt in listing(lib, project) if not prompt.skipped]


def _draft(prompt: Prompt) -> Draft:
    return Draft(prompt.text, prompt.grp, prompt.language, prompt.must)


def _n(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 or thing == 'more' else 's'}"
