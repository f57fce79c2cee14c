"""The verdict for a manager: what got better, by how much, how sure that is, and what it cost."""
from __future__ import annotations

from core.evaluation.bootstrap import Interval
from core.evaluation.pace import Pace
from core.evaluation.verdict import FEWEST, HARM, Verdict

OPENINGS = {"better": "The training paid off", "worse": "The training did harm",
            "no clear change": "The training changed nothing that could be shown"}
MIXED = "The training helped in one thing and did harm in another"
NO_HARM = 0.005  # half a word of a hundred is within what the next hundred would change


def plain(verdict: Verdict, pace: Pace | None = None) -> str:
    """One sentence without a term of the trade; every clause of it rests on a figure of the verdict."""
    base, tuned = verdict.base, verdict.tuned
    clauses = [f"wrong words in 100 went from {_of_hundred(base.wer)} to {_of_hundred(tuned.wer)}",
               _how_sure(verdict)]
    clean, digits = verdict.intervals["no_digit_share"], verdict.intervals["digit_error_rate"]
    if verdict.n_items >= FEWEST and (clean.low > 0 or clean.high < 0):
        clauses.append(f"answers without digits in 100 went from {_of_hundred(base.no_digit_share)} to "
                       f"{_of_hundred(tuned.no_digit_share)}")
    clauses.append(_price(verdict))
    if digits.low > 0:
        clauses.append(f"wrong digits in 100 went from {_of_hundred(base.digit_error_rate)} to "
                       f"{_of_hundred(tuned.digit_error_rate)}")
    if pace:
        clauses.append(_speed(pace))
    return f"{_opening(verdict)}: {'; '.join(clauses)}."


def _opening(verdict: Verdict) -> str:
    """The judgement; where it is open although words surely got better, it is digits that got worse."""
    is_open = verdict.judgement == "no clear change" and verdict.n_items >= FEWEST
    return MIXED if is_open and verdict.intervals["wer"].high < 0 else OPENINGS[verdict.judgement]


def _how_sure(verdict: Verdict) -> str:
    words, n = verdict.intervals["wer"], verdict.n_items
    tried = f"tried on {n} recording{'s' if n > 1 else ''} that it did not learn from"
    if n < FEWEST:
        return f"{tried}, that may be luck"
    if words.low <= 0 <= words.high:
        return f"{tried}, that may be chance"
    return f"with 95 % certainty that is {_span(words)}, {tried}"


def _span(words: Interval) -> str:
    low, high = sorted((abs(words.low), abs(words.high)))
    return f"{_of_hundred(low)} to {_of_hundred(high)} {'fewer' if words.high < 0 else 'more'}"


def _price(verdict: Verdict) -> str:
    was, now = verdict.regression_base, verdict.regression_tuned
    if was is None or now is None:
        return "whether everyday speech suffered was not measured"
    more, told = now.wer - was.wer, f"as far as {was.n_words} words can tell"
    if more <= NO_HARM:
        return f"everyday speech did not suffer, {told}"
    size = "small" if more <= HARM else "high"
    return f"the price is {size}: {_of_hundred(more)} more wrong words in 100 of everyday speech, {told}"


def _speed(pace: Pace) -> str:
    share = _of_hundred(abs(pace.ratio - 1))
    if pace.fate == "slower" and pace.has_adapter:
        return f"it takes {share} % longer to answer until it is merged"
    return {"faster": f"it takes {share} % less time to answer",
            "slower": f"it takes {share} % longer to answer", "as fast": "it answers as fast as before",
            "unclear": "whether it answers faster or slower could not be told"}[pace.fate]


def _of_hundred(share: float) -> str:
    """71, 1.4, 0: a share of a hundred as a person says it."""
    value = round(100 * share, 1)
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
