"""A speaker's references and pace from the takes of a project: only their own, only what was accepted."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.capture import Captured
from core.config import DataRoot
from core.library import Change, Library, Project
from core.library.transcripts import Draft
from core.quality.pace_of_speech import HIGH
from core.steps import voices
from core.steps.record import save_captured
from tests.made import library, tone

ANNA, BEN = "anna", "ben"


def spoken(lib: Library, project: Project, who: str, seconds: float, text: str, level: float = 1.0,
           accepted: bool = True) -> str:
    """A take with its text; the id."""
    sound = np.concatenate([np.zeros(4800, np.float32), level * tone(seconds), np.zeros(4800, np.float32)])
    sound += np.random.default_rng(0).normal(0, 10 ** (-75 / 20), len(sound)).astype(np.float32)
    made = save_captured(lib, project, None, who, Captured((sound * 32767).astype(np.int16), 16000, 0), who)
    clip = next(clip for clip in lib.clips.checks(project.id) if clip.id == made.clip.id)
    lib.transcripts.append(project.id, [Draft(clip.id, text, "person", clip.transcript_id)], who)
    if accepted:
        lib.changes.apply(project.id, [Change(clip.id, "decision", "todo", "accepted")], who)
    return clip.id


def test_the_best_takes_of_the_speaker_come_first(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    soft = spoken(lib, project, ANNA, 5.0, "one two", level=0.04)
    good = spoken(lib, project, ANNA, 5.0, "three four")
    spoken(lib, project, ANNA, 5.0, "not reviewed", accepted=False)
    spoken(lib, project, BEN, 5.0, "somebody else")
    found = voices.references(lib, project, ANNA)
    assert [one.clip_id for one in found] == [good, soft]
    assert found[0].score > found[1].score and any("too quiet" in why for why in found[1].reasons)
    assert voices.references(lib, project, "nobody") == []


def test_the_pace_is_that_of_the_speech_without_the_silence_around_it(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    spoken(lib, project, ANNA, 4.0, "abcde fghij")  # a tone of 3 s, with half a second of silence around it
    spoken(lib, project, ANNA, 9.0, "ab", accepted=False)
    spoken(lib, project, BEN, 8.0, "ab")
    latin = voices.pace(lib, project, ANNA).of("LATIN")
    assert (latin.n, latin.median) == (1, pytest.approx(0.3, rel=0.05))
    assert latin.high == pytest.approx(HIGH * latin.median)
    assert voices.pace(lib, project, "nobody").of("LATIN").n == 0
