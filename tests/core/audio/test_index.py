"""The index: right, read once, aware of every change, and whole after it was broken off."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.audio import index as room
from core.audio.index import Folder, index
from core.audio.index_cache import IndexCache, Kept
from tests.made import wav

Looked = list[str]


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Six sounds in three folders."""
    for i, name in enumerate(("a.wav", "b.flac", "x/c.wav", "x/d.flac", "x/y/e.WAV", "x/y/f.ogg")):
        more = {"subtype": "VORBIS"} if name.endswith("ogg") else {}
        wav(tmp_path / "sounds" / name, seconds=0.1 * (i + 1), **more)
    return tmp_path / "sounds"


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Looked:
    """The names of the files whose headers were read."""
    names: Looked = []
    real = room.peek

    def peek(path: str, size: int) -> object:
        names.append(os.path.basename(path))
        return real(path, size)

    monkeypatch.setattr(room, "peek", peek)
    return names


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Path], list[Folder]]:
    """`run(folder)`: one index with a cache that lasts."""
    return lambda folder: list(index(str(folder), IndexCache(tmp_path / "cache.tsv")))


def names(folders: list[Folder]) -> list[str]:
    return [row.name for folder in folders for row in folder.rows()]


def seconds(folders: list[Folder]) -> float:
    return sum(folder.total.seconds for folder in folders)


Run = Callable[[Path], list[Folder]]


def test_everything_is_found_and_known_the_second_time(sounds: Path, looked: Looked, run: Run) -> None:
    first = run(sounds)
    assert names(first) == ["a.wav", "b.flac", "c.wav", "d.flac", "e.WAV", "f.ogg"]
    assert seconds(first) == pytest.approx(2.1, abs=0.01)
    assert sorted(looked) == sorted(names(first))
    looked.clear()
    second = run(sounds)
    assert looked == []
    assert [folder.rows() for folder in second] == [folder.rows() for folder in first]
    assert [folder.total for folder in second] == [
        folder.total._replace(errors=[list(one) for one in folder.total.errors],
                              kinds=[list(one) for one in folder.total.kinds]) for folder in first
    ]


def test_only_what_changed_is_read_again(sounds: Path, looked: Looked, run: Run) -> None:
    run(sounds)
    looked.clear()
    wav(sounds / "x" / "c.wav", seconds=1.0)
    wav(sounds / "x" / "new.wav", seconds=1.0)
    (sounds / "b.flac").unlink()
    os.utime(sounds / "a.wav", ns=(1, 1))
    assert names(run(sounds)) == ["a.wav", "c.wav", "d.flac", "new.wav", "e.WAV", "f.ogg"]
    assert sorted(looked) == ["a.wav", "c.wav", "new.wav"]
    looked.clear()
    assert seconds(run(sounds)) == pytest.approx(0.1 + 1.0 + 0.4 + 1.0 + 0.5 + 0.6, abs=0.01)
    assert looked == []


def test_a_change_that_keeps_the_size_is_seen(sounds: Path, run: Run) -> None:
    run(sounds)
    data = bytearray((sounds / "a.wav").read_bytes())
    data[24:28] = (8000).to_bytes(4, "little")
    before = (sounds / "a.wav").stat()
    (sounds / "a.wav").write_bytes(data)
    os.utime(sounds / "a.wav", ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert run(sounds)[0].rows()[0].rate == 8000


def test_a_part_of_what_is_known_is_known_and_the_whole_too(sounds: Path, looked: Looked, run: Run) -> None:
    run(sounds)
    looked.clear()
    assert names(run(sounds / "x")) == ["c.wav", "d.flac", "e.WAV", "f.ogg"]
    assert len(names(run(sounds.parent))) == 6
    assert looked == []


def test_folders_that_are_gone_are_forgotten_and_others_not(sounds: Path, tmp_path: Path, run: Run) -> None:
    wav(tmp_path / "other" / "o.wav")
    run(sounds)
    run(tmp_path / "other")
    shutil.rmtree(sounds / "x")
    run(sounds)
    for i in range(4):  # until half of the file is out of date
        os.utime(sounds / "a.wav", ns=(1, i))
        run(sounds)
    cache = IndexCache(tmp_path / "cache.tsv")
    assert cache.of(str(sounds / "x")) == {}
    assert list(cache.of(str(tmp_path / "other"))) == ["o.wav"]
    assert (tmp_path / "cache.tsv").stat().st_size < 1000


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_what_was_read_is_kept_when_it_is_broken_off(
    error: type[BaseException], tmp_path: Path, looked: Looked, run: Run
) -> None:
    first = wav(tmp_path / "many" / "000.wav", 0.1)
    for i in range(1, 600):
        os.link(first, tmp_path / "many" / f"{i:03d}.wav")

    def tick(n: int) -> None:
        if n >= 512:
            raise error

    with pytest.raises(error):
        list(index(str(tmp_path / "many"), IndexCache(tmp_path / "cache.tsv"), tick))
    n_before = len(looked)
    assert n_before == 512
    looked.clear()
    assert len(names(run(tmp_path / "many"))) == 600
    assert len(looked) == 88, "only the rest was read"


def test_long_work_is_saved_on_the_way(sounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_SAVE_SECONDS", 0.0)
    walk = index(str(sounds), IndexCache(tmp_path / "cache.tsv"))
    next(walk)  # and then the process is killed
    assert set(IndexCache(tmp_path / "cache.tsv").of(str(sounds))) == {"a.wav", "b.flac"}


def test_slow_disks_are_read_by_several_threads(
    sounds: Path, monkeypatch: pytest.MonkeyPatch, run: Run, looked: Looked
) -> None:
    monkeypatch.setattr(room, "_SLOW", -1.0)
    assert names(run(sounds)) == ["a.wav", "b.flac", "c.wav", "d.flac", "e.WAV", "f.ogg"]
    assert len(looked) == 6


def test_bad_files_are_told_and_remembered(sounds: Path, looked: Looked, run: Run) -> None:
    (sounds / "text.wav").write_text("no sound")
    os.truncate(sounds / "a.wav", 1000)
    first = run(sounds)
    assert [name for name, _ in first[0].total.errors] == ["a.wav", "text.wav"]
    assert first[0].total.n_files == 1
    looked.clear()
    assert [name for name, _ in run(sounds)[0].total.errors] == ["a.wav", "text.wav"]
    assert looked == []


def test_links_to_nowhere_pipes_and_hidden_files(sounds: Path, looked: Looked, run: Run) -> None:
    (sounds / "gone.wav").symlink_to(sounds / "nothing.wav")
    (sounds / "linked.wav").symlink_to(sounds / "a.wav")
    os.mkfifo(sounds / "pipe.wav")
    wav(sounds / ".hidden.wav")
    (sounds / "round").symlink_to(sounds)
    wav(sounds / "folder.wav" / "in.wav")
    found = run(sounds)
    assert names(found)[:5] == ["a.wav", "b.flac", "gone.wav", "linked.wav", "pipe.wav"]
    assert "in.wav" in names(found)
    errors = dict(found[0].total.errors)
    assert set(errors) == {"gone.wav", "pipe.wav"} and "is no file, or a link to one" in errors["gone.wav"]
    (sounds / "gone.wav").unlink()
    wav(sounds / "gone.wav")
    assert set(dict(run(sounds)[0].total.errors)) == {"pipe.wav"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_rights_that_come_back_are_noticed(sounds: Path, run: Run) -> None:
    (sounds / "a.wav").chmod(0)
    (sounds / "x").chmod(0)
    found = run(sounds)
    (sounds / "a.wav").chmod(0o644)
    (sounds / "x").chmod(0o755)
    assert [one.total.errors for one in found] != []
    assert all(not folder.total.errors for folder in run(sounds))


@pytest.mark.parametrize(
    "damage", [b"", b"\x00\xff\n", b"x\ty\tz\n", b'"/"\t\t\t[[1]]\n', b'"/a"\tm\tnull\tnull\n', b"\t\t\t\n"]
)
def test_a_damaged_cache_is_made_again(damage: bytes, sounds: Path, tmp_path: Path, run: Run) -> None:
    run(sounds)
    cache = tmp_path / "cache.tsv"
    whole = cache.read_bytes()
    cache.write_bytes(whole[: len(whole) // 2] + damage)
    for _ in range(2):
        found = run(sounds)
        assert seconds(found) == pytest.approx(2.1, abs=0.01) and len(names(found)) == 6


def test_half_a_line_is_not_taken_for_a_whole_one(sounds: Path, tmp_path: Path, run: Run) -> None:
    run(sounds)
    cache = tmp_path / "cache.tsv"
    whole = cache.read_bytes()
    for n_bytes in range(0, len(whole), 29):
        cache.write_bytes(whole[:n_bytes])
        for _ in range(2):
            assert names(run(sounds)) == ["a.wav", "b.flac", "c.wav", "d.flac", "e.WAV", "f.ogg"]


def test_names_of_any_bytes(tmp_path: Path, looked: Looked, run: Run) -> None:
    folder = tmp_path / "a\tb"
    for name in (b"caf\xe9.wav", "日本.wav".encode(), b"new\nline.wav", b"caf\xe9.ogg"):
        source = wav(folder / ("x" + name.decode("latin-1")[-4:]), 0.1, subtype=None)
        os.rename(source, os.path.join(os.fsencode(folder), name))
    (folder / os.fsdecode(b"caf\xe9.mp4")).write_bytes(bytes(range(256)))
    assert len(names(run(folder))) == 5
    looked.clear()
    assert len(names(run(folder))) == 5
    assert looked == []


def test_the_cache_keeps_whole_rows(tmp_path: Path) -> None:
    cache = IndexCache(tmp_path / "deep" / "cache.tsv")
    rows = [Kept("a.wav", 1, 2, 3, 4, 5), Kept("b.wav", 1, 2, 0, 0, 0, "b.wav is bad.")]
    cache.add("/f", rows)
    cache.close()
    again = IndexCache(tmp_path / "deep" / "cache.tsv")
    assert list(again.of("/f").values()) == rows
    assert again.whole("/f", "mark") is None
