"""Prompts and recordings that come from files."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio import capture
from core.config import DataRoot
from core.library import Library
from tests.ui.driving import App, Visit, open_tab


@pytest.mark.browser
@pytest.mark.slow
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
