"""What axe-core finds on the page, and what of it lies in Gradio's own components."""
from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

SERIOUS = ("serious", "critical")
EXTRA_RULES = ("label-content-name-mismatch", "target-size")
"""Rules that axe leaves out unless they are asked for: names that voice control needs, targets of 24 px."""


@dataclass(frozen=True)
class Known:
    """A finding in a component of Gradio that we cannot mend: the rule, where (CSS), and why it stays."""

    rule: str
    selector: str
    reason: str


KNOWN = (
    Known("label-content-name-mismatch", ".playback",
          "the speed of Gradio's audio player shows “1x” and is named “Adjust playback speed to 1.5x”"),
    Known("label-content-name-mismatch", ".upload-container",
          "Gradio's place for files says “Drop File Here” and is named “Click to upload or drop files”"),
    Known("nested-interactive", ".toast-header",
          "Gradio makes the head of a message a button and puts the closing button into it"),
)


@dataclass(frozen=True)
class Fault:
    """One element that breaks a rule; `known` is its entry in KNOWN, or None where it is ours to mend."""

    rule: str
    where: str
    html: str
    why: str
    known: Known | None


# axe calls a contrast unknown where something is drawn before, after or behind a text: it is taken away
PLAIN = """*, *::before, *::after { background-image: none !important; transition: none !important; }
*::before, *::after { content: none !important; }"""
RUN = """async ([rules, impacts, known]) => {
  const enabled = Object.fromEntries(rules.map((rule) => [rule, { enabled: true }]));
  const { violations } = await axe.run(document, { rules: enabled, resultTypes: ["violations"] });
  return violations.filter(({ impact }) => impacts.includes(impact)).flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html, any, all, none }) => {
      const element = document.querySelector(target.join(" "));
      const mine = known.findIndex(([rule, at]) => rule === id && element?.closest(at));
      const why = [...any, ...all, ...none].map(({ message }) => message)[0] || help;
      return [id, target.join(" "), html.slice(0, 200), why, mine];
    }));
}"""


def faults(page: Page) -> list[Fault]:
    """All serious and critical findings on the page as it stands now."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    style = page.add_style_tag(content=PLAIN)
    known = [[one.rule, one.selector] for one in KNOWN]
    found = page.evaluate(RUN, [EXTRA_RULES, SERIOUS, known])
    style.evaluate("(element) => element.remove()")
    return [Fault(rule, where, html, why, KNOWN[mine] if mine >= 0 else None)
            for rule, where, html, why, mine in found]


def open_all(page: Page) -> None:
    """Open every accordion and every fold that can be seen, those inside of them too."""
    page.evaluate("""async () => {
      const closed = "details:not([open]) > summary, button.label-wrap:not(.open)";
      for (let round = 0; round < 3; round++) {
        const seen = [...document.querySelectorAll(closed)].filter((one) => one.offsetParent);
        if (!seen.length) return;
        seen.forEach((one) => one.click());
        await new Promise((done) => setTimeout(done, 600));
      }
    }""")
