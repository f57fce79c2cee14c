"""Measure one model, or judge a second one against the first, on held-out clips and on ordinary speech."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from core.files import write_json
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.runs.jobs.predicting import HELD_OUT, ORDINARY, Material, Model, Texts, material, predict
from core.runs.jobs.probing import turned
from core.runs.jobs.timing import timed

if TYPE_CHECKING:
    from core.evaluation.groups import Traits
    from core.evaluation.pace import Pace
    from core.evaluation.rates import ItemScore
    from core.evaluation.turns import Turns
    from core.evaluation.verdict import Figures, Verdict


def run_job(run: RunDir, order: dict[str, Any]) -> None:
    """One model gives figures.json; two give verdict.json, the first being the base."""
    models = [_model(entry, order) for entry in order["models"]]
    if len(models) not in (1, 2) or len({model.label for model in models}) != len(models):
        raise BadInput("An evaluation takes one model, or two of different names.")
    clips = material(Path(order["dataset"]), _path(order.get("regression")), order.get("split", "test"))
    if len(models) == 2:
        figures, said = judged(run, models, clips)
        run.report(said, 1.0, figures=figures)
    else:
        _measure(run, clips, predict(run, models, clips), models[0].label)


def judged(
    run: RunDir, models: list[Model], clips: Material, figures: dict[str, Any] | None = None
) -> tuple[dict[str, Any], str]:
    """The verdict of two models, the first being the base: its figures, and its sentence with that of the
    turns where they were measured. `figures` are those of the run so far."""
    texts = predict(run, models, clips, figures)
    turns = turned(run, models, clips, figures)
    pace = timed(run, models, clips, figures)
    verdict = judge(run, clips, texts, models[0].label, models[1].label, pace, turns)
    said = f"{verdict.sentence} {turns.sentence}" if turns else verdict.sentence
    return verdict_figures(verdict, turns), said


def _model(entry: dict[str, Any], order: dict[str, Any]) -> Model:
    wanted = {name: order.get(name) for name in ("device", "precision", "language")}
    if began_with := entry.get("base_of"):  # the folder of a run, which knows what it began with
        wanted["model"] = base_of(RunDir(Path(began_with)))
    else:
        wanted["model"] = entry.get("adapter") or entry["base"]
    return Model(entry["name"], {**wanted, "family": entry["family"]})


def base_of(run: RunDir) -> str:
    """The base as a training run began with it."""
    from core.families import named

    order = run.order()
    family = named(str(order.get("family", "ctc")))
    options = folders.read_state(folders.chosen(run.path))["options"]
    return str(family.base_model(Path(order["base"]), family.options(**options)))


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def judge(
    run: RunDir, clips: Material, texts: Texts, base: str, tuned: str, pace: Pace | None = None,
    turns: Turns | None = None,
) -> Verdict:
    """The verdict of two models whose texts are known; written to verdict.json with a closer look, the turns
    where they were measured, and every text."""
    from core.evaluation import closer
    from core.evaluation import turns as turning
    from core.evaluation import verdict as verdicts

    held = _scores(clips, texts, base, HELD_OUT), _scores(clips, texts, tuned, HELD_OUT)
    ordinary = _scores(clips, texts, base, ORDINARY), _scores(clips, texts, tuned, ORDINARY)
    verdict = verdicts.judge(*held, ordinary[0] or None, ordinary[1] or None)
    seen = closer.look(verdict, held, ordinary, _traits(clips), pace)
    names = {"base": base, "tuned": tuned}
    write_json(
        run.path / "verdict.json",
        {
            **verdicts.to_json(verdict),
            "models": names,
            "closer": closer.to_json(seen),
            "turns": turning.to_json(turns) if turns else None,
            "items": _items(clips, texts, HELD_OUT, names),
            "regression_items": _items(clips, texts, ORDINARY, names),
        },
    )
    return verdict


def _traits(clips: Material) -> dict[str, Traits]:
    """What each held-out clip is grouped by."""
    from core.evaluation.groups import Traits

    return {
        row.id: Traits(row.speaker, clips.kinds.get(row.prompt_id, ""), row.seconds)
        for row in clips.rows(HELD_OUT)
    }


def verdict_figures(verdict: Verdict, turns: Turns | None = None) -> dict[str, Any]:
    """What a list of runs shows of a verdict; rates are shares, regression_wer None when not measured."""
    told = {"turns": turns.sentence} if turns else {}
    return {
        **told,
        "judgement": verdict.judgement,
        "sentence": verdict.sentence,
        "n": verdict.n_items,
        "base": _short(verdict.base, verdict.regression_base),
        "tuned": _short(verdict.tuned, verdict.regression_tuned),
    }


def _short(held: Figures, ordinary: Figures | None) -> dict[str, float | None]:
    names = ("wer", "cer", "digit_error_rate", "no_digit_share")
    return {name: getattr(held, name) for name in names} | {
        "regression_wer": ordinary.wer if ordinary else None
    }


def _measure(run: RunDir, clips: Material, texts: Texts, label: str) -> None:
    from core.evaluation.bootstrap import alone
    from core.evaluation.verdict import figures

    judged = _scores(clips, texts, label, HELD_OUT)
    held, names = figures(judged), {"prediction": label}
    scores = _scores(clips, texts, label, ORDINARY)
    ordinary = figures(scores) if scores else None
    write_json(
        run.path / "figures.json",
        {
            "model": label,
            "figures": asdict(held),
            "intervals": {metric: alone(judged, metric) for metric in ("wer", "cer", "digit_error_rate")},
            "regression": asdict(ordinary) if ordinary else None,
            "items": _items(clips, texts, HELD_OUT, names),
            "regression_items": _items(clips, texts, ORDINARY, names),
        },
    )
    run.report(
        f"{label}: {100 * held.wer:.1f} % of the words and {100 * held.digit_error_rate:.1f} % of the digits "
        f"wrong on {held.n_items} clips.",
        1.0,
        figures={"n": held.n_items, **_short(held, ordinary)},
    )


def _scores(clips: Material, texts: Texts, label: str, name: str) -> list[ItemScore]:
    from core.evaluation.rates import score_item

    return [
        score_item(row.id, row.text, texts[label, name, row.id], row.language, clips.digits)
        for row in clips.rows(name)
    ]


def _items(clips: Material, texts: Texts, name: str, labels: dict[str, str]) -> list[dict[str, str]]:
    """{id, reference, and the text of each model under its role} for each clip of a set."""
    items = []
    for row in clips.rows(name):
        said = {role: texts[label, name, row.id] for role, label in labels.items()}
        items.append({"id": row.id, "reference": row.text, **said})
    return items
