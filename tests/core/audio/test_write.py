"""Writing: exact, whole or not at all, also on a full disk."""
from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio.read import info, read
from core.audio.write import Subtype, export_clip, keep_original, write_pcm
from core.errors import BadInput, NotFound, Refused, Unavailable
from core.files import sha256_of

RNG = np.random.default_rng(7)


def files(folder: Path) -> list[str]:
    """Names in a folder, hidden ones too."""
    return sorted(os.listdir(folder))


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_int16_goes_through_bit_for_bit(tmp_path: Path, subtype: Subtype) -> None:
    path, twice = tmp_path / "a.wav", tmp_path / "b.wav"
    samples = RNG.integers(-32768, 32768, 5000).astype(np.int16)
    write_pcm(path, samples, 44_100)
    assert np.array_equal(soundfile.read(path, dtype="int16")[0], samples)
    write_pcm(twice, read(path).samples, 44_100, subtype)
    assert np.array_equal(read(twice).samples, read(path).samples)
    assert (info(twice).subtype, info(twice).rate, info(twice).channels) == (subtype, 44_100, 1)
    assert files(tmp_path) == ["a.wav", "b.wav"]


def test_too_loud_is_clipped_not_wrapped(tmp_path: Path) -> None:
    path, loud = tmp_path / "a.wav", np.array([1.5, -1.5, 0.0], np.float32)
    subtypes: tuple[Subtype, ...] = ("PCM_16", "PCM_24")
    for subtype in subtypes:
        write_pcm(path, loud, 16_000, subtype)
        assert read(path).samples == pytest.approx([1.0, -1.0, 0.0], abs=1e-4)


def test_nothing_and_no_numbers_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"a\.wav was not written: there are no samples"):
        write_pcm(tmp_path / "a.wav", np.zeros(0, np.float32), 16_000)
    with pytest.raises(BadInput, match="NaN"):
        write_pcm(tmp_path / "a.wav", np.full(10, np.nan, np.float32), 16_000)
    assert files(tmp_path) == []


def test_originals_are_copied_byte_for_byte_and_never_overwritten(tmp_path: Path) -> None:
    source, target = tmp_path / "in.wav", tmp_path / "keep" / "in.wav"
    soundfile.write(source, RNG.normal(0, 0.1, (4800, 2)), 96_000, subtype="FLOAT")
    keep_original(source, target)
    assert target.read_bytes() == source.read_bytes()
    keep_original(source, target)
    source.write_bytes(b"other")
    with pytest.raises(Refused, match=r"in\.wav is there already with other sound"):
        keep_original(source, target)
    assert len(target.read_bytes()) > 5 and files(target.parent) == ["in.wav"]
    with pytest.raises(NotFound, match=r"gone\.wav is not in"):
        keep_original(tmp_path / "gone.wav", target)


@pytest.mark.parametrize("source_rate", [8_000, 16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("rate", [16_000, 24_000])
def test_an_export_sounds_like_its_source(tmp_path: Path, source_rate: int, rate: int) -> None:
    source, target = tmp_path / "take.wav", tmp_path / "out.wav"
    time_s = np.arange(2 * source_rate) / source_rate
    wave = 0.4 * np.sin(2 * np.pi * (300 * time_s + 400 * time_s**2))
    soundfile.write(source, np.stack([wave, wave], axis=1), source_rate, subtype="PCM_24")
    before = sha256_of(source)
    n_samples = export_clip(source, target, 0.5, 1.75, rate)
    found = info(target)
    assert (found.rate, found.channels, found.subtype) == (rate, 1, "PCM_16")
    assert n_samples == found.n_samples and found.seconds == pytest.approx(1.25, abs=1 / rate)
    there = np.arange(n_samples) / rate + 0.5
    wanted = 0.4 * np.sin(2 * np.pi * (300 * there + 400 * there**2))
    assert np.corrcoef(read(target).samples, wanted)[0, 1] > 0.999
    assert sha256_of(source) == before


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 128 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        pytest.skip(f"a tmpfs cannot be mounted: {error}")
    if mounted.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_leaves_everything_as_it_was(tiny_disk: Path, tmp_path: Path) -> None:
    old = RNG.integers(-900, 900, 8_000).astype(np.int16)
    write_pcm(tiny_disk / "old.wav", old, 16_000)
    big = RNG.integers(-900, 900, 200_000).astype(np.int16)
    write_pcm(tmp_path / "big.wav", big, 16_000)
    attempts = (
        lambda: write_pcm(tiny_disk / "new.wav", big, 16_000),
        lambda: write_pcm(tiny_disk / "old.wav", big, 16_000),
        lambda: keep_original(tmp_path / "big.wav", tiny_disk / "kept.wav"),
        lambda: export_clip(tmp_path / "big.wav", tiny_disk / "old.wav", rate=24_000),
    )
    for attempt in attempts:
        with pytest.raises(Unavailable, match=r"The disk is full: \w+\.wav could not be .*Free some space"):
            attempt()
        assert files(tiny_disk) == ["old.wav"]
        assert np.array_equal(soundfile.read(tiny_disk / "old.wav", dtype="int16")[0], old)
    write_pcm(tiny_disk / "small.wav", old, 16_000)
    assert files(tiny_disk) == ["old.wav", "small.wav"]
