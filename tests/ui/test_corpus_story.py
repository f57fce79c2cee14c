"""A large folder in a real browser: looked through, stopped and gone on with, made a dataset, and found again
on the Train tab; no request leaves the host, and nothing of it is closed to a screen reader."""
from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from core.config import DataRoot
from core.library import Library
from core.runs import listing
from tests.corpora import bare_flac, spoken_librispeech
from tests.ui.access import faults
from tests.ui.driving import App, Visit, new_project, open_tab, put, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def worker_of(card: listing.RunCard) -> psutil.Process:
    """The process that works for a run."""
    return next(each for each in psutil.process_iter(["cmdline"]) if str(card.path) in each.info["cmdline"])


def test_a_large_folder_becomes_a_dataset(visit: Visit, app: App, tmp_path: Path) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    spoken_librispeech(tmp_path / "libri", ["one", "two", "three", "four", "five", "six"], 2)
    for number in range(60_000):
        bare_flac(tmp_path / "many" / str(number // 300) / f"{number}.flac", 2.0)
    new_project(page, "Corpora")
    open_tab(page, "Project")
    page.click("#corpus button.label-wrap")
    project = next(each for each in lib.projects.all() if each.name == "Corpora")

    def run() -> listing.RunCard | None:
        return next(iter(listing.runs(lib.root, project.slug, "index")), None)

    def held() -> bool:
        """Whether the worker has told a first number, and stands still there."""
        card = run()
        if card is None or card.state != "running" or not card.figures:
            return False
        worker_of(card).suspend()
        return True

    put(page, "#corpus-folder", str(tmp_path / "many"))
    page.click("#corpus-look")
    expect(page.locator("#corpus-card")).to_contain_text(str(tmp_path / "many"))
    until(page, held)
    page.click("#corpus-cancel")
    expect(page.locator("#corpus-card")).to_contain_text("Stopping")
    card = run()
    assert card is not None
    worker_of(card).resume()
    page.click("#corpus-resume", timeout=20_000)
    expect(page.locator("#corpus-card table")).to_contain_text("60,000", timeout=20_000)

    put(page, "#corpus-folder", str(tmp_path / "libri"))
    page.click("#corpus-look")
    expect(page.locator("#corpus-card table")).to_contain_text("LibriSpeech", timeout=20_000)
    assert faults(page) == []
    page.click("#corpus-make")
    expect(page.locator("#corpus-made")).to_contain_text("The dataset “libri” is made")
    assert [each.name for each in lib.datasets.of(project.id)] == ["libri"]
    open_tab(page, "Train")
    page.click("#train-dataset input")
    expect(page.locator("#train-dataset [role=option]", has_text="libri")).to_be_visible()
    assert (visit.strangers, visit.bugs) == ([], [])
