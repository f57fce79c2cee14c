"""One file of an import: checked, known again by its hash, copied byte for byte, measured part by part."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.audio.header import TAKE_MAX_SECONDS, AudioInfo, info, length
from core.audio.read import read
from core.audio.write import keep_original
from core.errors import BadInput, StudioError, Unavailable
from core.files import make_folder, printable, sha256_of, write_atomic
from core.quality.clip import measure

log = logging.getLogger(__name__)

_PAST_THE_END = 0.5
"""Seconds by which the last subtitle may outlast the sound."""
Row = dict[str, Any]


@dataclass
class Seen:
    """What need not come in again, as numbers of 128 bits: there may be millions.

    A sound of the project, the same sound in another file of this run, and a part that this run has brought.
    """

    known: set[int] = field(default_factory=set)
    sources: dict[int, int] = field(default_factory=dict)
    parts: set[int] = field(default_factory=set)

    def holds(self, sha256: str, source: str, part: Row) -> bool:
        """Whether the part {start, end} of this sound is there, or the whole of it from another `source`."""
        sound, file = number_of(sha256), _digest(source)
        if sound in self.known or self.sources.get(sound, file) != file:
            return True
        return _digest(f"{sha256} {part['start']} {part['end']}") in self.parts

    def remember(self, sha256: str, source: str, parts: Iterable[Row]) -> None:
        """These parts are there from now on."""
        self.sources[number_of(sha256)] = _digest(source)
        self.parts.update(_digest(f"{sha256} {part['start']} {part['end']}") for part in parts)


def number_of(sha256: str) -> int:
    """The first half of a hash in hex digits."""
    return int(sha256[:32], 16)


def _digest(text: str) -> int:
    return number_of(hashlib.sha256(text.encode()).hexdigest())


def row_of(item: Row, root: Path, project: str, mark: str, seen: Seen) -> Row:
    """The result of one item of `steps/import_items`; `mark` goes into the copy's name.

    Raises Unavailable when the disk is full: then the run fails, and goes on when there is room again.
    """
    about = {"item": item["id"], "name": item["name"]}
    try:
        if "error" in item:
            raise BadInput(item["error"])
        with _file_of(item, root / project) as path:
            return {**about, **_brought(item, path, root, project, mark, seen)}
    except Unavailable:
        raise
    except StudioError as error:
        return {**about, "error": printable(str(error))}
    except Exception as error:  # one odd file must not cost the others theirs; the log has the traceback
        log.exception("File %s", item["audio"])
        sentence = f"{item['name']} could not be imported ({type(error).__name__}: {error})."
        return {**about, "error": printable(sentence)}


@contextmanager
def _file_of(item: Row, home: Path) -> Iterator[Path]:
    """The file of an item; a sound that came in base64 is one below `home` for as long as it is needed."""
    path = Path(item["audio"])
    if not item.get("inline"):
        yield path
        return
    make_folder(home)
    with TemporaryDirectory(prefix=".inline-", dir=home) as folder:
        written = Path(folder) / path.name
        write_atomic(written, base64.b64decode(item["inline"]))
        yield written


def _brought(item: Row, path: Path, root: Path, project: str, mark: str, seen: Seen) -> Row:
    """The copy of `path` below `root`, and its clips; {same} for what is there already."""
    wanted = item["parts"]
    header = _header(path, max_seconds=TAKE_MAX_SECONDS if _is_whole(wanted[0]) else None)
    sha256 = sha256_of(path)
    source = printable(item["audio"])
    wanted = [part for part in wanted if not seen.holds(sha256, source, part)]
    if not wanted:
        return {"same": True}
    clips, notes = [], []
    for part in wanted:
        try:
            clips.append(_clip(path, item["name"], part, header))
        except BadInput as error:
            notes.append(printable(str(error)))
    if not clips:
        raise BadInput(notes[0])
    ending = path.suffix.lower() if re.fullmatch(r"\.\w+", path.suffix) else ".audio"
    target = root / project / "takes" / f"{sha256[:16]}-{mark}{ending}"
    keep_original(path, target)
    seen.remember(sha256, source, wanted)
    return {"audio": str(target.relative_to(root)), "source": source, "sha256": sha256,
            "sample_rate": header.rate, "n_samples": header.n_samples, "clips": clips, "notes": notes}


def _is_whole(part: Row) -> bool:
    return part["start"] == 0 and part["end"] is None


def _header(path: Path, max_seconds: float | None) -> AudioInfo:
    if path.exists() and not path.is_file() and not path.is_dir():
        raise BadInput(f"{path.name} is no file (a pipe or a device): choose a recording.")
    try:
        return info(path, max_seconds)
    except Unavailable as error:  # no right to read this one; the others go on
        raise BadInput(str(error)) from error


def _clip(path: Path, name: str, part: Row, header: AudioInfo) -> Row:
    """A clip with its figures; BadInput for a part that lies outside the sound, or lasts too long."""
    start, end = part["start"], part["end"]
    if end is None or header.seconds < end <= header.seconds + _PAST_THE_END:
        end = header.seconds
    if end - start > TAKE_MAX_SECONDS:
        raise BadInput(f"The part of {name} from {start:.2f} s on lasts {length(end - start)}; a clip lasts "
                       f"at most {length(TAKE_MAX_SECONDS)}. Divide it.")
    audio = read(path, start, end)
    quality = measure(audio.samples, audio.rate, len(part["text"].split()) if part["text"] else None)
    whole = _is_whole(part)
    return {
        "id": uuid.uuid4().hex[:12],
        "kind": "take" if whole else "segment",
        "name": name if whole else f"{Path(name).stem}-{start:08.2f}{Path(name).suffix}",
        "start": start,
        "end": end,
        "asked": {"start": part["start"], "end": part["end"]},
        "text": part["text"],
        "words": part["words"],
        "speaker": part["speaker"],
        "language": part["language"],
        "quality": asdict(quality),
    }
