"""Which take is the best example of a voice, and why."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from core.quality.clip import ClipQuality, measure
from core.quality.figures import Material
from core.quality.references import WORTH, Candidate, Take, ranked
from tests.made import tone

TEXT = "one two three four five six"
GOOD = replace(measure(tone(6.0), 16000), seconds=6.0, snr_db=35.0, speech_dbfs=-20.0, clipped_ratio=0.0,
               longest_silence=0.3, silence_ratio=0.2)
WORSE = {"seconds": [2.0, 18.0], "snr_db": [12.0], "clipped_ratio": [0.0005], "speech_dbfs": [-38.0, -8.0],
         "longest_silence": [1.5], "silence_ratio": [0.7]}


def take(name: str, quality: ClipQuality = GOOD, heard: str | None = TEXT, **more: Any) -> Take:
    return Take(name, Material(json.dumps(asdict(quality)), more.pop("text", TEXT), heard), **more)


@pytest.mark.parametrize(("figure", "value"), [(name, value) for name, many in WORSE.items()
                                               for value in many])
def test_one_worse_figure_makes_a_worse_reference(figure: str, value: float) -> None:
    best, worse = ranked([take("a", replace(GOOD, **{figure: value})), take("b")])
    assert (best.clip_id, best.score, worse.clip_id) == ("b", 1.0, "a")
    assert worse.score < 0.95
    at = list(WORTH).index(figure)
    assert worse.reasons[at] != best.reasons[at], "the reason says which"


def test_words_that_were_not_heard_as_they_are_written_make_a_worse_reference() -> None:
    found = ranked([take("wrong", heard="nine nine nine four eleven eleven"), take("unheard", heard=None),
                    take("right")])
    assert [one.clip_id for one in found] == ["right", "unheard", "wrong"]
    assert "no recogniser" in found[1].reasons[-1]


def test_only_accepted_takes_that_were_measured_and_have_a_text_may_be_one() -> None:
    unmeasured = Take("unmeasured", Material("{}", TEXT))
    out = [take("todo", is_accepted=False), take("mute", text=" "), unmeasured]
    found = ranked([*out, take("a"), take("A")])
    assert [one.clip_id for one in found] == ["A", "a"], "equals in the order of their ids"


def test_the_reasons_have_units_and_a_word_of_meaning() -> None:
    (found,) = ranked([take("a", replace(GOOD, seconds=15.0, snr_db=20.0))])
    assert isinstance(found, Candidate) and 0 < found.score < 1
    assert found.reasons == (
        "15.0 s: long for a reference (3 to 12 s)", "signal to noise 20 dB: fair", "clipping 0 %: clean",
        "-20 dBFS: good",
        "longest pause 0.3 s: fluent", "silence 20 %: mostly speech",
        "its first and last words differ by 0 % from what was heard")


def test_real_sounds_are_ranked_as_ears_would() -> None:
    rng = np.random.default_rng(0)
    voice = np.concatenate([tone(1.5), tone(1.5), tone(1.5)])
    sounds = {"clean": voice, "noisy": voice + rng.normal(0, 0.05, len(voice)).astype(np.float32),
              "soft": voice * 0.02, "clipped": np.clip(9 * voice, -1, 1), "short": tone(1.2)}
    found = ranked(take(name, measure(sound, 16000)) for name, sound in sounds.items())
    assert found[0].clip_id == "clean" and len(found) == 5
    assert found[0].score > 1.3 * found[1].score
