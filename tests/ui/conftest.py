"""One app and one browser for all tests of the page: the real command, and a WAV as the microphone."""
from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import soxr

from core.config import DataRoot
from core.library import Library
from tests.ui.driving import App, Visit, end_app, hearing, start_app, visiting
from tests.ui.home import LOOPBACK, TOKEN, Home, Served, make_home
from tests.ui.sounds import RATE

if TYPE_CHECKING:
    import gradio as gr
    from playwright.sync_api import Browser, Playwright

SPOKEN = "order number one two nine six eight zero three"


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> tuple[Library, gr.Blocks]:
    """One library and one page on it, in memory; each test has a project of its own."""
    import ui

    library = Library(DataRoot(tmp_path_factory.mktemp("studio")))
    return library, ui.build(library)


@pytest.fixture(scope="session")
def local_studio(tmp_path_factory: pytest.TempPathFactory) -> tuple[Library, gr.Blocks]:
    """The same for a page that answers on loopback alone, on which paths can be named."""
    import ui

    library = Library(DataRoot(tmp_path_factory.mktemp("local-studio")))
    return library, ui.build(library, is_local=True)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Served]:
    """`served(host)`: the whole application at that address, without a network, made once; on one library.

    Elsewhere than on loopback it asks for TOKEN.
    """
    from ui.server import application

    library = Library(DataRoot(tmp_path_factory.mktemp("served")))

    @cache
    def at(host: str) -> Served:
        return Served(library, application(library, host, 7860, None if host == LOOPBACK else TOKEN), host)

    return at


@pytest.fixture
def home(studio: tuple[Library, gr.Blocks], tmp_path: Path) -> Home:
    """Three takes, made of tones."""
    return make_home(*studio, tmp_path)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on a data root of its own, shared by all browser tests: each makes a project of its own."""
    running = start_app(tmp_path_factory.mktemp("page"), "--port", "0")
    yield running
    end_app(running)


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the microphone hears, over and over: espeak-ng, or where it is missing a chirp in its rhythm."""
    path = tmp_path_factory.mktemp("mic") / "spoken.wav"
    sound = _espeak(path.with_name("raw.wav")) if shutil.which("espeak-ng") else _chirp()
    room = np.random.default_rng(0).normal(0, 3e-4, len(sound) + RATE).astype(np.float32)
    room[RATE // 2 :][: len(sound)] += 0.5 * sound / np.abs(sound).max()
    soundfile.write(path, (room * 32767).astype(np.int16), RATE, subtype="PCM_16")
    return path


def _espeak(path: Path) -> npt.NDArray[np.float32]:
    subprocess.run(["espeak-ng", "-v", "en-us", "-s", "150", "-w", str(path), SPOKEN], check=True)
    sound, rate = soundfile.read(path, dtype="float32")
    return soxr.resample(sound, rate, RATE)


def _chirp() -> npt.NDArray[np.float32]:
    t = np.arange(4 * RATE, dtype=np.float32) / RATE
    return (np.sin(2 * np.pi * (150 + 200 * t) * t) * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * t))).astype(
        np.float32
    )


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers; a process can start it once. A busy machine is no fault of the page."""
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as started:
        expect.set_options(timeout=40_000)
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str, spoken: Path) -> Iterator[Browser]:
    """One Chromium whose microphone is the WAV."""
    launched = playwright.chromium.launch(executable_path=chromium, args=hearing(spoken))
    yield launched
    launched.close()


@pytest.fixture
def visit(browser: Browser, app: App) -> Iterator[Visit]:
    """The page of the app, just loaded."""
    with visiting(browser, app) as found:
        yield found
