"""What espeak-ng says, with the moment at which each word begins, as its library reports it."""
from __future__ import annotations

import ctypes
import ctypes.util
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

_SYNCHRONOUS, _UTF8, _WORD, _LAST = 1, 1, 1, 0
_RATE, _PITCH, _GAP = 1, 3, 7  # espeak_PARAMETER


class _Event(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int),
                ("length", ctypes.c_int), ("milliseconds", ctypes.c_int), ("sample", ctypes.c_int),
                ("user_data", ctypes.c_void_p), ("id", ctypes.c_char * 8)]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int,
                             ctypes.POINTER(_Event))


@dataclass(frozen=True)
class Spoken:
    """Mono samples (n,) float32, their rate, and (word, start in seconds) in order."""

    samples: npt.NDArray[np.float32]
    rate: int
    words: tuple[tuple[str, float], ...]


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    found = ctypes.util.find_library("espeak-ng")
    if found is None:
        raise FileNotFoundError("libespeak-ng is not installed")
    library = ctypes.CDLL(found)
    return library, int(library.espeak_Initialize(_SYNCHRONOUS, 0, None, 0))


def speak(text: str, voice: str = "en-us", speed: int = 160, pitch: int = 50, gap: int = 0) -> Spoken:
    """Say `text` (`speed` in words a minute, `pitch` 0..100, `gap` between words in 10 ms).

    Only words that espeak-ng reports by themselves are listed: it joins some short ones ("of the").
    """
    library, rate = _library()
    chunks, starts = [], []

    def take(sound: ctypes.Array[ctypes.c_short], n: int, events: ctypes.Array[_Event]) -> int:
        if sound and n:
            chunks.append(np.ctypeslib.as_array(sound, (n,)).copy())
        at = 0
        while events[at].type != _LAST:
            event = events[at]
            if event.type == _WORD:
                word = text[event.text_position - 1 : event.text_position - 1 + event.length]
                starts.append((word, event.sample / rate))
            at += 1
        return 0

    callback = _Callback(take)  # kept by name: the library holds no reference
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()):
        raise ValueError(f"espeak-ng has no voice “{voice}”")
    for number, value in ((_RATE, speed), (_PITCH, pitch), (_GAP, gap)):
        library.espeak_SetParameter(number, value, 0)
    raw = text.encode()
    library.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    samples = np.concatenate(chunks).astype(np.float32) / 32768
    return Spoken(samples, rate, tuple(starts))
