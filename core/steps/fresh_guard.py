"""What was made to judge a run stays out of every dataset: by role, by prompt, by sound and by its words."""
from __future__ import annotations

from collections.abc import Callable

from core.library import Library, Project, View
from core.text.fresh import Known

ROLE = "fresh"


def keeps_apart(lib: Library, project: Project) -> Callable[[View], bool]:
    """Whether a clip belongs to a fresh test, or says a number of one: it must not be learned from.

    A take cannot get out of its role, but its sound may be imported again, its number may be asked for by
    another prompt, and a person may type it.
    """
    prompts = [prompt for prompt in lib.prompts.ever(project.id) if prompt.role == ROLE]
    if not prompts:
        return lambda view: False
    known, ids = Known(project.language, project.digit_words), {prompt.id for prompt in prompts}
    for prompt in prompts:
        known.add(prompt.text, prompt.grp)
    takes = [view for is_gone in (False, True)
             for view in lib.clips.views(project.id, role=ROLE, trashed=is_gone, spare=True)]
    sounds = {view.clip.sha256 for view in takes}

    def is_kept_apart(view: View) -> bool:
        clip = view.clip
        if clip.role == ROLE or clip.prompt_id in ids or clip.sha256 in sounds:
            return True
        return any(known.has(text) for text in (view.text, view.prompt) if text)

    return is_kept_apart
