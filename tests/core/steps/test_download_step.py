"""Corpora by name from a server on this machine: gone on with, checked, safely unpacked."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.datasets.fetching import http, sources, unpack
from core.datasets.fetching.sources import SOURCES, Archive
from core.errors import BadInput, NotFound, Refused, Unavailable
from core.steps import download as step
from core.steps.download import download
from tests.corpus_server import CorpusServer, corpus_server

NAME, PACKED = "librispeech-dev-clean", "/dev-clean.tar.gz"
SOUND = bytes(range(256)) * 4000


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CorpusServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(http, "PAUSE", 0.0)
    monkeypatch.setattr(http, "BLOCK", 1 << 16)
    with corpus_server() as made:
        yield made


def packed(entries: dict[str, bytes | tarfile.TarInfo]) -> bytes:
    """A .tar.gz of these files; an entry may be described whole (a link, a device)."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz", compresslevel=1) as tar:
        for name, content in entries.items():
            if isinstance(content, tarfile.TarInfo):
                tar.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return held.getvalue()


def publish(server: CorpusServer, monkeypatch: pytest.MonkeyPatch, archive: bytes) -> None:
    """`archive` is what the server has, and what the app knows of the corpus."""
    server.content[PACKED] = archive
    digest = hashlib.sha256(archive).hexdigest()
    monkeypatch.setitem(SOURCES, NAME, Archive(f"http://x{PACKED}", digest, "LibriSpeech/dev-clean"))


@pytest.fixture
def corpus(server: CorpusServer, monkeypatch: pytest.MonkeyPatch) -> bytes:
    noise = hashlib.shake_256(b"noise").digest(600_000)  # does not get smaller when it is packed
    archive = packed({"LibriSpeech/README.TXT": b"hello", "LibriSpeech/dev-clean/84/1/84-1-0000.flac": noise})
    publish(server, monkeypatch, archive)
    return archive


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_an_archive_is_fetched_checked_and_unpacked_once(
    server: CorpusServer, corpus: bytes, tmp_path: Path
) -> None:
    (tmp_path / "LibriSpeech").mkdir()
    (tmp_path / "LibriSpeech" / "README.TXT").write_text("mine")
    said = download(NAME, tmp_path, server.url)
    assert said.endswith("LibriSpeech/dev-clean is complete.")
    assert files(tmp_path) == {"LibriSpeech/README.TXT", "LibriSpeech/dev-clean/84/1/84-1-0000.flac"}
    assert (tmp_path / "LibriSpeech" / "README.TXT").read_text() == "mine"
    n_asked = len(server.asked)
    assert "is there already" in download(NAME, tmp_path, server.url) and len(server.asked) == n_asked


def test_what_breaks_off_is_gone_on_with(server: CorpusServer, corpus: bytes, tmp_path: Path) -> None:
    server.breaks = 3  # the first is the question how large it is
    download(NAME, tmp_path, server.url)
    begun = [int(re.findall(r"\d+", asked)[0]) if asked else 0 for _, asked in server.asked[1:]]
    assert len(begun) == 3 and begun == sorted(set(begun)) and begun[1] > len(corpus) // 3


def test_another_call_goes_on_where_one_gave_up(server: CorpusServer, corpus: bytes, tmp_path: Path) -> None:
    server.breaks = 1 + http.ATTEMPTS
    with pytest.raises(Unavailable, match="the same command goes on"):
        download(NAME, tmp_path, server.url)
    part = tmp_path / "dev-clean.tar.gz.part"
    there = part.stat().st_size
    assert there > len(corpus) * 0.9
    download(NAME, tmp_path, server.url)
    assert server.asked[-1] == (PACKED, f"bytes={there}-") and not part.exists()


def test_killed_while_it_unpacked_it_unpacks_anew_and_fetches_nothing(
    server: CorpusServer, corpus: bytes, tmp_path: Path
) -> None:
    (tmp_path / "dev-clean.tar.gz").write_bytes(corpus)
    half = tmp_path / ".dev-clean.tar.gz.unpacking" / "LibriSpeech" / "half.flac"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"fLaC")
    download(NAME, tmp_path, server.url)
    assert files(tmp_path) == {"LibriSpeech/README.TXT", "LibriSpeech/dev-clean/84/1/84-1-0000.flac"}
    assert len(server.asked) == 1, "how large it is, and no more"


@pytest.mark.parametrize("change", ["another file", "no ranges"])
def test_a_part_of_another_file_is_not_gone_on_with(
    server: CorpusServer, corpus: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    server.breaks = 1 + http.ATTEMPTS
    with pytest.raises(Unavailable):
        download(NAME, tmp_path, server.url)
    if change == "another file":
        publish(server, monkeypatch, packed({"LibriSpeech/dev-clean/a.flac": SOUND}))
    else:
        server.knows_ranges = False
    download(NAME, tmp_path, server.url)
    assert (tmp_path / "LibriSpeech" / "dev-clean").is_dir()


def test_what_is_not_the_corpus_is_removed(
    server: CorpusServer, corpus: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.content[PACKED] = corpus[:-1] + b"?"
    with pytest.raises(Refused, match="is not what it should be"):
        download(NAME, tmp_path, server.url)
    assert files(tmp_path) == set()


def test_too_little_room_is_told_before_anything_is_fetched(
    server: CorpusServer, corpus: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "free_gb", lambda path: len(corpus) * 2 / 1e9)
    with pytest.raises(Unavailable, match="nothing was fetched"):
        download(NAME, tmp_path, server.url)
    assert len(server.asked) == 1 and files(tmp_path) == set()


def link(kind: bytes, name: str = "LibriSpeech/dev-clean/x", target: str = "/etc/passwd") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("entry", [
    {"../out.txt": b"x"}, {"/tmp/out.txt": b"x"}, {"a/../../out.txt": b"x"}, {"a\\..\\out": b"x"},
    {"l": link(tarfile.SYMTYPE)}, {"l": link(tarfile.LNKTYPE, target="../out")}, {"l": link(tarfile.CHRTYPE)},
    {"l": link(tarfile.FIFOTYPE)},
])
def test_nothing_is_written_outside_and_no_link_is_made(
    tmp_path: Path, entry: dict[str, bytes | tarfile.TarInfo]
) -> None:
    (tmp_path / "a.tar.gz").write_bytes(packed({"ok.txt": b"fine", **entry}))
    with pytest.raises(Refused, match="nothing was kept"):
        unpack.unpack(tmp_path / "a.tar.gz", tmp_path / "in" / "here")
    assert files(tmp_path) == {"a.tar.gz"}


def test_an_archive_that_is_cut_off_or_does_not_fit_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = packed({"a": SOUND, "b": SOUND})
    (tmp_path / "a.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="damaged"):
        unpack.unpack(tmp_path / "a.tar.gz", tmp_path / "in")
    (tmp_path / "a.tar.gz").write_bytes(whole)
    monkeypatch.setattr(unpack, "free_gb", lambda path: 0.0)
    with pytest.raises(Unavailable, match="does not fit"):
        unpack.unpack(tmp_path / "a.tar.gz", tmp_path / "in")
    assert files(tmp_path) == {"a.tar.gz"}


def test_a_repository_is_fetched_file_by_file_and_gone_on_with(server: CorpusServer, tmp_path: Path) -> None:
    content = {"dailytalk.jsonl": b'{"path": "data_stereo/0.wav"}\n', "data_stereo/0.json": b"{}",
               "data_stereo/0.wav": SOUND, "data_stereo/ü 1.wav": SOUND[::-1]}
    server.put_hub(content)
    assert download("dailytalk", tmp_path, server.url).endswith("DailyTalkContiguous is complete: 4 files.")
    folder = tmp_path / "DailyTalkContiguous"
    assert {name: (folder / name).read_bytes() for name in files(folder)} == content
    (folder / "data_stereo" / "0.wav").write_bytes(b"broken")
    before = len(server.asked)
    download("dailytalk", tmp_path, server.url)
    again = [path for path, _ in server.asked[before:] if "/resolve/" in path]
    assert [path.rpartition("/")[2] for path in again] == ["0.wav"], "only what is not whole"


def test_a_repository_cannot_write_outside(server: CorpusServer, tmp_path: Path) -> None:
    server.put_hub({"../../out.wav": SOUND})
    with pytest.raises(Refused, match="outside"):
        download("dailytalk", tmp_path / "in", server.url)
    assert files(tmp_path) == set()


@pytest.mark.parametrize("mirror", ["file:///etc", "ftp://x"])
def test_only_the_web_is_asked(tmp_path: Path, mirror: str) -> None:
    with pytest.raises(BadInput, match="https"):
        download(NAME, tmp_path, mirror)


def test_names_are_told_and_addresses_are_encrypted(tmp_path: Path, server: CorpusServer) -> None:
    with pytest.raises(NotFound, match="librispeech-dev-clean"):
        download("librispeech", tmp_path)
    for source in sources.SOURCES.values():
        assert (source.url if isinstance(source, Archive) else source.host).startswith("https://")
    with pytest.raises(Unavailable, match="404"):
        download("dailytalk", tmp_path, server.url + "/nothing")
