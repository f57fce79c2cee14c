"""Takes at this machine's microphone: they end by themselves, and are saved whatever ended them."""
from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from core.audio import capture
from core.audio.capture import Recorder
from core.audio.endpoint import BandPower, room_of
from core.audio.read import read
from core.config import DataRoot
from core.errors import BadInput, Unavailable
from core.library import Library, Project
from core.steps import projects, record
from core.steps.desktop import Order, Recording, next_prompt
from core.steps.microphone_test import MicrophoneTest, recorder_for_test
from tests.noisy import RATE, SENTENCES, Sound, case, noise, speech
from tests.portaudio import Hearing, plug_in


@pytest.fixture
def library(data_root: DataRoot) -> Library:
    return Library(data_root)


@pytest.fixture
def project(library: Library) -> Project:
    script = b"one two three\nfour five six\n"
    return projects.create(library, "Desk", "file", script=script, script_name="p.txt").project


def pcm(sound: Sound) -> npt.NDArray[np.int16]:
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def until(happens: Callable[[], object], seconds: float = 6.0) -> None:
    end = time.monotonic() + seconds
    while not happens() and time.monotonic() < end:
        time.sleep(0.02)


def begun(library: Library, project: Project, **more: object) -> Recording:
    order = Order(project, next_prompt(record.queue(library, project, "Ann")), "Ann", "page:1")
    return Recording(library, order, Recorder(), **more).begin()  # type: ignore[arg-type]


@pytest.mark.parametrize("is_tested", [True, False])
def test_a_take_ends_when_the_speaker_falls_silent(
    library: Library, project: Project, monkeypatch: pytest.MonkeyPatch, is_tested: bool
) -> None:
    (take, quiet, spoken), end = case(0, 30)
    room = room_of(BandPower(RATE).feed(quiet), BandPower(RATE).feed(spoken)) if is_tested else None
    plug_in(monkeypatch, Hearing(pcm(take)))
    recording = begun(library, project, stops_itself=True, room=room)
    until(lambda: recording.saved)
    assert recording.saved is not None and recording.why == "silence" and recording.saved.usable
    clip = recording.saved.clip
    kept = read(library.root.path / clip.audio)
    assert (kept.rate, clip.sample_rate) == (RATE, RATE)
    n = min(len(kept.samples), len(take))
    assert n > end * RATE, "the last word is cut"
    assert np.abs(kept.samples[:n] - take[:n]).max() < 1e-4, "sample for sample"
    assert kept.seconds < end + 3  # this microphone runs too fast; the test of the endpoint has the second


def test_without_that_wish_a_take_goes_on_until_the_person_ends_it(
    library: Library, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (take, _, _), _ = case(0, 30)
    plug_in(monkeypatch, Hearing(pcm(take), speed=20))
    recording = begun(library, project)
    until(lambda: recording.recorder.seconds > len(take) / RATE + 3)
    assert recording.saved is None
    assert recording.finish().clip.prompt_id == recording.finish().clip.prompt_id is not None
    assert recording.why == "you" and len(library.clips.views(project.id)) == 1


@pytest.mark.parametrize("how", ["dies", "stalls"])
def test_an_unplugged_microphone_leaves_a_take_with_its_sentence(
    library: Library, project: Project, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(capture, "_STALLED_SECONDS", 0.3)
    (take, _, _), _ = case(0, 30)
    plug_in(monkeypatch, Hearing(pcm(take), ends=2.5, how=how))
    recording = begun(library, project)
    until(lambda: recording.saved)
    assert recording.saved is not None and recording.why == "lost" and not recording.saved.usable
    assert recording.saved.findings[0].code == "interrupted"
    kept = read(library.root.path / recording.saved.clip.audio).samples
    assert len(kept) == 2.5 * RATE and np.abs(kept - take[: len(kept)]).max() < 1e-4
    again = record.queue(library, project, "Ann").again
    assert "what was said until then is saved" in " ".join(again.values())
    (view,) = library.clips.views(project.id)
    assert view.prompt == "one two three"
    recorder = Recorder()
    recorder.start()  # the next take is not refused
    recorder.stop()


def test_lost_sound_is_counted_and_told_with_the_take(
    library: Library, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (take, _, _), _ = case(0, 30)
    plug_in(monkeypatch, Hearing(pcm(take), overflows=(0, 20, 40)))
    recording = begun(library, project)
    until(lambda: recording.recorder.seconds > 3)
    saved = recording.finish()
    assert saved.quality.n_overflows == 2
    assert saved.findings[0].sentence.startswith("The machine was too busy and lost sound 2 times")


def test_a_take_without_sound_is_told(
    library: Library, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (take, _, _), _ = case(0, 30)
    plug_in(monkeypatch, Hearing(pcm(take), ends=0))
    silent = begun(library, project)
    until(lambda: silent.failed)
    assert silent.is_empty and "Nothing was recorded" in silent.failed
    with pytest.raises(BadInput, match="plugged in"):
        silent.finish()
    assert library.clips.views(project.id) == []


def test_the_microphone_test_measures_the_room_and_gives_the_voice_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(1)
    voice = 0.3 * speech(SENTENCES[0], "en-us", 140)
    heard = 0.002 * noise(6 * RATE, "white", rng)
    heard[2 * RATE :][: len(voice)] += voice
    plug_in(monkeypatch, Hearing(pcm(heard)))
    test = MicrophoneTest(recorder_for_test(None)).begin()
    stages = {test.stage}
    until(lambda: stages.add(test.stage) or test.stage == "done")
    assert stages == {"quiet", "voice", "done"} and test.failed == ""
    assert test.check is not None and test.check.findings == () and test.check.room == "quiet"
    assert test.room is not None and test.room.voice is not None and test.room.voice > test.room.floor + 20
    assert test.wav[:4] == b"RIFF" and len(test.wav) == pytest.approx(44 + 2 * 3.5 * RATE, abs=10)


def test_a_microphone_that_goes_away_in_its_test_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, Hearing(pcm(np.zeros(RATE, np.float32)), ends=1.0))
    test = MicrophoneTest(recorder_for_test(None)).begin()
    until(lambda: test.stage == "done")
    assert test.check is None and "unplugged" in test.failed
    with pytest.raises(Unavailable, match="not connected"):
        MicrophoneTest(recorder_for_test("7: Violin")).begin()
