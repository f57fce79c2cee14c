"""Segments of long recordings: found where they were said, nothing that was not, and never a wrong one that
looks right."""
from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.alignment.anchors import Anchor
from core.families.base import Clip
from core.run_dir import RunDir
from core.runs.jobs import Stopped, segment
from core.runs.long.hearing import Source
from core.steps.recordings import Options
from core.types import Prediction, Word
from tests.core.runs.spelled import RATE, Speller, recording

WORDS = ("river mountain teacher garden window yellow seven market chair orange paper silver doctor bridge "
         "summer winter letter coffee number station village kitchen people morning evening button pencil "
         "carpet dinner ladder mirror needle ocean pocket rabbit saddle tunnel valley wagon zebra").split()
RATES = {"min_rate": 0.5, "max_rate": 6.0}  # letters are spelled as they come


def sentences(n: int, seed: int) -> list[str]:
    """Sentences that are alike nowhere."""
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=chance.randint(5, 9))) for _ in range(n)]


def spoken(said: Sequence[str], pause: float = 0.6) -> list[str | float]:
    """What is said, with pauses between."""
    return [0.5, *(part for one in said for part in (one, pause))]


Find = Callable[..., RunDir]


@pytest.fixture
def find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Find:
    """Runs the job on recordings and a text."""
    model = Speller()
    monkeypatch.setattr(segment, "_emitter", lambda order: model)

    def run(sources: Sequence[Source], text: Sequence[str] | str, **more: Any) -> RunDir:
        written = [text] if isinstance(text, str) else text
        order = {"project": "p", "device": "cpu", "language": "tlh", "cache": str(tmp_path / "cache"),
                 "options": Options(**RATES).model_dump(),
                 "recordings": [{"id": s.id, "name": s.name, "path": str(s.path), "sha256": s.sha256,
                                 "seconds": s.seconds} for s in sources],
                 "sections": [{"id": at, "name": "text", "text": part} for at, part in enumerate(written)]}
        made = more.pop("into", None) or RunDir.create(tmp_path / "runs", "segment", {**order, **more})
        segment.run_job(made, made.order())
        return made

    run.model = model  # type: ignore[attr-defined]
    return run


def texts(run: RunDir) -> list[str]:
    return [one["text"] for row in run.results()[0] for one in row["segments"]]


def kinds(run: RunDir) -> set[str]:
    return {stretch[2] for row in run.results()[0] for stretch in row["stretches"]}


def test_all_that_was_said_is_found_where_it_was_said(find: Find, tmp_path: Path) -> None:
    said = sentences(30, 1)
    run = find([recording(tmp_path, spoken(said))], ".\n".join(said) + ".")
    row = run.results()[0][0]
    assert " ".join(texts(run)).replace(".", "") == " ".join(said)
    assert all(2 <= one["end"] - one["start"] <= 20 and one["kind"] == "matched" for one in row["segments"])
    assert row["figures"]["n_words_matched"] == len(" ".join(said).split())
    assert row["figures"]["speech_covered"] > 0.95
    first = row["segments"][0]["words"][0]
    assert first[0] == said[0].split()[0]
    assert row["segments"][0]["start"] + first[1] == pytest.approx(0.5, abs=0.06)


def test_each_segment_comes_with_what_the_model_wrote_by_itself(find: Find, tmp_path: Path) -> None:
    said = sentences(20, 27)
    heard = [f"{one.replace('yellow', 'mellow')} " for one in said]  # the space ends its last word
    segments = find([recording(tmp_path, spoken(heard))], ".\n".join(said) + ".").results()[0][0]["segments"]
    assert sum("yellow" in one["text"] for one in segments) > 1
    for one in segments:
        assert one["heard"] == one["text"].replace(".", "").replace("yellow", "mellow")


def test_what_the_text_lacks_and_what_nobody_said_is_left_out(find: Find, tmp_path: Path) -> None:
    said, unsaid = sentences(40, 2), sentences(8, 77)
    written = [one for at, one in enumerate(said) if at % 5]
    for at, one in enumerate(unsaid):
        written.insert(4 * at + 2, one)
    run = find([recording(tmp_path, spoken(said))], ".\n".join(written) + ".")
    found = " ".join(texts(run)).replace(".", "")
    assert all(one in found for at, one in enumerate(said) if at % 5)
    assert not any(one in found for one in unsaid)
    assert "unmatched" in kinds(run)


def test_sections_in_another_order_are_found(find: Find, tmp_path: Path) -> None:
    parts = [sentences(15, seed) for seed in (3, 4, 5)]
    source = recording(tmp_path, spoken([*parts[0], *parts[1], *parts[2]]))
    run = find([source], [".\n".join(parts[at]) + "." for at in (0, 2, 1)])
    every = " ".join(one for part in parts for one in part)
    assert sorted(" ".join(texts(run)).replace(".", "").split()) == sorted(every.split())
    starts = {one["text"].split(".")[0]: one["start"] for one in run.results()[0][0]["segments"]}
    assert starts[parts[1][0]] < starts[parts[2][0]]


def test_each_section_goes_to_its_own_recording(find: Find, tmp_path: Path) -> None:
    one, other = sentences(15, 6), sentences(15, 7)
    sources = [recording(tmp_path, spoken(one), "a.wav"), recording(tmp_path, spoken(other), "b.wav")]
    run = find(sources, [".\n".join(other) + ".", ".\n".join(one) + "."])
    found = {row["item"]: " ".join(s["text"] for s in row["segments"]) for row in run.results()[0]}
    assert one[3] in found["a"] and other[3] in found["b"]
    assert not any(part in found["a"] for part in other)


def test_the_text_of_another_recording_gives_nothing_and_says_so(find: Find, tmp_path: Path) -> None:
    run = find([recording(tmp_path, spoken(sentences(25, 8)))], ".\n".join(sentences(200, 9)))
    assert texts(run) == []
    assert "another recording" in run.status().message and "Coverage 0 %" in run.status().message


@pytest.mark.parametrize("parts", [[299.0], [0.2]])
def test_silence_is_told(find: Find, tmp_path: Path, parts: list[str | float]) -> None:
    run = find([recording(tmp_path, parts)], "anything at all could be said here")
    assert texts(run) == [] and "No speech was heard" in run.status().message
    assert kinds(run) <= {"silence"}


def test_music_is_no_speech(find: Find, tmp_path: Path) -> None:
    source = recording(tmp_path, spoken(sentences(6, 10)))
    samples, _ = soundfile.read(source.path, dtype="float32")
    time = np.arange(20 * RATE) / RATE
    tone = (0.1 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    soundfile.write(source.path, np.concatenate([samples, tone]), RATE, subtype="FLOAT")
    whole = Source(source.id, source.name, source.path, "with music", source.seconds + 20)
    run = find([whole], ".\n".join(sentences(6, 10)) + ".")
    assert "sound" in kinds(run) and len(texts(run)) >= 1
    assert run.results()[0][0]["figures"]["sound"] == pytest.approx(20, abs=1.5)


def test_a_damaged_stretch_in_the_middle_costs_only_itself(find: Find, tmp_path: Path) -> None:
    said = sentences(60, 11)
    source = recording(tmp_path, spoken(said))
    samples, _ = soundfile.read(source.path, dtype="float32")
    samples[70 * RATE : 80 * RATE] = np.nan
    soundfile.write(source.path, samples, RATE, subtype="FLOAT")
    run = find([source], ".\n".join(said) + ".")
    found = " ".join(texts(run)).replace(".", "")
    assert said[0] in found and said[-1] in found
    assert "unreadable" in kinds(run) and "could not be read" in run.status().message
    segments = run.results()[0][0]["segments"]
    assert not any(one["start"] < 80 and one["end"] > 60 for one in segments)
    assert all(one["quality"] for one in segments)  # each of them can be read


def test_letters_that_the_model_cannot_write_cost_no_sentence_beside_them(find: Find, tmp_path: Path) -> None:
    said = sentences(20, 12)
    written = [one if at != 9 else one.replace("e", "ё") for at, one in enumerate(said)]
    run = find([recording(tmp_path, spoken(said))], ".\n".join(written) + ".")
    found = " ".join(texts(run)).replace(".", "")
    assert all(one in found for at, one in enumerate(said) if at != 9)


def test_a_word_placed_by_hand_is_where_the_person_says(find: Find, tmp_path: Path) -> None:
    """The same sentence is said twice and written once: nobody but a person knows which is meant."""
    said = sentences(3, 13)
    again = [*sentences(10, 14), *said, *sentences(10, 15), *said, *sentences(10, 16)]
    source = recording(tmp_path, spoken(again))
    text = ".\n".join(said) + "."
    free = find([source], text).results()[0][0]["segments"]
    other = max(abs(free[0]["start"] - at) for at in _starts(again, said[0]))
    wanted = next(at for at in _starts(again, said[0]) if abs(abs(free[0]["start"] - at) - other) < 1e-6)
    placed = find([source], text, hand=[{"recording": source.id, "section": 0, "word": 0, "at": wanted}])
    assert abs(placed.results()[0][0]["segments"][0]["start"] - wanted) < 1.0
    assert abs(free[0]["start"] - wanted) > 10


def _starts(said: Sequence[str], wanted: str) -> list[float]:
    return [at for one, at in zip(said, _starts_of_all(said), strict=True) if one == wanted]


def test_a_stopped_run_goes_on_and_hears_nothing_twice(find: Find, tmp_path: Path) -> None:
    said = sentences(40, 17)
    source = recording(tmp_path, spoken(said))
    model: Speller = find.model  # type: ignore[attr-defined]
    whole = find([source], ".\n".join(said) + ".")
    n_pieces = model.n_calls
    assert n_pieces > 3
    part = RunDir.create(tmp_path / "runs", "segment", {**whole.order(), "cache": str(tmp_path / "other")})
    report, seen = RunDir.report, list[str]()

    def stop_at_two(self: RunDir, message: str, *more: Any, **named: Any) -> None:
        report(self, message, *more, **named)
        seen.append(message)
        if len([one for one in seen if one.startswith("Hearing")]) == 2:
            self.request_stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunDir, "report", stop_at_two)
        with pytest.raises(Stopped):
            segment.run_job(part, part.order())
    part.clear_stop()
    find([], [], into=part)
    assert model.n_calls == 2 * n_pieces
    assert texts(part) == texts(whole)


class Foreigner:
    """A recogniser that knows a few words, at their time."""

    choice = "Somebody else."

    def __init__(self, words: Sequence[tuple[str, float]]) -> None:
        self.words, self.heard = words, list[tuple[float, float | None]]()

    def transcribe(self, clip: Clip) -> Prediction:
        self.heard.append((clip.start, clip.end))
        own = [Word(text, at - clip.start, at - clip.start + 0.2, 0.9) for text, at in self.words
               if clip.start <= at < (clip.end or 0.0)]
        return Prediction(clip.id, "", tuple(own))


def test_a_second_listener_adds_anchors_and_hears_nothing_twice(
    find: Find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = sentences(25, 18)
    source = recording(tmp_path, spoken(said))
    other = Foreigner([(one.split()[0], at) for one, at in zip(said, _starts_of_all(said), strict=True)])
    monkeypatch.setattr(segment, "open_recogniser", lambda order, models: other)
    seen = list[Sequence[Sequence[Anchor]]]()
    real = segment.match

    def look(text: Any, heard: Any, *more: Any) -> Any:
        seen.append(heard[source.id])
        return real(text, heard, *more)

    monkeypatch.setattr(segment, "match", look)
    asked = {"family": "whisper", "model": "tiny", "language": "en"}
    run = find([source], ".\n".join(said), listener=asked)
    # none at a border twice
    assert [anchor.text for anchor in seen[0][1]] == [one.split()[0] for one in said]
    assert {anchor.source for anchor in seen[0][1]} == {"whisper:tiny en"} and len(texts(run)) > 1
    by = run.status().figures["anchors"]
    assert by["whisper:tiny en"] == 25 and by["made:speller"] > 100
    n_pieces = len(other.heard)
    find([source], ".\n".join(said), listener=asked)
    assert n_pieces >= 3 and len(other.heard) == n_pieces
    find([source], ".\n".join(said), listeners=[asked, {**asked, "language": "mi"}])
    assert [{anchor.source for anchor in words} for words in seen[-1][1:]] == [
        {"whisper:tiny en"}, {"whisper:tiny mi"}]
    assert len(other.heard) == 2 * n_pieces  # the one in a new language alone had to listen


def _starts_of_all(said: Sequence[str]) -> list[float]:
    at, found = 0.5, list[float]()
    for one in said:
        found.append(at)
        at += 0.04 * sum(letter != " " for letter in one) + 0.06 * one.count(" ") + 0.6
    return found


def test_a_text_far_longer_than_the_sound_gives_what_is_there(find: Find, tmp_path: Path) -> None:
    said = sentences(12, 19)
    text = ".\n".join([*sentences(300, 20), *said, *sentences(300, 21)]) + "."
    run = find([recording(tmp_path, spoken(said))], text)
    found = " ".join(texts(run)).replace(".", "")
    assert all(one in found for one in said[1:-1])
    assert run.status().figures["text_covered"] < 0.05 and run.status().figures["speech_covered"] > 0.8


def test_of_a_text_in_two_languages_the_one_that_was_spoken_is_found(find: Find, tmp_path: Path) -> None:
    said = sentences(20, 22)
    other = [" ".join(word[::-1] + "qx" for word in one.split()) for one in said]
    text = ".\n".join(line for pair in zip(said, other, strict=True) for line in pair) + "."
    short = Options(**RATES, min_seconds=1.0).model_dump()  # each sentence stands alone
    run = find([recording(tmp_path, spoken(said))], text, options=short)
    found = " ".join(texts(run)).replace(".", "")
    assert sum(one in found for one in said) >= 19 and "qx" not in found


def test_of_a_text_in_two_languages_the_report_says_how_little_of_it_was_found(
    find: Find, tmp_path: Path
) -> None:
    said = sentences(20, 22)
    text = ".\n".join([*said, *sentences(40, 23)]) + "."
    run = find([recording(tmp_path, spoken(said))], text)
    assert re.search(r"Only 3\d % of the text was found: .* another language", run.status().message)
    whole = find([recording(tmp_path, spoken(said))], ".\n".join(said) + ".")
    assert "Only" not in whole.status().message


def test_words_that_the_model_cannot_write_are_counted_and_their_segments_are_uncertain(
    find: Find, tmp_path: Path
) -> None:
    """The word is spoken, and its sound may be cut away: a clip that says less than its text is no match."""
    said = sentences(20, 24)
    heard = [f"{one} zzzzzz" if at == 9 else one for at, one in enumerate(said)]
    written = [f"{one} — ёжё" if at == 9 else one for at, one in enumerate(said)]
    run = find([recording(tmp_path, spoken(heard))], ".\n".join(written) + ".")
    every = run.results()[0][0]["segments"]
    touched = [one for one in every if "ёжё" in one["text"]]
    assert [(one["kind"], one["figures"]["doubts"]) for one in touched] == [("uncertain", ["letters"])]
    assert {one["kind"] for one in every if one not in touched} == {"matched"}
    assert run.status().figures["n_words_mute"] == 1
    n_words = len(" ".join(written).split())
    assert f"1 of {n_words} words have letters or digits that the model cannot write (ж, ё)" in \
        run.status().message


def test_a_text_in_a_script_that_the_model_lacks_says_why_nothing_was_found(
    find: Find, tmp_path: Path
) -> None:
    text = ".\n".join(["юный ветер поёт", "белая гора молчит"] * 20) + "."
    run = find([recording(tmp_path, spoken(sentences(12, 25)))], text)
    assert texts(run) == []
    assert "Coverage 0 %" in run.status().message
    assert "120 of 120 words have letters or digits that the model cannot write" in run.status().message


def test_a_search_within_a_stretch_finds_the_text_of_that_stretch_alone(find: Find, tmp_path: Path) -> None:
    said = sentences(30, 26)
    source, text = recording(tmp_path, spoken(said)), ".\n".join(said) + "."
    whole = find([source], text).results()[0][0]
    start, end = whole["segments"][2]["start"], whole["segments"][4]["end"]
    run = find([source], text, within=[start, end])
    row = run.results()[0][0]
    assert row["segments"] == whole["segments"][2:5] and row["within"] == [start, end]
    assert re.fullmatch(r"From 0:00:\d\d to 0:00:\d\d of meeting.wav, 3 segments were matched and 0 are "
                        r"uncertain; all else stays as it was\.", run.status().message)
