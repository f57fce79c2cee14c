"""A full disk costs the take that does not fit, says so, and leaves everything else whole."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import Unavailable
from core.files import sha256_of
from core.steps import projects, record, review, transcribe
from core.steps.desk import desk
from core.steps.importing import import_files
from tests.made import library, wav

ANNA = "page:anna"


def files_below(folder: Path) -> set[str]:
    """Every file of a data root but the library itself."""
    return {
        str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file() and "library.db" not in f.name
    }


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[DataRoot]:
    """A data root on a disk of 1 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"no small disk here: {done.stderr.strip()}")
    try:
        yield DataRoot(place / "data")
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(path: Path) -> None:
    """Take every free block of the disk."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def test_a_full_disk_costs_only_the_take_that_does_not_fit(small_disk: DataRoot, tmp_path: Path) -> None:
    lib, project = library(small_disk)
    lib.prompts.add(project.id, [("one", "")])
    prompt = lib.prompts.of(project.id)[0].id
    saved = [record.save_take(lib, project, prompt, "anna", wav(tmp_path / "a.wav"), ANNA).clip]
    big = wav(tmp_path / "big.wav", seconds=2.6, rate=96000, channels=2)
    before = files_below(small_disk.path)
    with pytest.raises(Unavailable, match=r"The disk is full: .* Free some space and try again"):
        record.save_take(lib, project, prompt, "anna", big, ANNA)
    assert import_files(lib, project, [big]).refused[0][1].startswith("The disk is full")
    assert files_below(small_disk.path) == before, "nothing half-written is left"
    assert [view.clip.id for view in lib.clips.views(project.id)] == [saved[0].id], (
        "the older take was not trashed"
    )
    saved.append(record.save_take(lib, project, None, "anna", wav(tmp_path / "b.wav", pitch=300), ANNA).clip)
    for clip in saved:
        assert sha256_of(small_disk.path / clip.audio) == clip.sha256


def test_a_disk_without_a_free_block_says_so_at_every_step_and_loses_nothing(
    small_disk: DataRoot, tmp_path: Path
) -> None:
    lib, project = library(small_disk)
    clip = record.save_take(lib, project, None, "anna", wav(tmp_path / "a.wav"), ANNA).clip
    filler = small_disk.path.parent / "filler"
    fill(filler)
    before = files_below(small_disk.path)
    steps = [
        lambda: record.save_take(lib, project, None, "anna", wav(tmp_path / "b.wav", pitch=300), ANNA),
        lambda: review.decide(lib, project, clip.id, "rejected", "todo", ANNA),
        lambda: desk(lib, project),
        lambda: projects.create(lib, "another"),
        lambda: transcribe.start(lib, project),
    ]
    for number, step in enumerate(steps):
        with pytest.raises(Unavailable, match="The disk is full"):
            step()
        assert files_below(small_disk.path) == before, number
    filler.unlink()
    assert record.recover(lib) == 0
    assert lib.clips.get(clip.id) == clip
    assert sha256_of(small_disk.path / clip.audio) == clip.sha256
    record.save_take(lib, project, None, "anna", tmp_path / "b.wav", ANNA)
    assert len(lib.clips.views(project.id)) == 2


def test_a_take_whose_row_did_not_fit_is_taken_in_later(
    small_disk: DataRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lib, project = library(small_disk)
    filler, enter = small_disk.path.parent / "filler", record._enter

    def on_a_full_disk(*given: object, **more: object) -> object:
        fill(filler)
        return enter(*given, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(record, "_enter", on_a_full_disk)
        with pytest.raises(Unavailable, match="The disk is full"):
            record.save_take(lib, project, None, "anna", wav(tmp_path / "a.wav"), ANNA)
    filler.unlink()
    assert lib.clips.views(project.id) == []
    assert record.recover(lib) == 1
    kept = lib.clips.views(project.id)[0].clip
    assert sha256_of(small_disk.path / kept.audio) == sha256_of(tmp_path / "a.wav")
