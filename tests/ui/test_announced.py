"""What a screen reader is told while somebody records: each thing once, and no stream of levels."""
from __future__ import annotations

import pytest

from tests.ui.driving import Visit, microphone_on, new_project, record_take

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# counts what changes in live regions, and the values of the meter
WATCH = """() => {
  const root = document.querySelector(".vw-recorder"), meter = root.querySelector(".vw-meter");
  const live = [...root.querySelectorAll("[role=status], [role=alert], [aria-live]")];
  window.told = [];
  window.levels = 0;
  const note = (rows) => rows.forEach((row) => window.told.push(row.target.className || row.target.nodeName));
  const all = { childList: true, characterData: true, subtree: true };
  live.forEach((one) => new MutationObserver(note).observe(one, all));
  new MutationObserver(() => { window.levels += 1; }).observe(meter, { attributeFilter: ["aria-valuenow"] });
  return live.some((one) => one.contains(meter) || meter.contains(one));
}"""


def test_the_meter_is_silent_and_a_take_is_told_once(visit: Visit) -> None:
    page = visit.page
    new_project(page, "Announced")
    microphone_on(page)
    page.wait_for_timeout(300)
    assert page.evaluate(WATCH) is False
    page.wait_for_timeout(3000)
    assert page.evaluate("() => window.told") == []
    assert page.evaluate("() => window.levels") <= 4
    record_take(page, 1.5)
    page.wait_for_timeout(500)
    told = page.evaluate("() => window.told")
    assert told.count("vw-count") == 1 and told.count("vw-prompt") == 1, told
    assert "vw-said" in told
    page.evaluate("() => { window.told = []; }")
    page.fill(".vw-speaker", "a/b")
    page.keyboard.press("Tab")
    alert = page.wait_for_selector(".vw-said [role=alert]")
    assert "sign that no name may have" in (alert.inner_text() if alert else "")


def test_colour_is_never_alone(visit: Visit) -> None:
    page = visit.page
    new_project(page, "Marked in words")
    microphone_on(page)
    record_take(page, 1.5)
    page.fill(".vw-reason", "hard to say")
    page.click(".vw-recorder [data-do=skip]")
    page.wait_for_selector(".vw-list .vw-skipped")
    signs = """(name) => { const one = document.querySelector(`.vw-list ${name}`);
      const sign = getComputedStyle(one, "::before").content.replaceAll('"', "");
      return [sign, one.querySelector(".vw-sr").innerText]; }"""
    assert page.evaluate(signs, ".vw-done") == ["✓", "recorded"]
    assert page.evaluate(signs, ".vw-skipped") == ["–", "skipped"]
    assert page.evaluate(signs, "[aria-current]")[0] == "○"
