"""Exports for real: into another project, and with a process that is killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import app
from core.config import DataRoot
from core.datasets.formats.search import search
from core.datasets.formats.writers import LABELS, WRITERS
from core.files import each_jsonl
from core.library import Library, Project, WordTimes
from core.steps import export as step
from core.steps.import_items import write_items
from core.steps.importing import import_files
from core.types import Word
from tests.layouts import lines
from tests.made import library, wav


def filled(data_root: DataRoot, folder: Path, n: int) -> tuple[Library, Project]:
    """A project "p" with `n` segments of one recording, with word times; a second one, "q"."""
    lib, project = library(data_root, "p", "q")
    audio = wav(folder / "talk.wav", 2.0 * n)
    lines(audio.with_suffix(".txt"), [f"{2 * i}.1\t{2 * i}.9\tʻo le {i}, “e”" for i in range(n)])
    import_files(lib, project, [audio], speaker="ʻAlofa")
    for view in lib.clips.views(project.id):
        said = enumerate((view.text or "").split())
        words = tuple(Word(word, 0.1875 * i, 0.1875 * i + 0.125) for i, word in said)
        lib.word_times.put(WordTimes(view.clip.transcript_id or 0, "person", words))
    return lib, project


def held(lib: Library, project: Project) -> list[tuple[object, ...]]:
    """Times, text, speaker and words of every clip."""
    times = lib.word_times.of_project(project.id)
    return sorted((v.clip.start, v.clip.end, v.text, v.speaker, times[v.clip.transcript_id or 0].words
                   if v.clip.transcript_id in times else ()) for v in lib.clips.views(project.id))


@pytest.mark.parametrize("form", LABELS)
def test_labels_make_the_same_project_again(form: str, data_root: DataRoot, tmp_path: Path) -> None:
    lib, project = filled(data_root, tmp_path / "in", 3)
    folder = step.export(lib, project, form, "all").folder
    other = lib.projects.get("q")
    import_files(lib, other, [folder], speaker="nobody")
    before, after = held(lib, project), held(lib, other)
    assert [row[:3] for row in after] == [row[:3] for row in before]
    if WRITERS[form].speaker:
        assert {row[3] for row in after} == {"ʻAlofa"}
    if WRITERS[form].words:
        assert [row[4] for row in after] == [row[4] for row in before]


@pytest.mark.parametrize("form", [form for form in WRITERS if form not in LABELS])
def test_an_import_would_bring_the_same_clips(form: str, data_root: DataRoot, tmp_path: Path) -> None:
    lib, project = filled(data_root, tmp_path / "in", 3)
    folder = step.export(lib, project, form, "all").folder
    assert write_items(tmp_path / "items", [folder], "nobody", {}) == 3
    parts = [item["parts"][0] for item, _ in each_jsonl(tmp_path / "items")]
    assert sorted(part["text"] for part in parts) == [row[2] for row in held(lib, project)]
    speaker = "ʻAlofa" if WRITERS[form].speaker else "nobody"
    assert {part["speaker"] for part in parts} == {speaker}
    assert all(len(part["words"]) == (4 if WRITERS[form].words else 0) for part in parts)


@pytest.mark.slow
def test_a_killed_export_goes_on_where_it_was(data_root: DataRoot, tmp_path: Path) -> None:
    lib, project = filled(data_root, tmp_path / "in", 400)
    command = [sys.executable, app.__file__, "export", "p", "--format", "nemo", "--what", "all", "--data",
               str(data_root.path)]
    half = lib.root.project("p") / "exports" / ".all-nemo.part"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while len(list(half.glob("audio/*.wav"))) < 20 and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in half.glob("audio/*.wav")}
    assert 20 <= len(kept) < 400
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    folder = half.with_name("all-nemo")
    now = {path.name: path.stat().st_mtime_ns for path in folder.glob("audio/*")}
    assert len(now) == 400 and now.items() >= kept.items() and not half.exists()
    assert sorted(one.text for one in search(folder)) == sorted(row[2] for row in held(lib, project))
