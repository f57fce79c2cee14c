"""Demo data: two made voices that read some sentences each, as ChatML, to try with whatever speaks or learns
to."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from core.audio.read import resample
from core.audio.write import write_pcm
from core.datasets.formats import Found, chatml
from core.errors import Unavailable
from core.files import write_atomic
from core.steps.export_folder import writing

RATE = 24000
CONSENT = "consent.txt"
CONSENT_TEXT = """My voice may be recorded, and a model may learn to speak with it.
I may take this back at any time; then my takes are left out of everything that is made from then on.
"""
SOUNDS = "audio"
SEED = 7
_QUIET = 10 ** (-72 / 20)  # the noise of a quiet room
_PEAK = 10 ** (-6 / 20)
_SECONDS = 60
"""For one sentence; it takes a hundredth of that."""
Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Reader:
    """A voice of espeak-ng, with a name and what it reads."""

    name: str
    voice: str
    language: str
    speed: int
    pitch: int
    texts: tuple[str, ...]


READERS = (
    Reader("Ada", "en-us+f3", "en", 155, 55, (
        "The harbour was quiet when the last boat came home.",
        "My sister keeps two goats and a very old donkey.",
        "Please leave the blue letter on the kitchen table.",
        "We walked along the river until the rain began.",
        "Nobody remembers who planted the tree behind the school.",
        "The baker opens her shop long before the sun is up.",
        "Can you hear the wind in the tall grass tonight?",
        "Every house on this street has a different door.",
        "He read the whole story aloud without a single pause.",
        "In winter the road over the mountain is often closed.",
    )),
    Reader("Omar", "ar", "ar", 150, 42, (
        "كان الميناء هادئا عندما عاد القارب الأخير.",
        "يفتح الخباز دكانه قبل طلوع الشمس بوقت طويل.",
        "مشينا على ضفة النهر حتى بدأ المطر.",
        "لا يذكر أحد من زرع الشجرة خلف المدرسة.",
        "من فضلك ضع الرسالة الزرقاء على الطاولة.",
        "هل تسمع صوت الريح في العشب الليلة؟",
        "لكل بيت في هذا الشارع باب مختلف.",
        "قرأ القصة كلها بصوت عال دون توقف.",
        "في الشتاء يكون الطريق فوق الجبل مغلقا.",
        "تسكن جدتي في قرية صغيرة قرب البحر.",
    )),
)


@dataclass(frozen=True)
class DemoData:
    """What was made: its folder, how many takes, and by whom."""

    folder: Path
    n_takes: int
    speakers: tuple[str, ...]


def make(folder: Path, tick: Tick | None = None) -> DemoData:
    """Takes of two voices in `folder`, chatml.jsonl with pairs of them, and a text to agree to.

    The same call gives the same sounds; `tick` hears of (takes done, takes). Raises Unavailable without
    espeak-ng, and Refused for a folder that holds anything else.
    """
    tell = tick or (lambda done, n: None)
    takes = [(reader, number, text) for reader in READERS for number, text in enumerate(reader.texts, 1)]
    with writing(folder.absolute(), {"demo": "two voices"}, repr(READERS)) as half:
        made = []
        for done, (reader, number, text) in enumerate(takes):
            tell(done, len(takes))
            audio = half / SOUNDS / f"{reader.name.lower()}-{number:02d}.wav"
            write_pcm(audio, _recorded(reader, number, text), RATE)
            made.append(Found(audio, text, speaker=reader.name, language=reader.language))
        tell(len(takes), len(takes))
        chatml.write(half, made)
        write_atomic(half / CONSENT, CONSENT_TEXT)
    return DemoData(folder, len(made), tuple(reader.name for reader in READERS))


def _recorded(reader: Reader, number: int, text: str) -> npt.NDArray[np.float32]:
    """A take as a careful person records it: a little silence around it, in a quiet room. (n,) at RATE."""
    rng = np.random.default_rng([SEED, number, *reader.name.encode()])
    speech = resample(*_espeak(reader, text), RATE)
    lead, trail = (np.zeros(round(RATE * seconds), np.float32) for seconds in rng.uniform(0.25, 0.4, 2))
    sound = np.concatenate([lead, _PEAK * speech / np.abs(speech).max(), trail])
    return (sound + rng.normal(0, _QUIET, len(sound))).astype(np.float32)


def _espeak(reader: Reader, text: str) -> tuple[npt.NDArray[np.float32], int]:
    """What espeak-ng says, mono in -1..1, and its rate."""
    command = ["espeak-ng", "-v", reader.voice, "-s", str(reader.speed), "-p", str(reader.pitch), "--stdout"]
    try:
        done = subprocess.run([*command, text], capture_output=True, check=True, timeout=_SECONDS)
    except FileNotFoundError as error:
        raise Unavailable("The demo voices are those of espeak-ng, which is not installed here: install it "
                          "(`sudo apt-get install espeak-ng`, on a Mac `brew install espeak-ng`), then try "
                          "again.") from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"espeak-ng did not say “{text}” with the voice {reader.voice} ({error}): install "
                          "a newer one.") from error
    samples, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    return samples, int(rate)
