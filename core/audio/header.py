"""What the header of a sound file says, and the refusal of what is no sound."""
from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import soundfile

from core.audio import container
from core.audio.riff import data_chunk
from core.errors import BadInput, NotFound, Unavailable

# Of what a folder is searched for; a file that is named by itself may be called anything.
ENDINGS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".aac", ".webm", ".mp4", ".mkv", ".mov",
           ".avi", ".aiff", ".aif", ".wma", ".3gp", ".amr", ".caf")
TAKE_MAX_SECONDS = 600.0
MIN_RATE, MAX_RATE = 4_000, 384_000
_UNKNOWN = 1 << 62


@dataclass(frozen=True)
class AudioInfo:
    """What the header of a sound file says; `n_samples` counts one channel, `seconds` = n_samples / rate."""

    n_samples: int
    rate: int
    channels: int
    seconds: float
    subtype: str
    format: str


def info(path: Path, max_seconds: float | None = None) -> AudioInfo:
    """The header of `path`, without decoding it.

    Raises NotFound, or BadInput with the file's name and what to do: no audio, a text file, zero samples, an
    absurd rate, longer than `max_seconds`, or cut off (the header promises more than is there).
    """
    _check_file(path)
    found = _header(path)
    if not MIN_RATE <= found.rate <= MAX_RATE:
        raise odd_rate(path, found.rate)
    chunk = data_chunk(path)
    promised = chunk.seconds(chunk.n_promised) if chunk and chunk.is_truncated else found.seconds
    if max_seconds is not None and promised > max_seconds:
        raise BadInput(
            f"{path.name} lasts {length(promised)}: this is a long recording, not a take "
            f"(at most {length(max_seconds)}). "
            "Bring it in as a recording to be cut into segments, or cut it into single takes first."
        )
    if chunk and chunk.is_truncated:
        raise cut_off(path, promised, chunk.seconds(chunk.n_there))
    if found.n_samples <= 0:
        raise no_samples(path)
    return found


def length(seconds: float) -> str:
    """A length in words: "4.9 s", "10 min", "3 h 0 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _check_file(path: Path) -> None:
    """Refuse what is no audio at a glance: a missing or empty file, a folder, text."""
    if path.is_dir():
        raise BadInput(f"{path.name} is a folder: choose the sound files in it.")
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except FileNotFoundError as error:
        raise NotFound(
            f"{path.name} is not in {path.parent}: it was moved or deleted. "
            "Put it back, or choose another file."
        ) from error
    except PermissionError as error:
        raise Unavailable(
            f"{path.name} cannot be read: no permission. Change its owner or its rights, then try again."
        ) from error
    if not head:
        raise BadInput(f"{path.name} is empty (0 bytes): record or export it again.")
    if _is_text(head):
        raise BadInput(
            f"{path.name} is a text file, not audio, whatever its name says: choose the recording itself."
        )


def _is_text(head: bytes) -> bool:
    """Bytes that are UTF-8 without control characters; every audio header holds some."""
    text = head.decode("utf-8", errors="ignore")
    has_controls = any(ord(sign) < 32 and sign not in "\t\n\r\f" for sign in text)
    return len(text.encode()) >= len(head) - 3 and not has_controls


def _header(path: Path) -> AudioInfo:
    """Header by libsndfile, else by PyAV."""
    try:
        if path.suffix.lower() == ".raw":  # libsndfile goes by this ending alone and then asks for a rate
            raise soundfile.SoundFileError
        raw = soundfile.info(os.fsencode(path))
        if raw.frames >= _UNKNOWN:  # FLAC from a pipe: PyAV counts what is there
            raise soundfile.SoundFileError
    except soundfile.SoundFileError:
        n_samples, rate, channels, subtype, form = container.info(path)
        return AudioInfo(n_samples, rate, channels, n_samples / rate if rate else 0.0, subtype, form)
    seconds = raw.frames / raw.samplerate
    return AudioInfo(raw.frames, raw.samplerate, raw.channels, seconds, raw.subtype, raw.format)


def odd_rate(path: Path, rate: int) -> BadInput:
    """The refusal of a sample rate that is a damaged header's."""
    return BadInput(
        f"{path.name} claims a sample rate of {rate} Hz, which no recorder makes: export it again "
        "at 16000 to 48000 Hz."
    )


def no_samples(path: Path) -> BadInput:
    """The refusal of a file without sound."""
    return BadInput(
        f"{path.name} holds no samples: the recording is empty or was cut off. Record or export it again."
    )


def cut_off(path: Path, promised: float, left: float) -> BadInput:
    """The refusal of a truncated file: how much was promised and how much is left."""
    return BadInput(
        f"{path.name} is cut off: its header promises {length(promised)}, only {length(left)} can be read. "
        "Copy or export it again; to use what is left, save it under a new name with an audio editor."
    )
