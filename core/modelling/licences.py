"""Under which licence a model folder is: its own README says so, or its name where that is known."""

from __future__ import annotations

import re
from pathlib import Path

HIGGS = "boson-higgs-audio-2-community"
KNOWN = {r"mms-(300m|1b)([-_].+)?": "cc-by-nc-4.0", r"higgs-audio-v2.*": HIGGS}
"""Models whose folders often come without their README, or whose README only says “other”: name -> licence
(as on huggingface.co)."""
NAMES = {"cc-by-nc-4.0": "CC-BY-NC-4.0", HIGGS: "Boson Higgs Audio 2 Community License"}
OWN_TERMS = {HIGGS: "its text lies beside the weights, says what they may be used for, and asks whoever has"
                    " more than 100,000 users a year for a licence of their own."}
"""What a licence that is no common one asks for, as the end of a sentence."""


def licence_of(folder: Path) -> str:
    """The licence's short name in lower case (cc-by-nc-4.0), as cards write it; "" where nobody says."""
    written, known = _in_card(folder / "README.md"), _of_name(folder.name)
    return known if known and written in ("", "other") else written


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
    if licence in OWN_TERMS:
        return f"{model} is under the {NAMES[licence]}: {OWN_TERMS[licence]}"
    if "-nc" not in licence:
        return ""
    return (
        f"{model} is under the licence {NAMES.get(licence, licence)}: it, and whatever is trained from it, is"
        " not for commercial use, and its authors must be named."
    )
