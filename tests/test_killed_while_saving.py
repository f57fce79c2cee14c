"""kill -9 while takes are being saved: none that was said to be saved is lost, none is half there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import REPOSITORY
from core.files import sha256_of
from core.library import Library, Project
from core.steps import record
from tests.made import library, root_in_memory, wav


@pytest.fixture
def made() -> Iterator[tuple[Library, Project]]:
    with root_in_memory() as root:
        yield library(root)


# One process, so that Python starts once; a child a moment. Each child saves two takes, says so, and dies
# while it saves the third: at a named call, or (a number) so many milliseconds after it began to save on and
# on.
SAVER = """
import json, os, signal, sys, time
from pathlib import Path
import core.audio.write as write
import core.library.clips as clips
from core.config import DataRoot
from core.library import Library
from core.steps import record

root, source, moments = DataRoot(Path(sys.argv[1])), Path(sys.argv[2]), json.loads(sys.argv[3])

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def half(old, new, size):
    new.write(old.read(999))
    new.flush()
    die()

def after(function):
    def wrapped(*given, **more):
        function(*given, **more)
        die()
    return wrapped

PLACES = {
    "the copy begins": lambda: setattr(write.shutil, "copyfileobj", die),
    "half of it is written": lambda: setattr(write.shutil, "copyfileobj", half),
    "it is written": lambda: setattr(os, "fsync", die),
    "it is on the disk": lambda: setattr(os, "replace", die),
    "it has its name": lambda: setattr(os, "replace", after(os.replace)),
    "it was measured": lambda: setattr(record, "asdict", die),
    "the row is being written": lambda: setattr(clips, "write", die),
    "the row is there": lambda: setattr(clips.Clips, "add", after(clips.Clips.add)),
}

def save(out):
    lib = Library(root)
    project = lib.projects.get("p")
    def one():
        clip = record.save_take(lib, project, 1, "anna", source, "page").clip
        os.write(out, (json.dumps([clip.id, clip.sha256]) + "\\n").encode())
    return one

for moment in moments:
    read, out = os.pipe()
    pid = os.fork()
    if pid == 0:
        one = save(out)
        one()
        one()
        if isinstance(moment, str):
            PLACES[moment]()
        while True:
            one()
    os.close(out)
    if not isinstance(moment, str):
        os.read(read, 1)
        time.sleep(moment / 1000)
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    said = b""
    while block := os.read(read, 65536):
        said += block
    os.close(read)
    lost = b"" if isinstance(moment, str) else b"["  # its first byte was read above
    rows = [json.loads(line) for line in (lost + said).decode().splitlines() if line.endswith("]")]
    print(json.dumps({"moment": moment, "signal": os.WTERMSIG(status), "saved": rows}), flush=True)
"""

PLACES = [
    "the copy begins",
    "half of it is written",
    "it is written",
    "it is on the disk",
    "it has its name",
    "it was measured",
    "the row is being written",
    "the row is there",
]
WITH_A_FILE = {"it has its name", "it was measured", "the row is being written"}


@pytest.mark.budget(30)
def test_kill_9_while_takes_are_saved_loses_none_that_was_said_to_be_saved(
    made: tuple[Library, Project], tmp_path: Path
) -> None:
    lib, project = made
    lib.prompts.add(project.id, [("one", "")])
    source = wav(tmp_path / "a.wav", seconds=0.5)
    moments = [*PLACES, 3, 17, 41, 90]
    command = [sys.executable, "-c", SAVER, str(lib.root.path), str(source), json.dumps(moments)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["moment"] for one in told] == moments, done.stderr
    assert {one["signal"] for one in told} == {9}
    takes = lib.root.project("p") / "takes"
    rows_before = lib.clips.known_audio(project.id)
    whole = {f"p/takes/{f.name}" for f in takes.iterdir() if not f.name.startswith(".")}
    assert rows_before <= whole, "a row without its file"
    recovered = record.recover(lib)
    assert recovered == len(whole - rows_before) >= len(WITH_A_FILE)
    assert lib.clips.known_audio(project.id) == whole
    assert record.recover(lib) == 0
    for clip_id, sha256 in (row for one in told for row in one["saved"]):
        clip = lib.clips.get(clip_id)
        assert clip.sha256 == sha256 == sha256_of(lib.root.path / clip.audio)
    assert all(sha256_of(lib.root.path / name) == sha256_of(source) for name in whole), (
        "half a take has a name"
    )
    assert all(len(one["saved"]) == 2 for one in told if isinstance(one["moment"], str))
