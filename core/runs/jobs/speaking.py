"""The verdict at the end of a run that learned to speak: held-out texts, said by base and tuned model with
references that are held out as well, listened to, and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.families.base import Example
from core.files import write_json
from core.run_dir import RunDir
from core.runs.jobs import Countdown, Stopped, held_out
from core.types import Row

MOST = 20
"""Held-out clips that are said, always the same of a dataset: each is said twice, code by code."""
FILE = "speech.json"
NONE = ("The dataset {name} has no two held-out clips of one speaker, so there is no reference to say a"
        " held-out text with; accept more takes and make a new dataset.")


def judged(run: RunDir, order: dict[str, Any], figures: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The figures and the sentence of the verdict, which goes to `speech.json`, the sounds to
    `samples/verdict/`. Refused for a dataset without a held-out pair."""
    from core.evaluation import speech
    from core.training.corpus import handful
    from core.training.loading import load_tuned

    known, model, prepared, base = load_tuned(run.path)
    family: Any = known  # one that learns to speak as well
    corpus = held_out.corpus(run, order, family, prepared, base, NONE)
    chosen = handful(corpus.rows, 1 if order.get("smoke") else MOST)
    rows, examples = [corpus.rows[i] for i in chosen], [corpus.example(i) for i in chosen]
    wrong = family.misheard(examples)
    model = held_out.placed(model, order)
    clock = Countdown(2 * len(rows))
    said: dict[str, list[speech.Utterance]] = {"base": [], "tuned": []}
    for n, (row, example) in enumerate(zip(rows, examples, strict=True)):
        if run.stop_requested():
            raise Stopped(f"while held-out texts were said, after {n} of {len(rows)}")
        run.report(f"Saying held-out text {n + 1} of {len(rows)}.", n / len(rows), clock.left(2 * n), figures)
        pairs = example, wrong[n]
        said["tuned"].append(_uttered(run, family, model, prepared, row, pairs, "tuned"))
        with family.base_of(model):
            said["base"].append(_uttered(run, family, model, prepared, row, pairs, "base"))
    verdict = speech.judge(said["base"], said["tuned"])
    items = {name: [asdict(u) for u in found] for name, found in said.items()}
    write_json(run.path / FILE, {**speech.to_json(verdict), "items": items})
    return {"speech": speech.to_json(verdict), "judgement": verdict.judgement, "sentence": verdict.sentence,
            "n": verdict.n}, verdict.sentence


def _uttered(run: RunDir, family: Any, model: Any, prepared: Any, row: Row, pairs: Sequence[Example],
             name: str) -> Any:
    """One text as the model says it, and what the real take costs with the right and a wrong reference."""
    from core.evaluation.speech import Utterance
    from core.training import speaking
    from core.training.checks.batching import total

    right, wrong = pairs
    (spoken,) = family.say(model, [right], prepared)
    path = speaking.verdict_sound(run.path, row.id, name)
    speaking.keep(path, spoken)
    heard = speaking.heard(path, row.language) if len(spoken.samples) else ""
    costs = [loss / items for loss, items in (total(family, model, [e], prepared) for e in (right, wrong))]
    return Utterance(row.id, row.text, heard, len(spoken.samples) / spoken.sample_rate, row.seconds,
                     spoken.stopped, costs[0], costs[1])
