"""A PulseAudio daemon of the tests' own, with one null sink that stands for a microphone."""
from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ASOUNDRC = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"


@dataclass(frozen=True)
class Pulse:
    """A running daemon with one null sink: what is played to `spk` is what `spk.monitor` records."""

    env: dict[str, str]
    pid: int


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[Pulse]:
    """PulseAudio under its own runtime folder and home; ended by its process id."""
    missing = [name for name in ("pulseaudio", "paplay", "pactl") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (packages pulseaudio, pulseaudio-utils)")
    runtime = tmp_path / "rt"
    runtime.mkdir(mode=0o700)
    (tmp_path / ".asoundrc").write_text(ASOUNDRC)
    socket = runtime / "native"
    own = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "PULSE_SERVER": f"unix:{socket}"}
    env = {**os.environ, **own}
    with open(tmp_path / "pulse.log", "wb") as log:
        daemon = subprocess.Popen(
            ["pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "-n",
             "--use-pid-file=no", "--disable-shm=yes",
             "-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1",
             "-L", "module-null-sink sink_name=spk rate=48000 channels=1"],
            env=env, stdout=log, stderr=log,
        )
    try:
        for _ in range(100):
            if socket.exists() or daemon.poll() is not None:
                break
            time.sleep(0.03)
        subprocess.run(["pactl", "set-default-source", "spk.monitor"], env=env, check=True, timeout=5)
        yield Pulse(env, daemon.pid)
    finally:
        daemon.kill()
        daemon.wait(5)
