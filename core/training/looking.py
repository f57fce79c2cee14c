"""Looks at the validation clips: loss, error rates and samples. The test split is never opened here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.families.base import Example
from core.families.base.speaking import LearnsToSpeak
from core.training import continuing, phases, rng, sampling, speaking
from core.training.corpus import handful
from core.types import Prediction

if TYPE_CHECKING:
    from core.training.session import Session


@dataclass(frozen=True)
class Look:
    """Figures on the validation clips; rates are shares (0.1 is 10 %), `loss` a mean
    over supervised items. A family that speaks writes no text, so it has no rates."""

    loss: float
    wer: float | None
    cer: float | None
    digit_error_rate: float | None
    no_digit_share: float | None
    n: int
    n_words: int
    by_speaker: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Wrong words and words of each speaker; nothing where not all are named, or there is one alone."""


@contextmanager
def as_finished(session: Session) -> Iterator[None]:
    """Inside it the model keeps only the share of what was learned that it will have when it is finished."""
    share = session.options.keep
    if share == 1:
        yield
        return
    with phases.all_moved(session):
        state = {name: value.clone() for name, value in session.family.saved_state(session.model).items()}
        session.family.weaken(session.model, share)
        try:
            yield
        finally:
            session.family.restore(session.model, state)


def look(session: Session) -> Look:
    """Loss and error rates of the model as it would be used, told as an `eval` event."""
    examples = session.plan.val.examples()
    with rng.untouched(), session.ranks.autocast(), as_finished(session):
        found = _looked(session, examples)
    session.report.figures |= {"val_loss": found.loss}
    if found.wer is not None:
        session.report.figures |= {"val_wer": found.wer}
    session.report.event(
        "eval",
        session.progress.step,
        loss=found.loss,
        wer=found.wer,
        cer=found.cer,
        digit_error_rate=found.digit_error_rate,
        no_digit_share=found.no_digit_share,
        n=found.n,
        by_speaker=found.by_speaker,
    )
    return found


def _looked(session: Session, examples: list[Example]) -> Look:
    """The figures, on the model as it is now."""
    n, n_words = len(examples), sum(len(e.text.split()) for e in examples)
    loss = _loss(session, examples)
    if isinstance(session.family, LearnsToSpeak):
        return Look(loss, None, None, None, None, n, n_words)
    predictions = session.family.predict(session.model, examples, session.plan.prepared)
    return Look(
        loss=loss,
        **_rates([e.text for e in examples], predictions),
        by_speaker=_by_speaker(session, examples, predictions),
        n=n,
        n_words=n_words,
    )


def show_samples(session: Session) -> None:
    """What the model makes of a fixed handful of validation clips, as `sample` events; with the sound of a
    model that goes on with what it hears."""
    val = session.plan.val
    examples = val.examples(handful(val.rows, session.options.samples))
    with rng.untouched(), session.ranks.autocast(), as_finished(session):
        if isinstance(session.family, LearnsToSpeak):
            rows = {row.id: row for row in val.rows}
            return speaking.show(session, session.family, examples, [rows[each.id] for each in examples])
        predictions = session.family.predict(session.model, examples, session.plan.prepared)
        sounds = continuing.sounds(session, examples)
    for example, prediction, sound in zip(examples, predictions, sounds, strict=True):
        session.report.event(
            "sample", session.progress.step, id=example.id, reference=example.text,
            prediction=prediction.text, **sound,
        )


def _loss(session: Session, examples: list[Example]) -> float:
    """The loss as a step divides it, each term by its own count, without disturbances and dropout."""
    import torch

    was_training = session.model.training
    sums: dict[str, float] = defaultdict(float)
    counts: dict[str, float] = defaultdict(float)
    session.model.eval()
    with torch.no_grad():
        for part in sampling.split(range(len(examples)), session.progress.micro):
            batch = session.family.collate([examples[i] for i in part], session.plan.prepared)
            terms = session.family.loss(session.model, session.ranks.to_device(batch))
            for name, (value, weight) in terms.items():
                sums[name] += weight * float(value)
            for name, n in session.family.count(batch).items():
                counts[name] += n
    session.model.train(was_training)
    return sum(sums[name] / max(1.0, counts[name]) for name in sums)


def _rates(references: list[str], predictions: list[Prediction]) -> dict[str, Any]:
    from core.evaluation import rates

    said = [p.text for p in predictions]
    digits = rates.digit_errors(references, said)
    return {
        "wer": rates.wer(references, said).rate,
        "cer": rates.cer(references, said).rate,
        "digit_error_rate": digits.rate if digits.total else None,
        "no_digit_share": rates.no_digit_share(said),
    }


def _by_speaker(
    session: Session, examples: list[Example], predictions: list[Prediction]
) -> dict[str, tuple[int, int]]:
    from core.evaluation import rates

    said: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    speakers = {row.id: row.speaker for row in session.plan.val.rows}
    for example, prediction in zip(examples, predictions, strict=True):
        said[speakers[example.id]][0].append(example.text)
        said[speakers[example.id]][1].append(prediction.text)
    if "" in said or len(said) < 2:
        return {}
    found = {speaker: rates.wer(*texts) for speaker, texts in sorted(said.items())}
    return {speaker: (rate.errors, rate.total) for speaker, rate in found.items()}
