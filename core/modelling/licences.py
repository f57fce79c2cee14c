"""Under which licence a model folder is: its own README says so, or its name where that is known."""

from __future__ import annotations

import re
from pathlib import Path

KNOWN = {r"mms-(300m|1b)([-_].+)?": "cc-by-nc-4.0", r"higgs[-_]audio[-_]v2([-_].+)?": "other"}
"""Models whose folders often come without their README: name -> licence (as on huggingface.co)."""
OWN = "other"
"""How cards write that a model has a licence of its own, which no short name says."""
NAMES = {"cc-by-nc-4.0": "CC-BY-NC-4.0"}


def licence_of(folder: Path) -> str:
    """The licence's short name in lower case (cc-by-nc-4.0), as cards write it; "" where nobody says."""
    return _in_card(folder / "README.md") or _of_name(folder.name)


def _in_card(card: Path) -> str:
    """The `license` in the head of a model card."""
    if not card.is_file():
        return ""
    text = card.read_text(encoding="utf-8", errors="replace")
    head = re.match(r"\s*---\s*\n(.*?)\n---", text, re.S)
    found = re.search(r"""^license:[ \t]*["']?([\w.+-]+)""", head[1], re.M) if head else None
    return found[1].lower() if found else ""


def _of_name(name: str) -> str:
    return next((licence for like, licence in KNOWN.items() if re.fullmatch(like, name, re.I)), "")


def sentence(model: str, licence: str) -> str:
    """What a person must know before they build on `model`; "" where the licence forbids no use."""
    if licence == OWN:
        return (
            f"{model} has a licence of its own, with terms for its use, for what is trained from it and for"
            " handing it on: read it where the model comes from, before you do any of that."
        )
    if "-nc" not in licence:
        return ""
    return (
        f"{model} is under the licence {NAMES.get(licence, licence)}: it, and whatever is trained from it, is"
        " not for commercial use, and its authors must be named."
    )
