"""Words with times that a recording came with (subtitles, labels of Praat or Audacity): kept beside its
sound, anchors of every search."""
from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.alignment.anchors import Anchor
from core.datasets.formats import audacity, subtitles, textgrid
from core.datasets.formats.base import Found
from core.errors import BadInput, NotFound
from core.files import printable, replacing
from core.library import Library, Recording

ENDINGS = (".srt", ".vtt", ".textgrid", ".txt")
_READERS = dict(zip(ENDINGS, (subtitles.parts, subtitles.parts, textgrid.parts, audacity.parts), strict=True))
_SURE = 0.5  # how much a word counts whose place in its label is only reckoned
_OUT = "."  # begins the name of a file that was taken out


def given(path: Path, audio: Path) -> Iterator[list[Any]]:
    """The words of a file of labels of `audio` as anchors [text, start, end, score, source]; those of a label
    without words of its own are spread over it by their letters.

    Raises NotFound, and BadInput for what is no file of labels.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path.name} is no file of labels: choose .srt, .vtt, .TextGrid or an Audacity .txt.")
    if not path.is_file():
        raise NotFound(f"There is no file {path}: check the path.")
    for label in reader(path, audio):
        for anchor in _words(label, f"file:{path.name}"):
            yield [anchor.text, anchor.start, anchor.end, anchor.score, anchor.source]


def _words(label: Found, name: str) -> Iterator[Anchor]:
    if label.words:
        for word in label.words:
            yield Anchor(word.text, label.start + word.start, label.start + word.end, 1.0, name)
        return
    spelled = label.text.split()
    letters = sum(map(len, spelled)) or 1
    at, seconds = label.start, (label.end or label.start) - label.start
    for text in spelled:
        end = at + seconds * len(text) / letters
        yield Anchor(text, round(at, 3), round(end, 3), _SURE, name)
        at = end


# --- of a project's recordings

def whose(recordings: Sequence[Recording], path: Path) -> Recording:
    """The recording that a file of labels belongs to: the one of its name, or the only one. BadInput where
    there is none."""
    stem = path.name.split(".")[0].casefold()
    named = [one for one in recordings if Path(one.name).stem.casefold() in (path.stem.casefold(), stem)]
    if len(named) != 1 and len(recordings) != 1:
        raise BadInput(f"{path.name} is of no recording here: give it the name of its recording, such as "
                       "meeting.srt for meeting.wav.")
    return (named if len(named) == 1 else recordings)[0]


def add(lib: Library, recording: Recording, path: Path) -> int:
    """Keep a file of labels with a recording, in place of an earlier one of that name; how many words it has.

    Raises BadInput for a file that is none, or has no words.
    """
    n_words = sum(1 for _ in given(path, _sound(lib, recording)))
    if not n_words:
        raise BadInput(f"{path.name} holds no words with times: choose another file.")
    with open(path, "rb") as old, replacing(_folder(lib, recording) / printable(path.name)) as new:
        shutil.copyfileobj(old, new)
    return n_words


def of(lib: Library, recording: Recording) -> list[Path]:
    """The files of labels of a recording, by name, without those that were taken out."""
    folder = _folder(lib, recording)
    return sorted(path for path in folder.iterdir() if not path.name.startswith(_OUT)) \
        if folder.is_dir() else []


def take_out(lib: Library, recording: Recording, name: str) -> None:
    """Search without a file of labels from now on; it can be put back. NotFound for one that is not there."""
    file = _named(of(lib, recording), name)
    file.replace(file.with_name(_OUT + file.name))


def put_back(lib: Library, recording: Recording, name: str) -> None:
    """The opposite of `take_out`."""
    folder = _folder(lib, recording)
    file = _named(folder.iterdir() if folder.is_dir() else [], _OUT + name)
    file.replace(file.with_name(name))


def anchors(lib: Library, recording: Recording) -> list[list[Any]]:
    """All words that the files of a recording place in it, as an order names them."""
    return [row for path in of(lib, recording) for row in given(path, _sound(lib, recording))]


def _named(files: Sequence[Path] | Iterator[Path], name: str) -> Path:
    """By its whole name, so that no name leads elsewhere."""
    found = next((file for file in files if file.name == name), None)
    if found is None:
        raise NotFound("This is not there any more: somebody removed it in the meantime. Look at the page "
                       "again.")
    return found


def _folder(lib: Library, recording: Recording) -> Path:
    return _sound(lib, recording).with_suffix(".labels")


def _sound(lib: Library, recording: Recording) -> Path:
    return lib.root.path / recording.audio
