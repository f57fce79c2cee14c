"""The short look at a header agrees with the long one, and does not believe everything."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio.header import info
from core.audio.peek import peek
from core.errors import BadInput, StudioError, Unavailable
from tests.made import long_wav, tone, wav


def look(path: Path) -> tuple[int, int, int]:
    return tuple(peek(str(path), path.stat().st_size))


WAVES = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "IMA_ADPCM")
FORMATS = [
    *(("WAV", subtype) for subtype in WAVES),
    ("WAVEX", "PCM_24"),
    ("RF64", "PCM_16"),
    ("FLAC", "PCM_16"),
    ("FLAC", "PCM_24"),
    ("AIFF", "PCM_16"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
]


@pytest.mark.parametrize(("form", "subtype"), FORMATS)
@pytest.mark.parametrize("channels", [1, 2])
def test_it_says_what_info_says(form: str, subtype: str, channels: int, tmp_path: Path) -> None:
    path = tmp_path / "a.audio"
    sound = tone(0.5, rate=24_000).repeat(channels).reshape(-1, channels)
    soundfile.write(path, sound, 24_000, format=form, subtype=subtype)
    told = info(path)
    assert look(path) == (told.n_samples, told.rate, told.channels)


def test_chunks_before_the_sound_are_stepped_over(tmp_path: Path) -> None:
    plain = wav(tmp_path / "a.wav").read_bytes()
    junk = b"JUNK" + struct.pack("<I", 10_001) + bytes(10_002)
    (tmp_path / "a.wav").write_bytes(plain[:12] + junk + plain[12:])
    assert look(tmp_path / "a.wav") == (9600, 16_000, 1)


def rf64(path: Path, n_bytes: int, there: int) -> Path:
    """An RF64 of `n_bytes` of sound (8 kHz, 16 bit) of which `there` are in the file, as a hole."""
    head = b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<IQQQI", 28, n_bytes + 72, n_bytes, n_bytes // 2, 0)
    head += b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data\xff\xff\xff\xff"
    path.write_bytes(head)
    os.truncate(path, len(head) + there)
    return path


def test_a_file_of_more_than_four_gigabytes(tmp_path: Path) -> None:
    assert look(rf64(tmp_path / "day.wav", 5 * 10**9, 5 * 10**9)) == (2_500_000_000, 8000, 1)
    with pytest.raises(BadInput, match=r"cut\.wav is cut off: its header promises 86 h 48 min, only 31 min"):
        look(rf64(tmp_path / "cut.wav", 5 * 10**9, 30 * 10**6))


def test_three_hours_that_are_there_and_three_that_are_not(tmp_path: Path) -> None:
    path = long_wav(tmp_path / "long.wav", 3 * 3600)
    assert look(path) == (3 * 3600 * 8000, 8000, 1)
    os.truncate(path, 16_044)
    with pytest.raises(BadInput, match=r"long\.wav is cut off: its header promises 3 h 0 min, only 1\.0 s"):
        look(path)


@pytest.mark.parametrize("left", [0.9, 0.5, 0.1])
def test_a_flac_that_is_cut_short_is_found_out(left: float, tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.random.default_rng(1).normal(0, 0.1, 64_000), 16_000)
    os.truncate(path, int(path.stat().st_size * left))
    with pytest.raises(BadInput, match=r"a\.flac is cut off: its header promises 4\.0 s"):
        look(path)


def test_a_flac_that_claims_days_is_not_believed(tmp_path: Path) -> None:
    path = wav(tmp_path / "days.flac")
    data = bytearray(path.read_bytes())
    data[21] |= 0x0F
    data[22] = 0xFF
    path.write_bytes(data)
    with pytest.raises(BadInput, match=r"days\.flac is cut off"):
        look(path)


def test_a_flac_from_a_pipe_has_no_length_in_its_header(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.flac")
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    assert look(path)[0] == pytest.approx(9600, abs=4096)


def test_a_wave_from_a_pipe_ends_with_its_file(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav")
    data = bytearray(path.read_bytes())
    data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert look(path) == (9600, 16_000, 1)


def broken(path: Path, at: int, new: bytes) -> Path:
    data = bytearray(path.read_bytes())
    data[at : at + len(new)] = new
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("ending", "at", "new", "sentence"),
    [
        ("wav", 22, b"\x00\x00", "contradicts itself"),
        ("wav", 32, b"\x00\x00", "contradicts itself"),
        ("wav", 24, b"\x01\x00\x00\x00", "a sample rate of 1 Hz"),
        ("wav", 40, b"\x00\x00\x00\x00", "holds no samples"),
        ("wav", 16, b"\x02\x00\x00\x00", "cannot be read as audio|contradicts"),
        ("flac", 4, b"\x05", "contradicts itself"),
        ("flac", 18, b"\x00\x01", "a sample rate of 16 Hz"),
        ("flac", 0, b"x", "cannot be read as audio"),
    ],
)
def test_a_header_that_is_none_is_told(
    ending: str, at: int, new: bytes, sentence: str, tmp_path: Path
) -> None:
    path = broken(wav(tmp_path / f"a.{ending}"), at, new)
    with pytest.raises(BadInput, match=rf"a\.{ending} .*({sentence})"):
        look(path)


@pytest.mark.parametrize("n_bytes", range(0, 60, 7))
@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_the_first_bytes_alone_are_refused(ending: str, n_bytes: int, tmp_path: Path) -> None:
    path = wav(tmp_path / f"a.{ending}")
    os.truncate(path, n_bytes)
    with pytest.raises(StudioError, match=rf"a\.{ending}"):
        look(path)


def test_text_named_wav_and_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("dear all")
    with pytest.raises(BadInput, match="is a text file"):
        look(tmp_path / "a.wav")
    with pytest.raises(StudioError, match=r"gone\.wav is not in"):
        peek(str(tmp_path / "gone.wav"), 10)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav")
    path.chmod(0)
    with pytest.raises(Unavailable, match="no permission"):
        look(path)


def test_endless_chunks_do_not_hold_it_up(tmp_path: Path) -> None:
    head = wav(tmp_path / "a.wav").read_bytes()[:12]
    (tmp_path / "a.wav").write_bytes(head + b"junk\x00\x00\x00\x00" * 1_000_000)
    with pytest.raises(BadInput):
        look(tmp_path / "a.wav")


def test_the_room_of_headers_needs_no_pyav() -> None:
    code = "import sys, core.audio.index; print('av' in sys.modules)"
    root = Path(__file__).parents[3]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
