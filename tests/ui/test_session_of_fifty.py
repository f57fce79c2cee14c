"""A sitting of 50 prompts in a real Chromium: each fault is caught and named, and no sample is lost."""
from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest
import soundfile

from core.config import DataRoot
from core.library import Library, Project, View
from core.quality.clip import ClipQuality, faults
from core.steps import projects, record
from tests.ui.driving import App, hearing, open_tab, phase, record_take
from tests.ui.sounds import LEVEL, Line, Match, Sound, compare, sitting

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
CARRIERS = ("order number", "location code", "call me on", "invoice", "my account is")
PROMPTS = [
    f"{CARRIERS[i % 5]} {DIGITS[i * 7 % 10]} {DIGITS[i // 5]} {DIGITS[(i * 3 + 4) % 10]}" for i in range(50)
]
CLIPPED, QUIET, CUT, WRONG = 6, 13, 21, 27
"""The prompts (from 1) said too loud, too quietly, with the key in mid-word, and from another line."""
BY_KEY = 41
"""From this prompt on the person presses keys instead of going hands-free."""

SEEN = """() => {
  const seen = window.seen = [];
  const look = () => {
    const root = document.querySelector(".vw-recorder");
    if (!root || !root.dataset.ready) return setTimeout(look, 50);
    const text = (name) => root.querySelector(name).innerText;
    const note = () => {
      const now = [text(".vw-place"), text(".vw-said"), text(".vw-doubt")];
      if (JSON.stringify(now) !== JSON.stringify(seen.at(-1))) seen.push(now);
    };
    const ready = () => window.readyMs.push(Number(root.dataset.readyMs));
    window.readyMs = [];
    for (const box of root.querySelectorAll(".vw-place, .vw-said, .vw-doubt")) {
      new MutationObserver(note).observe(box, { subtree: true, childList: true, characterData: true });
    }
    new MutationObserver(ready).observe(root, { attributeFilter: ["data-ready-ms"] });
  };
  look();
}"""


@dataclass
class Sitting:
    """Somebody at the page, sitting after sitting; `played` holds what the microphone heard in each."""

    page: Page
    lib: Library
    project: Project
    wav: Path
    played: list[tuple[Sound, dict[int, float]]] = field(default_factory=list)
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    ready_ms: list[float] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)

    def load(self, said: Sequence[tuple[int, Line]], lead: float) -> None:
        """What is heard once the microphone is opened: (prompt from 1, or 0 for none; line)."""
        begins = sitting(self.wav, [line for _, line in said], lead, seed=len(self.played))
        sound, _ = soundfile.read(self.wav, dtype="float32")
        at = {prompt: begin for (prompt, _), begin in zip(said, begins, strict=True) if prompt}
        self.played.append((sound, at))

    def wait(self, prompt: int, seconds: float) -> None:
        """Until the page asks for that prompt."""
        self.loads.append(os.getloadavg()[0])
        self.page.wait_for_selector(f".vw-place >> text=/^Prompt {prompt}$/", timeout=1000 * seconds)

    def rise(self) -> None:
        """The sitting is over: note what the page told, and come back later."""
        self.loads.append(os.getloadavg()[0])
        self.seen += [tuple(row) for row in self.page.evaluate("window.seen")]
        self.ready_ms += self.page.evaluate("window.readyMs")
        self.page.reload()
        open_tab(self.page, "Record")
        self.page.wait_for_selector(".vw-count >> text=50 of 50")

    def told(self, prompt: int, words: str) -> bool:
        """Whether the page said `words` about that prompt."""
        name = f"Prompt {prompt}"
        return any(
            (words in said and (place == name or f"{name} is saved" in said))
            or (words in doubt and doubt.startswith(f"{name}:"))
            for place, said, doubt in self.seen
        )

    def again(self) -> list[int]:
        """The prompts to say once more, in order, once all takes were heard."""
        until = time.monotonic() + 60
        while any(v.heard is None for v in self.takes()) and time.monotonic() < until:
            self.page.wait_for_timeout(300)
        found = record.queue(self.lib, self.project, "me")
        return [i for i, prompt in enumerate(found.prompts, 1) if prompt.id in found.again]

    def takes(self, spare: bool = False) -> list[View]:
        """What is in the library, the takes that were said again too with `spare`."""
        return self.lib.clips.views(self.project.id, spare=spare)


@pytest.fixture
def sat(playwright: Playwright, chromium: str, app: App, tmp_path: Path) -> Iterator[Sitting]:
    """A project of 50 short prompts, open on the Record tab of a browser that hears `wav`."""
    lib = Library(DataRoot(app.data))
    made = projects.create(lib, "Fifty", "file", "en", "\n".join(PROMPTS).encode(), "fifty.txt")
    wav = tmp_path / "said.wav"
    browser = playwright.chromium.launch(executable_path=chromium, args=hearing(wav))
    page = browser.new_context(viewport={"width": 1280, "height": 900}, permissions=["microphone"]).new_page()
    page.set_default_timeout(40_000)
    page.add_init_script(f"({SEEN})()")
    page.goto(app.url)
    page.click("#project-list >> text=Fifty")
    page.wait_for_selector(".vw-open >> text=Fifty")
    open_tab(page, "Record")
    page.wait_for_selector(".vw-count >> text=of 50")
    yield Sitting(page, lib, made.project, wav)
    browser.close()


def said_in_order() -> list[tuple[int, Line]]:
    """The first sitting: a sentence for the microphone check, then each prompt, four of them wrongly."""
    said = [(0, Line("order number one two three and four five six", pause=7))]
    for prompt, text in enumerate(PROMPTS, 1):
        line = Line(text, pause=2.4 if prompt == BY_KEY - 1 else 1.4 if prompt < BY_KEY else 2.0)
        wrongly = {CLIPPED: [replace(line, level=4.0), line], QUIET: [replace(line, level=0.06 * LEVEL)],
                   CUT: [line, line], WRONG: [replace(line, text=PROMPTS[WRONG])]}
        said += [(prompt, one) for one in wrongly.get(prompt, [line])]
    return said


def first_sitting(sat: Sitting) -> None:
    """The check of the microphone, 40 prompts hands-free, the others by key."""
    page = sat.page
    sat.load(said_in_order(), lead=3.2)
    page.click(".vw-recorder [data-do=test]")
    page.wait_for_selector(".vw-said >> text=dBFS")
    page.check(".vw-hands")
    sat.wait(CUT, 180)
    phase(page, "recording")
    page.wait_for_timeout(700)  # the voice began up to half a second ago; it goes on for another second
    page.keyboard.press("Space")
    page.wait_for_selector(".vw-said >> text=was cut off")
    sat.wait(BY_KEY, 180)
    page.uncheck(".vw-hands")
    for _ in range(BY_KEY, len(PROMPTS) + 1):
        record_take(page, 1.6)


def later_sitting(sat: Sitting, again: Sequence[int]) -> None:
    """What is offered again, said well."""
    sat.rise()
    said = [(prompt, Line(PROMPTS[prompt - 1])) for prompt in again]
    said[-1] = (again[-1], Line(PROMPTS[again[-1] - 1], pause=60))  # it would be heard over and over
    sat.load(said, lead=3.0)
    sat.page.check(".vw-hands")
    sat.wait(again[0], 10)
    sat.page.keyboard.press("Space")
    sat.page.wait_for_selector(".vw-said >> text=Go on to Review", timeout=6000 * len(again) + 20_000)


def test_fifty_prompts_with_four_faults_end_as_fifty_good_takes(
    sat: Sitting, figure: Callable[[str], None]
) -> None:
    began = time.monotonic()
    first_sitting(sat)
    rounds = []
    while (again := sat.again()) and len(rounds) < 3:
        rounds.append(again)
        later_sitting(sat, again)
    sat.rise()
    figure(f"50 prompts in {time.monotonic() - began:.0f} s; said again in later sittings: {rounds}")
    assert sat.told(CLIPPED, "it clipped: thrown away")
    assert sat.told(CUT, "The last sound was cut off: thrown away")
    assert sat.told(QUIET, "too quiet")
    assert sat.told(WRONG, "This sounds like another prompt")
    assert {QUIET, WRONG} <= set(rounds[0])

    takes = sat.takes()
    wanted = [prompt.id for prompt in sat.lib.prompts.of(sat.project.id)]
    assert sorted(view.clip.prompt_id or 0 for view in takes) == sorted(wanted)
    assert sat.again() == []
    assert [f for view in takes for f in faults(ClipQuality(**view.clip.quality))] == []
    by_key = sat.ready_ms[-len(PROMPTS) + BY_KEY - 1 - sum(map(len, rounds)) :][: len(PROMPTS) - BY_KEY + 1]
    figure(f"stop to ready: median {median(sat.ready_ms):.0f} ms of {len(sat.ready_ms)} takes, "
           f"{median(by_key):.0f} ms of those stopped by key")
    assert_nothing_is_dropped(sat, figure)
    assert median(sat.ready_ms) <= 150


def assert_nothing_is_dropped(sat: Sitting, figure: Callable[[str], None]) -> None:
    """Each take against what was played while it was recorded, in windows of 50 ms."""
    number = {prompt.id: i for i, prompt in enumerate(sat.lib.prompts.of(sat.project.id), 1)}
    matches: list[tuple[int, Match]] = []
    for view in sorted(sat.takes(spare=True), key=lambda v: v.clip.created_at):
        prompt = number[view.clip.prompt_id or 0]
        nth = sum(1 for known, _ in matches if known == prompt)
        sound, begins = [(s, b) for s, b in sat.played if prompt in b][nth]
        places = [begins[p] for p in (prompt, prompt - 1, prompt + 1) if p in begins]  # a slip is told above
        matches.append((prompt, best_match(sat.lib.root.path / view.clip.audio, sound, places)))
    worst = min(match.correlation for _, match in matches)
    drift = max(match.drift for _, match in matches)
    load = max(sat.loads) / (os.cpu_count() or 1)
    n_whole = sum(match.correlation > 0.99 and match.drift <= 0.001 for _, match in matches)
    figure(f"{n_whole} of {len(matches)} takes are what was played; lowest correlation of 50 ms {worst:.4f}, "
           f"largest gap {1000 * drift:.2f} ms (highest load {load:.1f} a core)")
    if n_whole < len(matches) and load > 1.5:  # this session alone makes less than one
        pytest.skip(f"sound in real time needs a machine that keeps up: load {load:.1f} a core; "
                    f"{n_whole} of {len(matches)} takes are what was played")
    bad = [(prompt, match) for prompt, match in matches if match.correlation <= 0.99 or match.drift > 0.001]
    assert bad == []


def best_match(take: Path, sound: Sound, places: Sequence[float]) -> Match:
    """The first place where the take is whole, else the one where it is most so."""
    found = []
    for place in places:
        found.append(compare(take, sound, place))
        if found[-1].correlation > 0.99:
            break
    return max(found, key=lambda match: match.correlation)
