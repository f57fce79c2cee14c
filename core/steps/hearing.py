"""Hearing: right after a take the recogniser says what it heard, and whether that was the prompt.

What it heard comes home as the take's machine transcript, as a transcription run would bring it, so the doubt
is worked out again from the library at any time and nothing else is kept.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from core.errors import BadInput
from core.library import Library, Project, View
from core.runs import listing
from core.steps.convert import is_by_hand, proposal
from core.steps.ingest import drafts
from core.steps.recognise import recognise
from core.steps.transcribe import listeners
from core.text.rules import Rule
from core.text.said import likeness, said, usual

REACH = 5  # prompts before and after that may be read by mistake


def recogniser(lib: Library, project: Project) -> str | None:
    """The model that listens along: the project's newest merged one, else the starter where it knows the
    language, else none."""
    own = [m for m in listeners(lib) if m.where == "merged" and m.name.startswith(f"{project.slug}/")]
    if own:
        return max(own, key=lambda m: (lib.root.models / m.name / "config.json").stat().st_mtime).name
    return "starter" if project.language.lower().startswith("en") else None


def hear(lib: Library, project: Project, clip_id: str) -> str | None:
    """Let the recogniser hear one take and keep what it heard; the doubt as a sentence, "" for none.

    None where nobody listens: no recogniser for the language, or a run that needs the machine for itself.
    """
    model = recogniser(lib, project)
    view = lib.clips.view(clip_id)
    is_busy = any(card.state == "running" for card in listing.runs(lib.root))
    if model is None or view.heard is not None or is_busy:
        return None
    heard = recognise(lib, model, [lib.root.path / view.clip.audio])[0]
    row = {"text": heard.text, "words": heard.words, "model": model}
    made = drafts(project, lib.clips.view(clip_id), row, lib.rules.of(project.id))
    lib.transcripts.append(project.id, made, f"hearing:{model}")
    return doubts(lib, project).get(clip_id, "")


def doubts(lib: Library, project: Project, views: Sequence[View] | None = None) -> dict[str, str]:
    """By clip id, why a take may not say its prompt: takes that were heard and that nobody has decided on."""
    views = lib.clips.views(project.id) if views is None else views
    takes = [v for v in views if v.prompt and v.heard is not None]
    rules = lib.rules.of(project.id)
    texts = {v.clip.id: _in_words(project, v, rules) for v in takes}
    likenesses: dict[str | None, list[float]] = defaultdict(list)
    for view in takes:
        likenesses[view.speaker].append(likeness(view.prompt or "", texts[view.clip.id]))
    usually = {speaker: usual(found) for speaker, found in likenesses.items()}
    beside = _beside(lib, project)
    found = {}
    for view in takes:
        if view.clip.decision == "todo":
            others = beside.get(view.clip.prompt_id or 0, [])
            found[view.clip.id] = said(view.prompt or "", texts[view.clip.id], others, usually[view.speaker])
    return {clip_id: judged.doubt for clip_id, judged in found.items() if judged.doubt}


def _beside(lib: Library, project: Project) -> dict[int, list[str]]:
    """By prompt id, the prompts before and after it: these are read by mistake."""
    prompts = lib.prompts.of(project.id)
    return {
        p.id: [other.text for other in prompts[max(0, i - REACH) : i + REACH + 1] if other.id != p.id]
        for i, p in enumerate(prompts)
    }


def _in_words(project: Project, view: View, rules: Sequence[Rule]) -> str:
    """What was heard, its numbers in words as the prompt says them; mostly that was worked out before."""
    heard = view.heard or ""
    if view.source == "numbers" and not is_by_hand(view):
        return view.text or ""
    try:
        converted = proposal(heard, project.language, view.prompt, rules=rules, digits=project.digit_words)
    except BadInput:  # no number names for this language
        return heard
    return converted[0] if converted else heard
