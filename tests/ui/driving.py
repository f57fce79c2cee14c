"""How the tests drive the page: start and end the app, and the hands of a person on it."""
from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).resolve().parents[2]
QUIET_CHROMIUM = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--no-sandbox",
    "--no-first-run",
    "--disable-features=AudioServiceSandbox,AudioServiceOutOfProcess",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def hearing(wav: Path) -> list[str]:
    """The flags of a Chromium whose microphone is `wav`: from its beginning at each opening, then again."""
    return [*QUIET_CHROMIUM, f"--use-file-for-fake-audio-capture={wav}"]


@dataclass
class App:
    """A running `app.py serve`: where it answers, what it printed, where its data lies."""

    process: subprocess.Popen[str]
    url: str
    printed: list[str]
    data: Path


def start_app(data: Path, *options: str, wait: float = 60.0, env: dict[str, str] | None = None) -> App:
    """Start the app and wait for the line with its address; the caller ends it."""
    process = subprocess.Popen(
        [sys.executable, "app.py", "serve", "--data", str(data), "--no-browser", *options],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**(env or os.environ), "PYTHONUNBUFFERED": "1"},
    )
    printed: list[str] = []
    until = time.monotonic() + wait
    while process.stdout and time.monotonic() < until and (line := process.stdout.readline()):
        printed.append(line.strip())
        if "http" in line:
            return App(process, line.split()[-1].rstrip("/"), printed, data)
    process.kill()
    raise RuntimeError("the app did not come up:\n" + "\n".join(printed))


def end_app(app: App) -> None:
    """Ctrl+C, and a kill for one that does not listen."""
    app.process.terminate()
    try:
        app.process.wait(10)
    except subprocess.TimeoutExpired:
        app.process.kill()
        app.process.wait()


@dataclass
class Visit:
    """A page in a profile of its own, with the requests that left the host and the bugs in its scripts."""

    page: Page
    strangers: list[str]
    bugs: list[str]


@contextmanager
def visiting(browser: Browser, app: App) -> Iterator[Visit]:
    """The page of `app`, just loaded, in a profile of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, permissions=["microphone"])
    page = context.new_page()
    page.set_default_timeout(40_000)
    found = Visit(page, [], [])
    page.on("request", lambda request: is_home(request.url, app.url) or found.strangers.append(request.url))
    page.on("pageerror", lambda error: found.bugs.append(str(error)))
    # the recogniser that listens along would take the processor from the sound
    page.add_init_script("localStorage['voicewright:listen'] ??= 'no'")
    page.goto(app.url)
    page.wait_for_selector("#project-create")
    yield found
    context.close()


def is_home(url: str, home: str) -> bool:
    """Whether a request stays on the host that served the page."""
    return url.startswith((home + "/", "blob:", "data:"))


def new_project(page: Page, name: str) -> None:
    """Make a project with the Numbers template and go to its Record tab."""
    put(page, "#project-name", name)
    page.click("#project-create")
    page.wait_for_selector(f".vw-open >> text={name}")
    open_tab(page, "Record")
    page.wait_for_selector(".vw-count >> text=of 50")


def put(page: Page, field: str, text: str) -> None:
    """Fill a field of Gradio and see that it stays: one that has just come up may be drawn again, empty."""
    box = f"{field} input, {field} textarea"
    for _ in range(40):
        page.fill(box, text)
        page.wait_for_timeout(150)
        if page.input_value(box) == text:
            return
    raise AssertionError(f"{field} does not keep what is put into it")


def until(page: Page, is_there: Callable[[], bool]) -> None:
    """Wait until `is_there`, ten seconds at most."""
    for _ in range(200):
        if is_there():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come")


def open_tab(page: Page, title: str) -> None:
    """Click a tab of the page."""
    page.click(f"#voicewright-tabs [role=tab][data-tab-id='{title}']")


def phase(page: Page, name: str) -> None:
    """Wait until the recorder is in that phase: off, ready, recording, saving."""
    page.wait_for_selector(f".vw-recorder[data-phase={name}]")


def microphone_on(page: Page) -> None:
    """Space, and wait for the level meter to live."""
    page.keyboard.press("Space")
    phase(page, "ready")


QUIET = """() => new Promise((done) => {
  const level = document.querySelector(".vw-level i");
  let since = performance.now();
  const look = () => {
    const now = performance.now();
    if (parseFloat(level.style.getPropertyValue("--share")) > 25) since = now;
    if (now - since > 350) done(); else requestAnimationFrame(look);
  };
  look();
})"""


def wait_for_quiet(page: Page) -> None:
    """Wait, as a person does, until nobody speaks: a take that begins or ends in a word is thrown out."""
    page.evaluate(QUIET)


def record_take(page: Page, seconds: float) -> float:
    """Space, speak, Space; returns the milliseconds from the second Space until the next prompt was ready."""
    before = int(page.get_attribute(".vw-recorder", "data-saved") or 0)
    wait_for_quiet(page)
    page.keyboard.press("Space")
    phase(page, "recording")
    page.wait_for_timeout(1000 * seconds)
    wait_for_quiet(page)
    page.keyboard.press("Space")
    page.wait_for_selector(f".vw-recorder[data-saved='{before + 1}'][data-phase=ready]")
    return float(page.get_attribute(".vw-recorder", "data-ready-ms") or "inf")
