"""What the desktop recorder says: the level, the steps of the microphone's test, what became of a take."""
from __future__ import annotations

from base64 import b64encode

from core.audio.capture import Recorder
from core.steps.desktop import Why
from core.steps.microphone_test import MicrophoneTest
from core.steps.record import MAX_SECONDS, Saved
from ui.texts import say
from ui.texts.retold import retold
from ui.view import findings, note, text_of, words

ENDED = ("silence", "full")
STAGES = {"quiet": "mic.quiet", "voice": "mic.voice"}


def heading(text: str, css: str = "vw-note vw-info") -> str:
    """A sentence, or a prompt in large type."""
    return f'<p class="{css}" dir="auto">{text_of(text)}</p>'


def ask(stage: str) -> str:
    """What to do now in the test of the microphone."""
    return note(say(STAGES[stage]) if stage in STAGES else "", "info")


def found_by(test: MicrophoneTest) -> str:
    """What the test has found, and the voice to hear back."""
    if test.check is None:
        return note(retold(test.failed), "bad")
    faults = test.check.findings
    good = "" if faults else " " + say("mic.good")
    head = note(retold(test.check.sentence) + good, "info" if faults else "ok") + findings(faults)
    sound = f"data:audio/wav;base64,{b64encode(test.wav).decode()}"
    named, said = words("desktop.your_voice"), words("desktop.you_sound")
    player = f'<audio controls autoplay src="{sound}" aria-label="{named}"></audio>'
    return f'{head}<p class="vw-note">{said} {player}</p>'


def told(saved: Saved, why: Why = "", stays: bool = False) -> str:
    """What became of the take, what ended it, and whether its prompt is asked for again."""
    clip = saved.clip
    is_bad = stays or not saved.usable
    ended = say(f"desktop.ended.{why}", minutes=MAX_SECONDS / 60) if why in ENDED else ""
    head = say("desktop.saved_but" if is_bad else "desktop.saved",
               seconds=clip.end - clip.start, rate=clip.sample_rate / 1000)
    return note(" ".join(filter(None, (ended, head))), "bad" if is_bad else "ok") + findings(saved.findings)


def meter(recorder: Recorder) -> str:
    """The level as a bar."""
    now = recorder.level()
    named = words("desktop.level")
    dbfs = max(-60.0, min(0.0, now.rms_dbfs))
    numbers = f'aria-valuemin="-60" aria-valuemax="0" aria-valuenow="{dbfs:.0f}"'
    level = f'<div class="vw-level"><i style="--share:{100 * (dbfs + 60) / 60:.0f}%"></i></div>'
    is_on = " vw-on" if now.clipped else ""
    lamp = f'<span class="vw-clip{is_on}">{words("recorder.clip")}</span>'
    said = words("recorder.seconds", seconds=recorder.seconds)
    seconds = f'<span class="vw-dbfs">{said}</span>'
    return f'<div class="vw-meter" role="meter" aria-label="{named}" {numbers}>{level}{lamp}{seconds}</div>'
