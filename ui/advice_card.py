"""What the curves of a run suggest, as a card: a sentence each, and a button that opens the form with it."""
from __future__ import annotations

import json
from collections.abc import Sequence

from core.evaluation.advice import Advice
from ui import view as show
from ui.texts.retold import retold

CLICKS = """element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-change]');
  if (button) trigger('again', {change: JSON.parse(button.dataset.change)});
});"""


def card(found: Sequence[Advice], run_id: str) -> str:
    """The advice on a run; nothing for none."""
    lines = "".join(_line(advice, run_id) for advice in found)
    if not lines:
        return ""
    named = show.words("room.advice")
    return (f'<section class="vw-card vw-advice" aria-label="{named}"><h3>{named}</h3>'
            f"<ul>{lines}</ul></section>")


def _line(advice: Advice, run_id: str) -> str:
    button = ""
    if advice.change:
        change = show.text_of(json.dumps({"run": run_id, "options": dict(advice.change)}))
        button = f'<button type="button" data-change="{change}">{show.words("room.again")}</button>'
    sentence = show.text_of(retold(advice.sentence))
    return f'<li data-advice="{show.text_of(advice.code)}"><span>{sentence}</span>{button}</li>'
