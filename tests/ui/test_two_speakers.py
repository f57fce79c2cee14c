"""Two people in two browsers record at once, each through a link: nothing is mixed up, lost or doubled."""
from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import soxr

from core.config import DataRoot
from core.library import Library, Project, View
from core.steps import projects, record, speakers
from tests.noisy import RATE, Sound
from tests.ui.driving import App, hearing, phase
from tests.ui.sounds import Line, compare, sitting

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECONDS = float(os.environ.get("VOICEWRIGHT_TWO_SPEAKERS", "300"))
"""How long they record."""
VOICES = {"Ann": "en-gb+f2", "Ben": "en-us"}
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
CARRIERS = ("order number", "location code", "call me on", "invoice", "my account is")
PROMPTS = [
    " ".join([CARRIERS[i % 5], *(DIGITS[n % 10] for n in (i * 7, i // 10, i * 3 + 4, i // 100))])
    for i in range(round(SECONDS / 3) + 15)
]
CHECK = Line("order number one two three and four five six", pause=7)
SEARCH_RATE, SEARCH_BAND = 8000, 4000
"""Takes are looked for at this rate in sound of a smaller band: a part of a sample is no matter."""
THROWN = """() => {
  window.thrown = 0;
  const look = () => {
    const box = document.querySelector(".vw-said");
    if (!box) return setTimeout(look, 50);
    const count = () => { window.thrown += /thrown away/.test(box.innerText); };
    new MutationObserver(count).observe(box, { childList: true });
  };
  look();
}"""


@dataclass
class Person:
    """Somebody in the booth: their page, what their microphone hears, and where each line begins in it."""

    name: str
    page: Page
    played: Sound
    begins: list[float]


@dataclass(frozen=True)
class Heard:
    """A take: the line that it holds (-1: none), how it fits its own WAV and, at best, the other's."""

    view: View
    line: int
    own: float
    other: float


@pytest.fixture
def project(app: App) -> Project:
    """The project of both."""
    script = "\n".join(PROMPTS).encode()
    lib = Library(DataRoot(app.data))
    return projects.create(lib, "Two speakers", "file", "en", script, "two.txt").project


@pytest.fixture
def people(
    playwright: Playwright, chromium: str, app: App, project: Project, tmp_path: Path
) -> Iterator[list[Person]]:
    """Ann and Ben, each in a Chromium of their own, in front of the recorder."""
    lib, found, browsers = Library(DataRoot(app.data)), list[Person](), []
    for seed, (name, voice) in enumerate(VOICES.items()):
        wav = tmp_path / f"{name}.wav"
        begins = sitting(wav, [CHECK, *map(Line, PROMPTS)], 3.2, seed, voice)
        browsers.append(playwright.chromium.launch(executable_path=chromium, args=hearing(wav)))
        page = browsers[-1].new_context(permissions=["microphone"]).new_page()
        page.set_default_timeout(40_000)
        page.add_init_script(f"localStorage['voicewright:booth:listen'] = 'no'; ({THROWN})()")
        page.goto(f"{app.url}/b/{speakers.open_booth(lib, project, name)}/")
        page.wait_for_selector(f".vw-count >> text=of {len(PROMPTS)}")
        found.append(Person(name, page, soundfile.read(wav, dtype="float32")[0], begins[1:]))
    yield found
    for browser in browsers:
        browser.close()


def record_both(people: Sequence[Person], seconds: float) -> float:
    """The check of both microphones, then both hands-free at once, then both stop.

    Returns the highest load of the machine meanwhile, in runnable processes a core.
    """
    for person in people:
        person.page.click(".vw-recorder [data-do=test]")
    for person in people:
        person.page.wait_for_selector(".vw-said >> text=dBFS")
        person.page.check(".vw-hands")
    until, load = time.monotonic() + seconds, 0.0
    while time.monotonic() < until:
        for person in people:
            person.page.wait_for_timeout(500)
        load = max(load, os.getloadavg()[0] / (os.cpu_count() or 1))
    for person in people:
        person.page.uncheck(".vw-hands")
        person.page.keyboard.press("Escape")  # a take that has just begun would go on until the key
        phase(person.page, "ready")
    return load


def likeness(
    take: Sound, spectrum: npt.NDArray[np.complex128], power: npt.NDArray[np.float64]
) -> tuple[float, int]:
    """The highest normalised correlation of `take` (n,) with a stretch of a sound, and the sample where.

    The sound is given by its spectrum, padded, and by the running sum of its squares (m + 1,).
    """
    n = len(take)
    size = 2 * (len(spectrum) - 1)
    dots = np.fft.irfft(spectrum * np.conj(np.fft.rfft(take, size)), size)[: len(power) - n]
    energies = (power[n:] - power[:-n]) * float(np.sum(take.astype(np.float64) ** 2))
    fits = dots / np.sqrt(np.maximum(energies, 1e-9))
    at = int(np.argmax(fits))
    return float(fits[at]), at


def narrow(sound: Sound, rate: int) -> Sound:
    """`sound` (n,) without its high part, at SEARCH_RATE."""
    return soxr.resample(soxr.resample(sound, rate, SEARCH_BAND), SEARCH_BAND, SEARCH_RATE)


def searchable(sound: Sound) -> tuple[npt.NDArray[np.complex128], npt.NDArray[np.float64]]:
    """What `likeness` wants of a sound (m,) at SEARCH_RATE."""
    spectrum = np.fft.rfft(sound, 1 << (len(sound) + 30 * SEARCH_RATE).bit_length())
    return spectrum, np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])


def heard(lib: Library, views: Sequence[View], person: Person, other: Person) -> list[Heard]:
    """Each take against what was played to its speaker, and to the other one."""
    own, strange = (searchable(narrow(one.played, RATE)) for one in (person, other))
    found = []
    for view in views:
        path = lib.root.path / view.clip.audio
        sound, rate = soundfile.read(path, dtype="float32")
        small = narrow(sound, rate)
        at = likeness(small, *own)[1] / SEARCH_RATE
        lines = [i for i, begin in enumerate(person.begins) if at <= begin < at + len(sound) / rate]
        found.append(Heard(view, lines[0] if len(lines) == 1 else -1,
                           compare(path, person.played, at).correlation, likeness(small, *strange)[0]))
    return found


def test_two_browsers_record_as_two_speakers_at_once(
    people: list[Person], app: App, project: Project, figure: Callable[[str], None]
) -> None:
    lib = Library(DataRoot(app.data))
    load = record_both(people, SECONDS)
    every = lib.clips.views(project.id, spare=True)
    both = list[Heard]()
    for person, other in (people, people[::-1]):
        views = sorted((v for v in every if v.speaker == person.name), key=lambda v: v.clip.created_at)
        takes = heard(lib, views, person, other)
        both += takes
        thrown = person.page.evaluate("() => window.thrown")
        figure(f"{told(person.name, takes, thrown)} (highest load {load:.1f} a core)")
        assert len(takes) > SECONDS / 8, "too few takes to prove anything"
        assert int(person.page.get_attribute(".vw-recorder", "data-saved") or 0) == len(takes)
        assert [take.view.prompt for take in takes] == PROMPTS[: len(takes)]
        lines = [take.line for take in takes]
        assert lines == sorted(set(lines)) and lines[0] <= 1
        assert lines[-1] - lines[0] + 1 - len(lines) == thrown, "a line is a take, or thrown away aloud"
        assert max(take.other for take in takes) < 0.75, "they say the same words in other voices"
        assert record.queue(lib, project, person.name).n_done == len(takes)
    assert len({view.clip.sha256 for view in every}) == len(every)
    assert {view.speaker for view in every} == set(VOICES)
    bad = [(take.view.speaker, take.view.prompt, take.own) for take in both if take.own <= 0.99]
    if bad and load > 1.5:
        pytest.skip(f"sound in real time needs a machine that keeps up: load {load:.1f} a core; {bad}")
    assert bad == []


def told(name: str, takes: Sequence[Heard], thrown: int) -> str:
    """The figures of one speaker."""
    own, other = min(take.own for take in takes), max(take.other for take in takes)
    return (f"two speakers, {SECONDS:.0f} s: {name} has {len(takes)} takes ({thrown} thrown away aloud); "
            f"lowest correlation with their own sound {own:.4f}, highest with the other's {other:.3f}")
