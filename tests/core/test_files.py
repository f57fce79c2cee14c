"""Atomic writes, JSON lines with torn tails, names that stay in their folder."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from core import files, manifest
from core.errors import BadInput, NotFound, Unavailable
from core.types import Row, Word


def test_a_failed_write_leaves_the_old_content_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "status.json"
    files.write_atomic(target, "old")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match=r"disk is full: status\.json"):
        files.write_atomic(target, "new and longer")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["status.json"]


def test_an_unknown_os_error_stays_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_handle: int) -> None:
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="I/O error") as caught:
        files.write_atomic(tmp_path / "x", "y")
    assert not isinstance(caught.value, Unavailable)


def test_a_torn_last_line_is_not_read_and_is_cut_before_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    files.append_jsonl(path, [{"item": 1}, {"item": "zwei ü"}])
    with open(path, "ab") as file:
        file.write(b'{"item": 3, "te')
    rows, offset = files.read_jsonl(path)
    assert rows == [{"item": 1}, {"item": "zwei ü"}]
    files.append_jsonl(path, [{"item": 4}])
    assert files.read_jsonl(path)[0] == [{"item": 1}, {"item": "zwei ü"}, {"item": 4}]
    assert files.read_jsonl(path, offset)[0] == [{"item": 4}], "an offset from before the cut still fits"


def test_a_file_that_is_nothing_but_a_torn_line_becomes_whole(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    path.write_bytes(b'{"half')
    assert files.read_jsonl(path) == ([], 0)
    files.append_jsonl(path, [{"a": 1}])
    assert files.read_jsonl(path)[0] == [{"a": 1}]


def test_reading_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    assert files.read_jsonl(path) == ([], 0)
    files.append_jsonl(path, [{"n": 1}])
    first, offset = files.read_jsonl(path)
    files.append_jsonl(path, [{"n": 2}])
    second, _ = files.read_jsonl(path, offset)
    assert (first, second) == ([{"n": 1}], [{"n": 2}])


def test_damaged_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{oh")
    with pytest.raises(BadInput, match=r"run\.json"):
        files.read_json(tmp_path / "run.json")


BAD_NAMES = ["../../x", "", "  ", "a/b", "..", ".hidden", "a\\b", "x" * 61, "a\0b", "con/../x", "-rf"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_could_leave_their_folder_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="cannot be a project"):
        files.safe_name(name, "project")


@pytest.mark.parametrize("name", ["Numbers", "Größe 2", "日本語", "v1.2", "a-b_c"])
def test_names_in_any_script_are_taken(name: str) -> None:
    assert files.safe_name(f" {name} ") == name
    assert "/" not in files.slug(name) and " " not in files.slug(name)


def test_inside_resolves_links_and_dots(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)
    assert files.inside(root, Path("a/../b")) == root / "b"
    for way in ("../x", "out/x", "/etc/passwd"):
        with pytest.raises(BadInput, match="outside"):
            files.inside(root, Path(way))


def test_the_hash_is_that_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert files.sha256_of(tmp_path / "x").startswith("ba7816bf8f01cfea")


def test_walk_finds_audio_in_order_and_skips_hidden_files(tmp_path: Path) -> None:
    for name in ("b.WAV", "a/c.flac", ".x.wav", "n.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [p.name for p in files.walk_files(tmp_path, (".wav", ".flac"))] == ["c.flac", "b.WAV"]


def _row(id_: str, text: str = "one two", audio: str = "a.wav") -> Row:
    words = (Word("one", 0.1, 0.4, 0.9), Word("two", 0.5, 0.8))
    return Row(id_, audio, 0.0, 1.0, 16000, text, "train", words, speaker="anna", sha256="ab")


def test_a_manifest_comes_back_as_it_was(tmp_path: Path) -> None:
    rows = [_row("1"), _row("2", "größer")]
    manifest.write(tmp_path, rows)
    assert manifest.read(tmp_path) == rows
    assert rows[0].seconds == 1.0


def test_the_fingerprint_sees_texts_but_neither_order_nor_place() -> None:
    one, two = _row("1"), _row("2")
    assert manifest.fingerprint([one, two]) == manifest.fingerprint([two, _row("1", audio="moved/a.wav")])
    assert manifest.fingerprint([one]) != manifest.fingerprint([_row("1", "one too")])


def test_a_folder_without_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"manifest\.jsonl"):
        manifest.read(tmp_path)
