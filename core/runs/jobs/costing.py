"""The verdict at the end of a run whose model goes on with what it hears: what held-out clips cost base and
tuned model, and a few of them gone on with by both, to be heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.families.base import Example, Prepared
from core.families.base.speaking import GoesOn
from core.files import write_json
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.runs.jobs import Countdown, Stopped, held_out

if TYPE_CHECKING:
    from core.evaluation.costs import Cost

FILE = "costs.json"
MOST_HEARD = 3
"""Held-out clips that both models go on with, always the same of a dataset: that is frame by frame."""
NONE = ("The dataset {name} has no held-out clip, so there is nothing to judge by; accept more takes and make"
        " a new dataset.")


@dataclass(frozen=True)
class Bench:
    """A model, tuned or as its base, with the held-out clips; `heard` of them are gone on with."""

    run: RunDir
    family: Any
    model: Any
    prepared: Prepared
    base: Path
    examples: Sequence[Example]
    heard: Sequence[Example]
    clock: Countdown
    figures: dict[str, Any]

    def costs(self, before: int = 0) -> list[Cost]:
        """What each clip costs; `before` is how many were measured by now. Stops between two clips."""
        from core.evaluation.costs import Cost

        found, n_all = [], 2 * len(self.examples)
        for done, example in enumerate(self.examples, before):
            if self.run.stop_requested():
                raise Stopped(f"while held-out clips were measured, after {done} of {n_all}")
            self.run.report(f"Measuring held-out clips: {done + 1} of {n_all}.", done / n_all,
                            self.clock.left(done), self.figures)
            found.append(Cost(example.id, self.family.cost(self.model, example, self.prepared)))
        return found

    def sounds(self, role: str) -> list[dict[str, Any]]:
        """What the model says to the beginnings of a few clips, kept as WAV files: their ids and figures."""
        from core.training import continuing, speaking

        found: list[dict[str, Any]] = []
        for example in self.heard:
            if self.run.stop_requested():
                raise Stopped("while held-out clips were gone on with")
            (spoken,) = self.family.go_on(self.model, [example], self.prepared, self.base)
            speaking.keep(speaking.verdict_sound(self.run.path, example.id, role), spoken)
            found.append({"id": example.id, "text": example.text, role: continuing.measured(spoken)})
        return found


def judged(run: RunDir, order: dict[str, Any], figures: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The figures and the sentence of the verdict, which goes to `costs.json`, and the sounds to
    `samples/verdict/`. Refused for a dataset without a held-out clip."""
    from core.evaluation import costs

    bench = _bench(run, order, figures)
    tuned, said = bench.costs(), bench.sounds("tuned")
    with bench.family.base_of(bench.model):  # once: where all weights learn, the base is read again for it
        base, before = bench.costs(len(tuned)), bench.sounds("base")
    verdict = costs.judge(base, tuned)
    told = costs.to_json(verdict)
    items = {"base": [asdict(cost) for cost in base], "tuned": [asdict(cost) for cost in tuned]}
    sounds = [one | other for one, other in zip(before, said, strict=True)]
    write_json(run.path / FILE, {**told, "sounds": sounds, "items": items})
    return {"costs": told, "judgement": verdict.judgement, "plain": verdict.plain,
            "sentence": verdict.sentence, "n": verdict.n}, verdict.sentence


def _bench(run: RunDir, order: dict[str, Any], figures: dict[str, Any]) -> Bench:
    """The tuned model where it computes, and its clips. Refused as `judged`."""
    from core.training.corpus import handful
    from core.training.loading import load_tuned

    family, model, prepared, base = load_tuned(run.path)
    clips = held_out.corpus(run, order, family, prepared, base, NONE)
    examples = clips.examples()
    wanted = int(folders.read_state(folders.chosen(run.path))["options"]["samples"])
    n_heard = min(MOST_HEARD, wanted) if isinstance(family, GoesOn) else 0
    heard = [examples[i] for i in handful(clips.rows, n_heard)]
    return Bench(run, family, held_out.placed(model, order), prepared, base, examples, heard,
                 Countdown(2 * len(examples)), figures)
