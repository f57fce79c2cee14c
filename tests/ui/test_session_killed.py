"""The browser or the server is killed at random moments: what the page called saved is there, and whole."""
from __future__ import annotations

import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.audio.read import read
from core.config import DataRoot
from core.files import sha256_of
from core.library import Library, Project, View
from core.steps import projects
from tests.ui.driving import App, end_app, hearing, open_tab, phase, start_app
from tests.ui.sounds import Line, sitting

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the browser's processes in /proc"),
]
KILLS = 10
SAVED = re.compile(r"(Prompt (\d+) is saved, ([\d.]+) s)")
# Tells each sentence of the recorder to the test as soon as it stands there.
TELL = """() => {
  const look = () => {
    const said = document.querySelector(".vw-recorder[data-ready] .vw-said");
    if (!said) return setTimeout(look, 50);
    new MutationObserver(() => window.tell(said.innerText)).observe(said, { childList: true });
  };
  look();
}"""


@dataclass
class Session:
    """An app that may die, a browser profile that outlives its browser, and all that the page told."""

    playwright: Playwright
    chromium: str
    folder: Path
    app: App
    lib: Library
    project: Project
    told: list[str] = field(default_factory=list)

    def browse(self) -> tuple[BrowserContext, Page]:
        """Start the browser of this profile, open the project and speak hands-free."""
        context = self.playwright.chromium.launch_persistent_context(
            self.folder / "profile", executable_path=self.chromium, args=hearing(self.folder / "said.wav"),
            permissions=["microphone"])
        page = context.pages[0]
        page.set_default_timeout(40_000)
        page.expose_function("tell", lambda text: self.told.append(text))
        remembered = {"listen": "no", "project": self.project.slug, "tab": "Record"}
        for name, value in remembered.items():  # the profile's own memory may not be on the disk yet
            page.add_init_script(f"localStorage['voicewright:{name}'] = '{value}'")
        page.add_init_script(f"({TELL})()")
        page.goto(self.app.url)
        self.speak(page)
        return context, page

    def speak(self, page: Page) -> None:
        """From an open project to the first hands-free take."""
        open_tab(page, "Record")
        page.wait_for_selector(".vw-count >> text=of 150")
        page.check(".vw-hands")
        page.keyboard.press("Space")
        phase(page, "ready")

    def takes(self) -> list[View]:
        return self.lib.clips.views(self.project.id)

    def restart(self) -> None:
        """Start the server again where it answered before."""
        port = self.app.url.rsplit(":", 1)[1]
        self.app = start_app(self.app.data, "--port", port)


@pytest.fixture
def session(playwright: Playwright, chromium: str, tmp_path: Path) -> Iterator[Session]:
    app = start_app(tmp_path / "data", "--port", "0")
    lib = Library(DataRoot(app.data))
    prompts = "\n".join(f"sentence number {n}" for n in range(150)).encode()
    project = projects.create(lib, "Killed", "file", "en", prompts, "many.txt").project
    sitting(tmp_path / "said.wav", [Line("one two seven", 1.2), Line("four four nine eight", 1.3)], 0.4)
    made = Session(playwright, chromium, tmp_path, app, lib, project)
    yield made
    end_app(made.app)


def kill_browser(profile: Path) -> None:
    """SIGKILL for each process of the browser with this profile."""
    flag = f"--user-data-dir={profile}".encode()
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and flag in (entry / "cmdline").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)


def lost(session: Session) -> list[str]:
    """What is wrong with the takes that were called saved; empty when each is whole and in the library."""
    prompts = session.lib.prompts.of(session.project.id)
    by_prompt = {view.clip.prompt_id: view.clip for view in session.takes()}
    wrong = []
    for sentence, number, seconds in SAVED.findall("\n".join(session.told)):
        clip = by_prompt.get(prompts[int(number) - 1].id)
        path = session.app.data / clip.audio if clip else Path()
        if clip is None or not path.is_file():
            wrong.append(f"{sentence}: it is not there")
        elif sha256_of(path) != clip.sha256 or len(read(path).samples) != clip.n_samples:
            wrong.append(f"{sentence}: its file is not what was entered")
        elif abs(clip.n_samples / clip.sample_rate - float(seconds)) > 0.051:
            wrong.append(f"{sentence}: it lasts {clip.n_samples / clip.sample_rate:.2f} s")
    return wrong


def count(session: Session, words: str) -> int:
    return sum(words in said for said in session.told)


def test_the_browser_dies_ten_times(session: Session, figure: Callable[[str], None]) -> None:
    rng = random.Random(11)
    for _ in range(KILLS):
        context, page = session.browse()
        page.wait_for_timeout(rng.uniform(1500, 8000))
        kill_browser(session.folder / "profile")
        with suppress(Exception):  # what is left of it
            context.close()
        assert lost(session) == []
    n_saved, n_before = count(session, " is saved, "), len(session.takes())
    context, page = session.browse()  # what was spoken but not answered comes home now
    page.wait_for_timeout(1500)
    context.close()
    figure(f"browser killed {KILLS} times: all {n_saved} takes called saved are whole and in the library; "
           f"{n_before} takes there at the last kill")
    assert n_saved >= KILLS and n_before >= n_saved


def test_the_server_dies_ten_times(session: Session, figure: Callable[[str], None]) -> None:
    rng = random.Random(12)
    context, page = session.browse()
    for _ in range(KILLS):
        page.wait_for_timeout(rng.uniform(2000, 8000))
        session.app.process.kill()
        session.app.process.wait()
        page.wait_for_timeout(rng.uniform(500, 4000))
        n_told = count(session, " is saved, ") + count(session, "Kept in this browser")
        session.restart()
        come_back(session, page)
        assert lost(session) == []
        assert len(session.takes()) >= n_told, "a take that the browser kept did not arrive"
    assert len({view.clip.prompt_id for view in session.takes()}) == len(session.takes())
    n_saved, n_kept = count(session, " is saved, "), count(session, "Kept in this browser")
    context.close()
    figure(f"server killed {KILLS} times: all {n_saved} takes called saved are whole and in the library; "
           f"{n_kept} takes spoken while it was down arrived later")
    assert n_saved >= KILLS and n_kept >= KILLS


def come_back(session: Session, page: Page) -> None:
    """The page loads anew by itself once the server is back, sends what it kept, and the person goes on."""
    until = time.monotonic() + 60
    while page.get_attribute(".vw-recorder", "data-phase") != "off" and time.monotonic() < until:
        page.wait_for_timeout(100)
    page.wait_for_selector(".vw-count >> text=of 150")
    page.wait_for_selector(".vw-waiting", state="hidden")
    session.speak(page)
