"""What every test stands on: no network, a fresh data root, a wall of seconds, parts of the slow suite."""
from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from core.config import DataRoot

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# Tiny models: a second thread waits at every layer for longer than it computes. The workers that tests start
# inherit it. numba, which times a Whisper's words, would set torch's threads for all that comes after.
for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")
MEMORY, ROOM = Path("/dev/shm"), 4e9
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    # What tests write waits for the disk thousands of times; what survives a power cut is not what they ask.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

ROOM_OF_THE_PAGE = Path(__file__).parent / "ui"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = (
    "No Chromium here: run 'sudo apt-get install chromium', "
    "or '.venv/bin/python -m playwright install chromium'."
)


@pytest.fixture
def data_root(tmp_path: Path) -> DataRoot:
    """An empty data root of this test's own."""
    from core.config import DataRoot

    path = tmp_path / "data"
    path.mkdir()
    return DataRoot(path)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a real Chromium; without one the test is skipped, in .ci/run (VOICEWRIGHT_CI) it fails."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None) or _playwright_chromium()
    if found is None:
        give_up = pytest.fail if os.environ.get("VOICEWRIGHT_CI") else pytest.skip
        give_up(NO_BROWSER)
    return found


def _playwright_chromium() -> str | None:
    """The Chromium that playwright has downloaded, if it has."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


FIGURE = "figure"


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """`figure(sentence)`: what a test measured, told at the end of the session though the test passes."""
    return lambda sentence: request.node.user_properties.append((FIGURE, sentence))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures that tests measured."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, [])]
    told = [value for one in reports if one.when == "call" for name, value in one.user_properties
            if name == FIGURE]
    if told:
        terminalreporter.section("figures")
    for sentence in told:
        terminalreporter.write_line(sentence)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Where two processes share the tests, one has all those of the page: they share an app and a browser."""
    if ROOM_OF_THE_PAGE in item.path.parents:
        item.add_marker(pytest.mark.xdist_group("page"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`seconds_per_test` (ini): the wall for an unmarked test. `--shard I/N`: only part I of N."""
    parser.addini("seconds_per_test", "the wall for a test that is not marked slow or budget", default="8")
    shard = os.environ.get("VOICEWRIGHT_SHARD")
    parser.addoption("--shard", default=shard, metavar="I/N", help="run only part I of N")


def pytest_collection_finish() -> None:
    """What importing made stays until the end: the collector need not walk over it again and again, and over
    what a model or a page leaves not at every 700 objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep every N-th test, from the I-th on, of those that `-m` and `-k` left: hence called last."""
    shard = config.getoption("shard")
    if not shard:
        return
    part, parts = _part_of(shard)
    dropped = [item for index, item in enumerate(items) if index % parts != part - 1]
    items[:] = items[part - 1 :: parts]
    config.hook.pytest_deselected(items=dropped)


def _part_of(shard: str) -> tuple[int, int]:
    """'2/4' -> (2, 4); a usage error for anything that is no part of a whole."""
    part, slash, parts = shard.partition("/")
    if not (slash and part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise pytest.UsageError(f"--shard is {shard!r}: write it as I/N with 1 <= I <= N, such as 2/4.")
    return int(part), int(parts)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that passed but took longer than it may; fixtures that a session shares are not counted."""
    report = yield
    limit = _limit(item)
    if limit is not None:
        limit *= _busy()
    if report.when == "call" and report.passed and limit is not None and report.duration > limit:
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} took {report.duration:.1f} s and may take {limit:g} s: make it smaller, "
            "or mark it slow, or budget(seconds) when it is a whole story."
        )
    return report


def _busy() -> float:
    """Runnable processes a core, at least 1: other people's work is not a test's fault."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _limit(item: pytest.Item) -> float | None:
    """The seconds that a test may take; None: as long as it needs."""
    if budget := item.get_closest_marker("budget"):
        return float(budget.args[0])
    if item.get_closest_marker("slow"):
        return None
    return float(item.config.getini("seconds_per_test"))
