"""What the desktop recorder says: the level, the steps of the microphone's test, what became of a take."""
from __future__ import annotations

from base64 import b64encode

from core.audio.capture import Recorder
from core.steps.desktop import Why
from core.steps.microphone_test import MicrophoneTest
from core.steps.record import MAX_SECONDS, Saved
from ui.view import findings, note, text_of

NONE_LEFT = "Every prompt is recorded; what you record now is kept without a prompt."
STAGES = {
    "quiet": "First the room: please be quiet for two seconds.",
    "voice": "Now your voice: read the prompt above aloud, as you will read all of them. This is not saved.",
}
ENDED: dict[Why, str] = {
    "silence": "It ended by itself when you fell silent.",
    "full": f"It ended by itself: a take lasts at most {MAX_SECONDS / 60:.0f} minutes.",
}


def heading(text: str, css: str = "vw-note vw-info") -> str:
    """A sentence, or a prompt in large type."""
    return f'<p class="{css}" dir="auto">{text_of(text)}</p>'


def ask(stage: str) -> str:
    """What to do now in the test of the microphone."""
    return note(STAGES.get(stage, ""), "info")


def found_by(test: MicrophoneTest) -> str:
    """What the test has found, and the voice to hear back."""
    if test.check is None:
        return note(test.failed, "bad")
    faults = test.check.findings
    good = "" if faults else " Good: you can begin."
    head = note(test.check.sentence + good, "info" if faults else "ok") + findings(faults)
    sound = f"data:audio/wav;base64,{b64encode(test.wav).decode()}"
    player = f'<audio controls autoplay src="{sound}" aria-label="Your voice"></audio>'
    return f'{head}<p class="vw-note">This is how you sound: {player}</p>'


def told(saved: Saved, why: Why = "", stays: bool = False) -> str:
    """What became of the take, what ended it, and whether its prompt is asked for again."""
    clip = saved.clip
    length = f"Saved, {clip.end - clip.start:.1f} s at {clip.sample_rate / 1000:g} kHz"
    head = f"{length}, but say it again:" if stays or not saved.usable else f"{length}."
    kind = "bad" if stays or not saved.usable else "ok"
    return note(" ".join(filter(None, (ENDED.get(why, ""), head))), kind) + findings(saved.findings)


def meter(recorder: Recorder) -> str:
    """The level as a bar."""
    now = recorder.level()
    dbfs = max(-60.0, min(0.0, now.rms_dbfs))
    numbers = f'aria-valuemin="-60" aria-valuemax="0" aria-valuenow="{dbfs:.0f}"'
    level = f'<div class="vw-level"><i style="--share:{100 * (dbfs + 60) / 60:.0f}%"></i></div>'
    lamp = f'<span class="vw-clip{" vw-on" if now.clipped else ""}">clip</span>'
    seconds = f'<span class="vw-dbfs">{recorder.seconds:.1f} s</span>'
    return f'<div class="vw-meter" role="meter" aria-label="Level" {numbers}>{level}{lamp}{seconds}</div>'
