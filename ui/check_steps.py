"""What the buttons and keys of the Spot-check tab do to the library; each tells where the page goes then."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.steps import review, sample, spot_check
from core.steps.sample import Sample
from ui import aligning
from ui.check_seat import Seat
from ui.review_steps import is_typed
from ui.texts.retold import retold

Act = Callable[[Library, Project, Seat, str, str], str]
"""(library, project, seat, who, typed text) -> the clip to go to, "" for the step of the button."""


def fix(lib: Library, project: Project, seat: Seat, who: str, text: str) -> str:
    """Keep the corrected text; the clip was wrong, and is mended."""
    spot_check.fix(lib, project, seat["clip"], text, seat["version"], seat["mark"], who)
    aligning.later(lib, project, seat["clip"])
    return ""


def _marking(mark: str) -> Act:
    def do(lib: Library, project: Project, seat: Seat, who: str, text: str) -> str:
        if is_typed(lib, seat, text):  # whoever has corrected the text does not mean that it was right
            return fix(lib, project, seat, who, text)
        spot_check.mark(lib, project, seat["clip"], mark, seat["mark"], who)
        return ""

    return do


def _onward(lib: Library, project: Project, seat: Seat, who: str, text: str) -> str:
    """Only moving on; what was typed is kept."""
    return fix(lib, project, seat, who, text) if is_typed(lib, seat, text) else ""


def undo(lib: Library, project: Project, seat: Seat, who: str, text: str) -> str:
    """Take back this browser's last step and go to the clip that it was about."""
    done = lib.changes.undo(project.id, who)
    gr.Info(retold(review.told(done)), duration=4)
    clips = {change.clip_id for change in done}
    if any(change.field == "transcript_id" for change in done) and len(clips) == 1:
        aligning.later(lib, project, *clips)
    return clips.pop() if len(clips) == 1 else seat["clip"]


ACTS: dict[str, tuple[Act, int]] = {
    **{mark: (_marking(mark), 1) for mark in ("right", "wrong", "skip")},
    "save": (fix, 1), "undo": (undo, 0), "next": (_onward, 1), "prev": (_onward, -1)}
"""By button: what it does, and how many places the page goes on then."""


def word(lib: Library, project: Project, asked: dict[str, Any], who: str) -> None:
    """Another start and end of a word, as the player tells it."""
    clip = lib.clips.get(asked["clip"])
    times = (float(asked["start"]), float(asked["end"]))
    spot_check.fix_word(lib, project, clip.id, int(asked["index"]), times, asked["version"], clip.mark, who)


def to_mend(lib: Library, project: Project, seat: Seat, who: str, text: str) -> None:
    """The clip is wrong and is mended on the Review tab."""
    if is_typed(lib, seat, text):
        fix(lib, project, seat, who, text)
    elif seat["mark"] != "fixed":
        spot_check.mark(lib, project, seat["clip"], "fixed", seat["mark"], who)


def draw(lib: Library, project: Project, n: int, who: str) -> Sample:
    """A new random sample."""
    return sample.draw(lib, project, n, who)
