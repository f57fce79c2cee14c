"""The verdict on a model that speaks: base against tuned on held-out pairs, by what was said and by what each
code costs. Figures come with their intervals over clips and with their n."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import Refused
from core.evaluation.bootstrap import share_interval
from core.evaluation.rates import cer
from core.evaluation.verdict import Judgement

FEW = 10
"""Clips below which a verdict proves little."""


@dataclass(frozen=True)
class Utterance:
    """One held-out clip as a model said it: what was `heard` in it (None: nobody could listen), its length
    and that of the real take, whether it ended by itself, and what a code of the real take costs in nats with
    its reference (`loss`) and with one that does not fit (`shuffled`)."""

    id: str
    text: str
    heard: str | None
    seconds: float
    real_seconds: float
    stopped: bool
    loss: float
    shuffled: float


@dataclass(frozen=True)
class Measured:
    """A figure with the bounds of its 95 % interval, over `n` clips."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class SpeechFigures:
    """One model: the share that ended by itself, length against the real take, wrong letters of what was
    heard (None without a listener), nats a code, and what a reference that does not fit costs beyond that."""

    stopped: Measured
    duration_ratio: Measured
    cer: Measured | None
    loss: Measured
    gain: Measured


@dataclass(frozen=True)
class SpeechVerdict:
    """Both models on the same clips; `changes` are tuned - base by the name of the figure."""

    base: SpeechFigures
    tuned: SpeechFigures
    changes: dict[str, Measured]
    judgement: Judgement
    sentence: str
    n: int


def judge(base: Sequence[Utterance], tuned: Sequence[Utterance]) -> SpeechVerdict:
    """The verdict on the same clips, in the same order. Refused where they differ or there are none."""
    if not base or [u.id for u in base] != [u.id for u in tuned]:
        raise Refused("Base and tuned model have to say the same clips, at least one: judge both again.")
    changes = {name: _change(one, other) for name, (one, other) in _columns(base, tuned).items()}
    judgement = _judgement(changes, len(base))
    before, after = figures(base), figures(tuned)
    return SpeechVerdict(before, after, changes, judgement,
                         _sentence(judgement, before, after, changes, len(base)), len(base))


def figures(said: Sequence[Utterance]) -> SpeechFigures:
    """The figures of one model on its clips."""
    n, stopped = len(said), sum(u.stopped for u in said)
    rates = _rates(said)
    return SpeechFigures(
        Measured(stopped / n, *share_interval(stopped, n), n),
        _mean([u.seconds / max(u.real_seconds, 1e-6) for u in said]),
        _mean(rates) if rates else None,
        _mean([u.loss for u in said]),
        _mean([u.shuffled - u.loss for u in said]),
    )


def to_json(verdict: SpeechVerdict) -> dict[str, Any]:
    """As the run folder keeps it."""
    return asdict(verdict)


def _rates(said: Sequence[Utterance]) -> list[float]:
    """Wrong letters of each clip; [] unless all were listened to."""
    if any(u.heard is None for u in said):
        return []
    return [cer([u.text], [u.heard or ""]).rate for u in said]


def _columns(base: Sequence[Utterance], tuned: Sequence[Utterance]
             ) -> dict[str, tuple[list[float], list[float]]]:
    """The values of each figure by clip, of both models."""
    one, other = _values(base), _values(tuned)
    return {name: (one[name], other[name]) for name in one if name in other}


def _values(said: Sequence[Utterance]) -> dict[str, list[float]]:
    found = {
        "stopped": [float(u.stopped) for u in said],
        "loss": [u.loss for u in said],
        "gain": [u.shuffled - u.loss for u in said],
    }
    return {**found, "cer": rates} if (rates := _rates(said)) else found


def _mean(values: Sequence[float]) -> Measured:
    """A mean with its percentile bootstrap over clips (Bisani and Ney, 2004)."""
    held: npt.NDArray[np.float64] = np.asarray(values, np.float64)
    drawn = np.random.default_rng(0).choice(held, (2000, len(held))).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Measured(float(held.mean()), float(low), float(high), len(held))


def _change(base: Sequence[float], tuned: Sequence[float]) -> Measured:
    """tuned - base, both resampled on the same clips."""
    return _mean([after - before for before, after in zip(base, tuned, strict=True)])


def _judgement(changes: dict[str, Measured], n: int) -> Judgement:
    """Better where each code costs surely less and nothing that is heard got surely worse; worse where
    something did. A handful of clips proves neither."""
    heard = changes.get("cer")
    is_misheard = heard is not None and heard.low > 0
    got_worse = changes["stopped"].high < 0 or changes["loss"].low > 0 or is_misheard
    if n < FEW:
        return "no clear change"
    if got_worse:
        return "worse"
    return "better" if changes["loss"].high < 0 else "no clear change"


def _sentence(judgement: Judgement, base: SpeechFigures, tuned: SpeechFigures, changes: dict[str, Measured],
              n: int) -> str:
    """One sentence with every figure that the judgement rests on."""
    opening = {"better": "Better", "worse": "Worse", "no clear change": "No clear change"}[judgement]
    loss, gain = changes["loss"], tuned.gain
    said = (f"{opening}, n = {n}: of the held-out texts {100 * tuned.stopped.value:.0f} % end by themselves"
            f" (base {100 * base.stopped.value:.0f} %), {tuned.duration_ratio.value:.2f} times as long as the"
            f" real takes (base {base.duration_ratio.value:.2f}), and a code of the real takes costs"
            f" {loss.value:+.2f} nats ({loss.low:+.2f} to {loss.high:+.2f}); with a reference that does not"
            f" fit it costs {gain.value:+.2f} more ({gain.low:+.2f} to {gain.high:+.2f}).")
    if base.cer and tuned.cer:
        said += (f" Of the letters {100 * tuned.cer.value:.0f} % are heard wrong"
                 f" (base {100 * base.cer.value:.0f} %).")
    else:
        said += " Nobody here could listen to the language."
    return f"{said} So few clips prove little." if n < FEW else said
