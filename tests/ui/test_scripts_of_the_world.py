"""Prompts in other scripts and directions: each reads from its own side, nothing of it is cut."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from core.config import DataRoot
from core.library import Library, Project
from core.library.transcripts import Draft
from core.steps import importing, projects
from tests.ui.driving import App, Visit, open_tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RTL, LTR = "rtl", "ltr"
PROMPTS = {
    "رقم الطلب واحد اثنان تسعة ستة": RTL,
    "מספר ההזמנה אחת שתיים תשע שש": RTL,
    "ऑर्डर संख्या एक दो नौ छह": LTR,
    "ʻO le numera o le ʻoka e tasi lua iva ono, fā, tāfaoga mamao": LTR,
    "訂單號碼一二九六八零三": LTR,
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2: LTR,
}
# the element that holds a text as it is laid out: its direction, and whether anything of it is out of sight
LOOK = """(element) => {
  const { direction } = getComputedStyle(element);
  return { direction, isCut: element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0,
           page: document.documentElement.scrollWidth - document.documentElement.clientWidth };
}"""


@pytest.fixture
def project(app: App, tmp_path: Path) -> Project:
    """One prompt in each script, and a take of each that says it."""
    lib = Library(DataRoot(app.data))
    found = projects.create(lib, f"World {tmp_path.name[-20:]}", "blank").project
    texts = {}
    for number, text in enumerate(PROMPTS):
        path = tmp_path / f"take-{number}.wav"
        tone = 0.3 * np.sin(2 * np.pi * (200 + 20 * number) * np.arange(16000) / 16000)
        soundfile.write(path, tone, 16000, subtype="PCM_16")
        texts[path.name] = text
    importing.import_files(lib, found, [tmp_path / name for name in texts], "Ann", "page:test", texts)
    heard = [Draft(view.clip.id, f"{view.prompt} five", "model:x", view.clip.transcript_id)
             for view in lib.clips.views(found.id)]
    lib.transcripts.append(found.id, heard, "run:x")
    return found


@pytest.mark.parametrize("width", [1280, 320])
def test_each_prompt_reads_from_its_own_side_on_every_tab(visit: Visit, project: Project, width: int) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("(slug) => voicewright.remember('project', slug)", project.slug)
    page.reload()
    page.wait_for_selector(f".vw-open >> text={project.name}")

    def seen(selector: str, text: str) -> dict[str, object]:
        found = page.locator(selector).filter(has_text=text).first
        found.wait_for(state="visible")
        return found.evaluate(LOOK)

    for text, direction in PROMPTS.items():
        assert seen("#prompts-list [dir]", text) == {"direction": direction, "isCut": False, "page": 0}
    open_tab(page, "Record")
    for text, direction in PROMPTS.items():
        page.locator(".vw-list button").filter(has_text=text).click()
        assert seen(".vw-prompt", text) == {"direction": direction, "isCut": False, "page": 0}
        assert seen(".vw-list button [dir]", text)["direction"] == direction
    open_tab(page, "Review")
    for n, (text, direction) in enumerate(PROMPTS.items()):
        assert seen("#review-prompt .vw-words", text) == {"direction": direction, "isCut": False, "page": 0}
        assert seen("#review-text .vw-words", text) == {"direction": direction, "isCut": False, "page": 0}
        expect(page.locator("#review-edit textarea")).to_have_css("direction", direction)
        if n < len(PROMPTS) - 1:
            page.click("#review-next")
    open_tab(page, "Spot-check")
    for text, direction in PROMPTS.items():
        assert seen("#spot-check-table td button", text)["direction"] == direction
    assert visit.bugs == []
