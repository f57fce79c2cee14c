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
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

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
            browser.close()
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
