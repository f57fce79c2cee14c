"""Kept arrays: made once, whole or not at all, remade when damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.cache import ArrayCache


def test_an_array_is_made_once_and_comes_back_as_it_was(tmp_path: Path) -> None:
    cache, made = ArrayCache(tmp_path), []
    array = np.arange(12, dtype=np.float32).reshape(3, 4)

    def make() -> np.ndarray:
        made.append(1)
        return array

    for _ in range(3):
        found = cache.get_or_make("clip 1", make)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, array)
    assert len(made) == 1


def test_another_key_is_another_array(tmp_path: Path) -> None:
    cache = ArrayCache(tmp_path)
    cache.put("a", np.zeros(2))
    assert cache.get("b") is None
    assert cache.path_of("a") != cache.path_of("b")


def test_a_cut_file_is_made_again(tmp_path: Path) -> None:
    cache = ArrayCache(tmp_path)
    cache.put("a", np.ones(1000))
    path = cache.path_of("a")
    path.write_bytes(path.read_bytes()[:500])
    assert cache.get("a") is None
    np.testing.assert_array_equal(cache.get_or_make("a", lambda: np.full(3, 7.0)), np.full(3, 7.0))
    np.testing.assert_array_equal(cache.get("a"), np.full(3, 7.0))


def test_a_pickle_in_its_place_is_not_opened(tmp_path: Path) -> None:
    cache = ArrayCache(tmp_path)
    cache.path_of("a").parent.mkdir(parents=True)
    np.save(cache.path_of("a"), np.array([{"x": 1}], dtype=object), allow_pickle=True)
    assert cache.get("a") is None


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    ArrayCache(tmp_path).put("a", np.ones(10))
    assert [p.suffix for p in tmp_path.rglob("*") if p.is_file()] == [".npy"]
