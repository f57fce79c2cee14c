"""What lies beside a sound file: the transcript in a file of the same name."""
from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from core.datasets.formats import audacity, plain_text, sidecar_json, subtitles, textgrid
from core.datasets.formats.base import Found
from core.errors import BadInput

Parts = Callable[[Path, Path], list[Found]]


def _labels_or_text(path: Path, audio: Path) -> list[Found]:
    """A .txt beside a sound: Audacity's labels where its first line is one, else what was said."""
    return (audacity if audacity.fits(path) else plain_text).parts(path, audio)


# The one that tells most comes first: Whisper writes all of them for each file.
SIDECARS: dict[str, Parts] = {
    ".json": sidecar_json.parts,
    ".TextGrid": textgrid.parts,
    ".textgrid": textgrid.parts,
    **dict.fromkeys(subtitles.ENDINGS, subtitles.parts),
    ".txt": _labels_or_text,
}


def beside(audio: Path, names: Collection[str] | None = None) -> list[Found]:
    """The parts of `audio` that a file beside it tells of, else its whole; always one at least.

    `names` of the files in its folder save asking the disk for each. A transcript that cannot be read is
    the problem of its sound file.
    """
    for ending, parts in SIDECARS.items():
        sidecar = audio.with_suffix(ending)
        if sidecar.name in names if names is not None else sidecar.is_file():
            try:
                if found := parts(sidecar, audio):
                    return found
            except BadInput as error:
                return [Found(audio, problem=str(error))]
    return [Found(audio)]
