"""Go on from a run: which checkpoint, in which way, and what differs, before anything starts."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import BadInput, StudioError
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs.listing import RunCard
from core.steps import going_on, train
from core.steps.going_on import NOW, WAYS, Prospect
from core.steps.train_request import Request
from core.training.differences import Difference
from ui import run_card, train_form
from ui import view as show
from ui.errors import shown
from ui.form import AS_SENT
from ui.page import Page
from ui.state import needed, opened
from ui.texts import named, say
from ui.texts.retold import retold

QUIET: dict[str, Any] = {"show_progress": "hidden"}
SAME = ""
"""The dataset choice that stands for: the one of the run that is gone on from."""
CHECKPOINTS = ("best", "last")
KINDS = ("dataset", "family", "base", "vocabulary", "features", "processes", "device", "threads")
N_OWN = 4


@dataclass(frozen=True)
class From:
    """The inputs, what they come to, and the button."""

    box: gr.Accordion
    run: gr.Dropdown
    checkpoint: gr.Dropdown
    way: gr.Radio
    dataset: gr.Dropdown
    table: gr.HTML
    start: gr.Button

    @property
    def own(self) -> list[Any]:
        """The inputs, as `request` reads them."""
        return [self.run, self.checkpoint, self.way, self.dataset]

    @property
    def offered(self) -> list[Any]:
        """What `offers` gives values for."""
        return [self.run, self.checkpoint, self.dataset]


def build() -> From:
    """The inputs, in the surrounding Blocks."""
    with gr.Accordion(say("from.title"), open=False, elem_id="train-from") as box:
        with gr.Row():
            run = gr.Dropdown([], label=say("from.run"), info=say("from.run_info"), elem_id="from-run",
                              min_width=280)
            checkpoint = gr.Dropdown([], label=say("from.checkpoint"), info=say("from.checkpoint_info"),
                                     elem_id="from-checkpoint", min_width=220)
            dataset = gr.Dropdown([], label=say("train.dataset"), info=say("from.dataset_info"),
                                  elem_id="from-dataset", min_width=220)
        ways = [(say(f"from.way.{word.replace('-', '_')}"), word) for word in WAYS]
        way = gr.Radio(ways, value="continue", label=say("from.way"), elem_id="from-way")
        table = gr.HTML(elem_id="from-table", apply_default_css=False)
        start = gr.Button(say("from.start"), elem_id="from-start")
    return From(box, run, checkpoint, way, dataset, table, start)


def offers(lib: Library, project: Project | None, run: str | None, checkpoint: str | None,
           dataset: str | None) -> list[Any]:
    """Updates of `From.offered`: runs of the project that have a checkpoint; a choice that still exists
    stays."""
    cards = [c for c in train.cards(lib, project, "train") if going_on.checkpoints(c.run)] if project else []
    known = {card.id: card for card in cards}
    chosen = known.get(run or "")
    datasets = [(say("from.same"), SAME), (say("train.accepted_now"), NOW)]
    datasets += [(say("train.dataset_named", name=d.name), d.name)
                 for d in (lib.datasets.of(project.id) if project else [])]
    is_known = dataset in {name for _, name in datasets}
    runs = [(run_card.title(card), card.id) for card in cards]
    return [gr.update(choices=runs, value=chosen.id if chosen else None),
            checkpoints_of(chosen, checkpoint),
            gr.update(choices=datasets, value=dataset if is_known else SAME)]


def checkpoints_of(card: RunCard | None, chosen: str | None = None) -> Any:
    """The update of the checkpoint field for a run."""
    names = going_on.checkpoints(card.run) if card else []
    made = [(say(f"from.{name}") if name in CHECKPOINTS else name, name) for name in names]
    return gr.update(choices=made, value=chosen if chosen in names else "last" if names else None)


def request(values: Sequence[Any], form: train_form.TrainForm) -> Request:
    """What was chosen; Retune takes the options of the form above."""
    run, checkpoint, way, dataset = values[:N_OWN]
    settings = {"run": run, "checkpoint": checkpoint, "way": way, "dataset": dataset or None}
    if way != "retune":
        return Request(settings)
    wish = form.wish(values[N_OWN:])
    on = {"preset": wish.preset, "device": wish.device, "precision": wish.precision, "devices": wish.devices}
    return Request({**settings, **on}, wish.overrides)


def picture(prospect: Prospect) -> str:
    """Which checkpoint, what differs, and what forbids it."""
    head = show.note(say("from.at", step=prospect.step, name=prospect.checkpoint))
    bad = "".join(show.note(retold(sentence), "bad") for sentence in prospect.refusals)
    if not prospect.rows:
        return head + show.note(say("from.nothing"), "ok") + bad
    heads = [say(f"from.head.{name}") for name in ("what", "before", "now", "matters")]
    rows = [_row(row, prospect.way) for row in prospect.rows]
    return head + show.table(heads, rows, say("from.differs"), "vw-differs") + bad


def _row(row: Difference, way: str) -> list[str]:
    mark = "✕ " if way in row.forbids else ""
    return [show.text_of(_title(row.what)), show.text_of(_value(row.before)), show.text_of(_value(row.now)),
            show.text_of(mark + retold(row.matters))]


def _title(what: str) -> str:
    """A kind of difference in words, an option by its title as the form has it, a package by its name."""
    if what in KINDS:
        return say(f"from.kind.{what}")
    return named(f"core.field.title.{what}", what)


def _value(value: Any) -> str:
    return "–" if value is None or value == "" else str(value)


def wire(page: Page, library: Library, form: train_form.TrainForm, made: From, drawn: list[Any],
         paint: Callable[[Project, str], list[Any]]) -> None:
    """The table follows the choices; the button starts; `drawn` shows what was started by `paint`."""

    @shown
    def choose(slug: str, run: str | None) -> Any:
        project = opened(library, slug)
        cards = train.cards(library, project, "train") if project else []
        return checkpoints_of(next((card for card in cards if card.id == run), None))

    @shown
    def look(slug: str, *values: Any) -> str:
        project = opened(library, slug)
        if project is None or not values[0] or not values[1]:
            return show.note(say("from.choose"))
        try:
            return picture(going_on.look(library, project, request(values, form)))
        except StudioError as error:
            return show.note(retold(str(error)), "warn")

    @shown
    def begin(slug: str, *values: Any) -> list[Any]:
        project = needed(library, slug)
        if not values[0]:
            raise BadInput(say("from.choose"))
        prospect = going_on.look(library, project, request(values, form))
        run: RunDir = going_on.start(library, project, prospect)
        gr.Info(say("train.started"))
        return paint(project, run.id)

    everything = [page.project, *made.own, *form.all]
    made.run.change(choose, [page.project, made.run], made.checkpoint, **QUIET)
    watched = [*made.own, form.preset, form.device, form.devices]
    changes = [part.change for part in watched]
    gr.on(changes, look, everything, made.table, trigger_mode="always_last", **AS_SENT)
    made.start.click(begin, everything, drawn, show_progress_on=made.start, concurrency_limit=1)
