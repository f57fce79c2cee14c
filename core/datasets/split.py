"""Three parts that share nothing: a prompt text, an audio file and (where there are several) a speaker stay
on one side; by recording, only what lies in one audio file does."""
from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.errors import Refused
from core.text.normalise import for_scoring
from core.types import Row, Split

SplitBy = Literal["auto", "prompt", "speaker", "recording"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")
SHARED_PROMPTS = (
    "Divided by prompt, because the speakers read the same prompts and none can be held out whole: "
    "no prompt of the test part was trained on, but its voices were."
)


@dataclass(frozen=True)
class Shares:
    """Wanted shares of the clips; `seed` decides which groups go where, `hold_out` names takes for the test
    part."""

    val: float = 0.1
    test: float = 0.35
    seed: int = 1
    by: SplitBy = "auto"
    hold_out: tuple[str, ...] = ()


def split(rows: Sequence[Row], shares: Shares, names: dict[str, str] | None = None) -> tuple[list[Row], str]:
    """Rows with their part, in the order given, and a sentence on how they were divided.

    `names` maps row ids to take names, for `hold_out` patterns ("jackson_2[2-9]*").
    Raises Refused when three parts cannot be made without sharing a prompt or a speaker.
    """
    by, how = _by(rows, shares)
    groups = _groups(rows, by)
    if len(groups) < 3 and by == "speaker" and shares.by == "auto":
        by, groups, how = "prompt", _groups(rows, "prompt"), SHARED_PROMPTS
    if len(groups) < 3:
        raise Refused(_too_few(rows, groups))
    parts = _held_out(groups, shares, names or {}) if shares.hold_out else _by_share(groups, shares)
    part_of = {row.id: part for part, group_list in parts.items() for group in group_list for row in group}
    divided = [replace(row, split=part_of[row.id]) for row in rows]
    if by == "recording" and (n_texts := sum(key.startswith("text ") for key in leaked(divided))):
        how += f" {n_texts} texts are said in more than one part."
    if leaks := leaked(divided, by):
        raise Refused(f"The split would put “{leaks[0]}” into more than one part; this is a fault of the "
                      "program, please report it.")
    return divided, how


def leaked(rows: Sequence[Row], by: str = "prompt") -> list[str]:
    """Texts, prompts and sounds that stand in more than one part; by recording only sounds."""
    seen: dict[str, set[str]] = {}
    for row in rows:
        for key in _keys(row, by):
            seen.setdefault(key, set()).add(row.split)
    return sorted(key for key, parts in seen.items() if len(parts) > 1)


def _keys(row: Row, by: str) -> set[str]:
    """What no two parts may share; the kind stands before each, as a text may look like a prompt's id.

    Short answers are said in every recording: by recording, only sounds count.
    """
    if by == "recording":
        return {f"audio {row.sha256 or row.audio}"}
    kinds = {"text": for_scoring(row.text), "prompt": row.prompt_id, "audio": row.sha256}
    return {f"{kind} {value}" for kind, value in kinds.items() if value}


def _by(rows: Sequence[Row], shares: Shares) -> tuple[str, str]:
    n_speakers = len({row.speaker for row in rows})
    if shares.hold_out:
        return "prompt", "The test part is what was named; the rest is divided by prompt."
    if shares.by == "recording":
        return "recording", _by_recording(rows)
    if shares.by == "speaker" or (shares.by == "auto" and n_speakers >= 3):
        if n_speakers < 3:
            raise Refused(f"Dividing by speaker needs at least 3 speakers and this project has {n_speakers}; "
                          "divide by prompt instead.")
        how = f"Divided by speaker ({n_speakers} speakers): who is in the test part was never trained on."
        return "speaker", how
    who = "one speaker" if n_speakers == 1 else f"{n_speakers} speakers, too few to hold one out"
    how = f"Divided by prompt ({who}): no prompt of the test part was trained on, but its voices were."
    return "prompt", how


def _by_recording(rows: Sequence[Row]) -> str:
    n = len({row.sha256 or row.audio for row in rows})
    if n < 3:
        raise Refused(f"Dividing by recording needs at least 3 recordings and this project has {n}; divide "
                      "by prompt or by speaker instead.")
    return f"Divided by recording ({n} recordings): no recording of the test part was trained on."


def _text_key(row: Row) -> str:
    return row.prompt_id or for_scoring(row.text)


def _groups(rows: Sequence[Row], by: str) -> list[list[Row]]:
    """Connected groups: rows that share a text, a prompt, an audio file (or a speaker) belong together."""
    parent = list(range(len(rows)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[str, int] = {}
    for i, row in enumerate(rows):
        for key in _keys(row, by) | ({f"speaker {row.speaker}"} if by == "speaker" else set()):
            parent[root(i)] = root(first.setdefault(key, i))
    together: dict[int, list[Row]] = {}
    for i, row in enumerate(rows):
        together.setdefault(root(i), []).append(row)
    return list(together.values())


def _shuffled(groups: list[list[Row]], seed: int) -> list[list[Row]]:
    # A hash, not a generator: adding one take does not move all the others.
    return sorted(groups,
                  key=lambda g: hashlib.sha256(f"{seed}:{min(_text_key(r) for r in g)}".encode()).digest())


def _by_share(groups: list[list[Row]], shares: Shares) -> dict[Split, list[list[Row]]]:
    total = sum(len(g) for g in groups)
    parts: dict[Split, list[list[Row]]] = {"test": [], "val": [], "train": []}
    # small groups first: a big speaker belongs to train
    order = sorted(_shuffled(groups, shares.seed), key=len)
    n_test, n_val = (max(1, round(total * share)) for share in (shares.test, shares.val))
    wanted: list[tuple[Split, int]] = [("test", n_test), ("val", n_val)]
    for part, n_wanted in wanted:
        n_left = 2 if part == "test" else 1  # a group each for what comes after
        while len(order) > n_left and sum(len(g) for g in parts[part]) < n_wanted:
            parts[part].append(order.pop(0))
    parts["train"] = order
    return parts


def _held_out(groups: list[list[Row]], shares: Shares, names: dict[str, str]) -> dict[Split, list[list[Row]]]:
    def named(group: list[Row]) -> bool:
        return any(fnmatch.fnmatch(names.get(row.id, row.id), pattern) for row in group
                   for pattern in shares.hold_out)

    test, rest = [g for g in groups if named(g)], [g for g in groups if not named(g)]
    if not test:
        raise Refused(f"No take is named like {', '.join(shares.hold_out)}, so there would be nothing to "
                      "test on.")
    if len(rest) < 2:
        raise Refused(f"{', '.join(shares.hold_out)} names all takes but {len(rest)}; at least two with "
                      "different prompts must be left to train on.")
    rest = _shuffled(rest, shares.seed)
    n_val = max(1, min(len(rest) - 1, round(len(rest) * shares.val)))
    return {"test": test, "val": rest[:n_val], "train": rest[n_val:]}


def _too_few(rows: Sequence[Row], groups: list[list[Row]]) -> str:
    if len(rows) < 3:
        return ("A dataset needs at least 3 accepted takes of different prompts (one to learn from, one to "
                "watch, one to judge by); "
                f"this project has {len(rows)}. Record and accept more; about 50 give a verdict that means "
                "something.")
    return (f"These {len(rows)} takes share prompts or speakers so that they make only {len(groups)} "
            "separate groups; "
            f"three are needed (train, val, test). Record other prompts, or divide by prompt.")
