"""Speak: a text in a speaker's voice, by one model or by two side by side, as a run in the background."""
from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from core.config import STARTER
from core.errors import BadInput, NotFound
from core.families import FAMILIES
from core.families.base.speaking import SpeakOptions, Speaks
from core.library import Library, Project
from core.modelling import licences
from core.quality.pace_of_speech import Pace
from core.run_dir import RunDir
from core.runs import listing
from core.runs.jobs.evaluate import base_of
from core.runs.listing import RunCard
from core.runs.saying import Piece
from core.runs.start import start as start_run
from core.steps import transcribe
from core.steps.speak_like import Like, reference
from core.steps.transcribe import ModelChoice, model_named
from core.text.pieces import pieces
from core.text.speakable import speakable

KIND = "speak"
BASE = "base"
"""Names the base that a run began with, as the other model."""
MOST_PIECES = 300


@dataclass(frozen=True)
class Wish:
    """What is to be said: `beside` is a second model (its name, or BASE), `blind` hides which is which."""

    text: str
    model: str
    like: Like = field(default_factory=Like)
    beside: str = ""
    blind: bool = False
    options: SpeakOptions = field(default_factory=SpeakOptions)
    device: str = "auto"


def models(lib: Library) -> list[ModelChoice]:
    """The models here that speak: folders, bases among them, and finished training runs."""
    return [_plain(one) for one in transcribe.models(lib) if isinstance(FAMILIES.get(one.family), Speaks)]


def _plain(choice: ModelChoice) -> ModelChoice:
    """Its title as it stands above a sound: a folder by its name, for whether it is a base or was merged
    nobody can see; a run by the end of its id."""
    titles = {"merged": choice.name, "run": f"Tuned ({choice.name[-6:]})"}
    return replace(choice, title=titles.get(choice.where, choice.title))


def licence(choice: ModelChoice) -> str:
    """What a person must know of the licence of a model; "" where it forbids nothing, or is not known."""
    path = Path(choice.path)
    if not (path / "run.json").exists():
        return licences.sentence(path.name, licences.licence_of(path))
    order = RunDir(path).order()
    return licences.sentence(Path(order.get("base") or "").name, order.get("licence") or "")


def plan(text: str, language: str, pace: Pace) -> list[Piece]:
    """The sentences of a text as they are said, each with its length and its limit at this pace. Raises
    BadInput where there is nothing to say, or too much."""
    said = pieces(speakable(text, language), language)
    found = [Piece(each, pace.expected_seconds(each), pace.most_seconds(each)) for each in said]
    if not found:
        raise BadInput("There is nothing to say: write a text with words.")
    if len(found) > MOST_PIECES:
        raise BadInput(f"The text has {len(found)} sentences, and at most {MOST_PIECES} are said in one go: "
                       "shorten it.")
    return found


def start(lib: Library, project: Project, wish: Wish) -> RunDir:
    """Begin to speak in the background; returns at once. Raises StudioError for what cannot be said so."""
    chosen = _models(lib, wish)
    like, pace = reference(lib, project, wish.like)
    said = plan(wish.text, project.language, pace)
    return start_run(lib.root, project.slug, KIND, {
        "project": project.slug, "family": chosen[0].family, "language": project.language,
        "text": wish.text,
        "models": [{"title": one.title, "family": one.family, "path": one.path} for one in chosen],
        "pieces": [asdict(piece) for piece in said], "reference": like,
        "options": wish.options.model_dump(), "listener": listener(lib, project), "device": wish.device,
        "precision": "auto", **_hidden(wish, len(said))})


def _models(lib: Library, wish: Wish) -> list[ModelChoice]:
    first = speaking_model(lib, wish.model)
    if not wish.beside:
        if wish.blind:
            raise BadInput("A blind comparison needs two models: choose one to speak beside the first.")
        return [first]
    second = base_beside(first) if wish.beside == BASE else speaking_model(lib, wish.beside)
    if second.path == first.path:
        raise BadInput("Both models are the same one; choose another one to speak beside the first.")
    return [first, second]


def speaking_model(lib: Library, name: str) -> ModelChoice:
    """The model of that name, run id or folder. Raises BadInput for one that does not speak."""
    choice = _plain(model_named(lib, name))
    if not isinstance(FAMILIES.get(choice.family), Speaks):
        raise BadInput(f"{choice.title} writes down what it hears and does not speak; choose a model that "
                       "speaks.")
    return choice


def base_beside(choice: ModelChoice) -> ModelChoice:
    """The base that a run began with. Raises BadInput for a model that is none."""
    if not (Path(choice.path) / "run.json").exists():
        raise BadInput(f"{choice.title} is no training run, so there is no base to hear beside it; choose "
                       "another model.")
    base = base_of(RunDir(Path(choice.path)))
    return ModelChoice(BASE, f"Base ({Path(base).name})", choice.family, base, BASE)


def _hidden(wish: Wish, n: int) -> dict[str, Any]:
    """Whether it is blind, and for each sentence which model stands first: drawn here, told to nobody."""
    return {"blind": wish.blind, "first": [secrets.randbelow(2) if wish.blind else 0 for _ in range(n)]}


def listener(lib: Library, project: Project) -> dict[str, str] | None:
    """The recogniser that hears what was said: the one that heard the project's takes last, else, for
    English, the starter; none where there is none."""
    for card in listing.runs(lib.root, project.slug, "transcribe"):
        if card.state == "done":
            return {"family": card.order["family"], "model": card.order["model"]}
    return {"family": "ctc", "model": str(STARTER)} if project.language == "en" else None


def cards(lib: Library, project: Project) -> list[RunCard]:
    """The runs of a project that spoke, newest first."""
    return listing.runs(lib.root, project.slug, KIND)


def card_of(found: Sequence[RunCard], run_id: str) -> RunCard:
    """The run of that id among those of a project. Raises NotFound."""
    for card in found:
        if card.id == run_id:
            return card
    raise NotFound(f"There is no speech {run_id} in this project any more; choose another one.")
