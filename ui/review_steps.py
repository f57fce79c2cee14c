"""What the buttons of the Review tab do to the library; each tells where the page goes then."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from core.errors import BadInput, Stale
from core.library import Library, Project
from core.steps import review
from ui import aligning
from ui.seat import Seat
from ui.texts import say
from ui.texts.retold import retold

Step = Callable[[Library, Project, Seat, str, str], int]
"""What a button does: (library, project, seat, who, typed text) -> how many places to go on."""
QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "review", "concurrency_limit": 1}
"""One queue for all of the tab's events, so that their answers come in the order in which they were asked."""

EACH: dict[str, Any] = {"trigger_mode": "multiple"}
"""For what may be asked again before the answer to the last time has come: each time counts."""


def accept(lib: Library, project: Project, seat: Seat, who: str, text: str) -> int:
    """Keep what was typed, then accept; Stale when the text is no longer the one that was read."""
    save_typed(lib, project, seat, who, text)
    if lib.clips.get(seat["clip"]).transcript_id != seat["version"]:
        _refuse_other_text(lib, seat)
    if seat["decision"] != "accepted":
        review.decide(lib, project, seat["clip"], "accepted", seat["decision"], who)
    return 1


def _refuse_other_text(lib: Library, seat: Seat) -> None:
    """A newer version with the same words (an edge was moved) is what was read."""
    read = lib.transcripts.get(seat["version"])
    if read is None or read.text != lib.clips.view(seat["clip"]).text:
        raise Stale(say("review.changed"))


def reject(lib: Library, project: Project, seat: Seat, who: str, text: str) -> int:
    """Keep what was typed, then reject."""
    save_typed(lib, project, seat, who, text)
    if seat["decision"] != "rejected":
        review.decide(lib, project, seat["clip"], "rejected", seat["decision"], who)
    return 1


def use_prompt(lib: Library, project: Project, seat: Seat, who: str, text: str) -> int:
    """The prompt becomes the transcript; the take stays, to be heard and accepted."""
    review.use_prompt(lib, project, seat["clip"], seat["version"], who)
    aligning.later(lib, project, seat["clip"])
    return 0


def save(lib: Library, project: Project, seat: Seat, who: str, text: str) -> int:
    """Keep what was typed as a new version."""
    if not text.strip():
        raise BadInput(say("review.empty_text"))
    save_typed(lib, project, seat, who, text)
    return 0


def onward(lib: Library, project: Project, seat: Seat, who: str, text: str) -> int:
    """The next take; what was typed is kept first, so that turning the page loses nothing."""
    save_typed(lib, project, seat, who, text)
    return 1


def back(lib: Library, project: Project, seat: Seat, who: str, text: str) -> int:
    """The take before; what was typed is kept first."""
    save_typed(lib, project, seat, who, text)
    return -1


STEPS: dict[str, Step] = {"accept": accept, "reject": reject, "use-prompt": use_prompt, "save": save,
                          "next": onward, "prev": back}


def save_typed(lib: Library, project: Project, seat: Seat, who: str, text: str) -> None:
    """A new version where the field differs from the text that was seen; the seat then expects it."""
    if is_typed(lib, seat, text):
        review.edit(lib, project, seat["clip"], text, seat["version"], who)
        seat["version"] = lib.clips.get(seat["clip"]).transcript_id
        aligning.later(lib, project, seat["clip"])


def is_typed(lib: Library, seat: Seat, text: str) -> bool:
    """Whether the field holds another text than the one that was seen."""
    current = lib.transcripts.get(seat["version"])
    typed = " ".join((text or "").split())
    return bool(typed) and typed != (current.text if current else "")


def undo(lib: Library, project: Project, seat: Seat, who: str) -> Seat:
    """Take back this browser's last step and go to the take it was about; says what was undone."""
    done = lib.changes.undo(project.id, who)
    gr.Info(retold(review.told(done)), duration=4)
    back = [change.clip_id for change in done if (change.field, change.after) == ("trashed", 0)]
    clips = dict.fromkeys(back or [change.clip_id for change in done])
    return {**seat, "clip": next(iter(clips))} if len(clips) == 1 or back else seat
