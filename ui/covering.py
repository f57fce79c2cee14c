"""The coverage meter: which digits stand where and follow each other, and what would mend it."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from core.errors import BadInput, StudioError
from core.library import Library, Project
from core.steps import prompts
from core.text.coverage import Coverage
from core.text.generator_options import MARK
from core.text.suggestions import Suggestion
from ui import view as show
from ui.errors import shown
from ui.page import Follow, Page
from ui.script_tools import told
from ui.state import needed, opened, stamp
from ui.texts import say
from ui.texts.retold import retold

DIGITS = "0123456789"
SHOWN = 12
QUIET: dict[str, Any] = {"show_progress": "hidden"}


def meter(found: Coverage) -> str:
    """The coverage as HTML: the sentence, digits by place, pairs, phrases, and each group by itself."""
    kind = "ok" if _is_whole(found) else "warn" if found.n_codes else "info"
    said = show.note(retold(found.sentence), kind)
    if not found.n_codes:
        return said
    told = {name or say("cover.no_group"): retold(part.sentence) for name, part in found.groups.items()}
    groups = "".join(f"<li><b>{show.text_of(name)}</b>: {show.text_of(what)}</li>"
                     for name, what in told.items())
    return (f'{said}<div class="vw-two">{places(found)}{pairs(found)}</div>{phrases(found)}'
            f'<details><summary>{show.words("cover.by_group")}</summary>'
            f'<ul class="vw-groups">{groups}</ul></details>')


def _is_whole(found: Coverage) -> bool:
    return bool(found.n_codes) and not found.missing_places and not found.missing_pairs


def places(found: Coverage) -> str:
    """A row a place in the number, a column a digit."""
    missing, rare = set(found.missing_places), set(found.rare_places)
    rows = [(str(at), [_cell(n, "missing" if (at, d) in missing else "rare" if (at, d) in rare else "")
                       for d, n in enumerate(counts)]) for at, counts in enumerate(found.places, 1)]
    share = show.percent(found.share_of_places, 0)
    meaning = say("cover.places_mean", share=share)
    return _grid(say("cover.places"), meaning, say("cover.place"), rows)


def pairs(found: Coverage) -> str:
    """A row the first digit of a pair, a column the second."""
    missing, rare = set(found.missing_pairs), set(found.rare_pairs)
    rows = [(str(a), [_cell(n, "missing" if f"{a}{b}" in missing else "rare" if f"{a}{b}" in rare else "")
                      for b, n in enumerate(counts)]) for a, counts in enumerate(found.pairs)]
    share = show.percent(found.share_of_pairs, 0)
    meaning = say("cover.pairs_mean", share=share)
    return _grid(say("cover.pairs"), meaning, say("cover.after"), rows)


def _cell(n: int, kind: str) -> str:
    title = f' class="vw-{kind}" title="{say(f"cover.{kind}")}"' if kind else ""
    return f"<td{title}>{say('view.number', n=n)}</td>"


def _grid(title: str, meaning: str, corner: str, rows: Sequence[tuple[str, list[str]]]) -> str:
    heads = "".join(f'<th scope="col">{digit}</th>' for digit in DIGITS)
    body = "".join(f'<tr><th scope="row">{name}</th>{"".join(cells)}</tr>' for name, cells in rows)
    return (f'<div class="vw-grid"><h3>{title}</h3><p class="vw-quiet">{meaning}</p>'
            f'<div class="vw-table" tabindex="0" role="region" aria-label="{title}"><table>'
            f"<thead><tr><td>{corner}</td>{heads}</tr></thead><tbody>{body}</tbody></table></div></div>")


def phrases(found: Coverage) -> str:
    """The phrases around the numbers, each with how many prompts it has."""
    shown = list(found.carriers.items())
    rows = "".join(f"<li>{show.text_of(phrase.replace(MARK, '…'))} <b>{say('view.number', n=n)}</b></li>"
                   for phrase, n in shown[:SHOWN])
    more = f"<li>{say('make.more', n=len(shown) - SHOWN)}</li>" if len(shown) > SHOWN else ""
    return f'<div><h3>{show.words("cover.phrases")}</h3><ul class="vw-phrases">{rows}{more}</ul></div>'


def proposed(found: Sequence[Suggestion]) -> str:
    """The prompts worth adding, each with what it brings."""
    if not found:
        return show.note(say("cover.no_suggestion"))
    rows = [[f'<span dir="auto">{show.text_of(each.draft.text)}</span>', show.text_of(retold(each.sentence))]
            for each in found[:SHOWN]]
    more = show.note(say("make.more", n=len(found) - SHOWN)) if len(found) > SHOWN else ""
    return show.table([say("cover.worth"), say("cover.why")], rows, say("cover.worth")) + more


def drawn(lib: Library, project: Project | None, n: float | None) -> list[Any]:
    """Meter, proposals as HTML, the proposals, the button; a sentence where nothing can be proposed."""
    if project is None:
        return ["", "", [], gr.update(visible=False)]
    said = meter(prompts.coverage(lib, project))
    try:
        found = prompts.suggest(lib, project, int(n or 0))
    except StudioError as error:
        return [said, show.note(retold(str(error)), "bad"), [], gr.update(visible=False)]
    button = gr.update(value=say("cover.add", n=len(found)), visible=bool(found))
    return [said, proposed(found), found, button]


def build(page: Page, library: Library, follow: Follow) -> None:
    """The accordion; it counts while it is open."""
    with gr.Accordion(say("cover.title"), open=False, elem_id="prompts-cover") as box:
        said = gr.HTML(elem_id="cover-meter", apply_default_css=False)
        n = gr.Number(10, precision=0, label=say("cover.propose"), elem_id="cover-n", scale=0, min_width=180)
        better = gr.HTML(elem_id="cover-proposed", apply_default_css=False)
        add = gr.Button(say("make.add"), variant="primary", visible=False, elem_id="cover-add")
    proposals, is_open, seen = gr.State([]), gr.State(False), gr.State("")
    outputs = [said, better, proposals, add]

    @shown
    def draw(slug: str, count: float | None) -> list[Any]:
        return [*drawn(library, opened(library, slug), count), True, stamp(library, slug)]

    @shown
    def look(slug: str, count: float | None, looks: bool, before: str) -> list[Any]:
        unchanged = not looks or stamp(library, slug) == before
        return [gr.skip()] * 6 if unchanged else draw(slug, count)

    @shown
    def append(slug: str, who: str, found: list[Suggestion]) -> None:
        if not found:
            raise BadInput(say("cover.none_proposed"))
        told(prompts.add(library, needed(library, slug), [each.draft for each in found], who))

    every, asked = [*outputs, is_open, seen], [page.project, n]
    box.expand(draw, asked, every, **QUIET)
    box.collapse(lambda: False, None, is_open, **QUIET)
    n.input(draw, asked, every, trigger_mode="always_last", **QUIET)
    page.tick.tick(look, [*asked, is_open, seen], every, queue=False, **QUIET)
    done = add.click(append, [page.project, page.who, proposals], **QUIET)
    done.success(draw, asked, every, **QUIET)
    follow(done, True)
