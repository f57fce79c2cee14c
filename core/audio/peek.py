"""Length, rate and channels of a sound from the first bytes of its file: what an index of thousands needs.

WAV, RF64 and FLAC are read here, with one look at the disk; every other kind by libsndfile or PyAV.
"""
from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

import soundfile

from core.audio.header import MAX_RATE, MIN_RATE, cut_off, info, length, no_samples, odd_rate
from core.errors import BadInput

_HEAD = 8192
_MOST_CHUNKS = 1000
_STREAMED = 0x7FFFF000
_PLAIN = (1, 3, 6, 7, 0xFFFE)  # PCM, float, A-law, mu-law and PCM of more channels: every frame has one size
_STREAMINFO = struct.Struct(">4xIHH3x3sQ")
_TAGS = 256
"""Bytes of old tags that may stand behind the last frame of a FLAC file."""


Peek = tuple[int, int, int]
"""What a header promises: samples of one channel, samples a second, channels."""


def peek(path: str, size: int) -> Peek:
    """(n_samples, rate, channels) of a file of `size` bytes.

    Raises what `info` raises: BadInput, with the name and what to do, for a header that is none, that
    contradicts itself or that promises more than the file holds.
    """
    found = None
    try:
        file = os.open(path, os.O_RDONLY)
        try:
            head = os.read(file, _HEAD)
            if head[:4] == b"fLaC":
                found = _flac(path, file, head, size)
            elif head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
                found = _wave(path, file, head, size)
        finally:
            os.close(file)
    except OSError:
        pass  # `info` has the sentence for it
    if found is None:
        told = info(Path(path))
        return told.n_samples, told.rate, told.channels
    if found[0] <= 0:
        raise no_samples(Path(path))
    if not MIN_RATE <= found[1] <= MAX_RATE:
        raise odd_rate(Path(path), found[1])
    return found


def _flac(path: str, file: int, head: bytes, size: int) -> Peek | None:
    """STREAMINFO, the first 34 bytes behind the mark (RFC 9639, 8.2), and whether the last frame is there."""
    if len(head) < 42:
        return None
    mark, least, block, frame, packed = _STREAMINFO.unpack_from(head)
    if mark & 0x7FFFFFFF != 34:  # kind 0 and 34 bytes; the first bit only says whether more blocks follow
        raise _contradicts(path)
    rate, channels, n_samples = packed >> 44, (packed >> 41 & 7) + 1, packed & 0xFFFFFFFFF
    if not (rate and block and n_samples):
        return None  # from a pipe: the length is not in the header
    if least == block:  # else frames are not numbered one by one
        tail = head
        if size > len(head):
            width = int.from_bytes(frame, "big") + _TAGS
            tail = os.pread(file, width, max(size - width, 0))
        if not _holds_frame(tail, (n_samples - 1) // block) and not _decodes_to_the_end(path, n_samples):
            promised = f"{Path(path).name} is cut off: its header promises {length(n_samples / rate)}"
            raise BadInput(f"{promised}, and the end is missing. Copy or export it again.")
    return n_samples, rate, channels


def _holds_frame(data: bytes, number: int) -> bool:
    """Whether a frame of that number begins in `data`: behind four bytes it stands coded as UTF-8 codes."""
    if number > sys.maxunicode:  # days of sound
        return False
    coded = bytes((number,)) if number < 128 else chr(number).encode("utf-8", "surrogatepass")
    at = data.rfind(b"\xff\xf8")
    while at >= 0 and not data.startswith(coded, at + 4):
        at = data.rfind(b"\xff\xf8", 0, at)
    return at >= 0


def _decodes_to_the_end(path: str, n_samples: int) -> bool:
    """Whether libsndfile finds the last sample: for a file with much (tags, a picture) behind it."""
    try:
        with soundfile.SoundFile(os.fsencode(path)) as sound:
            sound.seek(n_samples - 1)
            return len(sound.read(1)) == 1
    except soundfile.SoundFileError:
        return False


def _wave(path: str, file: int, head: bytes, size: int) -> Peek | None:
    """The chunks up to `data`; of RF64 the length is in `ds64` (EBU Tech 3306)."""
    place, long_length, form = 12, None, b""
    for _ in range(_MOST_CHUNKS):
        chunk = head[place : place + 32] if place + 32 <= len(head) else os.pread(file, 32, place)
        if len(chunk) < 8:
            break
        name, length = chunk[:4], int.from_bytes(chunk[4:8], "little")
        if name == b"ds64":
            long_length = int.from_bytes(chunk[16:24], "little")
        elif name == b"fmt ":
            form = chunk[8:24]
        elif name == b"data":
            promised = long_length if long_length is not None and length == 0xFFFFFFFF else length
            return _frames(path, form, promised, size - place - 8, long_length is not None)
        place += 8 + length + length % 2
    return None


def _frames(path: str, form: bytes, promised: int, there: int, is_long: bool) -> Peek | None:
    if len(form) < 16:
        raise _contradicts(path)
    kind, channels, rate, _, frame_bytes, _ = struct.unpack("<HHIIHH", form)
    if kind not in _PLAIN:
        return None
    if not (rate and channels and frame_bytes) or frame_bytes % channels:
        raise _contradicts(path)
    if promised >= _STREAMED and not is_long:
        promised = there  # written to a pipe: it ends where the file ends
    if promised - there >= frame_bytes:
        raise cut_off(Path(path), promised / frame_bytes / rate, there / frame_bytes / rate)
    return promised // frame_bytes, rate, channels


def _contradicts(path: str) -> BadInput:
    return BadInput(
        f"{Path(path).name} has a damaged header, which contradicts itself: export it again as WAV or FLAC."
    )
