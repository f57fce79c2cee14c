"""How long a text may take: by the speaker's takes, by script, and with espeak-ng's real speech."""

from __future__ import annotations

import io
import shutil
import subprocess

import pytest
import soundfile

from core.quality.pace_of_speech import DEFAULTS, HIGH, Pace, ScriptPace, letters, pace_of
from core.text.pieces import pieces

LATIN = ("The children go to school in the morning and come home in the afternoon.",
         "Nobody in this small town has ever complained about the rain.",
         "She opened the window and looked at the quiet street.")
ARABIC = ("يذهب الأطفال إلى المدرسة في الصباح ويعودون إلى البيت بعد الظهر.",
          "لم يشتك أحد في هذه المدينة الصغيرة من المطر.",
          "فتحت النافذة ونظرت إلى الشارع الهادئ.")
LIMIT = 82.0
"""Seconds after which a model of this kind is cut off."""


def test_letters_are_counted_by_script_without_marks_spaces_and_stretching() -> None:
    assert letters("Ab, c!") == {"LATIN": 3}
    assert letters("مَرْحـــبًا") == {"ARABIC": 5}
    assert letters("漢字と kana") == {"LATIN": 4, "CJK": 2, "HIRAGANA": 1}
    assert letters("42 ?!") == {"LATIN": 8}
    assert letters("بيت ٣") == {"ARABIC": 7}
    assert letters(" … ") == {}


def test_the_median_does_not_mind_wrong_takes_and_the_high_pace_knows_slow_ones() -> None:
    takes = [("a" * 10, seconds) for seconds in [1.0] * 17 + [1.4, 1.4, 60.0]]
    latin = pace_of([*takes, ("", 3.0), ("a", 0.0)]).of("LATIN")
    assert (latin.median, latin.n) == (pytest.approx(0.1), 20)
    assert 0.14 <= latin.high < 0.5


def test_each_script_has_its_own_pace_and_what_is_not_measured_the_default() -> None:
    pace = pace_of([("abcd", 0.4), ("بيت كبير", 1.4)])
    assert pace.of("LATIN") == ScriptPace(pytest.approx(0.1), pytest.approx(0.1 * HIGH), 1)
    assert pace.of("ARABIC").median == pytest.approx(0.2)
    assert pace.of("CJK").median == DEFAULTS["CJK"] and pace.of("CJK").n == 0
    mixed = pace.expected_seconds("abcd بيت")
    assert mixed == pytest.approx(4 * 0.1 + 3 * 0.2)


def test_a_take_in_two_scripts_counts_for_the_one_with_more_letters() -> None:
    assert dict(pace_of([("بيت كبير WhatsApp ok جدا هنا", 2.5)]).by_script).keys() == {"ARABIC"}


@pytest.mark.parametrize("text", [*LATIN, *ARABIC, "Yes.", "漢字" * 50])
def test_no_text_is_expected_longer_than_it_may_be_and_more_text_may_take_longer(text: str) -> None:
    for pace in (Pace(), pace_of([(text, 4.0)])):
        assert 0 < pace.expected_seconds(text) < pace.most_seconds(text)
        assert pace.most_seconds(text) < pace.most_seconds(text + text)
    assert Pace().most_seconds("") < 3


@pytest.mark.parametrize("script", [LATIN, ARABIC])
def test_no_piece_of_a_long_text_comes_near_the_limit(script: tuple[str, ...]) -> None:
    for piece in pieces(" ".join(script * 10).replace(".", ""), most_characters=200):
        assert Pace().most_seconds(piece) < LIMIT / 1.5


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng makes the speech")
@pytest.mark.parametrize(("voice", "script"), [("en-us", LATIN), ("ar", ARABIC)])
def test_a_voice_stays_within_its_bound_and_endless_speech_does_not(
    voice: str, script: tuple[str, ...]
) -> None:
    seconds = [spoken(voice, text) for text in script]
    known = pace_of(zip(script[:2], seconds[:2], strict=True))
    for pace in (known, Pace()):
        assert pace.expected_seconds(script[2]) == pytest.approx(seconds[2], rel=0.35)
        assert seconds[2] < pace.most_seconds(script[2]) < 4 * seconds[2]
    slow = spoken(voice, script[2], speed=120)
    assert slow < known.most_seconds(script[2]), "a slow reading is no mistake"


def spoken(voice: str, text: str, speed: int = 160) -> float:
    """Seconds in which espeak-ng says a text."""
    done = subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "--stdout", text], check=True,
                          capture_output=True)
    samples, rate = soundfile.read(io.BytesIO(done.stdout))
    return len(samples) / rate
