"""Blind comparison: two models hear one recording, and somebody says whose text is better, not knowing whose.

Which text stands first is drawn here and kept in the library; nothing that is given out before an answer says
it. The result of a pair is shown only when it is asked for, and that it was is kept, too.
"""
from __future__ import annotations

import secrets
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.audio.read import info
from core.audio.write import keep_original
from core.errors import BadInput, Refused
from core.evaluation.sign_test import in_words, sign_test
from core.library import Library, Trial
from core.steps.recognise import side_by_side
from core.steps.transcribe import model_named

ANSWERS = ("left", "right", "same", "wrong")
FOLDER = ".blind"
Hear = Callable[[Library, list[str], Path], list[tuple[str, str]]]


@dataclass(frozen=True)
class Hidden:
    """Two texts in the order in which they are shown; whose they are is not in it."""

    id: str
    left: str
    right: str
    name: str


@dataclass(frozen=True)
class Tally:
    """The result of a pair: how often `one` and `other` were better, neither, or both wrong; `proof` says in
    words what that is worth, without a name."""

    one: str
    other: str
    n: int
    wins: int
    losses: int
    same: int
    wrong: int
    p: float
    proof: str

    @property
    def sentence(self) -> str:
        """Figures and proof in words."""
        return (f"{self.one} was better in {self.wins} and {self.other} in {self.losses} of {self.n} "
                f"comparisons, {self.same} were the same and {self.wrong} both wrong. {self.proof}")


@dataclass(frozen=True)
class Pair:
    """A pair as it is listed while its result is hidden: how many answers, and after how many it was shown
    (0: never)."""

    one: str
    other: str
    n: int
    shown_at: int


def pair(lib: Library, one: str, other: str) -> tuple[str, str]:
    """The two models in the order in which their pair is kept. Raises BadInput where it is one model."""
    first, second = sorted(model_named(lib, name).name for name in (one, other))
    if first == second:
        raise BadInput("A blind comparison needs two different models; choose another one on one side.")
    return first, second


def ask(lib: Library, one: str, other: str, audio: Path, who: str, keep: bool = False,
        hear: Hear = side_by_side) -> Hidden:
    """Let both models hear `audio` and keep the two texts in an order drawn by lot.

    The recording itself is kept only with `keep`. Raises StudioError for what cannot be heard.
    """
    names = pair(lib, one, other)
    texts = dict(hear(lib, list(names), audio))
    is_swapped = bool(secrets.randbits(1))
    first, second = (names[1], names[0]) if is_swapped else names
    trial_id = uuid.uuid4().hex[:12]
    kept = f"{FOLDER}/{trial_id}{audio.suffix}" if keep else ""
    if kept:
        keep_original(audio, lib.root.path / kept)
    trial = Trial(trial_id, *names, first, texts[first], texts[second], audio.name, info(audio).seconds, kept,
                  who, time.time())
    lib.blind.add(trial)
    return _hidden(trial)


def waiting(lib: Library, one: str, other: str, who: str) -> list[Hidden]:
    """The comparisons of this pair that `who` has not answered yet, oldest first: they outlive a reload."""
    return [_hidden(t) for t in lib.blind.of(*pair(lib, one, other)) if not t.answer and t.who == who]


def answer(lib: Library, trial_id: str, chosen: str, who: str) -> None:
    """Keep which text was better. Raises BadInput for another word, Stale where it was answered already."""
    if chosen not in ANSWERS:
        raise BadInput(f"“{chosen}” is no answer; choose one of {', '.join(ANSWERS)}.")
    lib.blind.answer(lib.blind.get(trial_id).id, chosen, "", who)


def undo(lib: Library, who: str) -> Hidden:
    """Take back the last answer of `who`, and show that comparison again. Raises BadInput for none."""
    last = lib.blind.last_answered(who)
    if last is None:
        raise BadInput("There is no answer of yours to take back.")
    lib.blind.answer(last.id, "", last.answer, who)
    return _hidden(last)


def pairs(lib: Library) -> list[Pair]:
    """All pairs that were compared, with nothing of who is ahead."""
    counted = Counter((t.one, t.other) for t in lib.blind.of() if t.answer)
    return [Pair(one, other, n, max((look.n for look in lib.blind.looks(one, other)), default=0))
            for (one, other), n in sorted(counted.items())]


def reveal(lib: Library, one: str, other: str, who: str) -> Tally:
    """The result of a pair; that somebody looked is kept. Raises Refused where nothing was answered yet."""
    names = pair(lib, one, other)
    answered = [trial for trial in lib.blind.of(*names) if trial.answer]
    if not answered:
        raise Refused("These two models were not compared blindly yet: answer some comparisons first.")
    before = {look.n for look in lib.blind.looks(*names)} - {len(answered)}
    lib.blind.looked(*names, len(answered), who)
    return tally(*names, [_winner(trial) for trial in answered], len(before))


def tally(one: str, other: str, winners: Sequence[str], n_looks: int) -> Tally:
    """What answers come to: of each the model that was better, or "same" or "wrong"; `n_looks` at the result
    came before."""
    counted = Counter(winners)
    wins, losses, same, wrong = (counted[key] for key in (one, other, "same", "wrong"))
    said = in_words(wins, losses)
    if n_looks:
        said += (f" Looks at this result before: {n_looks}; whoever goes on until it pleases finds a "
                 "difference by chance.")
    return Tally(one, other, len(winners), wins, losses, same, wrong, sign_test(wins, losses), said)


def _winner(trial: Trial) -> str:
    """The model that was better, or "same" or "wrong"."""
    second = trial.other if trial.first == trial.one else trial.one
    return {"left": trial.first, "right": second}.get(trial.answer, trial.answer)


def _hidden(trial: Trial) -> Hidden:
    return Hidden(trial.id, trial.first_text, trial.second_text, trial.name)
