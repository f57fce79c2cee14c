"""The index as page and command see it: totals, a table to hand on, and errors by name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from core.config import DataRoot
from core.datasets.formats.search import search
from core.errors import BadInput, NotFound, Unavailable
from core.steps.index import Ticker, index
from tests.layouts import LAYOUTS, told
from tests.made import long_wav, wav


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Two good sounds and two that are none."""
    wav(tmp_path / "sounds" / "b" / "a.flac", 1.8, rate=24_000, channels=2)
    long_wav(tmp_path / "sounds" / "b" / "day.wav", 3 * 3600)
    (tmp_path / "sounds" / "text.wav").write_text("dear all")
    os.truncate(wav(tmp_path / "sounds" / "b" / "cut.wav"), 1000)
    return tmp_path / "sounds"


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_totals_and_errors(sounds: Path, data_root: DataRoot) -> None:
    for _ in range(2):
        found = index(data_root, sounds)
        assert (found.files, round(found.hours, 4)) == (2, 3.0005)
        assert list(found.formats) == [".wav", ".flac"] and found.formats[".wav"] == 3.0
        assert found.rates == {8000: pytest.approx(3.0), 24_000: pytest.approx(0.0005)}
        assert [name for name, _ in found.errors] == ["text.wav", "b/cut.wav"]
        assert "is a text file" in found.errors[0][1] and "is cut off" in found.errors[1][1]
        assert 0 <= found.seconds < 5
    assert [path.name for path in data_root.path.rglob("*") if path.is_file()] == ["index.tsv"]
    assert (data_root.cache / "index.tsv").is_file()


def test_the_table_beside_the_sounds_is_relative_and_elsewhere_absolute(
    sounds: Path, tmp_path: Path, data_root: DataRoot
) -> None:
    beside, elsewhere = sounds.parent / "all.jsonl", tmp_path / "x" / "all.jsonl"
    for out in (beside, elsewhere, beside):
        index(data_root, sounds, out)
    size = {path.name: path.stat().st_size for path in sounds.rglob("*.*")}
    assert rows(beside) == [
        {"path": "sounds/b/a.flac", "duration": 1.8, "sample_rate": 24000, "n_channels": 2,
         "size": size["a.flac"]},
        {"path": "sounds/b/day.wav", "duration": 10800.0, "sample_rate": 8000, "n_channels": 1,
         "size": size["day.wav"]},
    ]
    assert [row["path"] for row in rows(elsewhere)] == [str(sounds / "b" / n) for n in ("a.flac", "day.wav")]


def test_the_table_can_be_imported_with_what_lies_beside_it(tmp_path: Path, data_root: DataRoot) -> None:
    expected = LAYOUTS["moshi"](tmp_path)
    (tmp_path / "my.jsonl").unlink()
    index(data_root, tmp_path, tmp_path / "table.jsonl")
    assert [told(found) for found in search(tmp_path / "table.jsonl")] == expected


def test_what_was_broken_off_leaves_the_old_table(sounds: Path, tmp_path: Path, data_root: DataRoot) -> None:
    out = tmp_path / "all.jsonl"
    out.write_text("old")

    def tick(n: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index(data_root, sounds, out, tick)
    assert out.read_text() == "old"
    assert not list(tmp_path.glob(".all*")), "and no half table"


def test_what_is_no_folder_is_told(tmp_path: Path, data_root: DataRoot) -> None:
    with pytest.raises(NotFound, match="no folder"):
        index(data_root, tmp_path / "gone")
    with pytest.raises(BadInput, match=r"a\.wav is no folder"):
        index(data_root, wav(tmp_path / "a.wav"))
    with pytest.raises(Unavailable):
        index(data_root, tmp_path, tmp_path / "a.wav" / "table.jsonl")
    found = index(data_root, data_root.path)
    assert (found.files, found.hours, found.errors) == (0, 0.0, ())


def test_progress_is_told_now_and_then() -> None:
    said: list[str] = []
    quiet, loud = Ticker(said.append, 60.0), Ticker(said.append, -1.0)
    quiet(500)
    loud(12_000)
    assert said == ["12,000 files ..."] and (quiet.n_looked, loud.n_looked) == (500, 12_000)
