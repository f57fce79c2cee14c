"""The script of a project as HTML: filters with their counts, a page of prompts, what can be done to each."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.library import Prompt
from ui import view as show
from ui.texts import say

PAGE_ROWS = 15
MOST_CHARS = 400
ACTIONS = ("must", "up", "down", "top", "edit", "delete")
FILTERS: dict[str, tuple[str, Callable[[Prompt], bool]]] = {
    "all": ("script.all", lambda prompt: True),
    "left": ("script.left", lambda prompt: not prompt.take_id and not prompt.skipped),
    "must": ("script.must", lambda prompt: prompt.must),
    "skipped": ("script.skipped", lambda prompt: bool(prompt.skipped)),
}
Seat = dict[str, Any]
"""Project, filter, what is searched for, the first row of the page, and the prompt that is being edited."""
NEW: Seat = {"project": "", "which": "all", "search": "", "first": 0, "editing": 0}
Places = list[tuple[int, Prompt]]


def fitting(prompts: Sequence[Prompt], seat: Seat) -> Places:
    """Those that the filter and the search leave, each with its place in the script, counted from 1."""
    is_wanted, words = FILTERS[seat["which"]][1], seat["search"].casefold().split()
    return [(place, prompt) for place, prompt in enumerate(prompts, 1)
            if is_wanted(prompt) and all(word in f"{prompt.text} {prompt.grp}".casefold() for word in words)]


def settled(seat: Seat, n: int) -> Seat:
    """The seat on a page that there is, of `n` rows."""
    last = max(n - 1, 0) // PAGE_ROWS * PAGE_ROWS
    return {**seat, "first": min(max(seat["first"], 0), last)}


def summary(prompts: Sequence[Prompt]) -> str:
    """Where the script stands, in a sentence."""
    if not prompts:
        return show.note(say("script.none"))
    recorded = sum(bool(prompt.take_id) for prompt in prompts)
    musts = [prompt for prompt in prompts if prompt.must and not prompt.skipped]
    missing = sum(not prompt.take_id for prompt in musts)
    said = say("script.summary", n=len(prompts), recorded=recorded)
    if musts:
        left = say("script.missing", n=missing) if missing else say("script.none_missing")
        said += " " + say("script.musts", n=len(musts), left=left)
    return f'<p class="vw-quiet">{show.text_of(said)}</p>'


def listing(prompts: Sequence[Prompt], seat: Seat) -> str:
    """The filters and one page of the script."""
    if not prompts:
        return ""
    found = fitting(prompts, seat)
    first = seat["first"]
    page = found[first : first + PAGE_ROWS]
    rows = "".join(_row(place, prompt, seat["editing"], first + at, len(found))
                   for at, (place, prompt) in enumerate(page))
    named = show.words("script.in_order")
    body = (f'<div class="vw-table vw-script"><table><caption class="vw-sr">{named}</caption>'
            f"<tbody>{rows}</tbody></table></div>{_pager(first, len(found))}")
    return _filters(prompts, seat) + (body if found else _nothing(len(prompts)))


def _filters(prompts: Sequence[Prompt], seat: Seat) -> str:
    made = []
    for name, (title, fits) in FILTERS.items():
        pressed = str(name == seat["which"]).lower()
        n = sum(map(fits, prompts))
        made.append(f'<button type="button" data-do="filter" data-value="{name}" aria-pressed="{pressed}">'
                    f"{show.words(title)} <b>{say('view.number', n=n)}</b></button>")
    named = show.words("script.show")
    return f'<div class="vw-filters" role="group" aria-label="{named}">{"".join(made)}</div>'


def _nothing(n_all: int) -> str:
    nothing, all_of_them = show.words("script.nothing"), show.words("script.show_all", n=n_all)
    return (f'<div class="vw-empty-state"><p>{nothing}</p><button type="button" data-do="filter" '
            f'data-value="">{all_of_them}</button></div>')


def _row(place: int, prompt: Prompt, editing: int, at: int, n: int) -> str:
    inner = _edited(prompt) if prompt.id == editing else _read(prompt, at, n)
    known = f'data-prompt="{prompt.id}" data-takes="{prompt.n_takes}"'
    return f"<tr {known}><td>{say('view.number', n=place)}</td>{inner}</tr>"


def _read(prompt: Prompt, at: int, n: int) -> str:
    text = show.text_of(prompt.text)
    pressed = f' aria-pressed="{str(prompt.must).lower()}"'
    star = "★" if prompt.must else "☆"
    named = {what: say(f"script.act.{what}", text=prompt.text) for what in ACTIONS}
    actions = [_button("must", f"{star} {say('script.must')}", named["must"], pressed),
               _button("up", "↑", named["up"], " disabled" * (at == 0)),
               _button("down", "↓", named["down"], " disabled" * (at == n - 1)),
               _button("top", say("script.top"), named["top"], " disabled" * (at == 0)),
               _button("edit", say("script.edit"), named["edit"]),
               _button("delete", say("script.delete"), named["delete"])]
    return (f'<td><span dir="auto">{text}</span> {_marks(prompt)}</td>'
            f'<td><span class="vw-actions">{"".join(actions)}</span></td>')


def _edited(prompt: Prompt) -> str:
    text = show.text_of(prompt.text)
    skip = _button("unskip", say("script.ask"), say("script.ask_why")) if prompt.skipped else _button(
        "skip", say("script.leave"), say("script.leave_why"))
    actions = [_button("save", say("script.save"), say("script.save_why")),
               _button("cancel", say("script.cancel"), say("script.cancel_why")), skip]
    return (f'<td><input type="text" dir="auto" maxlength="{MOST_CHARS}" value="{text}" data-was="{text}" '
            f'aria-label="{show.words("script.text")}"></td>'
            f'<td><span class="vw-actions">{"".join(actions)}</span></td>')


def _button(what: str, label: str, title: str, more: str = "") -> str:
    said = show.text_of(title)
    named = f'title="{said}" aria-label="{said}"'
    return f'<button type="button" data-do="{what}" {named}{more}>{show.text_of(label)}</button>'


def _marks(prompt: Prompt) -> str:
    made = [show.chip(say("view.takes", n=prompt.n_takes), "done")] if prompt.n_takes else []
    made += [show.chip(say("script.left_out", why=prompt.skipped), "queued")] if prompt.skipped else []
    return "".join(made)


def _pager(first: int, n: int) -> str:
    if n <= PAGE_ROWS:
        return ""
    last = min(first + PAGE_ROWS, n)
    before, after = (" disabled" * is_end for is_end in (first == 0, last >= n))
    back, following = first - PAGE_ROWS, show.words("view.page_after")
    where = show.words("view.rows", first=first + 1, last=last, n=n)
    return (f'<div class="vw-pager"><button type="button" data-do="page" data-value="{back}"{before}>'
            f"{show.words('view.page_before')}</button><span>{where}</span>"
            f'<button type="button" data-do="page" data-value="{last}"{after}>{following}</button></div>')
