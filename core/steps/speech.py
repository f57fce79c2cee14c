"""Speech that a run made, as it is heard and judged: sentence by sentence, side by side, blind until its
result is asked for."""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import BadInput, NotFound, Refused
from core.library import Library
from core.run_dir import RunDir
from core.runs import listing, votes
from core.runs.jobs.speak import joined, kept
from core.steps.blind import ANSWERS, Tally, tally
from core.steps.speak import KIND

SLOT = re.compile(r"(\d+)-([01])")
WHOLE = re.compile(r"whole-([01])")


@dataclass(frozen=True)
class Sound:
    """What one model made of one sentence: `id` by which it is served, and its row of figures; `title` is the
    model, "" while it is hidden whose it is."""

    id: str
    title: str
    row: dict[str, Any]


@dataclass(frozen=True)
class Sentence:
    """One sentence with the sounds that there are of it, in the order in which they are shown."""

    number: int
    text: str
    sounds: tuple[Sound, ...]
    answer: str = ""


@dataclass(frozen=True)
class Speech:
    """All of a run. `is_hidden`: two models, and it is not shown yet which is which; `wholes` are the joined
    sounds, (id, title), none while hidden; `n_models` speak beside each other."""

    run: RunDir
    order: dict[str, Any]
    sentences: tuple[Sentence, ...]
    wholes: tuple[tuple[str, str], ...]
    is_hidden: bool

    @property
    def n_models(self) -> int:
        """One, or two side by side."""
        return len(self.order["models"])

    @property
    def n_answered(self) -> int:
        """Sentences of which somebody has said which sound is better."""
        return sum(bool(sentence.answer) for sentence in self.sentences)


def of_run(run: RunDir) -> Speech:
    """What a run has said so far."""
    order, given = run.order(), votes.of_run(run)
    is_hidden = bool(order["blind"]) and not given.is_shown
    titles = ["" if is_hidden else model["title"] for model in order["models"]]
    rows = kept(run)
    sentences = tuple(
        Sentence(number, piece["text"], tuple(_sounds(order, number, rows, titles)),
                 given.answers.get(number, ""))
        for number, piece in enumerate(order["pieces"]))
    wholes = [(f"whole-{model}", title) for model, title in enumerate(titles)
              if not is_hidden and (run.path / joined(model)).is_file()]
    return Speech(run, order, sentences, tuple(wholes), is_hidden)


def _sounds(order: dict[str, Any], number: int, rows: dict[tuple[int, int], dict[str, Any]],
            titles: Sequence[str]) -> list[Sound]:
    """Of a blind comparison both or none: the first that is there would tell whose it is, as models speak one
    after the other."""
    found = []
    for slot in range(len(order["models"])):
        model = _model(order, number, slot)
        if row := rows.get((model, number)):
            found.append(Sound(f"{number}-{slot}", titles[model], row))
    return [] if order["blind"] and len(found) < len(order["models"]) else found


def _model(order: dict[str, Any], number: int, slot: int) -> int:
    """Which model stands in a slot: 0 is the left one."""
    return int((order["first"][number] + slot) % len(order["models"]))


def audio(run: RunDir, name: str) -> str:
    """Where the sound of that id lies in the run folder. Raises NotFound for one that is not there, Refused
    for one that would tell whose it is."""
    speech = of_run(run)
    if WHOLE.fullmatch(name) and speech.is_hidden:
        raise Refused("Whose sounds these are is hidden; show the result first.")
    if whole := WHOLE.fullmatch(name):
        return joined(int(whole[1]))
    rows = {sound.id: sound.row for sentence in speech.sentences for sound in sentence.sounds}
    if not SLOT.fullmatch(name) or not rows.get(name, {}).get("audio"):
        raise NotFound(f"There is no sound {name} in {run.id}; load the page anew.")
    return str(rows[name]["audio"])


# --- judged without knowing

def vote(run: RunDir, number: int, answer: str, who: str) -> None:
    """Keep which sound of a sentence was better; "" takes the answer back. Raises BadInput for another word,
    Refused once the result was shown or where there is nothing to compare."""
    if answer and answer not in ANSWERS:
        raise BadInput(f"“{answer}” is no answer; choose one of {', '.join(ANSWERS)}.")
    speech = of_run(run)
    is_there = 0 <= number < len(speech.sentences) and len(speech.sentences[number].sounds) == 2
    if not speech.order["blind"] or not is_there:
        raise Refused("There are no two sounds of this sentence to be compared blindly.")
    votes.give(run, number, answer, who)


def reveal(lib: Library, run: RunDir, who: str) -> Tally:
    """Whose the sounds are, from now on for everybody, and what the answers prove. Raises Refused before the
    first answer."""
    given = votes.of_run(run)
    if not given.answers:
        raise Refused("Nothing was answered yet: say of some sentences which sound is better, then look.")
    if not given.is_shown:
        votes.show(run, who)
    return result(lib, run)


def result(lib: Library, run: RunDir) -> Tally:
    """What the answers of this run and of all earlier ones that compared the same two models come to. Each
    earlier one was looked at, which is told."""
    order = run.order()
    one, other = (model["title"] for model in order["models"])
    earlier = _shown_before(lib, run)
    winners = [winner for each in [*earlier, run] for winner in _winners(each, order)]
    return tally(one, other, winners, len(earlier))


def _shown_before(lib: Library, run: RunDir) -> list[RunDir]:
    mine = run.order()
    return [card.run for card in listing.runs(lib.root, kind=KIND)
            if card.id != run.id and card.started <= mine["order"] / 1e9 and card.order.get("blind")
            and _pair(card.order) == _pair(mine) and votes.of_run(card.run).is_shown]


def _pair(order: dict[str, Any]) -> set[str]:
    return {model["path"] for model in order["models"]}


def _winners(run: RunDir, asked: dict[str, Any]) -> list[str]:
    """The title of the better model for each answer, as `asked` calls it, or "same" or "wrong"."""
    order = run.order()
    titles = {model["path"]: model["title"] for model in asked["models"]}
    found = []
    for number, answer in votes.of_run(run).answers.items():
        slot = {"left": 0, "right": 1}.get(answer)
        model = None if slot is None else order["models"][_model(order, number, slot)]
        found.append(answer if model is None else titles[model["path"]])
    return found
