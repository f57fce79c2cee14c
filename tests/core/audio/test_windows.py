"""Windows of long files: each once an epoch over all shares, by seek, and files that changed are named."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio.index_cache import IndexCache
from core.audio.survey import survey
from core.audio.window_reading import Reading, read_window
from core.audio.windows import Sound, Window, Windows, permuted, sounds_in
from core.errors import BadInput, Stale

HOURS = [Sound(Path(f"{number}.flac"), 16_000 * seconds, 16_000)
         for number, seconds in enumerate((3600, 61, 60, 7))]


@pytest.mark.parametrize("n", [1, 2, 3, 5, 64, 1000, 4097])
def test_a_permutation_of_any_size(n: int) -> None:
    places = [permuted(index, n, "7 0") for index in range(n)]
    assert sorted(places) == list(range(n))
    if n > 50:
        assert places != list(range(n)) and places != [permuted(index, n, "7 1") for index in range(n)]
        neighbours = np.abs(np.diff(places)).mean() / n
        assert 0.25 < neighbours < 0.42, "a third of the range apart, as by chance"


def test_windows_tile_each_file() -> None:
    windows = Windows(HOURS, 60.0, seed=1, least=2.0)
    assert len(windows) == 60 + 1 + 1 + 1, "the second that is left of the second file is too short"
    found = sorted((windows.window(0, index) for index in range(len(windows))),
                   key=lambda window: (window.sound.path, window.start))
    assert [window.start for window in found[:60]] == [60 * 16_000 * number for number in range(60)]
    assert [(str(window.sound.path), window.n_samples // 16_000) for window in found[60:]] == [
        ("1.flac", 60), ("2.flac", 60), ("3.flac", 7)
    ]


@pytest.mark.parametrize(("world", "workers"), [(1, 1), (2, 3), (8, 4), (100, 1)])
def test_every_window_once_an_epoch_over_all_ranks_and_workers(world: int, workers: int) -> None:
    windows = Windows(HOURS, 20.0, seed=3)
    for epoch in (0, 1):
        shares = [list(windows.share(epoch, rank, world, worker, workers))
                  for rank in range(world) for worker in range(workers)]
        counted = Counter(window for share in shares for window in share)
        assert len(counted) == len(windows) and set(counted.values()) == {1}
        assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_window_depends_on_seed_epoch_and_index_alone() -> None:
    one, same, other = (Windows(HOURS, 20.0, seed) for seed in (3, 3, 4))
    backwards = [same.window(2, index) for index in reversed(range(len(same)))][::-1]
    order = list(one.share(2))
    assert backwards == order != list(other.share(2)) and order != list(one.share(3))
    assert list(one.share(2, 1, 2, 0, 2, first=5)) == list(one.share(2, 1, 2, 0, 2))[5:], "gone on with"


@pytest.mark.parametrize(("seconds", "least"), [(0.0, 0.0), (5.0, 6.0), (5.0, 0.0)])
def test_lengths_that_cannot_be_cut_are_refused(seconds: float, least: float) -> None:
    with pytest.raises(BadInput, match="cannot be cut"):
        Windows(HOURS, seconds, 0, least)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Three indexed files whose samples tell where they are."""
    for name in "abc":
        ramp = (np.arange(40_000) % 30_000).astype(np.int16)
        soundfile.write(tmp_path / f"{name}.flac", np.stack([ramp, ramp // 2], axis=1), 8000)
    survey(tmp_path, IndexCache(tmp_path / "cache"), tmp_path / "all.jsonl")
    return tmp_path / "all.jsonl"


def test_a_window_is_read_by_seek(table: Path) -> None:
    windows = Windows(sounds_in(table), 2.0, seed=0)
    assert len(windows) == 9
    for window, samples in Reading(windows.share(0)):
        assert samples.shape == (window.n_samples, 2) and samples.dtype == np.float32
        expected = (np.arange(window.start, window.start + window.n_samples) % 30_000) / 32768
        assert np.array_equal(samples[:, 0], expected.astype(np.float32))


def test_what_is_gone_or_changed_is_named_and_the_rest_is_read(table: Path) -> None:
    windows = Windows(sounds_in(table), 2.0, seed=0)
    (table.parent / "a.flac").unlink()
    soundfile.write(table.parent / "b.flac", np.zeros((9000, 1), np.int16), 8000)
    reading = Reading(windows.share(0))
    assert {window.sound.path.name for window, _ in reading} == {"c.flac"}
    gone = {path.name: "it is gone" in why for path, why in reading.passed.items()}
    assert gone == {"a.flac": True, "b.flac": False}
    assert all("changed since it was indexed" in why and "Index its folder again" in why
               for why in reading.passed.values())


def test_a_file_of_the_same_size_with_another_sound_is_found_out(table: Path) -> None:
    sound = sounds_in(table)[0]
    size = sound.path.stat().st_size
    soundfile.write(sound.path, np.zeros((9000, 2), np.int16), 8000)
    os.truncate(sound.path, size)
    with pytest.raises(Stale, match=r"it had 5\.0 s at 8000 Hz and has 1\.1 s at 8000 Hz now"):
        read_window(Window(sound, 0, 8000))
    os.truncate(sound.path, 3)
    with pytest.raises(Stale, match="bytes and has 3 now"):
        read_window(Window(sound, 0, 8000))


def test_a_table_that_is_no_index_is_told_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(json.dumps({"path": "a.wav"}) + "\n")
    with pytest.raises(BadInput, match=r"Line 1 of t\.jsonl"):
        sounds_in(tmp_path / "t.jsonl")
