"""Several engines upon one clip: who answers, what the sound decides, and what is left when nobody can."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.alignment.fit import Fit
from core.alignment.pace import by_pace
from core.errors import BadInput, NotFound
from core.families.base import Clip
from core.run_dir import RunDir
from core.runs.aligning import Aligners, open_aligners
from core.runs.jobs import align
from core.text.convert import to_words
from core.types import Word

CLIP = Clip("c", Path("c.wav"))


class Engine:
    """An aligner that lays words a second each, or that cannot."""

    def __init__(self, engine: str, likes: str = "", score: float | None = None, able: bool = True) -> None:
        self.engine, self.likes, self.score, self.able = engine, likes, score, able
        self.heard: list[str] = []

    def listen(self, clip: Clip) -> Engine:
        self.heard.append(clip.id)
        if clip.id == "odd":
            raise KeyError("odd")
        return self

    def align(self, text: str) -> tuple[Word, ...]:
        if not self.able:
            raise BadInput("The text does not fit.")
        return tuple(Word(word, float(n), n + 1.0, self.score) for n, word in enumerate(text.split()))

    def fit(self, text: str) -> Fit | None:
        return Fit(self.score, 1.0) if self.score else None

    def compare(self, parts: Sequence[str | Sequence[str]]) -> list[dict[str, float]]:
        if not self.able:
            raise BadInput("The text does not fit.")
        lists = [part for part in parts if not isinstance(part, str)]
        return [{w: 0.0 if w == self.likes else -0.5 for w in wordings} for wordings in lists]


def test_the_sound_decides_between_readings_and_the_prompt_before_it() -> None:
    engine = Engine("e", likes="twelve ninety six")
    laid = Aligners([engine]).lay(CLIP, "order 1296 please")
    assert laid.text == "order twelve ninety six please"
    assert (laid.engine, [word.text for word in laid.words]) == ("e", laid.text.split())
    assert max(laid.scores[0], key=lambda name: laid.scores[0][name]) in ("pairs", "year")
    asked = Aligners([engine]).lay(CLIP, "order 1296 please", prompt="order one two nine six please")
    assert (asked.text, asked.scores) == ("order one two nine six please", {})


def test_a_single_wording_in_question_outdoes_those_that_are_not() -> None:
    engine = Engine("e")
    engine.compare = lambda parts: [{"forty five": 0.0}]  # type: ignore[method-assign]
    assert Aligners([engine]).lay(CLIP, "code 45").text == "code forty five"


def test_the_next_engine_answers_where_the_first_cannot() -> None:
    laid = Aligners([Engine("a", able=False), Engine("b")]).lay(CLIP, "one two")
    assert (laid.engine, len(laid.words)) == ("b", 2)


def test_times_of_the_first_and_scores_of_the_first_that_gives_any() -> None:
    first, second = Engine("a"), Engine("b", score=0.5)
    laid = Aligners([first, second]).lay(CLIP, "one two")
    assert laid.engine == "a" and [word.score for word in laid.words] == [0.5, 0.5]
    assert laid.fit == Fit(0.5, 1.0)
    assert first.heard == second.heard == ["c"]


def test_own_times_are_the_last_resort() -> None:
    own = [Word("45", 0.2, 1.0)]
    laid = Aligners([Engine("a", able=False)]).lay(CLIP, "45", own=own)
    assert laid.engine == "own" and laid.words[0].start == 0.2 and laid.words[-1].end == 1.0
    assert Aligners([]).lay(CLIP, "45").words == ()


def test_without_an_engine_the_time_that_a_number_took_decides() -> None:
    said = [("we", 0.2), ("counted", 0.5), ("1296803", 1.9), ("letters", 0.5), ("yesterday", 0.6)]
    own, at = [], 0.0
    for word, seconds in said:
        own.append(Word(word, at, at + seconds))
        at += seconds
    text = " ".join(word for word, _ in said)
    by_time = Aligners([]).lay(CLIP, text, own=own).text
    assert by_time == "we counted one two nine six eight zero three letters yesterday"
    own[2:] = [Word(w.text, w.start, w.end + (2.4 if w.text == "1296803" else 0)) for w in own[2:]]
    assert "million" in Aligners([]).lay(CLIP, text, own=own).text
    assert by_pace(to_words("45"), [Word("45", 0, 1)]) == {}


def test_a_language_without_numbers_keeps_its_digits() -> None:
    assert Aligners([Engine("a")]).lay(CLIP, "xx 45", language="tlh").text == "xx 45"


def test_an_order_names_families_that_align(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound, match="does not align; these do: ctc, pocketsphinx"):
        open_aligners({"aligners": [{"family": "whisper"}]})
    assert open_aligners({}).engines == ()
    missing = [{"family": "pocketsphinx"}, {"family": "ctc", "model": "/nowhere"}]
    assert [e.engine for e in open_aligners({"aligners": missing}).engines] == ["pocketsphinx"]


def test_a_run_goes_through_its_items_and_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine("e")
    monkeypatch.setattr(align, "open_aligners", lambda order: Aligners([engine]))
    run, items = run_of(tmp_path, ["a", "odd", "b"])
    run.add_results([{"item": "a", "transcript": 7, "laid": {}}])
    align.run_job(run, {"items": items, "language": "en"})
    rows = {row["item"]: row for row in run.results()[0]}
    assert engine.heard == ["odd", "b"] and rows["b"]["transcript"] == 7
    assert rows["b"]["laid"]["words"][0][:3] == ["say", 0.0, 1.0]
    assert "could not be aligned (KeyError" in rows["odd"]["error"]
    assert run.status().message.startswith("The words of 2 clips were found. 1 could not be")


def test_a_text_that_fits_no_engine_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(align, "open_aligners", lambda order: Aligners([Engine("e", able=False)]))
    run, items = run_of(tmp_path, ["a"])
    align.run_job(run, {"items": items})
    assert "No engine could lay this text" in run.results()[0][0]["error"]


def run_of(tmp_path: Path, names: list[str]) -> tuple[RunDir, list[dict[str, Any]]]:
    items = [{"id": name, "audio": "x.wav", "transcript": 7, "text": "say it"} for name in names]
    return RunDir.create(tmp_path, "align", {"items": items}), items
