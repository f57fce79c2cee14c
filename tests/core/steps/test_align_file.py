"""A recording and a text from the command line: what cannot be read is said, what was begun is gone on with,
and labels become anchors."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.errors import BadInput, NotFound, Refused
from core.run_dir import RunDir
from core.steps import align_file
from core.steps.recordings import Options
from tests.tiny_whisper import make_whisper

SRT = """1
00:00:01,000 --> 00:00:03,000
good morning to you

2
00:00:05,000 --> 00:00:06,000
yes
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A sound of ten seconds, a text, a folder to write into."""
    audio, text = tmp_path / "meeting.wav", tmp_path / "text.txt"
    soundfile.write(audio, np.zeros(80_000, np.float32), 8000)
    text.write_text("[00:00:01] Good morning to you.\nYes.", encoding="utf-8")
    return audio, text, tmp_path / "out"


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[RunDir]:
    """Runs that were begun; no worker is started."""
    runs: list[RunDir] = []

    def start(root: Any, project: str, kind: str, order: dict[str, Any]) -> RunDir:
        runs.append(RunDir.create(root.runs(project), kind, order))
        return runs[-1]

    monkeypatch.setattr(align_file, "start_run", start)
    monkeypatch.setattr(align_file, "resume", lambda run: run.event("resumed"))
    return runs


def test_an_order_holds_the_text_with_its_start_mark(
    files: tuple[Path, Path, Path], begun: list[RunDir]
) -> None:
    run = align_file.start(*files)
    order = run.order()
    assert [(s["text"], s["start"]) for s in order["sections"]] == [("Good morning to you.\nYes.", 1.0)]
    assert order["recordings"][0]["seconds"] == 10 and order["family"] == "ctc"
    assert order["options"]["similarity"] == 0.55


def test_asked_again_the_same_run_goes_on_and_another_question_is_another_run(
    files: tuple[Path, Path, Path], begun: list[RunDir]
) -> None:
    first = align_file.start(*files)
    first.finish("failed", "The disk is full.")
    assert align_file.start(*files).id == first.id and len(begun) == 1
    assert [row["kind"] for row in first.events()[0]] == ["resumed"]
    first.finish("done", "All found.")
    assert align_file.start(*files).id == first.id
    assert len(first.events()[0]) == 1  # done is done
    assert align_file.start(*files, options=Options(confidence=0.4)).id != first.id


def test_labels_become_anchors_spread_by_their_letters(
    files: tuple[Path, Path, Path], tmp_path: Path, begun: list[RunDir]
) -> None:
    labels = tmp_path / "meeting.srt"
    labels.write_text(SRT, encoding="utf-8")
    order = align_file.start(*files, anchors=[labels]).order()
    anchors = order["anchors"]["recording"]
    assert [row[0] for row in anchors] == ["good", "morning", "to", "you", "yes"]
    assert anchors[0][1] == 1.0 and anchors[3][2] == 3.0 and anchors[4][1:3] == [5.0, 6.0]
    assert anchors[1][2] - anchors[1][1] > anchors[2][2] - anchors[2][1]
    assert {row[4] for row in anchors} == {"file:meeting.srt"}


def test_other_listeners_are_named_with_their_language(
    files: tuple[Path, Path, Path], tmp_path: Path, begun: list[RunDir]
) -> None:
    make_whisper(tmp_path / "whisper-mine")
    order = align_file.start(*files, listeners=["small:en", str(tmp_path / "whisper-mine"), "tiny"]).order()
    small, mine, tiny = order["listeners"]
    assert (small["family"], small["language"], tiny["language"]) == ("whisper", "en", "")
    assert Path(small["model"]).parts[-3:] == ("models", "whisper", "small")
    assert mine == {"family": "whisper", "model": str(tmp_path / "whisper-mine"), "language": ""}
    with pytest.raises(NotFound, match="There is no model “nobody”"):
        align_file.start(*files, listeners=["nobody:en"])


def test_what_cannot_be_read_is_said(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    audio, text, out = files
    with pytest.raises(NotFound, match="no file"):
        align_file.start(tmp_path / "nothing.wav", text, out)
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n")
    with pytest.raises(BadInput, match=r"empty\.txt"):
        align_file.start(audio, empty, out)
    with pytest.raises(BadInput):
        align_file.start(text, text, out)
    with pytest.raises(Refused, match="“sm”"):
        align_file.start(audio, text, out, language="sm")
    with pytest.raises(BadInput, match="no file of labels"):
        align_file.start(audio, text, out, anchors=[audio])
    assert not out.exists()


def test_segments_labels_and_the_report_are_written(
    files: tuple[Path, Path, Path], begun: list[RunDir]
) -> None:
    audio, _, out = files
    run = align_file.start(*files)
    one = {"start": 1.0, "end": 3.5, "text": "Good morning to you.", "kind": "matched", "first": 0, "last": 3,
           "words": [["Good", 0.1, 0.5, 0.9], ["morning", 0.5, 1.0, 0.9], ["to", 1.0, 1.2, 0.9],
                     ["you.", 1.2, 2.0, 0.9]], "figures": {"confidence": 0.9}}
    run.add_results([{"item": "recording", "segments": [one], "stretches": [[0.0, 1.0, "silence", ""]],
                      "sentences": [], "figures": {}}])
    run.finish("done", "1 segments were matched.")
    made = align_file.write(run, audio, out)
    again = align_file.write(run, audio, out)
    assert made.files == again.files
    names = {path.name for path in made.files}
    assert names == {"report.json", "segments.jsonl", "meeting.TextGrid", "meeting.srt", "meeting.txt"}
    rows = [json.loads(line) for line in (out / "segments.jsonl").read_text().splitlines()]
    assert len(rows) == 1 and rows[0]["text"] == "Good morning to you."
    assert "00:00:01,000 --> 00:00:03,500" in (out / "meeting.srt").read_text()
    assert (out / "meeting.wav").resolve() == audio.resolve()
