"""The time line: segments as they are, and what lies between them by what was heard there."""
from __future__ import annotations

from core.runs.long.hearing import Unreadable
from core.runs.long.timeline import (
    MATCHED,
    SILENCE,
    SOUND,
    UNCERTAIN,
    UNMATCHED,
    UNREADABLE,
    timeline,
)
from core.types import Word


def test_speech_music_and_silence_are_told_apart() -> None:
    runs = [(1.0, 5.0), (6.0, 10.0), (12.0, 20.0), (30.0, 50.0)]
    heard = [Word("w", 12.0 + n / 2, 12.3 + n / 2) for n in range(16)] + [Word("la", 31.0, 32.0)]
    made = timeline([(1.0, 5.0, MATCHED), (6.0, 10.0, UNCERTAIN)], runs, heard, [], 60.0)
    assert [(s.start, s.end, s.kind) for s in made] == [
        (0.0, 1.0, SILENCE), (1.0, 5.0, MATCHED), (5.0, 6.0, SILENCE), (6.0, 10.0, UNCERTAIN),
        (10.0, 12.0, SILENCE), (12.0, 20.0, UNMATCHED), (20.0, 30.0, SILENCE), (30.0, 50.0, SOUND),
        (50.0, 60.0, SILENCE)]


def test_what_could_not_be_read_says_why() -> None:
    made = timeline([], [(0.0, 10.0)], [], [Unreadable(2.0, 8.0, "damaged")], 10.0)
    assert [(s.kind, s.sentence) for s in made] == [(SOUND, ""), (UNREADABLE, "damaged"), (SOUND, "")]


def test_nothing_at_all_is_silence() -> None:
    assert [(s.start, s.end, s.kind) for s in timeline([], [], [], [], 299.0)] == [(0.0, 299.0, SILENCE)]
