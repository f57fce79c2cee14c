"""Models as fields offer them: runs are named by what they were, not by the name of their folder."""
from __future__ import annotations

from core.library import Library
from core.runs import listing
from core.steps.transcribe import ModelChoice
from ui import run_card
from ui.badge import badged


def titled(lib: Library, found: list[ModelChoice]) -> list[tuple[str, str]]:
    """(title, name) of models, for a field's choices."""
    runs = {card.id: run_card.title(card) for card in listing.runs(lib.root, kind="train")}
    return [(badged(lib, c, runs.get(c.name, "") if c.where == "run" else ""), c.name)
            for c in found]

