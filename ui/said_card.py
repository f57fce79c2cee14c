"""What a run said as HTML: players side by side, figures in words, blind answers, and all such runs."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from core.library import Library
from core.runs.listing import RunCard
from core.steps import speech
from core.steps.blind import ANSWERS
from core.steps.speech import Sentence, Sound, Speech
from ui import blind, spoken_words
from ui import view as show
from ui.run_card import log_tail, warnings
from ui.texts import say
from ui.texts.retold import retold

SIDES = ("blind.side_left", "blind.side_right")
SNIPPET = 60
"""Letters of a text that a list shows."""


def value(lib: Library, card: RunCard | None) -> dict[str, Any]:
    """The value of the component (ui/static/said.js): parts that are drawn anew only where they changed."""
    if card is None:
        return {"run": "", "parts": []}
    said = speech.of_run(card.run)
    parts = [["head", _head(lib, said)]]
    parts += [[f"{card.id} {each.number}", _sentence(said, each)] for each in said.sentences if each.sounds]
    return {"run": card.id, "parts": [part for part in parts if part[1]]}


def state(card: RunCard | None) -> str:
    """The run as it stands with what it warns of; a failed or lost one with the end of its log."""
    if card is None:
        return show.note(say("speak.nothing_yet"))
    if card.state in ("failed", "lost"):
        return show.failure(card, log_tail(card.run))
    return show.progress(card) + warnings(card.run.events()[0])


def _head(lib: Library, said: Speech) -> str:
    """How far a blind comparison is, and the whole text to hear and to keep."""
    return (_blind(lib, said) if said.order["blind"] else "") + _wholes(said)


def _wholes(said: Speech) -> str:
    if not said.wholes:
        return ""
    panes = "".join(_whole(said, name, retold(title)) for name, title in said.wholes)
    return f'<h2 class="vw-h">{show.words("speak.whole")}</h2><div class="vw-two">{panes}</div>'


def _whole(said: Speech, name: str, title: str) -> str:
    player = _player(said, name, say("speak.whole_of", name=title))
    return f'<div class="vw-pane"><h3>{show.text_of(title)}</h3>{player}{_keep(said, name)}</div>'


def _keep(said: Speech, name: str) -> str:
    return (f'<p class="vw-files"><a href="{_place(said, name)}" download="{show.text_of(said.run.id)}-'
            f'{name}.wav">{show.words("speak.keep")}</a></p>')


def _place(said: Speech, name: str) -> str:
    return f"/run/{quote(said.run.id)}/sound/{name}.wav"


def _player(said: Speech, name: str, label: str) -> str:
    return (f'<audio controls preload="none" aria-label="{show.text_of(label)}" '
            f'src="{_place(said, name)}"></audio>')


def _sentence(said: Speech, sentence: Sentence) -> str:
    text = f'<h3><b>{sentence.number + 1}</b> <bdi>{show.text_of(sentence.text)}</bdi></h3>'
    panes = "".join(_pane(said, sentence, slot, sound) for slot, sound in enumerate(sentence.sounds))
    answers = _answers(sentence) if said.is_hidden else _answered(said, sentence)
    return f'{text}<div class="vw-two">{panes}</div>{answers}'


def _pane(said: Speech, sentence: Sentence, slot: int, sound: Sound) -> str:
    title = say(SIDES[slot]) if said.is_hidden else retold(sound.title)
    label = say("speak.sentence_of", n=sentence.number + 1, name=title)
    player = _player(said, sound.id, label) if sound.row["audio"] else show.nothing("spoken.nothing_said")
    told = "" if said.is_hidden else spoken_words.figures(sound.row) + _heard(sentence.text, sound)
    return f'<div class="vw-pane"><h3>{show.text_of(title)}</h3>{player}{told}</div>'


def _heard(text: str, sound: Sound) -> str:
    """What the recogniser made of it, where one heard it."""
    if "heard" not in sound.row:
        return ""
    _, heard = show.marked(text.lower(), sound.row["heard"])
    words = heard or show.nothing("view.nothing")
    return f'<p class="vw-heard vw-samples"><b>{show.words("speak.heard")}</b> <bdi>{words}</bdi></p>'


# --- blind

def _blind(lib: Library, said: Speech) -> str:
    if said.is_hidden:
        n = len(said.sentences)
        told = show.note(say("speak.answered", n=n, answered=said.n_answered))
        button = (f'<button type="button" class="vw-small" data-reveal>{show.words("speak.reveal")}</button>'
                  if said.n_answered else "")
        return told + button
    found = speech.result(lib, said.run)
    return blind.result(lib, replace(found, one=retold(found.one), other=retold(found.other)))


def _answers(sentence: Sentence) -> str:
    buttons = "".join(
        f'<button type="button" class="vw-small" data-vote="{name}" data-sentence="{sentence.number}" '
        f'aria-pressed="{str(sentence.answer == name).lower()}">{show.words(f"blind.{name}")}</button>'
        for name in ANSWERS)
    named = show.words("speak.which", n=sentence.number + 1)
    return f'<div class="vw-votes" role="group" aria-label="{named}">{buttons}</div>'


def _answered(said: Speech, sentence: Sentence) -> str:
    """What was answered, once it is known whose the sounds are."""
    if not said.order["blind"]:
        return ""
    answer = say(f"blind.{sentence.answer}") if sentence.answer else say("speak.not_answered")
    return f'<p class="vw-quiet">{show.words("speak.your_answer", answer=answer)}</p>'


# --- all of them

def history(found: Sequence[RunCard], chosen: str) -> str:
    """The runs of a project that spoke, each with a button that shows it."""
    if len(found) < 2:
        return ""
    heads = [say(f"speak.head.{name}") for name in ("when", "text", "models", "state", "show")]
    rows = [_row(card, chosen) for card in found]
    return show.heading(say("speak.all")) + show.table(heads, rows, say("speak.all"), "vw-said-runs")


def _row(card: RunCard, chosen: str) -> list[str]:
    text = str(card.order.get("text", ""))
    short = text if len(text) <= SNIPPET else text[:SNIPPET].rstrip() + " …"
    titles = ", ".join(retold(str(model["title"])) for model in card.order.get("models", []))
    pressed = str(card.id == chosen).lower()
    name = show.words("speak.show_text", text=short)
    button = (f'<button type="button" data-do="show" data-run="{show.text_of(card.id)}" '
              f'aria-pressed="{pressed}" aria-label="{name}">{show.words("run.do.show")}</button>')
    return [show.when(card.started), f"<bdi>{show.text_of(short)}</bdi>", show.text_of(titles),
            show.chip(say(f"state.{card.state}"), card.state), f'<span class="vw-actions">{button}</span>']

