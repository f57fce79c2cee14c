"""The whole set, on the Data tab: what the takes hold together, and what in it somebody should look at; each
odd thing is one press from its takes."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.quality.whole import Letter
from core.steps.spot_check import bars, checks, values
from core.steps.whole_set import JUDGED, Leaks, Voice, WholeSet, rarely, whole_set
from ui import going
from ui import view as show
from ui.check_table import value_of
from ui.errors import shown
from ui.page import Page
from ui.plot import histogram, line, plot
from ui.state import opened, stamp
from ui.texts import say

CHECK = "Spot-check"
SHOWN = 8
"""Groups of duplicates that are listed."""
QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "whole-set", "concurrency_limit": 1}
HISTOGRAMS = ("seconds", "words_per_second", "characters_per_second")
PRESS = """element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-see]');
  if (button) trigger('see', {kind: button.dataset.see, which: button.dataset.which});
});"""


@dataclass(frozen=True)
class Parts:
    """The components."""

    head: gr.HTML
    body: gr.Column
    growth: gr.HTML
    metric: gr.Radio
    plot: gr.HTML
    letters: gr.HTML
    voices: gr.HTML
    doubles: gr.HTML
    leaks: gr.HTML

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for."""
        return [self.head, self.body, self.growth, self.plot, self.letters, self.voices, self.doubles,
                self.leaks]


@lru_cache(maxsize=4)
def _found(root: str, slug: str, now: str) -> dict[str, WholeSet]:
    """A place for one answer by what the disk says: the page, its timer and each press ask for the same."""
    return {}


def found_of(lib: Library, project: Project) -> WholeSet:
    """The whole set as it is now."""
    kept = _found(str(lib.root.path), project.slug, stamp(lib, project.slug))
    if "" not in kept:
        kept[""] = whole_set(lib, project)
    return kept[""]


def paint(lib: Library, project: Project | None, metric: str) -> list[Any]:
    """The values of `Parts.drawn`."""
    if project is None or not (found := found_of(lib, project)).n_clips:
        said = show.note(say("whole.empty")) if project else ""
        return [said, gr.update(visible="hidden"), {}, {}, "", "", "", ""]
    curve = {"figure": line(found.growth, say("whole.words"), say("whole.distinct"))} if found.n_words else {}
    return [head(found), gr.update(visible=True), curve, lengths(lib, project, metric), letters(found),
            voices(found), doubles(found), leaks(found.leaks)]


def lengths(lib: Library, project: Project, metric: str) -> dict[str, Any]:
    """The histogram of a length or a rate."""
    drawn = bars(values(checks(lib, project), metric))
    return {"figure": histogram(drawn, say(f"metric.{metric}"))} if drawn else {}


def head(found: WholeSet) -> str:
    """The set in a few figures."""
    facts = [("time", show.duration(found.seconds)), ("takes", say("view.number", n=found.n_clips)),
             ("speakers", say("view.number", n=len(found.voices))),
             ("words", say("view.number", n=found.n_words)),
             ("distinct", say("view.number", n=found.n_distinct)),
             ("letters", say("view.number", n=len(found.letters)))]
    listed = "".join(f"<div><dt>{show.words(f'whole.{name}')}</dt><dd>{show.text_of(value)}</dd></div>"
                     for name, value in facts)
    missing = say("whole.without_text", n=found.n_without_text) if found.n_without_text else ""
    return f'<dl class="vw-figures vw-sums">{listed}</dl>{show.note(missing, "warn")}'


def _see(kind: str, which: str, label: str, title: str = "", css: str = "") -> str:
    """A button to the takes behind a figure; `label` is HTML already."""
    return (f'<button type="button" class="{css}" data-see="{kind}" data-which="{show.text_of(which)}" '
            f'title="{show.text_of(title)}">{label}</button>')


def letters(found: WholeSet) -> str:
    """The alphabet with its counts, strange signs first and marked."""
    strange = rarely(found)
    said = show.note(say("whole.strange", n=len(strange)), "warn") if strange else show.note(
        say("whole.no_strange"), "ok")
    rest = [letter for letter in found.letters if not letter.is_strange]
    made = "".join(_letter(letter) for letter in [*strange, *rest])
    named = show.words("whole.alphabet")
    return f'{said}<div class="vw-filters vw-letters" role="group" aria-label="{named}">{made}</div>'


def _letter(letter: Letter) -> str:
    face = show.text_of(letter.sign) if letter.sign.isprintable() else f"U+{ord(letter.sign):04X}"
    count = say("view.number", n=letter.n)
    mark = "⚠ " if letter.is_strange else ""
    said = f'{mark}<bdi>{face}</bdi> <b>{count}</b>'
    return _see("letter", letter.sign, said, letter.name, "vw-strange" if letter.is_strange else "")


def voices(found: WholeSet) -> str:
    """The speakers with their medians, and their takes that lie far from them."""
    heads = [say("whole.speaker"), say("whole.time"), say("whole.takes"),
             *(say(f"check.column.{name}") for name in JUDGED), say("whole.outliers")]
    rows = [_voice(voice) for voice in found.voices]
    return show.table(heads, rows, say("whole.voices"), "vw-figures-table")


def _voice(voice: Voice) -> list[str]:
    n = len(voice.outliers)
    label = show.words("view.takes", n=n)
    odd = _see("voice", voice.name, label, _why(voice)) if n else show.words("whole.none")
    name = show.text_of(voice.name) if voice.name else show.nothing("whole.nobody")
    return [name, show.text_of(show.duration(voice.seconds)),
            show.text_of(say("view.number", n=voice.n_clips)),
            *(show.text_of(value_of(voice.medians[name], name)) for name in JUDGED), odd]


def _why(voice: Voice) -> str:
    return ", ".join(f"{say(f'metric.{name}')}: {len(ids)}" for name, ids in voice.odd.items() if ids)


def doubles(found: WholeSet) -> str:
    """The same sound, and the same text, more than once."""
    return (_groups("sound", found.same_sound, found) + _groups("text", found.same_text, found))


def _groups(kind: str, groups: Sequence[tuple[str, ...]], found: WholeSet) -> str:
    n = sum(map(len, groups))
    if not groups:
        return show.note(say(f"whole.no_same_{kind}"), "ok")
    told = say(f"whole.same_{kind}", n=n, groups=len(groups))
    said = show.note(told, "warn" if kind == "sound" else "info")
    made = "".join(
        _see(kind, str(at), f"<bdi>{show.text_of(_short(found.names[ids[0]]))}</bdi> <b>{len(ids)}×</b>")
        for at, ids in enumerate(groups[:SHOWN]))
    rest = f" {show.words('whole.more', n=len(groups) - SHOWN)}" if len(groups) > SHOWN else ""
    return f'{said}<div class="vw-filters vw-doubles">{made}{rest}</div>'


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def leaks(found: Sequence[Leaks]) -> str:
    """What the parts of each dataset share."""
    if not found:
        return show.note(say("whole.no_dataset"))
    rows = [[show.text_of(one.dataset), *(_shared(kind, names) for kind, names in one.shared.items())]
            for one in found]
    heads = [say("data.head.name"), *(say(f"whole.leak.{kind}") for kind in found[0].shared)]
    bad = any(one.shared[kind] for one in found for kind in ("recording", "prompt", "text"))
    said = show.note(say("whole.leaking" if bad else "whole.no_leak"), "bad" if bad else "ok")
    return said + show.table(heads, rows, say("whole.leaks"))


def _shared(kind: str, names: tuple[str, ...]) -> str:
    """Nothing, or how much; voices that are met again are no fault, but worth knowing."""
    if not names:
        return f'<span class="vw-ok-text">✓ {show.words("whole.none")}</span>'
    css, sign = ("", "") if kind == "speaker" else ("vw-bad-text", "✗ ")
    named = show.text_of(_short(", ".join(names))) if kind in ("speaker", "text") else ""
    n = show.words("view.number", n=len(names))
    return f'<span class="{css}">{sign}{n}</span> <small>{named}</small>'


# --- the page

def build(page: Page, library: Library) -> None:
    """The section."""
    gr.HTML(show.heading(say("whole.title")), apply_default_css=False)
    parts = _layout()

    @shown
    def enter(slug: str, metric: str) -> list[Any]:
        return [*paint(library, opened(library, slug), metric), stamp(library, slug)]

    @shown
    def follow(slug: str, metric: str, before: str) -> list[Any]:
        if (now := stamp(library, slug)) == before:
            return [gr.skip()] * (len(parts.drawn) + 1)
        return [*paint(library, opened(library, slug), metric), now]

    @shown
    def draw(slug: str, metric: str) -> dict[str, Any]:
        project = opened(library, slug)
        return lengths(library, project, metric) if project else {}

    @shown
    def see(slug: str, event: gr.EventData) -> Any:
        project = opened(library, slug)
        asked = project and wanted(found_of(library, project), str(event.kind), str(event.which))
        return going.to(CHECK, only=asked[0], label=asked[1]) if asked else gr.skip()

    @shown
    def hear(metric: str, event: gr.EventData) -> Any:
        low, high = float(event.low), float(event.high)
        label = f"{say(f'metric.{metric}')} {low:.6g} – {high:.6g}"
        return going.to(CHECK, only={"metric": metric, "low": low, "high": high}, label=label)

    last = gr.State("")
    page.entered.change(enter, [page.project, parts.metric], [*parts.drawn, last], **QUIET)
    given = [page.project, parts.metric, last]
    page.tick.tick(follow, given, [*parts.drawn, last], queue=False, **QUIET)
    parts.metric.change(draw, [page.project, parts.metric], parts.plot, **QUIET)
    parts.plot.bar(hear, parts.metric, page.goto, **QUIET)
    for part in (parts.letters, parts.voices, parts.doubles):
        part.see(see, page.project, page.goto, **QUIET)


def wanted(found: WholeSet, kind: str, which: str) -> tuple[dict[str, Any], str] | None:
    """The filter of the spot-check behind a button, and what its chip says; None where it is gone."""
    if kind == "letter":
        return {"letter": which}, say("whole.letter", letter=which)
    if kind == "voice":
        ids = next((voice.outliers for voice in found.voices if voice.name == which), ())
        return {"clips": list(ids)}, say("whole.outliers_of", name=which)
    groups = found.same_sound if kind == "sound" else found.same_text
    at = int(which)
    return ({"clips": list(groups[at])}, say(f"whole.chip_{kind}")) if at < len(groups) else None


def _layout() -> Parts:
    made: dict[str, Any] = {"head": gr.HTML(elem_id="whole-head", apply_default_css=False)}
    with gr.Column(visible="hidden", elem_id="whole-set") as made["body"]:
        with gr.Row(elem_classes="vw-panes"):
            with gr.Column(min_width=320):
                gr.HTML(_small(say("whole.growth")), apply_default_css=False)
                made["growth"] = plot("whole-growth", say("whole.growth"), 260)
            with gr.Column(min_width=320):
                choices = [(say(f"metric.{name}"), name) for name in HISTOGRAMS]
                made["metric"] = gr.Radio(choices, value="seconds", label=say("whole.lengths"),
                                          elem_id="whole-metric")
                made["plot"] = plot("whole-plot", say("whole.lengths"), 230)
        gr.HTML(_small(say("whole.alphabet")), apply_default_css=False)
        made["letters"] = _pressed("whole-letters")
        gr.HTML(_small(say("whole.voices")), apply_default_css=False)
        made["voices"] = _pressed("whole-voices")
        gr.HTML(_small(say("whole.doubles")), apply_default_css=False)
        made["doubles"] = _pressed("whole-doubles")
        gr.HTML(_small(say("whole.leaks")), apply_default_css=False)
        made["leaks"] = gr.HTML(elem_id="whole-leaks", apply_default_css=False)
    return Parts(**made)


def _pressed(elem_id: str) -> gr.HTML:
    return gr.HTML(js_on_load=PRESS, elem_id=elem_id, apply_default_css=False)


def _small(title: str) -> str:
    return f'<h3 class="vw-h3">{show.text_of(title)}</h3>'
