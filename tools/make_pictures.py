"""Make the README's pictures of the page, from a data folder on which `app.py demo` has run.

python app.py demo --data /tmp/pictures
python tools/make_pictures.py --data /tmp/pictures
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.config import DataRoot
from core.library import Library
from core.steps import projects, recordings, story
from core.steps.ingest import ingest
from tools import long_speech

REPOSITORY = Path(__file__).resolve().parents[1]
FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


MEETING = "Meeting"


def meeting(data: Path) -> None:
    """A project with a long recording, made and aligned here, unless it is there."""
    lib = Library(DataRoot(data.resolve()))
    if any(project.name == MEETING for project in lib.projects.all()):
        return
    project = projects.create(lib, MEETING, "blank").project
    with tempfile.TemporaryDirectory() as folder:
        long_speech.make(Path(folder), 0.2)
        recordings.add(lib, project, Path(folder) / "recording.wav", "picture", "meeting in may.wav")
        text = (Path(folder) / "text.txt").read_text(encoding="utf-8")
    recordings.add_text(lib, project, [("minutes.txt", text, None)], "picture")
    story.finished(recordings.start(lib, project), print)
    ingest(lib, project)


def serve(data: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start the page on a free port and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "app.py", "--no-browser", "--data", data, "--port", str(port)]
    process = subprocess.Popen(command, cwd=REPOSITORY)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
            return process, f"http://127.0.0.1:{port}/"
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the page did not answer")


def picture(page: Page, tab: str, out: Path, height: int) -> None:
    """Show one tab, wait until it is drawn, keep its upper part."""
    page.get_by_role("tab", name=tab, exact=True).click()
    page.wait_for_timeout(5000)
    path = out / f"{tab.lower()}.png"
    page.screenshot(path=path, clip={"x": 0, "y": 0, "width": 1200, "height": height}, full_page=True)
    print(path, path.stat().st_size // 1000, "kB")


def main() -> None:
    """Open the sample project and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "tools" / "pictures")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    meeting(Path(args.data))
    process, address = serve(args.data)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.set_default_timeout(60_000)
            page.goto(address)
            page.wait_for_timeout(3000)  # a click before the page has loaded its handlers is lost
            page.get_by_role("radio", name="Sample project").check()
            page.wait_for_selector(".vw-open >> text=Sample project")
            for tab, height in (("Record", 660), ("Review", 860), ("Train", 1300)):
                picture(page, tab, args.out, height)
            page.get_by_role("tab", name="Project", exact=True).click()
            page.get_by_role("radio", name=MEETING).check()
            page.wait_for_selector(f".vw-open >> text={MEETING}")
            picture(page, "Recordings", args.out, 1750)
            picture(page, "Spot-check", args.out, 860)
            browser.close()
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
