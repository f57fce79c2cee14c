"""A person's first minutes in a real browser: project, takes, transcripts, words, accept; nothing leaves."""
from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import soxr

from core.config import DataRoot
from core.library import Library
from tests.ui.driving import App, Visit, microphone_on, new_project, open_tab, record_take

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
WINDOW = 0.25
"""Seconds of each stretch of a take that must be found in what was played."""


@pytest.mark.budget(120)
def test_from_a_new_project_to_accepted_words(visit: Visit, app: App, spoken: Path) -> None:
    page, library = visit.page, Library(DataRoot(app.data))
    new_project(page, "First words")
    microphone_on(page)
    ready_ms = [record_take(page, 4.0) for _ in range(3)]
    assert page.inner_text(".vw-count").startswith("3 of 50")
    assert page.inner_text(".vw-place") == "Prompt 4"

    project = library.projects.get("first-words")
    takes = library.clips.views(project.id)
    assert [take.clip.prompt_id for take in takes] == [
        prompt.id for prompt in library.prompts.of(project.id)[:3]
    ]
    for take in takes:
        assert_is_what_was_played(app.data / take.clip.audio, spoken)
    assert min(ready_ms) <= 300, f"from stop to the next prompt: {ready_ms} ms"

    heard = transcribe(page)
    assert heard and not any(sign.isdigit() for sign in heard)
    page.keyboard.press("Enter")
    page.wait_for_function("() => /Accepted\\s*1/.test(document.querySelector('#review-filter').innerText)")
    assert [v.clip.decision for v in library.clips.views(project.id)].count("accepted") == 1
    sources = {t.source.split(":")[0] for t in library.transcripts.versions(takes[0].clip.id)}
    assert "model" in sources

    page.reload()  # a reload lands where the person was
    page.wait_for_selector(".vw-open >> text=First words")
    open_tab(page, "Record")
    page.wait_for_selector(".vw-place >> text=Prompt 4")
    assert visit.strangers == []
    assert visit.bugs == []


def transcribe(page: Page) -> str:
    """Go to Review, let the starter listen in the background, and return the text of the first take."""
    open_tab(page, "Review")
    page.click("#review-transcribe")
    page.wait_for_selector("#voicewright-running .vw-job")
    page.wait_for_function(
        "() => document.querySelector('#review-edit textarea, #review-edit input')?.value.length > 3",
        timeout=60_000,
    )
    return page.input_value("#review-edit textarea, #review-edit input")


def assert_is_what_was_played(take: Path, played: Path) -> None:
    """Each quarter of a second with sound in it lies in the source (normalised correlation > 0.9)."""
    assert soundfile.info(take).subtype == "PCM_16"
    assert soundfile.info(take).channels == 1
    sound, rate = soundfile.read(take, dtype="float32")
    source, source_rate = soundfile.read(played, dtype="float32")
    source = soxr.resample(source, source_rate, rate)
    looped = np.concatenate([source, source[: int(WINDOW * rate)]])
    n = int(WINDOW * rate)
    windows = [sound[at : at + n] for at in range(0, len(sound) - n, n)]
    loud = [w for w in windows if np.sqrt(np.mean(w**2)) > 0.01]
    assert len(loud) >= 6
    worst = min(best_correlation(w, looped) for w in loud)
    if worst <= 0.9 and os.getloadavg()[0] > (os.cpu_count() or 1):
        pytest.skip(f"sound in real time needs a machine that keeps up: load {os.getloadavg()[0]:.1f}")
    assert worst > 0.9


def best_correlation(window: npt.NDArray[np.float32], source: npt.NDArray[np.float32]) -> float:
    """The largest normalised correlation of `window` (n,) with any stretch of `source` (m,)."""
    size = 1 << (len(source) + len(window)).bit_length()
    dots = np.fft.irfft(np.fft.rfft(source, size) * np.conj(np.fft.rfft(window, size)), size)[
        : len(source) - len(window) + 1
    ]
    energy = np.cumsum(np.concatenate([[0.0], source.astype(np.float64) ** 2]))
    norms = np.sqrt(
        (energy[len(window) :] - energy[: -len(window)]) * float(np.sum(window.astype(np.float64) ** 2))
    )
    return float(np.max(dots / np.maximum(norms, 1e-6)))
