"""The verdict at the end of a run that learned to speak: held-out texts, said by base and tuned model with
references that are held out as well, listened to, and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core import manifest
from core.errors import Refused
from core.families.base import Example
from core.files import write_json
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.runs.jobs import Countdown, Stopped
from core.types import Row

MOST = 20
"""Held-out clips that are said, always the same of a dataset: each is said twice, code by code."""
FILE = "speech.json"


def judged(run: RunDir, order: dict[str, Any], figures: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The figures and the sentence of the verdict, which goes to `speech.json`, the sounds to
    `samples/verdict/`. Refused for a dataset without a held-out pair."""
    from core.evaluation import speech
    from core.training.loading import load_tuned

    known, model, prepared, base = load_tuned(run.path)
    family: Any = known  # one that learns to speak as well
    rows, examples = _material(run, order, family, prepared, base)
    wrong = family.misheard(examples)
    model = _placed(model, order)
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


def _material(run: RunDir, order: dict[str, Any], family: Any, prepared: Any, base: Path
              ) -> tuple[list[Row], list[Example]]:
    """The held-out rows that are said, and their pairs, whose references are held out as well."""
    from core.cache import ArrayCache
    from core.training.corpus import Corpus, handful
    from core.training.planning import cache_of
    from core.training.preflight import left_out

    folder = Path(order["dataset"])
    options = family.options(**folders.read_state(folders.chosen(run.path))["options"])
    held = [row for row in manifest.read(folder) if row.split == "test"]
    gone = left_out(family.preflight(held, base, options)) if held else set()
    kept = [row for row in held if row.id not in gone]
    if not kept:
        raise Refused(f"The dataset {folder.name} has no two held-out clips of one speaker, so there is no"
                      " reference to say a held-out text with; accept more takes and make a new dataset.")
    corpus = Corpus(family, kept, folder, base, prepared, ArrayCache(cache_of(run, order)), options)
    chosen = handful(kept, 1 if order.get("smoke") else MOST)
    return [kept[i] for i in chosen], [corpus.example(i) for i in chosen]


def _placed(model: Any, order: dict[str, Any]) -> Any:
    """The model where the order computes."""
    from core.modelling import devices

    choice = devices.choose(str(order.get("device") or "auto"), str(order.get("precision") or "auto"))
    return model.to(choice.device).eval()


def _uttered(run: RunDir, family: Any, model: Any, prepared: Any, row: Row, pairs: Sequence[Example],
             name: str) -> Any:
    """One text as the model says it, and what the real take costs with the right and a wrong reference."""
    from core.evaluation.speech import Utterance
    from core.training import speaking
    from core.training.checks.batching import total

    right, wrong = pairs
    (spoken,) = family.say(model, [right], prepared)
    path = run.path / speaking.FOLDER / "verdict" / f"{speaking.file_name(row.id)}-{name}.wav"
    speaking.keep(path, spoken)
    heard = speaking.heard(path, row.language) if len(spoken.samples) else ""
    costs = [loss / items for loss, items in (total(family, model, [e], prepared) for e in (right, wrong))]
    return Utterance(row.id, row.text, heard, len(spoken.samples) / spoken.sample_rate, row.seconds,
                     spoken.stopped, costs[0], costs[1])
