"""Review: decide, edit, use the prompt, undo; nothing is overwritten and nothing is deleted but by "Empty
trash"."""
from __future__ import annotations

from collections.abc import Sequence

from core.errors import BadInput
from core.library import Change, Library, Project, View
from core.library.transcripts import Draft
from core.steps import takes
from core.text.difference import same

DECISIONS = ("todo", "accepted", "rejected")
MAX_TEXT = 2000


def decide(lib: Library, project: Project, clip_id: str, decision: str, expected: str, who: str) -> None:
    """Accept, reject or take back; Stale when somebody else decided first. Accepting needs a transcript."""
    if decision not in DECISIONS:
        raise BadInput(f"“{decision}” is no decision; choose one of {', '.join(DECISIONS)}.")
    if decision == "accepted" and not (lib.clips.view(clip_id).text or "").strip():
        raise BadInput("This take has no transcript yet, so there is nothing to accept: transcribe it, type "
                       "it, or use the prompt.")
    lib.changes.apply(project.id, [Change(clip_id, "decision", expected, decision)], who)


def edit(lib: Library, project: Project, clip_id: str, text: str, expected_transcript_id: int | None,
         who: str) -> None:
    """A person's version of the transcript becomes the current one."""
    clean = " ".join(text.split())
    if not clean:
        raise BadInput("The transcript is empty. Type what was said, or reject the take.")
    if len(clean) > MAX_TEXT:
        raise BadInput(f"The transcript has {len(clean)} characters; a take's text has at most {MAX_TEXT}.")
    lib.transcripts.append(project.id, [Draft(clip_id, clean, "person", expected_transcript_id)], who)


def use_prompt(lib: Library, project: Project, clip_id: str, expected_transcript_id: int | None,
               who: str) -> None:
    """The prompt's text becomes the transcript."""
    prompt = lib.clips.view(clip_id).prompt
    if not prompt:
        raise BadInput("This take has no prompt; type what was said.")
    lib.transcripts.append(project.id, [Draft(clip_id, prompt, "prompt", expected_transcript_id)], who)


def use_prompts(lib: Library, project: Project, views: Sequence[View], who: str) -> int:
    """The prompt becomes the transcript of each of `views` whose text differs, and all are accepted: one
    batch, one undo."""
    wrong = [v for v in views if v.prompt and not (v.text and same(v.prompt, v.text))]
    drafts = [Draft(v.clip.id, v.prompt or "", "prompt", v.clip.transcript_id) for v in wrong]
    chosen = [v for v in views if v.prompt and v.clip.decision == "todo"]
    accepted = [Change(v.clip.id, "decision", "todo", "accepted") for v in chosen]
    lib.transcripts.append(project.id, drafts, who, changes=accepted)
    return len(chosen)


_UNDONE = {"decision": "a decision", "transcript_id": "a transcript",
           "trashed": "a move to or from the trash", "mark": "a mark",
           "note": "a note", "start": "a trim", "end": "a trim", "prompt_id": "a prompt",
           "speaker_id": "a speaker", "spare": "the choice of a take", "flags": "a flag", "quality": "a trim"}


def undo(lib: Library, project: Project, who: str) -> str:
    """Take back this person's last batch; a sentence says what."""
    return told(lib.changes.undo(project.id, who))


def told(done: Sequence[Change]) -> str:
    """What an undo set, as a sentence."""
    if not done:
        return "Nothing left to undo."
    clips = len({c.clip_id for c in done})
    what = " and ".join(dict.fromkeys(_UNDONE[c.field] for c in done))
    return f"Undone: {what} of {clips} {'take' if clips == 1 else 'takes'}."


def trash(lib: Library, project: Project, clip_ids: Sequence[str], who: str) -> None:
    """Move takes to the trash; their audio stays where it is until "Empty trash". A spare take of the same
    prompt comes into use instead."""
    gone = [Change(clip_id, "trashed", 0, 1) for clip_id in clip_ids]
    lib.changes.apply(project.id, [*gone, *takes.instead(lib, clip_ids)], who)


def restore(lib: Library, project: Project, clip_ids: Sequence[str], who: str) -> None:
    """Bring takes back from the trash."""
    lib.changes.apply(project.id, [Change(clip_id, "trashed", 1, 0) for clip_id in clip_ids], who)


def trashed(lib: Library, project: Project) -> list[View]:
    """What lies in the trash."""
    return lib.clips.views(project.id, trashed=True)


def empty_trash(lib: Library, project: Project) -> int:
    """Remove trashed takes for good, rows first and then audio; the only thing that deletes audio. Returns
    how many."""
    views = trashed(lib, project)
    gone = lib.clips.forget([v.clip.id for v in views])  # not what somebody has just brought back
    kept = lib.clips.known_audio(project.id)
    for view in views:
        if view.clip.id in gone and view.clip.audio not in kept:
            (lib.root.path / view.clip.audio).unlink(missing_ok=True)
    return len(gone)
