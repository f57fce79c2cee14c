"""The verdict on a model whose answers are neither right nor wrong: base against tuned, by what held-out
clips cost each of them, part by part. Figures come with their intervals over clips and with their n."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import BadInput, Refused
from core.evaluation.bootstrap import Interval, for_few, paired_sums
from core.evaluation.verdict import FEW, Judgement

TERMS = {"text": "Text", "first_codebook": "First codebook", "other_codebooks": "Other codebooks"}
"""What a clip is made of, in the order in which it is told, by the names that people read."""
N_RESAMPLES = 10_000
"""Three intervals over few clips look far into the tails."""
ROUNDING = 1e-4
"""Nats: what is less is how a machine adds, and no difference of models."""
OPENINGS: dict[Judgement, str] = {
    "better": "Better: the tuned model expects what was said in held-out clips more than its base does.",
    "worse": "Worse: the tuned model expects what was said in held-out clips less than its base does.",
    "no clear change": "No difference could be shown between the tuned model and its base.",
}
MIXED = ("Mixed: the tuned model expects some of what was said in held-out clips more than its base does, and"
         " some less.")
PROVES = ("This measures how well it foresees such clips, not whether it speaks better: only listening tells"
          " that.")
NO_TEXT = "The text was not measured: none was learned, or no held-out clip has word times."
LITTLE = "So few clips prove little."


@dataclass(frozen=True)
class Cost:
    """What one held-out clip costs a model: by the names of TERMS (nats, tokens), where it has any item."""

    id: str
    terms: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Term:
    """One of TERMS over the clips that have it: nats a token of both models, and tuned - base in nats."""

    name: str
    base: float
    tuned: float
    change: Interval

    @property
    def is_better(self) -> bool:
        """Whether it surely costs less than before, which fewer than ten clips cannot prove."""
        return self.change.n >= FEW and self.change.high < -ROUNDING

    @property
    def is_worse(self) -> bool:
        """Whether it surely costs more than before, in the same sense."""
        return self.change.n >= FEW and self.change.low > ROUNDING

    @property
    def sentence(self) -> str:
        """All figures of it."""
        change = self.change
        return (f"{TERMS[self.name]}: {self.tuned:.3f} nats a token, base {self.base:.3f}"
                f" ({change.difference:+.3f}, with 95 % confidence {change.low:+.3f} to {change.high:+.3f},"
                f" n = {change.n}).")


@dataclass(frozen=True)
class CostVerdict:
    """Both models on the same `n` clips. `plain` is for everybody, `sentence` has the figures as well."""

    terms: tuple[Term, ...]
    judgement: Judgement
    plain: str
    sentence: str
    n: int


def judge(base: Sequence[Cost], tuned: Sequence[Cost], seed: int = 0) -> CostVerdict:
    """The verdict on the same clips, in the same order; Refused where they differ or there are none.

    Better where a term surely costs less and none surely more, worse where it is the other way round. The
    intervals hold together with 95 % confidence, also over few clips (each is wider by their number, after
    Bonferroni), so that three chances to find something do not find it by chance. Fewer than ten clips prove
    neither: there the intervals are still too narrow.
    """
    if not base or [(c.id, set(c.terms)) for c in base] != [(c.id, set(c.terms)) for c in tuned]:
        raise Refused("Base and tuned model have to be measured on the same clips, at least one: judge both"
                      " again.")
    names = [name for name in TERMS if any(name in cost.terms for cost in base)]
    terms = tuple(_term(name, base, tuned, 1 - 0.05 / len(names), seed) for name in names)
    judgement, opening = _judged(terms)
    plain = " ".join([opening, PROVES, *([LITTLE] if len(base) < FEW else [])])
    figures = [term.sentence for term in terms] + ([] if "text" in names else [NO_TEXT])
    return CostVerdict(terms, judgement, plain, " ".join([plain, *figures]), len(base))


def _term(name: str, base: Sequence[Cost], tuned: Sequence[Cost], level: float, seed: int) -> Term:
    before, after = ([cost.terms[name] for cost in costs if name in cost.terms] for costs in (base, tuned))
    change = paired_sums(before, after, N_RESAMPLES, seed, for_few(level, len(before)))
    return Term(name, _mean(before), _mean(after), change)


def _mean(pairs: Sequence[tuple[float, float]]) -> float:
    return sum(nats for nats, _ in pairs) / max(sum(items for _, items in pairs), 1)


def _judged(terms: Sequence[Term]) -> tuple[Judgement, str]:
    """The judgement, and how it is said."""
    better, worse = any(term.is_better for term in terms), any(term.is_worse for term in terms)
    if not (better or worse):
        return "no clear change", OPENINGS["no clear change"]
    if better and worse:
        return "no clear change", MIXED
    judgement: Judgement = "better" if better else "worse"
    return judgement, OPENINGS[judgement]


def to_json(verdict: CostVerdict) -> dict[str, Any]:
    """As the run folder keeps it."""
    return asdict(verdict)


def from_json(value: dict[str, Any]) -> CostVerdict:
    """The verdict that `to_json` wrote; BadInput when parts are missing or strange."""
    try:
        terms = tuple(Term(**{**term, "change": Interval(**term["change"])}) for term in value["terms"])
        judgement, plain, sentence, n = (value[name] for name in ("judgement", "plain", "sentence", "n"))
        return CostVerdict(terms, judgement, plain, sentence, n)
    except (KeyError, TypeError) as error:
        raise BadInput(
            f"This verdict cannot be read ({error}): run the evaluation again to write a new one."
        ) from error
