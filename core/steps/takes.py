"""Several takes of one prompt: the best one is in use and goes on, the others are kept as spare."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.errors import BadInput, Stale
from core.library import Change, Clip, Library, Project, View
from core.quality.clip import ClipQuality, faults
from core.steps import hearing

# A whole session can be like this, and saying it again would not help: told, but not asked for again.
BEARABLE = {"noisy", "too_loud"}
WHO = "listening"

Rank = tuple[int, int, int]


def of(lib: Library, clip: Clip) -> list[View]:
    """All takes of the prompt of a take by its speaker, oldest first; alone where it has no prompt."""
    if clip.prompt_id is None:
        return [lib.clips.view(clip.id)]
    return lib.clips.takes(clip.prompt_id, clip.speaker_id)


def in_use(views: Sequence[View]) -> View | None:
    """The newest of the takes that are in use."""
    return next((view for view in reversed(views) if not view.clip.spare), None)


def rank(clip: Clip, doubt: str = "") -> Rank:
    """How bad a take is, the least is the best: unusable, other words than the prompt, faults to mend."""
    found = faults(ClipQuality(**clip.quality)) if clip.quality else []
    refused = sum(fault.level == "refuse" for fault in found)
    return refused, int(bool(doubt)), sum(fault.code not in BEARABLE for fault in found)


def enter(lib: Library, project: Project, clip: Clip, who: str) -> Clip:
    """Add a new take: it is in use from now on, unless the one that is in use is better."""
    older = in_use(lib.clips.takes(clip.prompt_id, clip.speaker_id)) if clip.prompt_id is not None else None
    if older is None or older.clip.id == clip.id:
        return lib.clips.add(clip)
    if rank(clip) > rank(older.clip, _doubts(lib, project).get(older.clip.id, "")):
        return lib.clips.add(replace(clip, spare=1))
    try:
        return lib.clips.add(clip, older.clip.id, who)
    except Stale:  # another was chosen or thrown away just now; this take is on the disk and must come in
        return enter(lib, project, clip, who)


def choose(lib: Library, project: Project, clip_id: str, who: str) -> None:
    """Use this take of its prompt, the others are spare; undoable. Raises BadInput for one in the trash."""
    clip = lib.clips.get(clip_id)
    if clip.trashed:
        raise BadInput(f"The take {clip.name} is in the trash: bring it back first, on the tab Data.")
    lib.changes.apply(project.id, _use(of(lib, clip), clip_id), who)


def hear(lib: Library, project: Project, clip_id: str) -> str | None:
    """As `hearing.hear`; where the take in use is doubted and an earlier one is better, that one is used
    again, unless a person has chosen."""
    doubt = hearing.hear(lib, project, clip_id)
    views = of(lib, lib.clips.get(clip_id)) if doubt else []
    now = in_use(views)
    if not doubt or now is None or now.clip.id != clip_id or _is_settled(lib, now.clip):
        return doubt
    doubts = _doubts(lib, project)
    best = min(reversed(views), key=lambda view: rank(view.clip, doubts.get(view.clip.id, "")))
    if rank(best.clip, doubts.get(best.clip.id, "")) >= rank(now.clip, doubt):
        return doubt
    lib.changes.apply(project.id, _use(views, best.clip.id), WHO)
    return f"{doubt} The take before it is in use again."


def instead(lib: Library, clip_ids: Sequence[str]) -> list[Change]:
    """When these takes go, the best spare one of each prompt that is left without comes into use."""
    changes: dict[str, Change] = {}
    for clip in map(lib.clips.get, clip_ids):
        left = [view.clip for view in of(lib, clip) if view.clip.id not in clip_ids]
        if left and not clip.spare and all(other.spare for other in left):
            best = min(reversed(left), key=rank)
            changes[best.id] = Change(best.id, "spare", 1, 0)
            changes[clip.id] = Change(clip.id, "spare", 0, 1)
    return list(changes.values())


def _is_settled(lib: Library, clip: Clip) -> bool:
    """Whether a person decided on the take, or chose it among others (its own arrival is one change)."""
    return clip.decision != "todo" or sum(row["field"] == "spare" for row in lib.changes.of(clip.id)) > 1


def _doubts(lib: Library, project: Project) -> dict[str, str]:
    return hearing.doubts(lib, project, lib.clips.views(project.id, spare=True))


def _use(views: Sequence[View], clip_id: str) -> list[Change]:
    wanted = {view.clip.id: int(view.clip.id != clip_id) for view in views}
    return [Change(view.clip.id, "spare", view.clip.spare, wanted[view.clip.id]) for view in views
            if view.clip.spare != wanted[view.clip.id]]
