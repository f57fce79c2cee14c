"""The script of a project as HTML: filters with their counts, a page of prompts, what can be done to each."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.library import Prompt
from ui import view as show

PAGE_ROWS = 15
MOST_CHARS = 400
FILTERS: dict[str, tuple[str, Callable[[Prompt], bool]]] = {
    "all": ("All", lambda prompt: True),
    "left": ("Not recorded", lambda prompt: not prompt.take_id and not prompt.skipped),
    "must": ("Must", lambda prompt: prompt.must),
    "skipped": ("Left out", lambda prompt: bool(prompt.skipped)),
}
NO_PROMPTS = "There are no prompts yet. Type one below, bring a file, or let some be made."
NOTHING = "No prompt fits what is searched for here."
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
        return show.note(NO_PROMPTS)
    recorded = sum(bool(prompt.take_id) for prompt in prompts)
    musts = [prompt for prompt in prompts if prompt.must and not prompt.skipped]
    missing = sum(not prompt.take_id for prompt in musts)
    said = f"{show.count(len(prompts), 'prompt')}, {recorded:,} recorded."
    if musts:
        left = f"{missing:,} {'is' if missing == 1 else 'are'} missing" if missing else "none is missing"
        said += f" {show.count(len(musts), 'must', 'musts')}, of which {left}."
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
    body = ('<div class="vw-table vw-script"><table><caption class="vw-sr">The prompts, in order</caption>'
            f"<tbody>{rows}</tbody></table></div>{_pager(first, len(found))}")
    return _filters(prompts, seat) + (body if found else _nothing(len(prompts)))


def _filters(prompts: Sequence[Prompt], seat: Seat) -> str:
    made = []
    for name, (title, fits) in FILTERS.items():
        pressed = str(name == seat["which"]).lower()
        n = sum(map(fits, prompts))
        made.append(f'<button type="button" data-do="filter" data-value="{name}" aria-pressed="{pressed}">'
                    f"{title} <b>{n:,}</b></button>")
    return f'<div class="vw-filters" role="group" aria-label="Show">{"".join(made)}</div>'


def _nothing(n_all: int) -> str:
    return (f'<div class="vw-empty-state"><p>{NOTHING}</p><button type="button" data-do="filter" '
            f'data-value="">Show all {n_all:,}</button></div>')


def _row(place: int, prompt: Prompt, editing: int, at: int, n: int) -> str:
    inner = _edited(prompt) if prompt.id == editing else _read(prompt, at, n)
    return f'<tr data-prompt="{prompt.id}" data-takes="{prompt.n_takes}"><td>{place:,}</td>{inner}</tr>'


def _read(prompt: Prompt, at: int, n: int) -> str:
    text = show.text_of(prompt.text)
    pressed = f' aria-pressed="{str(prompt.must).lower()}"'
    star = "★" if prompt.must else "☆"
    actions = [_button("must", f"{star} Must", f"Must: “{text}” has to be recorded", pressed),
               _button("up", "↑", f"Move “{text}” up", " disabled" * (at == 0)),
               _button("down", "↓", f"Move “{text}” down", " disabled" * (at == n - 1)),
               _button("top", "Top", f"Move “{text}” to the top", " disabled" * (at == 0)),
               _button("edit", "Edit", f"Edit “{text}”"), _button("delete", "Delete", f"Delete “{text}”")]
    return (f'<td><span dir="auto">{text}</span> {_marks(prompt)}</td>'
            f'<td><span class="vw-actions">{"".join(actions)}</span></td>')


def _edited(prompt: Prompt) -> str:
    text = show.text_of(prompt.text)
    skip = _button("unskip", "Ask again", "Ask for this prompt again") if prompt.skipped else _button(
        "skip", "Leave out", "Leave this prompt out, and say why")
    actions = [_button("save", "Save", "Save the text"), _button("cancel", "Cancel", "As it was"), skip]
    return (f'<td><input type="text" dir="auto" maxlength="{MOST_CHARS}" value="{text}" data-was="{text}" '
            f'aria-label="Text of the prompt"></td>'
            f'<td><span class="vw-actions">{"".join(actions)}</span></td>')


def _button(what: str, label: str, title: str, more: str = "") -> str:
    named = f'title="{title}" aria-label="{title}"'
    return f'<button type="button" data-do="{what}" {named}{more}>{label}</button>'


def _marks(prompt: Prompt) -> str:
    made = [show.chip(show.count(prompt.n_takes, "take"), "done")] if prompt.n_takes else []
    made += [show.chip(f"left out: {prompt.skipped}", "queued")] if prompt.skipped else []
    return "".join(made)


def _pager(first: int, n: int) -> str:
    if n <= PAGE_ROWS:
        return ""
    last = min(first + PAGE_ROWS, n)
    before, after = (" disabled" * is_end for is_end in (first == 0, last >= n))
    back = first - PAGE_ROWS
    return (f'<div class="vw-pager"><button type="button" data-do="page" data-value="{back}"{before}>'
            f"← Page before</button><span>{first + 1:,} to {last:,} of {n:,}</span>"
            f'<button type="button" data-do="page" data-value="{last}"{after}>Next page →</button></div>')
