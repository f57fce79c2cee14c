"""Long recordings in the library: kept as they are, their segments come home once, and what a person has
touched stays."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.config import DataRoot
from core.errors import BadInput, Refused
from core.library import Change, Library, Project, Recording
from core.run_dir import RunDir
from core.steps import recordings, review, spot_check
from core.steps.ingest import ingest
from core.steps.recordings import Options, options_of

ANNA = "page:anna"


@pytest.fixture
def lib(tmp_path: Path) -> Library:
    return Library(DataRoot(tmp_path / "data"))


@pytest.fixture
def project(lib: Library) -> Project:
    return lib.projects.add("meetings", "Meetings", "blank", "en")


@pytest.fixture
def kept(lib: Library, project: Project, tmp_path: Path) -> Recording:
    sound = tmp_path / "meeting one.wav"
    soundfile.write(sound, (0.1 * np.sin(np.arange(8000 * 60) / 5)).astype(np.float32), 8000)
    return recordings.add(lib, project, sound, ANNA)


def segment(start: float, end: float, text: str, kind: str = "matched") -> dict[str, Any]:
    return {"start": start, "end": end, "text": text, "kind": kind, "engine": "ctc:starter", "quality": {},
            "words": [[word, 0.2 * n, 0.2 * n + 0.1, 0.9] for n, word in enumerate(text.split())],
            "figures": {"confidence": 0.9, "worst": 0.8, "margin": 1.0, "words_per_second": 2.0,
                        "coverage": 0.8, "doubts": []}}


def found(lib: Library, project: Project, kept: Recording, *segments: dict[str, Any]) -> RunDir:
    """A finished run with these segments, taken in."""
    run = RunDir.create(lib.root.runs(project.slug), "segment", {"project": project.slug})
    run.add_results([{"item": kept.id, "segments": list(segments)}])
    ingest(lib, project)
    return run


def texts(lib: Library, project: Project) -> list[tuple[float, str]]:
    return sorted((v.clip.start, v.text or "") for v in lib.clips.views(project.id))


def test_a_recording_is_kept_byte_for_byte_and_once(
    lib: Library, project: Project, kept: Recording, tmp_path: Path
) -> None:
    sound = tmp_path / "meeting one.wav"
    assert (lib.root.path / kept.audio).read_bytes() == sound.read_bytes()
    assert (kept.name, kept.seconds) == ("meeting one.wav", 60.0)
    assert recordings.add(lib, project, sound, ANNA, "another name") == kept
    assert lib.recordings.of(project.id) == [kept]
    lib.recordings.remove(kept.id)
    assert lib.recordings.of(project.id) == [] and lib.recordings.get(kept.id).removed
    assert recordings.add(lib, project, sound, ANNA) == kept  # it is wanted after all
    text = tmp_path / "no sound.wav"
    text.write_text("hello")
    with pytest.raises(BadInput):
        recordings.add(lib, project, text, ANNA)


def test_segments_come_home_once_as_clips_with_words(lib: Library, project: Project, kept: Recording) -> None:
    found(lib, project, kept, segment(1.0, 4.0, "good morning"), segment(5.0, 9.0, "all of you"))
    ingest(lib, project)
    views = lib.clips.views(project.id)
    assert texts(lib, project) == [(1.0, "good morning"), (5.0, "all of you")]
    assert {v.clip.kind for v in views} == {"segment"} and {v.clip.audio for v in views} == {kept.audio}
    assert views[0].details["confidence"] == 0.9
    times = {v.text: lib.word_times.of(v.clip.transcript_id) for v in views}["all of you"]
    assert times is not None and (times.engine, len(times.words)) == ("ctc:starter", 3)


def test_what_the_model_heard_in_a_segment_is_kept_so_that_its_edges_are_checked(
    lib: Library, project: Project, kept: Recording
) -> None:
    found(lib, project, kept, {**segment(1.0, 4.0, "good morning to all of you"), "heard": "good morning to"},
          {**segment(5.0, 9.0, "we meet here today"), "heard": "we meet here today"})
    checks = spot_check.checks(lib, project)
    cut, whole = sorted(checks.clips, key=lambda clip: clip.text or "")
    assert (cut.text, cut.heard) == ("good morning to all of you", "good morning to")
    assert (checks.figure(cut, "edge_cer") or 0) > 0.3 and checks.figure(whole, "edge_cer") == 0
    assert [t.source for t in lib.transcripts.versions(cut.id)] == ["model:ctc:starter", "align:ctc:starter"]
    found(lib, project, kept, segment(1.0, 4.0, "good morning"))  # nobody has touched them
    assert texts(lib, project) == [(1.0, "good morning")]


def test_a_new_run_replaces_what_nobody_touched_and_leaves_the_rest(
    lib: Library, project: Project, kept: Recording
) -> None:
    found(lib, project, kept, segment(1.0, 4.0, "good morning"), segment(5.0, 9.0, "all of you"),
          segment(10.0, 14.0, "to this place"), segment(15.0, 19.0, "on this day"))
    by_start = {v.clip.start: v for v in lib.clips.views(project.id)}
    lib.changes.apply(project.id, [Change(by_start[5.0].clip.id, "decision", "todo", "accepted")], ANNA)
    lib.changes.apply(project.id, [Change(by_start[15.0].clip.id, "mark", "", "wrong")], ANNA)
    run = found(lib, project, kept, segment(1.2, 4.1, "good morning again"),
                segment(8.0, 12.0, "you to this"), segment(12.5, 14.9, "place"),
                segment(20.0, 24.0, "we meet"))
    assert texts(lib, project) == [(1.2, "good morning again"), (5.0, "all of you"), (12.5, "place"),
                                   (15.0, "on this day"), (20.0, "we meet")]
    assert review.undo(lib, project, f"run:{run.id}")
    assert [start for start, _ in texts(lib, project)] == [1.0, 5.0, 10.0, 15.0]


def test_a_search_in_a_stretch_leaves_alone_what_lies_outside(
    lib: Library, project: Project, kept: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(lib, project, kept, segment(1.0, 4.0, "good morning"), segment(5.0, 9.0, "all of you"),
          segment(10.0, 14.0, "to this place"), segment(15.0, 19.0, "on this day"))
    by_start = {v.clip.start: v for v in lib.clips.views(project.id)}
    lib.changes.apply(project.id, [Change(by_start[5.0].clip.id, "decision", "todo", "accepted")], ANNA)
    orders: list[dict[str, Any]] = []
    monkeypatch.setattr(recordings, "start_run", lambda root, slug, kind, order: orders.append(order))
    recordings.add_text(lib, project, [("one", "good morning all of you", None)], ANNA)
    recordings.start(lib, project, recordings=[kept.id], within=(6.0, 11.0))
    assert orders[0]["within"] == [5.0, 14.0]  # no segment is cut through
    run = RunDir.create(lib.root.runs(project.slug), "segment", orders[0])
    run.add_results([{"item": kept.id, "within": [5.0, 14.0], "segments": [
        segment(8.0, 9.5, "over what was reviewed"), segment(9.6, 13.0, "this place"),
        segment(13.5, 16.0, "over what lies outside")]}])
    ingest(lib, project)
    assert texts(lib, project) == [(1.0, "good morning"), (5.0, "all of you"), (9.6, "this place"),
                                   (15.0, "on this day")]


@pytest.mark.parametrize("within", [(5.0, 5.0), (-1.0, 5.0), (60.0, 70.0), (float("nan"), 2.0)])
def test_a_stretch_that_is_none_is_refused(
    lib: Library, project: Project, kept: Recording, within: tuple[float, float]
) -> None:
    recordings.add_text(lib, project, [("one", "good morning", None)], ANNA)
    with pytest.raises(BadInput, match="stretch of one recording"):
        recordings.start(lib, project, recordings=[kept.id], within=within)


def test_emptying_the_trash_leaves_the_recording(lib: Library, project: Project, kept: Recording) -> None:
    found(lib, project, kept, segment(1.0, 4.0, "good morning"))
    clip = lib.clips.views(project.id)[0].clip
    lib.changes.apply(project.id, [Change(clip.id, "trashed", 0, 1)], ANNA)
    assert review.empty_trash(lib, project) == 1
    assert (lib.root.path / kept.audio).is_file()


def test_a_run_needs_a_recording_a_text_and_a_model(lib: Library, project: Project, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no long recordings"):
        recordings.start(lib, project)
    sound = tmp_path / "a.wav"
    soundfile.write(sound, np.zeros(8000, np.float32), 8000)
    recordings.add(lib, project, sound, ANNA)
    with pytest.raises(Refused, match="no text"):
        recordings.start(lib, project)
    with pytest.raises(BadInput, match="no text in it"):
        recordings.add_text(lib, project, [("empty", " \n", None)], ANNA)
    samoan = lib.projects.add("samoan", "Samoan", "blank", "sm")
    with pytest.raises(Refused, match="no model that knows"):
        recordings.engine(lib, samoan)


def test_sections_anchors_and_their_removal(lib: Library, project: Project, kept: Recording) -> None:
    written = [("a", "good morning", 12.5), ("b", "good night", None)]
    one, two = recordings.add_text(lib, project, written, ANNA, kept.id)
    assert (one.start, one.recording_id, two.start) == (12.5, kept.id, None)
    made = lib.recordings.add_anchor(kept.id, two.id, 1, 40.0, ANNA)
    assert [(a.section_id, a.word, a.at) for a in lib.recordings.anchors(project.id)] == [(two.id, 1, 40.0)]
    lib.recordings.remove_section(one.id)
    assert lib.recordings.sections(project.id) == [two]
    lib.recordings.remove_anchor(made)
    assert lib.recordings.anchors(project.id) == []


def test_settings_say_what_does_not_fit() -> None:
    assert options_of({"confidence": "0.4"}) == Options(confidence=0.4)
    with pytest.raises(BadInput, match="confidence"):
        options_of({"confidence": 7})
    with pytest.raises(BadInput, match="colour"):
        options_of({"colour": "red"})
