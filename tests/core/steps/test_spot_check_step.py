"""Spot-check: figures beside each clip, filters, marks and fixes that can be undone, and what they prove."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.audio.capture import Captured
from core.config import DataRoot
from core.errors import BadInput, Stale
from core.library import Library, Project
from core.library.transcripts import Draft
from core.quality.figures import METRICS
from core.steps import review, spot_check
from core.steps.loudness import measure_missing
from core.steps.record import save_captured
from core.types import Word
from tests.made import library, take, tone

ANNA = "page:anna"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    """Three takes: soft, loud, long."""
    lib, project = library(data_root)
    for sound in (tone() * 0.05, tone(), np.concatenate([tone(1.0), tone(1.0)])):
        heard = Captured((sound * 32767).astype(np.int16), 16000, 0)
        save_captured(lib, project, None, "anna", heard, ANNA)
    return lib, project


def said(made: Made, place: int, text: str, source: str = "person") -> str:
    """Another text of a take; its id."""
    lib, project = made
    clip = lib.clips.checks(project.id)[place]
    lib.transcripts.append(project.id, [Draft(clip.id, text, source, clip.transcript_id)], ANNA)
    return clip.id


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("down", [False, True])
def test_clips_are_sorted_by_any_metric(made: Made, metric: str, down: bool) -> None:
    lib, project = made
    measure_missing(lib, project)
    said(made, 0, "one two", "model:m")
    said(made, 0, "one four two")
    found = spot_check.ordered(lib, spot_check.checks(lib, project), metric, down)
    figures = found.figures(metric)
    known = [value for value in figures if value is not None]
    assert len(figures) == 3 and known
    assert known == sorted(known, reverse=down)
    assert figures[: len(known)] == known, "clips without the figure come last"
    assert sorted(spot_check.values(found, metric)) == sorted(known)


def test_the_figures_are_those_of_the_sound(made: Made) -> None:
    lib, project = made
    found = spot_check.ordered(lib, spot_check.checks(lib, project), "seconds")
    assert [round(value or 0, 2) for value in found.figures("seconds")] == [0.6, 0.6, 2.0]
    soft, loud = spot_check.ordered(lib, found, "rms_dbfs").figures("rms_dbfs")[:2]
    assert (loud or 0) - (soft or 0) == pytest.approx(26, abs=0.5)
    assert any(finding.code == "too_quiet" for clip in found.clips for finding in found.findings(clip))


def test_rates_are_those_of_the_text_as_it_is_now(made: Made) -> None:
    lib, project = made
    assert spot_check.checks(lib, project).figures("words_per_second") == [None] * 3
    said(made, 2, "one two three four")
    found = spot_check.checks(lib, project)
    assert found.figures("words_per_second")[2] == pytest.approx(4 / 1.75, rel=0.05)
    assert found.figures("characters_per_second")[2] == pytest.approx(15 / 1.75, rel=0.05)


def test_the_edges_are_compared_with_what_was_heard_its_numbers_in_words(made: Made) -> None:
    lib, project = made
    said(made, 0, "order 129", "model:m")
    said(made, 0, "order one two nine")
    said(made, 1, "five blue whales", "model:m")
    said(made, 1, "order one two nine")
    assert spot_check.checks(lib, project).figures("edge_cer")[:2] == [0.0, pytest.approx(0.8, abs=0.2)]


def test_rejected_clips_are_not_checked_and_odd_metrics_are_told(made: Made) -> None:
    lib, project = made
    review.decide(lib, project, lib.clips.views(project.id)[0].clip.id, "rejected", "todo", ANNA)
    found = spot_check.checks(lib, project)
    assert len(found.clips) == 2
    with pytest.raises(BadInput, match="“beauty” is no metric"):
        spot_check.ordered(lib, found, "beauty")


def test_the_riskiest_come_first(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    clips = [take(lib, project, "one two three", prompt=f"one two three {n}") for n in range(6)]
    bad = take(lib, project, "blue whales sleep", prompt="order nine")
    found = spot_check.ordered(lib, spot_check.checks(lib, project), spot_check.RISK)
    assert found.clips[0].id == bad and {clip.id for clip in found.clips[1:]} == set(clips)


def test_filters_leave_a_bar_a_letter_or_certain_clips(made: Made) -> None:
    lib, project = made
    ids = [said(made, 0, "café one"), said(made, 1, "cafe two")]
    found = spot_check.checks(lib, project)
    for low, high, n in spot_check.bars(spot_check.values(found, "rms_dbfs"), 5):
        bar = spot_check.fitting(found, {"metric": "rms_dbfs", "low": low, "high": high})
        assert len(bar.clips) == n, "a bar that is pressed shows as many clips as it is high"
    assert [clip.id for clip in spot_check.fitting(found, {"letter": "é"}).clips] == ids[:1]
    assert [clip.id for clip in spot_check.fitting(found, {"clips": ids[1:]}).clips] == ids[1:]
    assert spot_check.fitting(found, {}) is found


@pytest.mark.parametrize("numbers", [[3.0], [3.0, 3.0], [0.0], [0.1, 0.3, 0.7, 0.6], [-120.0, 5.5, 5.4999],
                                     [k / 10 for k in range(100)]])
def test_bars_hold_every_number_once_between_round_edges(numbers: list[float]) -> None:
    drawn = spot_check.bars(numbers)
    assert sum(n for _, _, n in drawn) == len(numbers) and len(drawn) <= 26
    for low, high, n in drawn:
        assert sum(low <= number < high for number in numbers) == n
        assert len(f"{low:.10g}") <= 6
    assert spot_check.bars([]) == []


def test_marks_can_be_taken_back(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    clips = [take(lib, project, "x") for _ in range(4)]
    assert "Nothing was checked yet" in spot_check.proof(lib, project)
    for clip in clips[:3]:
        spot_check.mark(lib, project, clip, "right", "", ANNA)
    spot_check.mark(lib, project, clips[3], "wrong", "", ANNA)
    assert (
        spot_check.proof(lib, project) == "3 of 4 right, and all were checked: 25.0 % of the clips are wrong."
    )
    with pytest.raises(Stale):
        spot_check.mark(lib, project, clips[3], "right", "", "page:ben")
    with pytest.raises(BadInput, match="“perhaps” is no mark"):
        spot_check.mark(lib, project, clips[3], "perhaps", "wrong", ANNA)
    assert review.undo(lib, project, ANNA) == "Undone: a mark of 1 take."
    assert lib.clips.get(clips[3]).mark == ""


def test_a_fix_is_one_step_counts_as_wrong_and_is_undone_as_one(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    clip = take(lib, project, "one tow")
    version = lib.clips.get(clip).transcript_id
    for nothing_new in ("one tow", " one  tow ", ""):
        with pytest.raises(BadInput, match="The text is as it was"):
            spot_check.fix(lib, project, clip, nothing_new, version, "", ANNA)
    spot_check.fix(lib, project, clip, "one two", version, "", ANNA)
    assert (lib.clips.view(clip).text, lib.clips.get(clip).mark) == ("one two", "fixed")
    assert spot_check.proof(lib, project).startswith("0 of 1 right")
    with pytest.raises(Stale):
        spot_check.fix(lib, project, clip, "one too", version, "fixed", "page:ben")
    review.undo(lib, project, ANNA)
    assert (lib.clips.view(clip).text, lib.clips.get(clip).mark) == ("one tow", "")


def test_a_moved_word_is_a_fix_too(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    clip = take(lib, project)
    words = (Word("one", 0.1, 0.3), Word("two", 0.4, 0.7))
    lib.transcripts.append(project.id, [Draft(clip, "one two", "model:m", None, words)], ANNA)
    version = lib.clips.get(clip).transcript_id
    spot_check.fix_word(lib, project, clip, 1, (0.45, 0.7), version, "", ANNA)
    found = lib.word_times.of(lib.clips.get(clip).transcript_id)
    assert found is not None and found.words[1].start == 0.45 and lib.clips.get(clip).mark == "fixed"
    review.undo(lib, project, ANNA)
    assert (lib.clips.get(clip).transcript_id, lib.clips.get(clip).mark) == (version, "")
    with pytest.raises(BadInput, match="would begin before"):
        spot_check.fix_word(lib, project, clip, 1, (0.2, 0.7), version, "", ANNA)


def test_a_skipped_take_proves_nothing(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    clip = take(lib, project, "x")
    spot_check.mark(lib, project, clip, "skip", "", ANNA)
    assert "Nothing was checked yet" in spot_check.proof(lib, project)


def test_an_empty_project_has_no_clips(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    assert spot_check.checks(lib, project).clips == ()
    assert spot_check.values(spot_check.checks(lib, project), "snr_db") == []


def test_figures_of_an_older_version_are_read(made: Made) -> None:
    lib, project = made
    clip = lib.clips.checks(project.id)[0]
    old = {**json.loads(clip.quality), "sparkle": 1.0}
    found = spot_check.checks(lib, project)
    assert found.figure(clip._replace(quality=json.dumps(old)), "snr_db") == found.figure(clip, "snr_db")
    assert found.figure(clip._replace(quality="{}"), "snr_db") is None
