"""The form of a training run in a real browser: each kind of model shows its own options, and no fault."""
from __future__ import annotations

import pytest

from core.config import DataRoot
from core.library import Library
from core.steps import train
from tests.ui.driving import App, Visit, open_tab
from tests.ui.furnished import furnished

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOWN = """() => [...document.querySelectorAll('#train-options .vw-option')].filter((box) => box.offsetParent)
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
    page.fill("#train-option-rank input", "4")
    page.wait_for_selector("#train-estimate >> text=240 steps")
    page.locator("#train-option-samples [type=range]").fill("9")
    assert page.input_value("#train-option-samples [type=number]") == "9", "the line moves the number"
    page.fill("#train-option-samples [type=number]", "12")
    assert page.input_value("#train-option-samples [type=range]") == "12", "and the number the line"
    page.fill("#train-option-lr input", "")
    page.type("#train-option-lr input", "0.0010")
    page.uncheck("#train-option-train-head input")
    page.wait_for_timeout(500)  # whatever is drawn again is drawn now
    assert page.input_value("#train-option-lr input") == "0.0010", "what is typed stays as it was typed"
    page.click("#train-preset label >> text=Careful")
    careful = train.families()[0].presets["Careful"]
    page.wait_for_function("(n) => +document.querySelector('#train-option-steps input').value === n",
                           arg=careful["steps"])
    assert page.input_value("#train-option-samples [type=range]") == page.input_value(
        "#train-option-samples [type=number]")
    assert not page.is_visible("#train-edited")
    assert page.locator(TOASTS).count() == 0, page.locator(TOASTS).all_inner_texts()
    assert visit.bugs == [] and visit.strangers == []
