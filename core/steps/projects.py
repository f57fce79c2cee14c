"""Projects: make one from a template, open the sample, see where it stands."""
from __future__ import annotations

from dataclasses import dataclass

from core.config import SAMPLE
from core.errors import BadInput, Unavailable
from core.files import read_json, safe_name, slug
from core.library import Library, Project, View
from core.steps.desk import Choice, desk
from core.steps.importing import import_files
from core.text.scripts import numbers_script, read_script

TEMPLATES = {"numbers": "Numbers", "blank": "Blank", "file": "From a file"}
SAMPLE_SLUG, SAMPLE_NAME = "sample-project", "Sample project"


@dataclass(frozen=True)
class Created:
    """A project with its prompts; `notes` are sentences about what was left out."""

    project: Project
    n_prompts: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Overview:
    """Where a project stands; `minutes` is the audio in it, `next_step` one sentence, `next_tab` a tab's
    title."""

    n_prompts: int
    n_recorded: int
    n_clips: int
    n_transcribed: int
    n_todo: int
    n_accepted: int
    n_rejected: int
    n_mismatch: int
    minutes: float
    next_step: str
    next_tab: str


def create(lib: Library, name: str, template: str = "blank", language: str = "en",
           script: bytes | None = None, script_name: str = "") -> Created:
    """A new project. Raises BadInput for an unusable name, template or prompt file, before anything is
    written."""
    folder = slug(safe_name(name, "project name"))
    if template not in TEMPLATES:
        raise BadInput(f"“{template}” is no template; choose one of {', '.join(TEMPLATES)}.")
    if folder in ("sample", "models", SAMPLE_SLUG) or folder.startswith("library."):
        raise BadInput(f"The name “{name}” is kept for the app itself; choose another one.")
    if template == "file" and script is None:
        raise BadInput("The template “From a file” needs a file with one prompt a line; choose one, or take "
                       "the template Blank.")
    parsed = read_script(script, script_name, language) if script is not None else None
    drafts = numbers_script(language=language) if template == "numbers" and parsed is None else []
    project = lib.projects.add(folder, name.strip(), template, language)
    if parsed:
        return Created(project, lib.prompts.append(project.id, parsed.drafts), parsed.notes)
    return Created(project, lib.prompts.add(project.id, [(d.text, d.group) for d in drafts],
                                            language=language))


def open_sample(lib: Library) -> Project:
    """The sample project: copied into the data root the first time, opened as it is afterwards."""
    known = {p.slug: p for p in lib.projects.all()}
    if SAMPLE_SLUG not in known:
        if not (SAMPLE / "sample.json").exists():
            raise Unavailable(f"The sample is not here: {SAMPLE} has no sample.json; `git checkout "
                              "recordings/sample` brings it back.")
        known[SAMPLE_SLUG] = lib.projects.add(SAMPLE_SLUG, SAMPLE_NAME, "numbers", "en")
    project = known[SAMPLE_SLUG]
    items = read_json(SAMPLE / "sample.json")
    missing = [i for i in items if i["file"] not in {v.clip.name for v in _all(lib, project)}]
    for role in ("target", "regression"):
        group = [i for i in missing if i["role"] == role]
        lib.prompts.add(project.id, [(i["prompt"], i["group"]) for i in group], role=role)
        for speaker in dict.fromkeys(i["speaker"] for i in group):
            chosen = [i for i in group if i["speaker"] == speaker]
            import_files(lib, project, [SAMPLE / i["file"] for i in chosen], speaker=speaker, who="sample",
                         texts={i["file"]: i["prompt"] for i in chosen}, again=True)
    return project


def _all(lib: Library, project: Project) -> list[View]:
    return lib.clips.views(project.id, spare=True) + lib.clips.views(project.id, trashed=True)


def overview(lib: Library, project: Project) -> Overview:
    """Counts and the one thing to do next."""
    prompts = lib.prompts.of(project.id)
    clips, found = lib.clips.briefs(project.id), desk(lib, project, Choice("all"))
    target, counts = found.rows, found.counts
    n_transcribed = sum(row.text is not None for row in target)
    n_recorded = sum(p.take_id is not None for p in prompts)
    n_unheard = sum(row.text is None and row.decision != "rejected" for row in target)
    sentence, tab = (
        _next_step(n_unheard, len(prompts) - n_recorded, counts, bool(lib.datasets.of(project.id)))
        if target else _first_step(len(prompts)))
    return Overview(
        len(prompts), n_recorded, len(clips), n_transcribed, counts["todo"], counts["accepted"],
        counts["rejected"], counts["mismatch"], sum(row.end - row.start for row in clips) / 60, sentence, tab)


def _first_step(n_prompts: int) -> tuple[str, str]:
    if n_prompts:
        return f"Record the first of {_n(n_prompts, 'prompt')}; one key starts and stops.", "Record"
    return "Add prompts from a file, or import recordings.", "Project"


def _next_step(n_unheard: int, n_unsaid: int, counts: dict[str, int], has_dataset: bool) -> tuple[str, str]:
    if n_unheard:
        return f"Transcribe {_n(n_unheard, 'take')}; it runs in the background.", "Review"
    if counts["todo"]:
        return f"Review {_n(counts['todo'], 'take')}: listen, look at the proposed words, accept.", "Review"
    if n_unsaid:
        return f"Record the {_n(n_unsaid, 'prompt')} still without a take.", "Record"
    if counts["accepted"]:
        first = f"Train on {_n(counts['accepted'], 'accepted take')}."
        return "Train again or read the verdict." if has_dataset else first, "Train"
    return "Every take was rejected; record new ones.", "Record"


def _n(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
