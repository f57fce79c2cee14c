"""What the Project tab says, the card of the running job, how uploads come in: what needs no browser."""
from __future__ import annotations

import io
import time
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import soundfile

from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.library import Library
from core.run_dir import RunDir
from core.steps import projects
from core.steps.importing import Imported
from ui import importing, overview, running
from ui.errors import shown


@pytest.fixture
def library(data_root: DataRoot) -> Library:
    return Library(data_root)


def run(
    library: Library,
    kind: str,
    state: str,
    message: str = "",
    progress: float = 0.0,
    left: float | None = None,
) -> RunDir:
    """A run folder in some state; a running one is held by this process until the test ends."""
    made = RunDir.create(library.root.runs("codes"), kind, {})
    if state != "queued":
        made.write_status(state, message, progress, left)  # type: ignore[arg-type]
    return made


# --- mistakes and bugs


def test_a_mistake_is_shown_as_its_sentence_and_a_bug_stays_one() -> None:
    @shown
    def handler(kind: str) -> None:
        raise NotFound("There is no such clip.") if kind == "mistake" else KeyError("bug")

    with pytest.raises(gr.Error, match="There is no such clip") as caught:
        handler("mistake")
    assert caught.value.print_exception is False
    with pytest.raises(KeyError):
        handler("bug")


# --- overview


def test_before_the_first_take_one_count_and_one_next_step(library: Library) -> None:
    made = projects.create(library, "Codes", "numbers")
    found = projects.overview(library, made.project)
    assert overview.facts(found) == [("Recorded", "0 of 50 prompts")]
    assert "Record the first of 50 prompts" in overview.card_of(made.project.name, found)


def test_the_counts_tell_ordinary_speech_from_takes(library: Library) -> None:
    found = projects.overview(library, projects.create(library, "Codes", "numbers").project)
    found = replace(
        found,
        n_recorded=48,
        n_clips=60,
        n_transcribed=40,
        n_todo=30,
        n_accepted=17,
        n_rejected=1,
        n_mismatch=4,
        minutes=3.25,
    )
    said = dict(overview.facts(found))
    assert said["Takes"] == "60, 3.2 min of sound, 12 of them ordinary speech to measure against"
    assert said["Transcribed"] == "40 of 48"
    assert said["Reviewed"] == "17 accepted, 1 rejected, 30 to do"
    assert "4 undecided takes" in said["Mismatches"]


def test_a_name_cannot_carry_markup(library: Library) -> None:
    found = projects.overview(library, projects.create(library, "Codes").project)
    assert "<script>" not in overview.card_of("<script>alert(1)</script>", found)


# --- the card of the running job


def test_nothing_runs_nothing_is_shown(library: Library) -> None:
    assert running.current(library) == (None, 0)


def test_the_running_job_comes_first_and_the_rest_is_counted(library: Library) -> None:
    for _ in range(2):
        run(library, "transcribe", "queued")
    busy = run(library, "train", "running", "Step 40 of 120, loss 0.81", 0.33, 65)
    lock = busy.acquire()
    card, n_waiting = running.current(library)
    assert card is not None
    assert (card.id, n_waiting) == (busy.id, 2)
    said = running.said_of(card, n_waiting)
    for part in ("Training", "Step 40 of 120", 'aria-valuenow="33"', "65 s left", "2 more waiting"):
        assert part in said
    lock.release()


def test_a_job_that_waits_says_so(library: Library) -> None:
    run(library, "train", "queued")
    card, n_waiting = running.current(library)
    assert card is not None
    assert n_waiting == 0
    assert "Training is waiting" in running.said_of(card, n_waiting)


def test_a_job_that_ended_stays_in_sight_for_a_moment(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(library, "train", "stopped", "Stopped at step 40.")
    card, _ = running.current(library)
    assert card is not None
    said = running.said_of(card, 0)
    assert "was stopped by you" in said and "progressbar" not in said
    now = time.time()
    monkeypatch.setattr(running.time, "time", lambda: now + running.LINGER + 1)
    assert running.current(library) == (None, 0)


# --- import


def wav(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    soundfile.write(
        buffer, np.random.default_rng(seed).normal(0, 0.1, 16_000), 16_000, format="WAV", subtype="PCM_16"
    )
    path.write_bytes(buffer.getvalue())
    return path


def test_uploads_stand_side_by_side_again_and_none_hides_another(tmp_path: Path) -> None:
    text = tmp_path / "u2" / "a.txt"
    text.parent.mkdir()
    text.write_text("one two")
    folder = tmp_path / "together"
    folder.mkdir()
    found = importing.gather(
        [wav(tmp_path / "u1" / "a.wav"), text, wav(tmp_path / "u3" / "a.wav", seed=1)], folder
    )
    assert [p.name for p in found] == ["a.wav", "a.wav"]
    assert found[0].with_suffix(".txt").read_text() == "one two"
    assert found[0].read_bytes() != found[1].read_bytes()


def test_uploads_without_audio_are_told(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("hello")
    (tmp_path / "f").mkdir()
    with pytest.raises(BadInput, match="no audio"):
        importing.gather([note], tmp_path / "f")


def test_the_report_names_what_was_refused() -> None:
    said = importing.report(Imported((), (("x.wav", "x.wav is a text file, not <audio>."),), 2))
    assert "2 were in the project already" in said
    assert "x.wav is a text file, not &lt;audio&gt;." in said
