"""The fresh test on the page: new prompts with new numbers, who recorded them, and the verdict on them."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.errors import StudioError
from core.library import Library
from core.runs.listing import RunCard
from core.steps import fresh, train, verdict
from core.steps.fresh import PROMPTS, Standing
from ui import run_card, verdict_card
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import needed, opened, stamp
from ui.texts import say
from ui.texts.retold import retold

QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "fresh", "concurrency_limit": 1}
TO_RECORD = "() => { document.querySelector('#voicewright-tabs [role=tab][data-tab-id=Record]')?.click(); }"


def build(page: Page, library: Library) -> None:
    """The card."""
    with gr.Column(elem_classes="vw-card", elem_id="fresh"):
        gr.HTML(show.heading(say("fresh.title")) + f"<p>{show.words('fresh.info')}</p>",
                apply_default_css=False)
        with gr.Row(equal_height=False):
            run = gr.Dropdown([], label=say("fresh.run"), elem_id="fresh-run")
            n = gr.Number(PROMPTS, label=say("fresh.n"), precision=0, minimum=1, maximum=fresh.MOST,
                          elem_id="fresh-n")
        state = gr.HTML(elem_id="fresh-state", apply_default_css=False)
        with gr.Row(elem_classes="vw-decide"):
            make = gr.Button(say("fresh.make"), elem_id="fresh-make")
            record = gr.Button(say("fresh.record"), elem_id="fresh-record")
            judge = gr.Button(say("fresh.judge"), variant="primary", elem_id="fresh-judge")
        found = gr.HTML(elem_id="fresh-verdict", apply_default_css=False)
    drawn = [state, make, record, judge, found]

    @shown
    def enter(slug: str, run_id: str | None) -> list[Any]:
        offered = choices(library, slug)
        chosen = run_id if run_id in [name for _, name in offered] else offered[0][1] if offered else None
        return [gr.update(choices=offered, value=chosen), *paint(library, slug, chosen)]

    @shown
    def begin(slug: str, run_id: str, wanted: float, who: str) -> list[Any]:
        fresh.make(library, needed(library, slug), run_id, int(wanted or 0), who)
        return paint(library, slug, run_id)

    @shown
    def give(slug: str, run_id: str) -> list[Any]:
        fresh.judge(library, needed(library, slug), run_id)
        return paint(library, slug, run_id)

    @shown
    def look(slug: str, run_id: str | None, before: str) -> list[Any]:
        if (now := f"{stamp(library, slug)} {run_id}") == before:
            return [gr.skip()] * (len(drawn) + 1)
        return [*paint(library, slug, run_id), now]

    last, seen = gr.State(""), [page.project, run]
    page.entered.change(enter, seen, [run, *drawn], **QUIET)
    run.change(shown(lambda slug, run_id: paint(library, slug, run_id)), seen, drawn, **QUIET)
    make.click(begin, [*seen, n, page.who], drawn, show_progress_on=make, concurrency_limit=1)
    judge.click(give, seen, drawn, show_progress_on=judge, concurrency_limit=1)
    record.click(None, None, None, js=TO_RECORD)
    page.tick.tick(look, [*seen, last], [*drawn, last], queue=False, show_progress="hidden")


def choices(lib: Library, slug: str) -> list[tuple[str, str]]:
    """The project's runs that have something to judge, newest first."""
    project = opened(lib, slug)
    cards = train.cards(lib, project, "train") if project else []
    return [(run_card.title(card), card.id) for card in cards
            if (card.run.checkpoints / "manifest.json").exists()]


def paint(lib: Library, slug: str, run_id: str | None) -> list[Any]:
    """How far the test is, which of the three buttons can be pressed, and the verdicts."""
    hidden = gr.update(visible=False)
    project = opened(lib, slug)
    if project is None or not run_id:
        missing = show.project_missing() if project is None else show.note(say("fresh.no_run"))
        return [missing, hidden, hidden, hidden, ""]
    try:
        now = fresh.standing(lib, project, run_id)
    except StudioError as error:
        return [show.note(retold(str(error)), "warn"), hidden, hidden, hidden, ""]
    n_left = len(now.prompts) - now.n_recorded
    return [state(now), gr.update(visible=now.can_make), gr.update(visible=n_left > 0),
            gr.update(visible=now.can_judge), "".join(_judged(card) for card in now.cards)]


def state(now: Standing) -> str:
    """The sentence on what to do next, the takes that are unsure, and the prompts."""
    said = show.note(retold(now.sentence), "ok" if now.can_judge else "info")
    unsure = {each.prompt: each.why for each in now.unsure}
    if not now.prompts:
        return said
    rows = [[show.text_of(prompt.text), show.text_of(prompt.grp),
             _fate(prompt.take_id, unsure.get(prompt.text))] for prompt in now.prompts]
    heads = [say("fresh.head.prompt"), say("fresh.head.kind"), say("fresh.head.state")]
    listed = show.table(heads, rows, say("fresh.table"))
    return f"{said}<details><summary>{show.words('fresh.prompts', n=len(rows))}</summary>{listed}</details>"


def _fate(take: str | None, why: str | None) -> str:
    if take is None:
        return show.words("fresh.waits")
    return show.text_of(retold(why)) if why else show.words("fresh.recorded")


def _judged(card: RunCard) -> str:
    """A fresh verdict, or how far it is."""
    found = verdict.of_run(card.run)
    if found:
        return verdict_card.fresh(found)
    if card.state in ("failed", "lost"):
        return show.failure(card, run_card.log_tail(card.run))
    return show.progress(card)
