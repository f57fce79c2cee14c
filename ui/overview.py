"""Where a project stands, in words, and the one thing to do next: the right half of the Project tab."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.library import Library
from core.steps import projects
from core.steps.projects import Overview
from ui.errors import shown
from ui.page import Page, title_of
from ui.state import opened, stamp
from ui.texts import say
from ui.texts.retold import retold
from ui.view import text_of, words


def build(page: Page, library: Library) -> None:
    """The card and the button that goes on; both follow the library by themselves."""
    card = gr.HTML(welcome(), elem_id="project-overview")
    onward = gr.Button("", variant="primary", visible=False, elem_id="project-next")
    seen, target = gr.State(""), gr.State("")
    out = [card, onward, target, seen]
    quiet: dict[str, Any] = {"show_progress": "hidden"}

    @shown
    def draw(slug: str) -> list[Any]:
        now = stamp(library, slug)
        project = opened(library, slug)
        if project is None:
            return [welcome(), gr.update(visible=False), "", now]
        found = projects.overview(library, project)
        go = say("overview.go", tab=title_of(found.next_tab))
        button = gr.update(value=go, visible=found.next_tab != "Project")
        return [card_of(project.name, found), button, found.next_tab, now]

    @shown
    def follow(slug: str, before: object) -> list[Any]:
        return [gr.skip()] * len(out) if stamp(library, slug) == before else draw(slug)

    page.showing.change(draw, page.project, out, **quiet)
    page.tick.tick(follow, [page.project, seen], out, queue=False, **quiet)
    onward.click(lambda tab: gr.Tabs(selected=tab), target, page.tabs, **quiet)


def welcome() -> str:
    """What stands there before a project is open."""
    ways = (say("overview.see"), say("overview.see_how")), (say("overview.own"), say("overview.own_how"))
    steps = "".join(f"<li><b>{text_of(what)}</b> {text_of(how)}</li>" for what, how in ways)
    head, lead = words("overview.head"), words("overview.lead")
    return f'<section class="vw-hero"><h2>{head}</h2><p>{lead}</p><ol>{steps}</ol></section>'


def card_of(name: str, found: Overview) -> str:
    """The overview as HTML."""
    percent = round(100 * found.n_recorded / found.n_prompts) if found.n_prompts else 0
    onward = words("overview.next")
    share = words("overview.share", percent=percent)
    rows = "".join(f"<div><dt>{text_of(head)}</dt><dd>{text_of(value)}</dd></div>"
                   for head, value in facts(found))
    return (
        f'<section class="vw-card"><h2>{text_of(name)}</h2>'
        f'<div class="vw-bar" role="img" aria-label="{share}">'
        f'<i style="width:{percent}%"></i></div><dl class="vw-facts">{rows}</dl>'
        f'<p class="vw-next"><b>{onward}</b> {text_of(retold(found.next_step))}</p></section>'
    )


def facts(found: Overview) -> list[tuple[str, str]]:
    """The counts in words; before the first take there is only one."""
    recorded = say("overview.recorded_of", n=found.n_recorded, total=found.n_prompts)
    prompts = recorded if found.n_prompts else say("overview.no_prompts")
    if not found.n_clips:
        return [(say("overview.recorded"), prompts)]
    n_target = found.n_todo + found.n_accepted + found.n_rejected
    n_other = found.n_clips - n_target
    takes = say("overview.sound", n=found.n_clips, minutes=found.minutes)
    beside = say("overview.ordinary", n=n_other) if n_other else ""
    mismatch = say("overview.differ", n=found.n_mismatch) if found.n_mismatch else say("overview.none")
    return [
        (say("overview.recorded"), prompts),
        (say("overview.takes"), takes + beside),
        (say("overview.transcribed"), say("overview.of", n=found.n_transcribed, total=n_target)),
        (say("overview.reviewed"), say("overview.decided", accepted=found.n_accepted,
                                       rejected=found.n_rejected, todo=found.n_todo)),
        (say("overview.mismatches"), mismatch),
    ]
