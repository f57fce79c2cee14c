"""Whisper's weights on disk. They are pickles, so only files with OpenAI's own SHA-256 are ever opened."""

from __future__ import annotations

import hashlib
import logging
import os
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

from core.errors import BadInput, NotFound, Refused, Unavailable
from core.files import free_gb, sha256_of

log = logging.getLogger(__name__)

FILES = {
    size: f"{size}.pt"
    for size in (
        "tiny",
        "tiny.en",
        "base",
        "base.en",
        "small",
        "small.en",
        "medium",
        "medium.en",
        "large-v1",
        "large-v2",
        "large-v3",
        "large-v3-turbo",
    )
} | {"large": "large-v3.pt", "turbo": "large-v3-turbo.pt"}
"""Size -> name of its file. Kept here because importing whisper, which has the table, loads torch."""

TIMEOUT = 20.0


@dataclass(frozen=True)
class Weights:
    """A file whose hash was checked, and the size that it is."""

    path: Path
    size: str


def find(model: str) -> Weights:
    """The checked file of `model`: a size, `FOLDER/size`, a file, or a folder with one of OpenAI's in it."""
    path = Path(model).expanduser()
    if path.is_file():
        return _checked(path)
    if path.is_dir():
        return _checked(_only_file(path))
    if path.name not in FILES or (path.parent != Path() and path.suffix == ".pt"):
        raise NotFound(
            f"“{model}” is no Whisper model: choose a size ({', '.join(FILES)}), "
            "or a file or folder that exists."
        )
    folders = [path.parent] if path.parent != Path() else []
    for folder in [*folders, cache()]:
        if (folder / FILES[path.name]).is_file():
            return _checked(folder / FILES[path.name])
    return _download(path.name, folders)


def cache() -> Path:
    """Whisper's own folder: `$XDG_CACHE_HOME/whisper`, else `~/.cache/whisper`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "whisper"


def model_files(path: Path) -> list[Path]:
    """OpenAI's files at `path` or in it, by their names."""
    files = path.glob("*.pt") if path.is_dir() else [path] if path.is_file() else []
    return sorted(file for file in files if file.name in FILES.values())


def _only_file(folder: Path) -> Path:
    files = model_files(folder)
    if not files:
        raise NotFound(f"There is no Whisper file in {folder}: put one there, for example tiny.en.pt.")
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        raise BadInput(f"{folder} holds several Whisper files ({names}): name one of them, as in {files[0]}.")
    return files[0]


def _url(size: str) -> str:
    import whisper

    return str(whisper._MODELS[size])


def _sizes_by_hash() -> dict[str, str]:
    import whisper

    return {url.split("/")[-2]: size for size, url in whisper._MODELS.items()}


def _checked(path: Path) -> Weights:
    if size := _sizes_by_hash().get(sha256_of(path)):
        return Weights(path, size)
    if path.name in FILES.values():
        raise Refused(
            f"{path} is damaged, or is not the file that OpenAI published: its SHA-256 differs. "
            "Delete it and put the original there; nothing was loaded."
        )
    raise Refused(
        f"{path.name} was not loaded: its SHA-256 is that of no Whisper file from OpenAI, "
        "and such a file can run any program. Choose a size by name, or a folder with safetensors."
    )


def _download(size: str, folders: list[Path]) -> Weights:
    name, target = FILES[size], cache() / FILES[size]
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{name}.{uuid.uuid4().hex[:8]}.part")
    try:
        digest = _fetch(_url(size), part)
        if digest != _url(size).split("/")[-2]:
            raise Unavailable(f"The download of {name} arrived damaged; try again.")
        os.replace(part, target)
    except OSError as error:  # URLError and time-outs are OSErrors too
        places = " or ".join(str(folder) for folder in [*folders, cache()])
        raise Unavailable(
            f"Whisper {size} is not on this machine, and it could not be downloaded ({error}). "
            f"Put the file {name} into {places}; its address is {_url(size)}."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return Weights(target, size)


def _fetch(url: str, part: Path) -> str:
    """Download `url` to `part`; its SHA-256. OSError when the network, the server or the disk says no."""
    if os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0"):
        raise urllib.error.URLError("HF_HUB_OFFLINE is set")
    log.info("Downloading %s", url)
    digest = hashlib.sha256()
    with urllib.request.urlopen(url, timeout=TIMEOUT) as source, open(part, "wb") as file:
        need = int(source.headers.get("Content-Length") or 0) / 1e9
        if need > free_gb(part.parent):
            raise OSError(f"it needs {need:.1f} GB, more than is free on the disk")
        while block := source.read(1 << 20):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()
