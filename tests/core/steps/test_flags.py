"""Flags and notes: beside the spot-check's mark, undoable, nobody's are overwritten."""

from __future__ import annotations

import pytest

from core.config import DataRoot
from core.errors import BadInput, Stale
from core.library import Library, Project
from core.steps import flags, review, spot_check
from tests.made import library, take

ANNA, BEN = "page:anna", "page:ben"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def test_flags_are_set_taken_away_and_undone(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "one")
    spot_check.mark(lib, project, clip, "wrong", "", ANNA)
    flags.put(lib, project, clip, "cut", True, ANNA)
    now = flags.put(lib, project, clip, "noise", True, ANNA)
    assert lib.clips.get(clip).flags == now == ("noise", "cut")
    flags.put(lib, project, clip, "cut", False, ANNA)
    assert lib.clips.get(clip).flags == ("noise",)
    assert review.undo(lib, project, ANNA) == "Undone: a flag of 1 take."
    assert (lib.clips.get(clip).flags, lib.clips.get(clip).mark) == (("noise", "cut"), "wrong")
    with pytest.raises(BadInput, match="“loud” is no flag"):
        flags.put(lib, project, clip, "loud", True, ANNA)


def test_two_who_flag_keep_both_and_the_same_twice_is_one_change(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "one")
    flags.put(lib, project, clip, "noise", True, ANNA)
    flags.put(lib, project, clip, "cut", True, BEN)
    flags.put(lib, project, clip, "noise", True, BEN)
    assert lib.clips.get(clip).flags == ("noise", "cut")
    with pytest.raises(Stale):  # what Ben did since stands on it
        review.undo(lib, project, ANNA)
    assert review.undo(lib, project, BEN) == "Undone: a flag of 1 take."
    assert lib.clips.get(clip).flags == ("noise",)


def test_notes(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "one")
    flags.note(lib, project, clip, "  a door \n slams ", "", ANNA)
    assert lib.clips.get(clip).note == "a door slams"
    flags.note(lib, project, clip, "a door slams", "a door slams", ANNA)
    with pytest.raises(Stale):
        flags.note(lib, project, clip, "mine", "", BEN)
    with pytest.raises(BadInput, match="501 characters"):
        flags.note(lib, project, clip, "x" * 501, "a door slams", ANNA)
    review.undo(lib, project, ANNA)
    assert lib.clips.get(clip).note == ""
