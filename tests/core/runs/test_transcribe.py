"""The transcribe job in this process, on a tiny random CTC model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import NotFound, StudioError
from core.families.base import Clip, Recogniser
from core.run_dir import RunDir
from core.runs.jobs import Stopped, transcribe
from core.runs.recognisers import open_recogniser
from core.types import Prediction, Word

MakeRun = Callable[..., RunDir]


@pytest.fixture
def order(tiny_base: Callable[..., Path], tiny_data: Path) -> dict[str, Any]:
    """Four clips for the tiny base."""
    items = [
        {"id": f"c{n}", "audio": str(tiny_data / f"{n}.wav"), "start": 0.0, "end": None} for n in range(4)
    ]
    return {"model": str(tiny_base()), "family": "ctc", "items": items}


def _rows(run: RunDir) -> dict[str, dict[str, Any]]:
    rows = run.results()[0]
    assert len({row["item"] for row in rows}) == len(rows)
    return {row["item"]: row for row in rows}


def test_rows_hold_text_words_score_and_model(make_run: MakeRun, order: dict[str, Any]) -> None:
    run = make_run(**order)
    transcribe.run_job(run, run.order())
    rows = _rows(run)
    assert set(rows) == {"c0", "c1", "c2", "c3"}
    for row in rows.values():
        assert row["model"] == order["model"] and 0 <= row["score"] <= 1
        assert " ".join(word[0] for word in row["words"]) == row["text"]
    status = run.status()
    assert status.message == "4 clips transcribed." and status.figures == {"n": 4, "n_failed": 0}


def test_a_part_of_a_file_has_times_from_its_own_start(order: dict[str, Any]) -> None:
    recogniser = open_recogniser({**order, "device": "cpu"})
    part = recogniser.transcribe(Clip("x", Path(order["items"][0]["audio"]), 0.3, 0.9))
    assert all(0 <= word.start <= word.end <= 0.61 for word in part.words)


def test_a_bad_clip_is_a_row_with_a_sentence_and_the_rest_goes_on(
    make_run: MakeRun, order: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "letter.wav").write_text("dear all")
    order["items"][1]["audio"] = str(tmp_path / "letter.wav")
    order["items"][2]["audio"] = str(tmp_path / "gone.wav")
    run = make_run(**order)
    transcribe.run_job(run, run.order())
    rows = _rows(run)
    assert "letter.wav is a text file" in rows["c1"]["error"] and "gone.wav" in rows["c2"]["error"]
    assert "text" in rows["c0"] and "text" in rows["c3"]
    assert run.status().figures == {"n": 4, "n_failed": 2}
    assert run.status().message.startswith("2 clips transcribed. 2 could not be; the first: letter.wav")


def test_none_at_all_is_a_failure(make_run: MakeRun, order: dict[str, Any]) -> None:
    for item in order["items"]:
        item["audio"] = "/nowhere.wav"
    run = make_run(**order)
    with pytest.raises(StudioError, match=r"None of the 4 clips.*nowhere\.wav"):
        transcribe.run_job(run, run.order())


def test_nothing_to_do_is_done(make_run: MakeRun, order: dict[str, Any]) -> None:
    run = make_run(**{**order, "items": [], "model": "/nowhere"})
    transcribe.run_job(run, run.order())
    assert run.status().message == "0 clips transcribed."


def test_a_model_that_is_not_there_fails_before_any_clip(make_run: MakeRun, order: dict[str, Any]) -> None:
    run = make_run(**{**order, "model": "/nowhere/model"})
    with pytest.raises(StudioError, match="model"):
        transcribe.run_job(run, run.order())
    assert run.results()[0] == []


class Slow:
    """A recogniser under the test's control: it asks to stop, or breaks, at the clips of these names."""

    choice = "The processor (CPU)."

    def __init__(self, run: RunDir, stop_at: str = "", break_at: str = "") -> None:
        self.run, self.stop_at, self.break_at = run, stop_at, break_at
        self.heard: list[str] = []

    def transcribe(self, clip: Clip) -> Prediction:
        """One word."""
        self.heard.append(clip.id)
        if clip.id == self.stop_at:
            self.run.request_stop()
        if clip.id == self.break_at:
            raise IndexError("list index out of range")
        return Prediction(clip.id, clip.id, (Word(clip.id, 0.0, 0.5, 0.9),), 0.9)


@pytest.fixture
def hear_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Recogniser], None]:
    """Let the job use this recogniser."""

    def use(recogniser: Recogniser) -> None:
        monkeypatch.setattr(transcribe, "open_recogniser", lambda *_: recogniser)

    return use


def test_stop_is_heard_between_clips_and_the_rest_is_done_later(
    make_run: MakeRun, order: dict[str, Any], hear_with: Callable[[Recogniser], None]
) -> None:
    run = make_run(**order)
    hear_with(Slow(run, stop_at="c1"))
    with pytest.raises(Stopped) as stopped:
        transcribe.run_job(run, run.order())
    assert stopped.value.where == "after 2 of 4 clips" and set(_rows(run)) == {"c0", "c1"}
    assert run.status().progress == 0.25 and run.status().seconds_left is not None
    run.clear_stop()
    later = Slow(run)
    hear_with(later)
    transcribe.run_job(run, run.order())
    assert later.heard == ["c2", "c3"] and set(_rows(run)) == {"c0", "c1", "c2", "c3"}


def test_a_fault_in_one_clip_costs_that_clip_only(
    make_run: MakeRun,
    order: dict[str, Any],
    hear_with: Callable[[Recogniser], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = make_run(**order)
    hear_with(Slow(run, break_at="c2"))
    transcribe.run_job(run, run.order())
    assert "IndexError" in _rows(run)["c2"]["error"] and _rows(run)["c3"]["text"] == "c3"
    assert "Traceback" in caplog.text


def test_an_unknown_family_is_a_sentence(order: dict[str, Any]) -> None:
    with pytest.raises(NotFound, match="“oracle”"):
        open_recogniser({**order, "family": "oracle"})


def test_a_bare_name_is_looked_for_below_the_data_roots_models(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        open_recogniser({"model": "tiny.en", "family": "whisper"}, tmp_path / "models")
    assert str(tmp_path / "models" / "whisper") in str(caught.value) and "tiny.en.pt" in str(caught.value)


def test_a_model_that_aligns_what_it_wrote_hears_each_clip_once(
    make_run: MakeRun, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.families.ctc.recognising import CtcRecogniser

    heard: list[int] = []
    real = CtcRecogniser.logits_of
    monkeypatch.setattr(CtcRecogniser, "logits_of", lambda self, x: heard.append(len(x)) or real(self, x))
    engine = {"family": order["family"], "model": order["model"]}
    run = make_run(**order, aligners=[engine], language="tlh")
    transcribe.run_job(run, run.order())
    assert len(heard) == 4 and any("laid" in row for row in _rows(run).values())
    other = make_run(**order, aligners=[engine], language="tlh", precision="fp32")
    transcribe.run_job(other, other.order())
    assert len(heard) == 12  # loaded as it was asked for, and the aligner as it thinks best
    assert [row["laid"] for row in _rows(other).values()] == [row["laid"] for row in _rows(run).values()]
