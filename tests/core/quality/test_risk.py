"""The order of risk: odd ones first, each with its reason, and nothing odd about a set that is all alike."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.audio.timbre import timbre
from core.quality.risk import Evidence, deviations, edge_error_rate, rank

QUALITY = {"seconds": 3.0, "silence_ratio": 0.3, "speech_dbfs": -22.0, "longest_silence": 0.1, "lead": 0.3,
           "trail": 0.3, "timbre": (1.0, *([0.0] * 12))}
TEXTS = ["order one two three four", "my code is five six seven", "room eight nine is free",
         "please call two one six", "location four four nine", "they met at seven today"]


def usual(n: int = 30) -> list[Evidence]:
    """Clips as they should be, with a little of everything moving."""
    rng = np.random.default_rng(0)
    clips = []
    for at in range(n):
        text = TEXTS[at % len(TEXTS)]
        seconds = len(text) / 10 * float(rng.uniform(0.95, 1.05))
        quality = {**QUALITY, "seconds": seconds, "speech_dbfs": -22 + float(rng.normal(0, 1)),
                   "timbre": tuple((np.array(QUALITY["timbre"]) + rng.normal(0, 0.3, 13)).tolist())}
        agreement, worst = float(rng.uniform(0.8, 1)), float(rng.uniform(0.1, 0.4))
        clips.append(Evidence(str(at), text, "anna", text if at % 2 else None, text, agreement=agreement,
                              worst=worst, quality=quality))
    return clips


def first(clips: list[Evidence], odd: Evidence) -> tuple[str, list[str]]:
    risks = rank([odd if clip.id == odd.id else clip for clip in clips])
    name = next(iter(risks))
    return name, [reason.code for reason in risks[name].reasons]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"prompt": "order one two three five"}, "prompt_differs"),
        ({"heard": "my code is five six seven thank you all"}, "heard_differs"),
        ({"heard": "my code is five seven"}, "digits_differ"),
        ({"agreement": 0.01}, "text_unlike_sound"),
        ({"worst": 5.0}, "word_unlike_sound"),
        ({"margin": 0.001}, "number_unsure"),
        ({"quality": {**QUALITY, "seconds": 7.0}}, "odd_pace"),
        ({"quality": {**QUALITY, "seconds": 2.5, "speech_dbfs": -45.0}}, "odd_level"),
        ({"quality": {**QUALITY, "seconds": 2.5, "longest_silence": 1.4}}, "odd_pause"),
        ({"quality": {**QUALITY, "seconds": 2.5, "trail": 0.0}}, "cut"),
        ({"quality": {**QUALITY, "seconds": 2.5, "timbre": (2.0, *range(-12, 12, 2))}}, "odd_voice"),
    ],
)
def test_an_odd_clip_comes_first_and_says_why(change: dict[str, Any], code: str) -> None:
    clips = usual()
    name, codes = first(clips, replace(clips[13], **change))
    assert name == "13" and code in codes


def test_what_all_are_like_is_not_odd() -> None:
    clips = usual()
    assert max(risk.score for risk in rank(clips).values()) < 2
    poor = [replace(clip, heard=clip.text.replace("e", "a"), agreement=0.1) for clip in clips]
    assert max(risk.score for risk in rank(poor).values()) < 3


def test_a_word_that_the_recogniser_never_gets_says_little() -> None:
    clips = [replace(clip, heard=(clip.heard or "").replace("please", "bliss")) for clip in usual()]
    odd = replace(clips[2], heard="room eight mine is free")
    risks = rank([odd if clip.id == "2" else clip for clip in clips])
    assert next(iter(risks)) == "2"
    assert all(risks[clip.id].score < risks["2"].score / 2 for clip in clips if "please" in clip.text)


def test_each_speaker_is_measured_by_their_own() -> None:
    clips = usual()
    slow = [replace(clip, id=f"b{clip.id}", speaker="ben",
                    quality={**(clip.quality or {}), "seconds": 2 * (clip.quality or {})["seconds"]})
            for clip in clips]
    reasons = [reason.code for risk in rank(clips + slow).values() for reason in risk.reasons]
    assert "odd_pace" not in reasons


def test_few_clips_and_nothing_known_are_no_error() -> None:
    assert rank([]) == {}
    assert rank([Evidence("a", "hello")])["a"].score == 0
    assert deviations([None, 1.0, 2.0]).tolist() == [0.0, 0.0, 0.0]


def test_reasons_are_sentences_the_weightiest_first() -> None:
    clips = usual()
    risks = rank([replace(clips[0], heard="nothing like it", agreement=0.001, worst=6.0), *clips[1:]])
    reasons = risks["0"].reasons
    assert len(reasons) >= 3 and all(r.sentence.endswith(".") for r in reasons)


def test_a_voice_is_known_by_its_pitch_whatever_its_level() -> None:
    rng = np.random.default_rng(0)

    def voice(hertz: float, gain: float) -> tuple[float, ...]:
        at = np.arange(32000) / 16000
        sound = sum(np.sin(2 * np.pi * hertz * k * at) / k for k in range(1, 12))
        return timbre((gain * (sound + rng.normal(0, 0.01, 32000))).astype(np.float32), 16000)

    low, loud, high = voice(110, 0.1), voice(110, 0.3), voice(220, 0.1)
    assert high[0] - low[0] == pytest.approx(1.0, abs=0.05)
    assert np.allclose(low, loud, atol=0.5)
    assert timbre(np.zeros(16000, np.float32), 16000) == ()


@pytest.mark.parametrize(("text", "heard", "least", "most"), [
    ("one two three four five", "one two three four five", 0.0, 0.0),
    ("One, two three four five.", "one two three four five", 0.0, 0.0),
    ("one two three four five six seven", "one two three blue whales six seven", 0.1, 0.3),
    ("one two three four five six seven", "two three four five six seven", 0.05, 0.25),
    ("one two three four five six seven", "one two three four five six", 0.1, 0.3),
    ("one two three four five six seven", "hm one two three four five six seven", 0.02, 0.15),
    ("one two three four five six seven", "blue whales sleep", 0.7, 1.0),
    ("one two three", "", 1.0, 1.0), ("one", "one", 0.0, 0.0)])
def test_the_edges_of_a_text_against_what_was_heard(text: str, heard: str, least: float, most: float) -> None:
    found = edge_error_rate(text, heard)
    assert found is not None and least <= found <= most


def test_a_text_without_words_has_no_edges() -> None:
    assert edge_error_rate("…", "one") is None
