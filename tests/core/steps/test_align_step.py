"""Alignments come home: times for the text as it stands, other readings as a new version; a person's stay."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.config import STARTER, DataRoot
from core.errors import BadInput, Refused
from core.library import Change, Library, Project, WordTimes
from core.run_dir import RunDir
from core.runs.aligning import open_aligners
from core.steps import align, convert, review
from core.steps.aligners import engines
from core.steps.ingest import ingest
from core.text.rules import Rule
from core.types import Word
from tests.made import heard, library, take

Made = tuple[Library, Project]
TWELVE = "order twelve ninety six"
DIGITS = "order one two nine six"
SCORES = {"0": {"digit by digit": -0.5, "year": 0.0}}


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def laid(text: str, scores: dict[str, Any] | None = None, engine: str = "pocketsphinx") -> dict[str, Any]:
    words = [[word, n * 0.5, n * 0.5 + 0.4, 0.5] for n, word in enumerate(text.split())]
    return {"text": text, "engine": engine, "words": words, "scores": scores or {}, "fit": [0.5, 2.0]}


def aligned(lib: Library, project: Project, clip: str, row: dict[str, Any], transcript: int = 0) -> None:
    """An alignment run with one result, brought home."""
    run = RunDir.create(lib.root.runs(project.slug), "align", {"project": project.slug})
    seen = transcript or lib.clips.get(clip).transcript_id
    run.add_results([{"item": clip, "transcript": seen, **row}])
    ingest(lib, project)


def times(lib: Library, clip: str) -> WordTimes | None:
    return lib.word_times.of(lib.clips.get(clip).transcript_id)


def with_number(lib: Library, project: Project) -> str:
    """A take whose number was converted without the sound."""
    clip = take(lib, project)
    heard(lib, project, {"item": clip, "text": "order 1296"})
    ingest(lib, project)
    assert lib.clips.view(clip).text == DIGITS
    return clip


def test_the_text_as_it_stands_gets_its_times(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "one two")
    aligned(lib, project, clip, {"laid": laid("one two")})
    found = times(lib, clip)
    assert found and (found.engine, found.agreement, found.worst) == ("pocketsphinx", 0.5, 2.0)
    assert [word.text for word in found.words] == ["one", "two"]
    assert len(lib.transcripts.versions(clip)) == 1


def test_the_sound_says_a_number_in_another_way(made: Made) -> None:
    lib, project = made
    clip = with_number(lib, project)
    aligned(lib, project, clip, {"laid": laid(TWELVE, SCORES)})
    view, found = lib.clips.view(clip), times(lib, clip)
    assert (view.text, view.source) == (TWELVE, "numbers")
    assert view.details["items"][0]["reason"] == "the sound fits “twelve ninety six” best"
    assert found and found.engine == "pocketsphinx" and len(found.words) == 4
    ingest(lib, project)
    assert len(lib.transcripts.versions(clip)) == 3  # heard, by the text, by the sound: once each


def test_what_a_person_accepted_or_wrote_stays(made: Made) -> None:
    lib, project = made
    accepted, by_hand = with_number(lib, project), with_number(lib, project)
    lib.changes.apply(project.id, [Change(accepted, "decision", "todo", "accepted")], "anna")
    version = lib.clips.get(by_hand).transcript_id
    review.edit(lib, project, by_hand, "order 1296 it is", version, "anna")
    for clip, text in ((accepted, DIGITS), (by_hand, "order 1296 it is")):
        aligned(lib, project, clip, {"laid": laid(TWELVE, SCORES)})
        assert lib.clips.view(clip).text == text and times(lib, clip) is None


def test_a_text_that_was_changed_meanwhile_is_left_alone(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "one two")
    old = lib.clips.get(clip).transcript_id or 0
    review.edit(lib, project, clip, "one three", old, "anna")
    aligned(lib, project, clip, {"laid": laid("one two")}, transcript=old)
    assert times(lib, clip) is None and lib.clips.view(clip).text == "one three"


def test_a_failed_item_changes_nothing(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "one two")
    aligned(lib, project, clip, {"error": "No engine could."})
    assert times(lib, clip) is None and lib.clips.view(clip).text == "one two"


def test_transcribing_brings_times_and_readings_along(made: Made) -> None:
    lib, project = made
    number, plain = take(lib, project), take(lib, project)
    own = [["hello", 0.3, 0.5, 0.9]]
    heard(lib, project, {"item": number, "text": "order 1296", "laid": laid(TWELVE, SCORES)},
          {"item": plain, "text": "hello you", "words": own, "laid": laid("hello you")})
    ingest(lib, project)
    assert lib.clips.view(number).text == TWELVE and lib.clips.view(plain).text == "hello you"
    for clip, n_words in ((number, 4), (plain, 2)):
        found = times(lib, clip)
        assert found and (found.engine, len(found.words)) == ("pocketsphinx", n_words)


def test_another_reading_chosen_by_hand_keeps_what_the_sound_said_of_the_others(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    scores = {"0": {"digit by digit": -0.5, "year": 0.0}, "1": {"digit by digit": 0.0, "cardinal": -0.3}}
    text = f"{TWELVE} and four five"
    heard(lib, project, {"item": clip, "text": "order 1296 and 45", "laid": laid(text, scores)})
    ingest(lib, project)
    version = lib.clips.get(clip).transcript_id
    assert lib.clips.view(clip).text == text
    assert convert.choose_reading(lib, project, clip, 1, "cardinal", version, "anna") == (
        "order twelve ninety six and forty five")


def test_an_order_holds_the_written_numbers_and_who_may_align(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    lib, project = made
    orders: list[dict[str, Any]] = []
    monkeypatch.setattr(align, "start_run", lambda root, slug, kind, order: orders.append(order))
    with pytest.raises(Refused, match="no transcripts yet"):
        align.start(lib, project)
    clip, done = with_number(lib, project), take(lib, project, "done")
    lib.word_times.put(WordTimes(lib.clips.get(done).transcript_id or 0, "pocketsphinx",
                                 (Word("done", 0, 1),), None))
    align.start(lib, project)
    (item,) = orders[0]["items"]
    assert (item["id"], item["text"], item["transcript"]) == (clip, "order 1296",
                                                             lib.clips.get(clip).transcript_id)
    assert [engine["family"] for engine in orders[0]["aligners"]] == ["pocketsphinx", "ctc"]
    align.start(lib, project, again=True)
    assert len(orders[1]["items"]) == 2
    aligned(lib, project, clip, {"laid": laid(DIGITS)})
    with pytest.raises(Refused, match="have their times already"):
        align.start(lib, project)


def test_who_may_align(made: Made, tmp_path: Any) -> None:
    lib, project = made
    assert engines(lib, project)[1]["model"] == str(STARTER)
    with pytest.raises(BadInput):
        engines(lib, project, str(tmp_path))


def test_after_an_edit_the_new_text_is_aligned_at_once(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    asked: list[dict[str, Any]] = []

    def answer(lib: Library, request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request)
        return laid(request["text"])

    monkeypatch.setattr(align, "ask", answer)
    lib.rules.put(project.id, [Rule("Q4", "queue")], (), "anna")
    clip = with_number(lib, project)
    review.edit(lib, project, clip, "order nine", lib.clips.get(clip).transcript_id, "anna")
    found = align.realign(lib, project, clip)
    assert found and [word.text for word in found.words] == ["order", "nine"]
    assert (asked[0]["do"], asked[0]["text"], asked[0]["rules"]) == ("align", "order nine", [["Q4", "queue"]])
    lib.word_times.put(WordTimes(found.transcript_id, "person", found.words, None))
    assert align.realign(lib, project, clip) is None and len(asked) == 1
    assert align.realign(lib, project, take(lib, project)) is None


def test_one_language_of_a_model_may_align(data_root: DataRoot, mms_base: Path) -> None:
    lib, project = library(data_root)
    chosen = f"{mms_base}:smo"
    assert engines(lib, project, chosen)[-1] == {"family": "ctc", "model": chosen}
    opened = open_aligners({"aligners": [{"family": "ctc", "model": chosen}], "device": "cpu"})
    assert [engine.engine for engine in opened.engines] == ["ctc:mms-tiny:smo"]
