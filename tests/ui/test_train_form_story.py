"""The form of a training run in a real browser: each kind of model shows its own options, and no fault."""
from __future__ import annotations

import pytest

from core.config import DataRoot
from core.library import Library
from core.steps import train
from tests.ui.driving import App, Visit, open_tab
from tests.ui.furnished import furnished

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOWN = """() => [...document.querySelectorAll('[id^=train-option-]')].filter((box) => box.offsetParent)
  .map((box) => box.id.replace(/^train-option-/, '').replace(/-[2-9]$/, '').replaceAll('-', '_'))"""
TOASTS = ".toast-body"



def test_each_kind_of_model_shows_its_own_options_and_the_estimate_follows(visit: Visit, app: App) -> None:
    page, library = visit.page, Library(DataRoot(app.data))
    project = furnished(library, "Forms")
    page.evaluate("(slug) => voicewright.remember('project', slug)", project.slug)
    page.reload()
    page.wait_for_selector(f".vw-open >> text={project.name}")
    open_tab(page, "Train")
    page.wait_for_selector("#train-estimate .vw-note")
    page.click("#train-advanced button >> nth=0")
    page.wait_for_selector("#train-option-lr input")
    for family in [*train.families(), train.families()[0]]:
        page.click(f"#train-family label:has(input[value={family.name}])")
        first = next(iter(family.presets.values()))
        page.wait_for_function(f"(n) => ({SHOWN})().length === n", arg=len(family.options.model_fields))
        assert set(page.evaluate(SHOWN)) == set(family.options.model_fields)
        page.wait_for_function("(lr) => +document.querySelector('#train-option-lr input').value === lr",
                               arg=first.get("lr", family.options.model_fields["lr"].default))
    page.wait_for_selector("#train-estimate >> text=120 steps")
    page.fill("#train-option-steps input", "240")
    page.wait_for_selector("#train-estimate >> text=240 steps")
    page.fill("#train-option-rank input", "0")
    page.keyboard.press("Tab")
    page.wait_for_selector("#train-estimate >> text=“Rank” cannot be 0")
    assert not page.is_visible("#train-edited")
    assert page.locator(TOASTS).count() == 0, page.locator(TOASTS).all_inner_texts()
    assert visit.bugs == [] and visit.strangers == []
