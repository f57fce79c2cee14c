"""The verdict on a model that speaks, from utterances whose figures are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import Refused
from core.evaluation import speech
from core.evaluation.speech import Utterance


def said(n: int, **changed: object) -> list[Utterance]:
    one = Utterance("", "one two", "one two", 2.0, 2.0, True, 5.0, 5.0)
    rng = np.random.default_rng(1)
    made = [replace(one, id=f"c{i}", loss=5.0 + 0.1 * float(rng.normal())) for i in range(n)]
    return [replace(u, shuffled=u.loss, **changed) for u in made]  # type: ignore[arg-type]


def cheaper(base: list[Utterance], by: float) -> list[Utterance]:
    return [replace(u, loss=u.loss - by, shuffled=u.loss) for u in base]


def test_figures_are_means_with_their_intervals() -> None:
    made = [*said(6), *[replace(u, id=f"x{u.id}", stopped=False, seconds=4.0, heard="one") for u in said(4)]]
    found = speech.figures(made)
    assert (found.stopped.value, found.stopped.n) == (0.6, 10)
    assert found.stopped.low < 0.3 and 0.8 < found.stopped.high < 1.0
    assert found.duration_ratio.value == pytest.approx(1.4)
    assert found.cer is not None and found.cer.value == pytest.approx(0.4 * 4 / 7, abs=0.01)
    assert found.gain.value == pytest.approx(0.0)
    assert speech.figures([replace(u, heard=None) for u in made]).cer is None


def test_better_is_cheaper_with_nothing_lost() -> None:
    base = said(20)
    better = speech.judge(base, cheaper(base, 1.0))
    assert better.judgement == "better" and better.changes["loss"].high < 0
    assert better.tuned.gain.value == pytest.approx(1.0)
    assert better.sentence.startswith("Better, n = 20: of the held-out texts 100 % end by themselves")
    assert "Of the letters 0 % are heard wrong (base 0 %)." in better.sentence
    assert speech.judge(base, base).judgement == "no clear change"
    assert speech.judge(cheaper(base, 1.0), base).judgement == "worse"


@pytest.mark.parametrize("fault", [{"stopped": False}, {"heard": "nothing of it"}])
def test_what_never_stops_or_is_not_understood_is_worse(fault: dict[str, object]) -> None:
    base = said(20)
    tuned = [replace(u, **fault) for u in cheaper(base, 2.0)]  # type: ignore[arg-type]
    assert speech.judge(base, tuned).judgement == "worse"


def test_a_handful_of_clips_proves_nothing_and_other_clips_are_refused() -> None:
    base = said(4)
    found = speech.judge(base, cheaper(base, 1.0))
    assert found.judgement == "no clear change" and "So few clips prove little" in found.sentence
    with pytest.raises(Refused, match="same clips"):
        speech.judge(base, base[1:])
    with pytest.raises(Refused, match="same clips"):
        speech.judge([], [])
