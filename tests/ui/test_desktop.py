"""The recorder of the machine itself, as the page shows it: with a made microphone, and with PulseAudio."""
from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from core.audio.capture import Recorder
from core.config import DataRoot
from core.errors import BadInput, Unavailable
from core.library import Library, Project
from core.steps import projects
from tests.noisy import case
from tests.portaudio import Hearing, plug_in
from tests.pulse import pulse
from tests.ui.driving import end_app, new_project, start_app
from ui import desktop

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["pulse"]
PAGE = "page:1"
SECONDS = 3.0


@pytest.fixture
def library(data_root: DataRoot) -> Library:
    return Library(data_root)


@pytest.fixture
def project(library: Library) -> Project:
    script = b"one two three\nfour five six\n"
    return projects.create(library, "Desk", "file", script=script, script_name="p.txt").project


@pytest.fixture(autouse=True)
def nothing_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "_places", type(desktop._places)(desktop.Place))


def spoken(gain: float = 1.0) -> np.ndarray:
    """A take as it should be (speech from 1.5 to 2.1 s), or too loud: int16 at 48 kHz."""
    (take, _, _), _ = case(2, 30)
    return (np.clip(gain * take, -1, 1) * 32767).astype(np.int16)


def until(happens: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not happens() and time.monotonic() < end:
        time.sleep(0.01)


def take(library: Library, project: Project, seconds: float = SECONDS, speaker: str = "Ann") -> str:
    """Record for so long, stop; what the page tells."""
    recorder = Recorder()
    desktop.start_recording(library, project.slug, speaker, PAGE, recorder)
    until(lambda: recorder.seconds >= seconds)
    desktop.keep(PAGE)
    return desktop.settle(PAGE)


def test_the_take_is_the_speakers_next_prompt(
    library: Library, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in(monkeypatch, Hearing(spoken()))
    assert "one two three" in desktop.asked(library, project.slug, "Ann", PAGE)
    assert "at 48 kHz." in take(library, project)
    (view,) = library.clips.views(project.id)
    assert (view.prompt, view.speaker) == ("one two three", "Ann")
    samples, rate = soundfile.read(library.root.path / view.clip.audio, dtype="int16")
    assert rate == 48_000 and np.array_equal(samples[:140_000], spoken()[:140_000])
    assert "four five six" in desktop.asked(library, project.slug, "Ann", PAGE)
    assert "one two three" in desktop.asked(library, project.slug, "", PAGE)  # somebody else's first
    with pytest.raises(BadInput, match="press Record first"):
        desktop.keep(PAGE)


def test_a_clipped_take_is_asked_for_again_but_nobody_is_stuck_with_it(
    library: Library, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in(monkeypatch, Hearing(spoken(gain=8), speed=15))
    for _ in range(desktop.TRIES):
        said = take(library, project)
        assert "but say it again" in said and "clipped: distorted" in said
        assert "one two three" in desktop.asked(library, project.slug, "Ann", PAGE)
    take(library, project)
    assert "four five six" in desktop.asked(library, project.slug, "Ann", PAGE)
    plug_in(monkeypatch, Hearing(spoken(), speed=15))
    take(library, project)
    assert "one two three" in desktop.asked(library, project.slug, "Ann", PAGE)  # offered again at the end
    take(library, project)
    assert "Every prompt is recorded" in desktop.asked(library, project.slug, "Ann", PAGE)


def test_what_would_spoil_a_take_is_told_before_it_begins(
    library: Library, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in(monkeypatch, Hearing(spoken()))
    recorder = Recorder()
    for slug, name in (("", "Ann"), (project.slug, "../x")):
        with pytest.raises(BadInput):
            desktop.start_recording(library, slug, name, PAGE, recorder)
    assert not recorder.alive and recorder.rate == 0


def test_a_full_disk_loses_no_take(
    library: Library, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in(monkeypatch, Hearing(spoken(), ends=3.0))
    with monkeypatch.context() as broken:
        broken.setattr("core.steps.record.write_pcm", _full)
        desktop.start_recording(library, project.slug, "Ann", PAGE, Recorder())
        until(lambda: (going := desktop._places[PAGE].recording) and going.failed)
        assert "The disk is full. Then press Stop and save." in desktop.glance(PAGE)[1]
        with pytest.raises(Unavailable):
            desktop.keep(PAGE)
        with pytest.raises(BadInput, match="not saved yet"):
            desktop.start_recording(library, project.slug, "Ann", PAGE, Recorder())
    desktop.keep(PAGE)
    assert "unplugged" in desktop.settle(PAGE)
    assert len(library.clips.views(project.id)) == 1


def _full(*given: object) -> None:
    raise Unavailable("The disk is full.")


def test_a_take_that_ended_without_a_page_is_told_to_the_next_one_and_an_ending_app_saves_what_goes_on(
    library: Library, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in(monkeypatch, Hearing(spoken(), ends=3.0))
    desktop.start_recording(library, project.slug, "Ann", PAGE, Recorder())
    until(lambda: library.clips.views(project.id))
    desktop.keep(PAGE)
    assert "what was said until then is saved" in desktop.glance(PAGE)[1]
    plug_in(monkeypatch, Hearing(spoken()))
    recorder = Recorder()
    desktop.start_recording(library, project.slug, "Bob", PAGE, recorder)
    until(lambda: recorder.seconds > 2)
    desktop.end_all()
    assert {view.speaker for view in library.clips.views(project.id)} == {"Ann", "Bob"}


def test_without_a_project_or_prompts_the_page_says_so(library: Library) -> None:
    assert "open one on the Project tab" in desktop.asked(library, "", "")
    blank = projects.create(library, "Blank").project
    assert "without a prompt" in desktop.asked(library, blank.slug, "")


SAID = "#desktop-said"


def play(running: Any, file: Path) -> subprocess.Popen[bytes]:
    """What the null sink hears from now on."""
    return subprocess.Popen(["paplay", "--device=spk", "--latency-msec=200", str(file)], env=running.env)


@pytest.mark.slow
@pytest.mark.browser
def test_the_page_tests_records_stops_by_itself_and_survives_unplugging(
    browser: Browser, pulse: Any, tmp_path: Path
) -> None:
    files = {}
    (sentence, quiet, voice), _ = case(0, 30)
    whole = np.concatenate([quiet, quiet[:24_000], voice, quiet])
    for name, sound in (("sentence", sentence), ("check", whole), ("long", np.tile(sentence, 4))):
        files[name] = tmp_path / f"{name}.wav"
        soundfile.write(files[name], sound, 48_000, subtype="PCM_16")
    served = start_app(tmp_path / "data", "--port", "0", env=pulse.env)
    players = []
    try:
        page = browser.new_page(viewport={"width": 1280, "height": 1100})
        page.set_default_timeout(40_000)
        page.goto(served.url)
        new_project(page, "Desk")
        page.click("#record-desktop button >> text=Record with the microphone")
        if page.locator("#record-desktop >> text=PortAudio library is missing").count():
            pytest.skip("PortAudio is not installed (package libportaudio2)")
        players.append(play(pulse, files["check"]))
        page.click("#desktop-test")
        page.wait_for_selector(f"{SAID} >> text=Now your voice")
        page.wait_for_selector(f"{SAID} >> text=This is how you sound")
        assert "dB apart" in page.inner_text(SAID)
        page.check("#desktop-by-itself input")
        page.click("#desktop-start")
        page.wait_for_selector(f"{SAID} >> text=speak now")
        players.append(play(pulse, files["sentence"]))
        page.wait_for_selector(f"{SAID} >> text=It ended by itself when you fell silent. Saved")
        assert page.inner_text("#desktop-level").strip() == ""
        page.uncheck("#desktop-by-itself input")
        page.click("#desktop-start")
        players.append(play(pulse, files["long"]))
        page.wait_for_selector("#desktop-level .vw-dbfs >> text=/^3\\./")
        subprocess.run(["pactl", "unload-module", "module-null-sink"], env=pulse.env, check=True)
        page.wait_for_selector(f"{SAID} >> text=The microphone was unplugged or stopped answering")
        assert page.is_enabled("#desktop-start") and not page.is_enabled("#desktop-stop")
    finally:
        for player in players:
            player.kill()
        end_app(served)
    views = Library(DataRoot(tmp_path / "data")).clips.views(1)
    assert sorted(view.clip.end > 3 for view in views) == [True, True]
    assert sum(view.clip.quality["interrupted"] for view in views) == 1
