"""Prompts and recordings that come from files, and the recorder of the machine itself."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio import capture
from core.audio.capture import Captured, Meter
from core.config import DataRoot
from core.errors import BadInput, Unavailable
from core.library import Library, Project
from core.steps import projects
from tests.ui.driving import App, Visit, open_tab
from ui import desktop


@pytest.mark.browser
@pytest.mark.budget(40)
def test_prompts_and_takes_come_from_files(visit: Visit, app: App, tmp_path: Path) -> None:
    page = visit.page
    script = tmp_path / "prompts.txt"
    script.write_text("one two three\n\nfour five six\none two three\n")
    page.fill("#project-name input, #project-name textarea", "From files")
    page.click("#project-template label >> text=From a file")
    page.set_input_files("#project-script input[type=file]", script)
    page.wait_for_selector("#project-script >> text=prompts")
    page.click("#project-create")
    page.wait_for_selector(".vw-facts >> text=0 of 2 prompts")

    sound = tmp_path / "first.wav"
    noise = np.random.default_rng(0).normal(0, 0.1, 32_000)
    soundfile.write(sound, noise, 16_000, subtype="PCM_16")
    (tmp_path / "first.txt").write_text("one two three")
    (tmp_path / "second.wav").write_text("I am no sound, whatever my name says.")
    open_tab(page, "Record")
    page.click("#record-import button >> text=Import recordings")
    files = [sound, tmp_path / "first.txt", tmp_path / "second.wav"]
    page.set_input_files("#record-import-files input[type=file]", files)
    page.wait_for_selector("#record-import-files >> text=second")
    page.click("#record-import-start")
    said = page.wait_for_selector("#record-import-result >> text=1 take was imported")
    assert said is not None
    assert "second.wav is a text file" in page.inner_text("#record-import-result")

    library = Library(DataRoot(app.data))
    (view,) = library.clips.views(library.projects.get("from-files").id)
    assert (view.prompt, view.clip.name) == ("one two three", "first.wav")
    assert (app.data / view.clip.audio).read_bytes() == sound.read_bytes()

    page.click("#record-desktop button >> text=Record with the microphone")
    reason = capture.reason_unavailable()
    if reason:
        page.wait_for_selector(f"#record-desktop >> text={reason[:40]}")
    else:
        page.wait_for_selector("#desktop-prompt >> text=four five six")
    assert visit.bugs == [] and visit.strangers == []


class Spoken:
    """Stands for PortAudio's recorder: a second and a half of sound in the room of the test."""

    alive, seconds, started = True, 1.5, False

    def start(self) -> None:
        self.__class__.started = True

    def level(self) -> Meter:
        return Meter(-20.0, -3.0, True)

    def stop(self) -> Captured:
        samples = np.random.default_rng(0).normal(0, 3000, 24_000)
        samples[:6000] *= 0.01
        samples[-6000:] *= 0.01
        return Captured(samples.astype(np.int16), 16_000, 0)


@pytest.fixture
def project(data_root: DataRoot) -> Project:
    script = b"one two three\nfour five six\n"
    return projects.create(Library(data_root), "Desk", "file", script=script, script_name="p.txt").project


def test_the_desktop_take_is_the_speakers_next_prompt(data_root: DataRoot, project: Project) -> None:
    library = Library(data_root)
    assert "one two three" in desktop.asked(library, project.slug, "Ann")
    going = desktop.start_recording(library, project.slug, "Ann", Spoken())  # type: ignore[arg-type]
    desktop._going["page:1"] = going
    saved = desktop.keep(library, "page:1")
    samples, rate = soundfile.read(data_root.path / saved.clip.audio, dtype="int16")
    assert (rate, samples.tolist()) == (16_000, Spoken().stop().samples.tolist())
    view = library.clips.view(saved.clip.id)
    assert (view.prompt, view.speaker) == ("one two three", "Ann")
    assert "Saved, 1.5 s" in desktop.told(saved)
    assert "four five six" in desktop.asked(library, project.slug, "Ann")
    assert "one two three" in desktop.asked(library, project.slug, "")  # somebody else has it before them
    with pytest.raises(BadInput, match="press Record first"):
        desktop.keep(library, "page:1")


def test_what_would_spoil_a_desktop_take_is_told(data_root: DataRoot, project: Project) -> None:
    library = Library(data_root)
    Spoken.started = False
    for slug, name in (("", "Ann"), (project.slug, "../x")):
        with pytest.raises(BadInput):
            desktop.start_recording(library, slug, name, Spoken())  # type: ignore[arg-type]
    assert not Spoken.started


def test_a_full_disk_loses_no_desktop_take(
    data_root: DataRoot, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(data_root)
    going = desktop.start_recording(library, project.slug, "", Spoken())  # type: ignore[arg-type]
    desktop._going["page:2"] = going
    with monkeypatch.context() as broken:
        broken.setattr("core.steps.record.write_pcm", _full)
        with pytest.raises(Unavailable):
            desktop.keep(library, "page:2")
    assert desktop.keep(library, "page:2").usable
    assert "page:2" not in desktop._going


def _full(*given: object) -> None:
    raise Unavailable("The disk is full.")


def test_the_desktop_meter_shows_level_and_clipping() -> None:
    shown = desktop.meter(Spoken())  # type: ignore[arg-type]
    assert 'aria-valuenow="-20"' in shown
    assert "vw-on" in shown


def test_without_a_project_or_prompts_the_desktop_recorder_says_so(data_root: DataRoot) -> None:
    library = Library(data_root)
    assert "open one on the Project tab" in desktop.asked(library, "", "")
    blank = projects.create(library, "Blank").project
    assert "without a prompt" in desktop.asked(library, blank.slug, "")
