"""Sound inside containers that libsndfile does not know (m4a, webm, video), through PyAV."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput

if TYPE_CHECKING:
    from av.container import InputContainer

# Play lists and "concat" scripts can make FFmpeg open other files and addresses: only these demuxers, only
# files.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,ogg,mp3,aac,ac3,eac3,amr,asf,avi,flac,flv,mpeg,mpegts,wav,aiff,caf,ape,wv"
)
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
# A codec needs some frames before the wanted place to find its feet.
_RUN_UP = 1.0


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, Any]]:
    """The container and its first sound track; BadInput when there is none or it cannot be decoded."""
    import av

    try:
        with av.open(str(path.resolve()), options=_OPTIONS) as container:
            if not container.streams.audio:
                raise BadInput(f"{path.name} has no sound track: choose a file with sound in it.")
            yield container, container.streams.audio[0]
    except UnicodeEncodeError as error:
        raise BadInput(f"{path.name} has a name that is not UTF-8: rename the file.") from error
    except av.error.FFmpegError as error:
        raise BadInput(
            f"{path.name} cannot be read as audio: it is damaged, cut off or of an unknown kind. "
            "Export it again as WAV or FLAC."
        ) from error


def info(path: Path) -> tuple[int, int, int, str, str]:
    """(n_samples, rate, channels, codec, container) from the headers, packets counted if need be."""
    with _opened(path) as (container, stream):
        context = stream.codec_context
        seconds = _header_seconds(container, stream)
        if seconds is None:
            seconds = _packet_seconds(container, stream)
        n_samples = round(seconds * context.sample_rate)
        channels = context.layout.nb_channels
        return n_samples, context.sample_rate, channels, context.name.upper(), container.format.name


def _header_seconds(container: InputContainer, stream: Any) -> float | None:
    """Length as the headers tell it, or None (a live recording of a browser has no length in its header)."""
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else container.duration / 1e6


def _packet_seconds(container: InputContainer, stream: Any) -> float:
    """End of the last packet of sound in seconds."""
    end = 0.0
    for packet in container.demux(stream):
        if packet.pts is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end


def read(path: Path, first: int, last: int, rate: int) -> npt.NDArray[np.float32]:
    """Samples `first` to `last` (at `rate`, the track's own), mono by the mean of the channels: float32 (n,).

    Returns fewer when the file ends early; BadInput when it cannot be decoded.
    """
    blocks: list[npt.NDArray[np.float32]] = []
    place: int | None = None
    with _opened(path) as (container, stream):
        if first > _RUN_UP * rate:
            container.seek(round((first / rate - _RUN_UP) * 1e6))
        for time, block in _blocks(container, stream, rate):
            place = round(time * rate) if place is None else place
            blocks.append(block[max(first - place, 0) : max(last - place, 0)])
            place += len(block)
            if place >= last:
                break
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def _blocks(
    container: InputContainer, stream: Any, rate: int
) -> Iterator[tuple[float, npt.NDArray[np.float32]]]:
    """Decoded sound, block by block: (time in seconds from the start of the track, mono samples)."""
    from av import AudioResampler

    resampler = AudioResampler(format="fltp", rate=rate)
    offset = float((stream.start_time or 0) * stream.time_base)
    for frame in container.decode(stream):
        time = (frame.time or 0.0) - offset
        for part in resampler.resample(frame):
            yield time, part.to_ndarray().mean(axis=0, dtype=np.float32)
