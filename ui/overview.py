"""Where a project stands, in words, and the one thing to do next: the right half of the Project tab."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.library import Library
from core.steps import projects
from core.steps.projects import Overview
from ui.errors import shown
from ui.page import Page
from ui.state import opened, stamp
from ui.view import text_of

WELCOME = """<section class="vw-hero"><h2>Teach a speech model with your own voice</h2>
<p>Record, check by ear and by number, train, see what it gained. All stays on this machine.</p>
<ol><li><b>See it work.</b> Open the sample project: takes ready to review and train in a few minutes.</li>
<li><b>Do it yourself.</b> Make a new project; Numbers brings 50 prompts to read aloud.</li></ol>
</section>"""


def build(page: Page, library: Library) -> None:
    """The card and the button that goes on; both follow the library by themselves."""
    card = gr.HTML(WELCOME, elem_id="project-overview")
    onward = gr.Button("", variant="primary", visible=False, elem_id="project-next")
    seen, target = gr.State(""), gr.State("")
    out = [card, onward, target, seen]
    quiet: dict[str, Any] = {"show_progress": "hidden"}

    @shown
    def draw(slug: str) -> list[Any]:
        now = stamp(library, slug)
        project = opened(library, slug)
        if project is None:
            return [WELCOME, gr.update(visible=False), "", now]
        found = projects.overview(library, project)
        button = gr.update(value=f"Go to {found.next_tab}  →", visible=found.next_tab != "Project")
        return [card_of(project.name, found), button, found.next_tab, now]

    @shown
    def follow(slug: str, before: object) -> list[Any]:
        return [gr.skip()] * len(out) if stamp(library, slug) == before else draw(slug)

    page.project.change(draw, page.project, out, **quiet)
    page.tick.tick(follow, [page.project, seen], out, queue=False, **quiet)
    onward.click(lambda tab: gr.Tabs(selected=tab), target, page.tabs, **quiet)


def card_of(name: str, found: Overview) -> str:
    """The overview as HTML."""
    percent = round(100 * found.n_recorded / found.n_prompts) if found.n_prompts else 0
    rows = "".join(f"<div><dt>{head}</dt><dd>{text_of(value)}</dd></div>" for head, value in facts(found))
    return (
        f'<section class="vw-card"><h2>{text_of(name)}</h2>'
        f'<div class="vw-bar" role="img" aria-label="{percent} % of the prompts are recorded">'
        f'<i style="width:{percent}%"></i></div><dl class="vw-facts">{rows}</dl>'
        f'<p class="vw-next"><b>Next:</b> {text_of(found.next_step)}</p></section>'
    )


def facts(found: Overview) -> list[tuple[str, str]]:
    """The counts in words; before the first take there is only one."""
    prompts = f"{found.n_recorded} of {found.n_prompts} prompts" if found.n_prompts else "no prompts yet"
    if not found.n_clips:
        return [("Recorded", prompts)]
    n_target = found.n_todo + found.n_accepted + found.n_rejected
    n_other = found.n_clips - n_target
    beside = f", {n_other} of them ordinary speech to measure against" if n_other else ""
    mismatch = f"{found.n_mismatch} undecided takes differ from their prompt" if found.n_mismatch else "none"
    return [
        ("Recorded", prompts),
        ("Takes", f"{found.n_clips}, {found.minutes:.1f} min of sound{beside}"),
        ("Transcribed", f"{found.n_transcribed} of {n_target}"),
        ("Reviewed", f"{found.n_accepted} accepted, {found.n_rejected} rejected, {found.n_todo} to do"),
        ("Mismatches", mismatch),
    ]
