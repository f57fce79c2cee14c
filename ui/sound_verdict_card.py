"""The verdict on a model that makes sounds as HTML: its sentences, what each part costs, both to hear."""
from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from core.evaluation.costs import TERMS, Term
from core.steps.sound_verdict import ROLES, Pair, SoundVerdict
from ui import spoken_words
from ui import view as show
from ui.texts import figure, language, say
from ui.texts.retold import retold
from ui.verdict_card import JUDGEMENTS


def card(found: SoundVerdict | None, run_id: str) -> str:
    """The sentence for everybody first, then what it rests on; nothing where there is no such verdict."""
    if found is None:
        return ""
    first = f'<p class="vw-verdict vw-{JUDGEMENTS[found.judgement]}">{show.text_of(retold(found.plain))}</p>'
    notes = "".join(show.note(retold(sentence)) for sentence in found.details)
    parts = [first, _terms(found.terms), notes, _pairs(found.pairs, run_id)]
    return f'<section class="vw-card" aria-label="{show.words("run.verdict")}">{"".join(parts)}</section>'


def _terms(terms: Sequence[Term]) -> str:
    """Nats of each part, less being better."""
    if not terms:
        return ""
    rows = [[show.text_of(retold(TERMS[term.name])), show.decimal(term.base, 3),
             f"<b>{show.decimal(term.tuned, 3)}</b>", _change(term), str(term.change.n)] for term in terms]
    heads = [say("verdict.cost"), say("run.base"), say("run.tuned"), say("run.change"), say("verdict.n")]
    return show.table(heads, rows, say("run.against"), "vw-figures-table") + show.note(say("verdict.nats"))


def _change(term: Term) -> str:
    """The difference with its interval, coloured when the interval leaves zero out."""
    change = term.change
    bounds = show.words("run.bounds", low=_signed(change.low), high=_signed(change.high))
    said = f"{_signed(change.difference)} <small>({bounds})</small>"
    if not (term.is_better or term.is_worse):
        return said
    return f'<span class="vw-{"ok" if term.is_better else "bad"}-text">{said}</span>'


def _signed(value: float) -> str:
    return figure(f"{value:+.3f}", language()).replace("-", "−")


def _pairs(pairs: Sequence[Pair], run_id: str) -> str:
    """What both models said, folded away."""
    if not pairs:
        return ""
    rows = [[show.text_of(pair.text) or show.nothing("verdict.wordless"),
             *(_sound(pair, role, run_id) for role in ROLES)] for pair in pairs]
    heads = [say("run.said"), say("run.base"), say("run.tuned")]
    title = show.words("verdict.hear_both", n=len(rows))
    listed = show.table(heads, rows, say("verdict.hear_both", n=len(rows)), "vw-samples")
    return f"<details><summary>{title}</summary>{listed}</details>"


def _sound(pair: Pair, role: str, run_id: str) -> str:
    named = show.words("verdict.play", text=pair.text or pair.id)
    place = f"run/{quote(run_id)}/verdict/{role}/{quote(pair.id, safe='')}.wav"
    return (f'<audio controls preload="none" src="{show.text_of(place)}" aria-label="{named}"></audio>'
            f"{spoken_words.figures(pair.figures[role])}")
