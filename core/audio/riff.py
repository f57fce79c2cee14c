"""What the header of a WAV file promises, against what is there: libsndfile never tells the difference."""
from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

# Recorders that write to a pipe cannot know the length; they put one of these in its place.
_STREAMED = 0x7FFFF000


@dataclass(frozen=True)
class DataChunk:
    """The `data` chunk of a WAV file: bytes promised and bytes there, bytes a frame, frames a second."""

    n_promised: int
    n_there: int
    n_frame_bytes: int
    rate: int

    @property
    def is_truncated(self) -> bool:
        """At least one whole frame is missing (a streamed file of unknown length promises nothing)."""
        return self.n_promised < _STREAMED and self.n_promised - self.n_there >= max(self.n_frame_bytes, 1)

    def seconds(self, n_bytes: int) -> float:
        """Length in seconds of `n_bytes` of sound."""
        return n_bytes / max(self.n_frame_bytes * self.rate, 1)


def data_chunk(path: Path) -> DataChunk | None:
    """The data chunk of a RIFF/WAVE file, found by walking the chunks; None for every other kind of file."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        head = file.read(12)
        if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        rate = n_frame_bytes = 0
        while len(header := file.read(8)) == 8:
            name, length = header[:4], struct.unpack("<I", header[4:])[0]
            if name == b"data":
                return DataChunk(length, size - file.tell(), n_frame_bytes, rate)
            if name == b"fmt " and len(form := file.read(min(length, 16))) == 16:
                rate, n_frame_bytes = struct.unpack("<4xI4xH2x", form)
                length -= 16
            file.seek(length + length % 2, 1)
    return None
