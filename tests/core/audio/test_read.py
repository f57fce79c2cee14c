"""Reading: every common kind of file, and each bad one with its sentence."""
from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from core.audio.header import TAKE_MAX_SECONDS, info, length
from core.audio.read import read
from core.errors import BadInput, NotFound
from tests.pace import within

Samples = npt.NDArray[np.float32]


def tone(seconds: float, rate: int, hz: float = 440.0) -> Samples:
    """A sine at -12 dBFS."""
    return (0.25 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def through_av(path: Path, samples: Samples, rate: int, codec: str) -> Path:
    """Encode `samples` into the container that `path` names, with PyAV's own FFmpeg."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = rate, 0
        resampler = av.AudioResampler(format=stream.format.name, rate=rate, layout="mono")
        fifo = av.AudioFifo()
        for part in resampler.resample(frame):
            fifo.write(part)
        while (piece := fifo.read(stream.codec_context.frame_size or 1024, partial=True)) is not None:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_every_rate_and_depth_comes_back(tmp_path: Path, rate: int, subtype: str) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(0.5, rate), rate, subtype=subtype)
    found, audio = info(path), read(path)
    assert (found.n_samples, found.rate, found.channels, found.subtype) == (rate // 2, rate, 1, subtype)
    assert audio.rate == rate and audio.seconds == 0.5 and audio.samples.dtype == np.float32
    assert np.abs(audio.samples - tone(0.5, rate)).max() < 1e-4


def test_96_khz_stereo_float_becomes_mono_by_the_mean(tmp_path: Path) -> None:
    path = tmp_path / "wide.wav"
    left, right = tone(1, 96_000, 440), tone(1, 96_000, 1000)
    soundfile.write(path, np.stack([left, right], axis=1), 96_000, subtype="FLOAT")
    audio = read(path)
    assert np.allclose(audio.samples, (left + right) / 2, atol=1e-7)
    assert len(read(path, rate=16_000).samples) == 16_000


def test_a_part_is_cut_and_resampled(tmp_path: Path) -> None:
    path = tmp_path / "ramp.wav"
    ramp = np.linspace(-0.5, 0.5, 48_000, dtype=np.float32)
    soundfile.write(path, ramp, 48_000, subtype="FLOAT")
    assert np.array_equal(read(path, 0.25, 0.5).samples, ramp[12_000:24_000])
    part = read(path, 0.25, 0.75, rate=16_000)
    assert (len(part.samples), part.rate) == (8_000, 16_000)
    assert np.abs(part.samples[100:-100] - ramp[12_000:36_000:3][100:-100]).max() < 1e-3


@pytest.mark.parametrize(("start", "end"), [(2.0, 3.0), (0.5, 0.5), (-0.1, 0.5), (0.0, 4.0)])
def test_a_part_outside_the_file_is_refused(tmp_path: Path, start: float, end: float) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(1, 8_000), 8_000)
    with pytest.raises(BadInput, match=r"a\.wav lasts 1\.00 s; the part .* lies outside"):
        read(path, start, end)


@pytest.mark.parametrize("ending", ["flac", "ogg", "mp3"])
def test_flac_ogg_and_mp3(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    soundfile.write(path, tone(1, 44_100), 44_100)
    audio = read(path)
    n = min(len(audio.samples), 44_100)
    assert audio.seconds == pytest.approx(1.0, abs=0.05)
    assert np.corrcoef(audio.samples[:n], tone(1, 44_100)[:n])[0, 1] > 0.99


@pytest.mark.parametrize(
    ("name", "codec"), [("a.m4a", "aac"), ("a.webm", "libopus"), ("a.mp4", "aac"), ("a.mkv", "flac")]
)
def test_containers_go_through_pyav(tmp_path: Path, name: str, codec: str) -> None:
    path = through_av(tmp_path / name, tone(2, 48_000), 48_000, codec)
    found, audio = info(path), read(path)
    assert found.rate == 48_000 and found.channels == 1 and found.seconds == pytest.approx(2.0, abs=0.06)
    n = min(len(audio.samples), 96_000)
    # A codec may delay by a few hundred samples: the level is what must be right.
    assert float(np.sqrt(np.mean(audio.samples[:n] ** 2))) == pytest.approx(0.25 / np.sqrt(2), rel=0.03)


def test_a_part_of_a_long_webm_is_where_it_should_be(tmp_path: Path) -> None:
    rate = 48_000
    steps = np.concatenate([tone(1, rate, 200 * (i + 1)) for i in range(6)])
    path = through_av(tmp_path / "steps.webm", steps, rate, "libopus")
    part = read(path, 4.1, 4.9)
    spectrum = np.abs(np.fft.rfft(part.samples))
    assert len(part.samples) == round(0.8 * rate)
    assert np.argmax(spectrum) * rate / len(part.samples) == pytest.approx(1000, abs=3)


def test_a_file_of_zero_samples(tmp_path: Path) -> None:
    path = tmp_path / "zero.wav"
    soundfile.write(path, np.zeros(0, np.float32), 48_000)
    for look in (info, read):
        with pytest.raises(BadInput, match=r"zero\.wav holds no samples.*[Rr]ecord"):
            look(path)


def test_a_truncated_wav_tells_how_much_is_left(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    soundfile.write(path, tone(10, 16_000), 16_000)
    os.truncate(path, 44 + 2 * 16_000 * 4)
    with pytest.raises(BadInput, match=r"cut\.wav is cut off: its header promises 10\.0 s, only 4\.0 s"):
        read(path)


@pytest.mark.parametrize("ending", ["flac", "mp3"])
def test_truncated_flac_and_mp3(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"cut.{ending}"
    noise = np.random.default_rng(1).normal(0, 0.1, 160_000).astype(np.float32)
    soundfile.write(path, noise, 16_000)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(BadInput, match=rf"cut\.{ending} is cut off: .* 10\.\d s, only [45]\.\d s"):
        read(path)


def test_a_truncated_m4a_is_refused(tmp_path: Path) -> None:
    path = through_av(tmp_path / "cut.m4a", tone(2, 44_100), 44_100, "aac")
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(BadInput, match=r"cut\.m4a cannot be read as audio"):
        read(path)


def test_a_streamed_wav_without_a_length_is_no_truncated_one(tmp_path: Path) -> None:
    path = tmp_path / "live.wav"
    soundfile.write(path, tone(1, 16_000), 16_000)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert len(read(path).samples) == 16_000


def test_text_folders_and_empty_files(tmp_path: Path) -> None:
    text, empty, folder = tmp_path / "notes.wav", tmp_path / "empty.wav", tmp_path / "d.wav"
    text.write_text("Bestellung für Herrn Müller\n" * 400)
    empty.touch()
    folder.mkdir()
    for path, words in ((text, "is a text file"), (empty, "0 bytes"), (folder, "is a folder")):
        with pytest.raises(BadInput, match=rf"^{path.name} {words}" if path is not empty else words):
            info(path)
    with pytest.raises(NotFound, match=r"gone\.wav is not in"):
        read(tmp_path / "gone.wav")


@pytest.mark.parametrize("name", ["junk.wav", "junk.raw", "junk.m4a", "pickle.wav"])
def test_bytes_that_are_no_audio(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x80\x04\x95" + np.random.default_rng(0).bytes(5000))
    with pytest.raises(BadInput, match=rf"{path.name} cannot be read as audio"):
        read(path)


def test_a_play_list_opens_no_other_file(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "secret.wav", tone(1, 16_000), 16_000)
    for text in ("ffconcat version 1.0\nfile secret.wav\n", "#EXTM3U\n#EXTINF:1,\nsecret.wav\n"):
        for tail in ("", "\0"):  # with a NUL it is no text any more, and reaches FFmpeg
            path = tmp_path / "list.m4a"
            path.write_text(text + tail)
            with pytest.raises(BadInput, match=r"list\.m4a"):
                read(path)


def test_no_numbers_and_absurd_rates(tmp_path: Path) -> None:
    bad = tone(1, 16_000)
    bad[100], bad[200] = np.nan, np.inf
    soundfile.write(tmp_path / "nan.wav", bad, 16_000, subtype="FLOAT")
    with pytest.raises(BadInput, match=r"nan\.wav holds 2 samples that are no numbers"):
        read(tmp_path / "nan.wav")
    soundfile.write(tmp_path / "rate.wav", tone(0.1, 16_000), 2_000_000)
    with pytest.raises(BadInput, match=r"rate\.wav claims .* 2000000 Hz"):
        info(tmp_path / "rate.wav")


def long_wav(path: Path, hours: float, rate: int = 48_000) -> Path:
    """A WAV of that length, sparse: a header and a hole."""
    n_bytes = int(hours * 3600 * rate * 2)
    form = struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
    riff, data = struct.pack("<4sI", b"RIFF", n_bytes + 36), struct.pack("<4sI", b"data", n_bytes)
    head = riff + b"WAVEfmt " + form + data
    path.write_bytes(head)
    os.truncate(path, len(head) + n_bytes)
    return path


def test_three_hours_are_refused_by_the_header(tmp_path: Path) -> None:
    path = long_wav(tmp_path / "meeting.wav", 3)

    def refused() -> None:
        with pytest.raises(BadInput, match=r"meeting\.wav lasts 3 h 0 min: .* not a take .*10 min"):
            read(path, max_seconds=TAKE_MAX_SECONDS)

    within(0.2, refused)
    assert read(path, 7200.0, 7201.0, rate=16_000).samples.shape == (16_000,)


def test_a_header_of_three_hours_with_little_behind_it(tmp_path: Path) -> None:
    path = long_wav(tmp_path / "liar.wav", 3)
    os.truncate(path, 100_000)
    with pytest.raises(BadInput, match="a long recording"):
        info(path, TAKE_MAX_SECONDS)
    with pytest.raises(BadInput, match=r"promises 3 h 0 min, only 1\.0 s"):
        info(path)


def test_a_flac_header_that_claims_days_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "days.flac"
    soundfile.write(path, tone(1, 16_000), 16_000)
    data = bytearray(path.read_bytes())
    data[21] |= 0x0F  # the upper bits of the 36-bit count of samples in STREAMINFO
    data[22] = 0xFF
    path.write_bytes(data)
    with pytest.raises(BadInput, match="long recording"):
        info(path, TAKE_MAX_SECONDS)
    with pytest.raises(BadInput, match=r"days\.flac"):
        read(path)


@pytest.mark.parametrize(("seconds", "words"), [(4.94, "4.9 s"), (600, "10 min"), (10_800, "3 h 0 min")])
def test_lengths_in_words(seconds: float, words: str) -> None:
    assert length(seconds) == words


@pytest.mark.budget(20)
def test_importing_the_room_loads_no_heavy_library() -> None:
    code = (
        "import sys, core.audio.read, core.audio.capture, core.quality.clip, core.quality.sets; "
        "print(*{'torch', 'av', 'sounddevice', 'scipy'} & set(sys.modules))"
    )
    root = Path(__file__).parents[3]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert (run.returncode, run.stdout.strip()) == (0, "")
