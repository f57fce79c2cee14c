"""The desktop recorder against a real PulseAudio null sink."""
from __future__ import annotations

import builtins
import json
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from core.audio import capture, devices
from core.audio.read import read, resample
from core.errors import Refused, Unavailable

ROOT = Path(__file__).resolve().parents[3]

# PortAudio looks at its surroundings once a process, so each recording has a process of its own.
RECORD = """
import json, os, signal, subprocess, sys, time
from pathlib import Path
from core.audio.capture import Recorder, devices, reason_unavailable
from core.audio.write import write_pcm
from core.errors import StudioError
played, target, fault = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
recorder = Recorder(max_seconds=0.5 if fault == "full" else 60)
goes_away = fault.isdigit() or fault == "unplugged"
recorder.start()  # first: a null sink whose lazy player came first renders far ahead, and delivers as late
player = subprocess.Popen(["paplay", "--device=spk", "--latency-msec=300", played])
try:
    Recorder().start()
    second = ""
except StudioError as error:
    second = str(error)
meters = []
# A null sink sleeps until somebody plays, so the clock is the sound that has arrived.
end = time.monotonic() + 5.0
while time.monotonic() < end and recorder.alive and recorder.seconds < (0.6 if goes_away else 1.2):
    time.sleep(0.05)
    meters.append(recorder.level())
alive = recorder.alive
if fault.isdigit():
    os.kill(int(fault), signal.SIGKILL)
    time.sleep(0.3)
    alive = recorder.alive
if fault == "unplugged":
    subprocess.run(["pactl", "unload-module", "module-null-sink"], check=True)
    gone = time.monotonic()
    while recorder.alive and time.monotonic() < gone + 8:
        time.sleep(0.05)
    alive = recorder.alive
before = time.monotonic()
got = recorder.stop()
took = time.monotonic() - before
write_pcm(target, got.samples, got.rate)
player.kill()
if goes_away:
    try:
        recorder.start()
    except StudioError as error:
        second = str(error)
print(json.dumps({
    "took": took,
    "rate": got.rate, "n_overflows": got.n_overflows, "interrupted": got.interrupted, "alive": alive,
    "second": second, "names": [d.name for d in devices()], "own": devices()[0].rate if devices() else 0,
    "rms": max(m.rms_dbfs for m in meters), "peak": max(m.peak_dbfs for m in meters),
    "clipped": any(m.clipped for m in meters), "reason": reason_unavailable()}))
"""


def record(
    pulse: Any, played: npt.NDArray[np.float32], tmp_path: Path, fault: str = ""
) -> tuple[dict[str, Any], Path]:
    """Play `played` (48 kHz) into the null sink while the recorder runs: what it tells, its file."""
    source, target = tmp_path / "played.wav", tmp_path / "take.wav"
    soundfile.write(source, played, 48_000, subtype="PCM_16")
    run = subprocess.run(
        [sys.executable, "-c", RECORD, str(source), str(target), fault],
        cwd=ROOT, env=pulse.env, capture_output=True, text=True, timeout=20,
    )
    if "Unavailable: The PortAudio library is missing" in run.stderr:
        pytest.skip("PortAudio is not installed (package libportaudio2)")
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1]), target


def likeness(recorded: npt.NDArray[np.float32], played: npt.NDArray[np.float32]) -> float:
    """Correlation at the best lag, of the part that was recorded."""
    size = 1 << (len(recorded) + len(played)).bit_length()
    both = np.fft.irfft(np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(played, size)), size)
    lag = int(np.argmax(both))
    lag = lag - size if lag > size // 2 else lag
    part, whole = recorded[max(lag, 0) :], played[max(-lag, 0) :]
    n = min(len(part), len(whole))
    return float(np.corrcoef(part[:n], whole[:n])[0, 1]) if n > 1000 else 0.0


@pytest.mark.budget(20)
def test_records_what_was_played(pulse: Any, chirp: npt.NDArray[np.float32], tmp_path: Path) -> None:
    told, file = record(pulse, chirp, tmp_path)
    take = read(file)
    assert take.rate == told["rate"] == told["own"]
    assert likeness(take.samples, resample(chirp, 48_000, take.rate)) > 0.9
    assert 1.2 <= take.seconds < 2.0
    assert told["n_overflows"] == 0 and not told["interrupted"] and told["alive"]
    assert -20 < told["rms"] < -6 and -10 < told["peak"] < -7 and not told["clipped"]
    assert "stop it first" in told["second"]
    assert "default" in told["names"][0] and told["reason"] is None


@pytest.mark.budget(20)
def test_a_server_that_dies_leaves_what_was_recorded(
    pulse: Any, chirp: npt.NDArray[np.float32], tmp_path: Path
) -> None:
    told, file = record(pulse, chirp, tmp_path, fault=str(pulse.pid))
    take = read(file)
    assert told["interrupted"] and not told["alive"]
    assert take.seconds > 0.4
    assert likeness(take.samples, resample(chirp, 48_000, take.rate)) > 0.9
    assert "could not be opened" in told["second"] and "plug it in again" in told["second"]


@pytest.mark.budget(20)
def test_a_microphone_that_is_unplugged_leaves_what_was_recorded(
    pulse: Any, chirp: npt.NDArray[np.float32], tmp_path: Path
) -> None:
    told, file = record(pulse, chirp, tmp_path, fault="unplugged")
    take = read(file)
    assert told["interrupted"] and not told["alive"] and told["took"] < 2
    assert take.seconds > 0.5
    assert likeness(take.samples, resample(chirp, 48_000, take.rate)) > 0.9
    assert "stop it first" not in told["second"], "the next recording would be refused"


@pytest.mark.budget(20)
def test_stops_by_itself_at_max_seconds_and_sees_clipping(
    pulse: Any, chirp: npt.NDArray[np.float32], tmp_path: Path
) -> None:
    told, file = record(pulse, np.clip(np.tile(chirp, 2) * 8, -1, 1), tmp_path, fault="full")
    assert read(file).seconds == pytest.approx(0.5, abs=1e-6)
    assert not told["alive"] and not told["interrupted"]
    assert told["clipped"] and told["peak"] > -0.1


class FakeError(Exception):
    """Stands for sounddevice.PortAudioError."""


def fake_portaudio(error: FakeError | None, channels: int = 1) -> types.SimpleNamespace:
    """A PortAudio with one microphone whose opening ends in `error`."""

    class Stream:
        def __init__(self, **options: Any) -> None:
            self.samplerate, self.active, self.latency = options["samplerate"], True, 0.0
            self.options = options
            if error is not None and error.args[1] == -9998 and options["channels"] == channels:
                return
            if error is not None:
                raise error

        def start(self) -> None:
            n = self.options["channels"]
            block = np.tile(np.array([3, 500], np.int16)[:n], (480, 1))
            for overflow in (True, True):  # what is lost before the first block does not count
                self.options["callback"](block, 480, None, types.SimpleNamespace(input_overflow=overflow))

        def stop(self, ignore_errors: bool) -> None:
            self.active = False

        def abort(self, ignore_errors: bool) -> None:
            self.active, self.options["aborted"] = False, True

        def close(self, ignore_errors: bool = True) -> None:
            self.active = False

    raw = {"name": "Mic", "default_samplerate": 48_000.0, "max_input_channels": channels}
    return types.SimpleNamespace(
        PortAudioError=FakeError, InputStream=Stream, CallbackStop=RuntimeError,
        default=types.SimpleNamespace(device=[0, 0]), query_hostapis=lambda: (), query_devices=lambda: [raw],
    )


def use(monkeypatch: pytest.MonkeyPatch, module: types.SimpleNamespace) -> None:
    """Put `module` in the place of sounddevice."""
    monkeypatch.setattr(devices, "portaudio", lambda: module)
    monkeypatch.setattr(capture, "portaudio", lambda: module)


@pytest.mark.parametrize(
    ("code", "words"),
    [(-9985, "in use by another"), (-9997, "does not record at 96000 Hz"), (-9999, "could not be opened")],
)
def test_each_refusal_has_its_sentence(monkeypatch: pytest.MonkeyPatch, code: int, words: str) -> None:
    use(monkeypatch, fake_portaudio(FakeError("bad luck", code)))
    for _ in range(2):  # the second try shows that the first one let go
        with pytest.raises(Unavailable, match=words):
            capture.Recorder(rate=96_000).start()


def test_a_device_with_pairs_only_keeps_its_louder_channel_and_counts_overflows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(monkeypatch, fake_portaudio(FakeError("channels", -9998), channels=2))
    recorder = capture.Recorder("mic")
    recorder.start()
    assert recorder.seconds == pytest.approx(0.02)
    got = recorder.stop()
    assert got.samples.dtype == np.int16 and set(got.samples.tolist()) == {500}
    assert (len(got.samples), got.rate, got.n_overflows) == (960, 48_000, 1)


@pytest.mark.parametrize("comes", [True, False])
def test_a_stream_that_stops_delivering_is_a_microphone_that_went_away(
    monkeypatch: pytest.MonkeyPatch, comes: bool
) -> None:
    module = fake_portaudio(None)
    if not comes:
        module.InputStream.start = lambda self: None
    use(monkeypatch, module)
    monkeypatch.setattr(capture, "_FIRST_SOUND_SECONDS", 0.01)
    monkeypatch.setattr(capture, "_STALLED_SECONDS" if comes else "_NEVER_CAME_SECONDS", 0.2)
    recorder = capture.Recorder()
    recorder.start()
    stream = recorder._stream
    assert recorder.alive
    time.sleep(0.25)
    assert stream.active and not recorder.alive
    got = recorder.stop()
    assert got.interrupted and len(got.samples) == (960 if comes else 0)
    assert stream.options["aborted"], "stop() waits for sound that never comes"


def test_a_microphone_is_found_again_when_the_list_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    module = fake_portaudio(None)
    mics = [{**module.query_devices()[0], "name": name} for name in ("Webcam", "Mic", "Mic")]
    module.query_devices = lambda: mics
    use(monkeypatch, module)
    keys = {device.key for device in devices.devices()}
    assert keys == {"0: Webcam", "1: Mic", "2: Mic"}
    assert capture.Recorder("2: Mic")._chosen().index == 2  # two of one name stay apart
    del mics[0]
    assert capture.Recorder("2: Mic")._chosen().name == "Mic"
    with pytest.raises(Unavailable, match="“Webcam” is not connected"):
        capture.Recorder("0: Webcam").start()


def test_misuse_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, fake_portaudio(None))
    with pytest.raises(Refused, match="Nothing is being recorded"):
        capture.Recorder().stop()
    with pytest.raises(Unavailable, match="“Violin” is not connected"):
        capture.Recorder("Violin").start()


@pytest.mark.parametrize(
    ("error", "words"), [(OSError("no lib"), "libportaudio2|reinstall"), (ImportError(), "pip install")]
)
def test_without_portaudio_there_are_no_devices_and_a_reason(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    original = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name == "sounddevice":
            raise error
        return original(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    assert devices.devices() == []
    reason = devices.reason_unavailable()
    assert reason is not None
    with pytest.raises(Unavailable, match=words):
        capture.Recorder().start()


def test_without_a_microphone_the_reason_points_to_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = fake_portaudio(None)
    empty.query_devices = lambda: []
    use(monkeypatch, empty)
    reason = devices.reason_unavailable()
    assert reason is not None and "No microphone" in reason and "browser" in reason
