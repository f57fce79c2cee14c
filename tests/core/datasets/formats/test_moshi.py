"""A set as moshi-finetune's README describes one: read word for word, and written so that it reads it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile

from core.datasets.formats import moshi
from core.datasets.formats.base import Found
from core.types import Word

ALIGNMENTS = [["order", [0.1, 0.42], "SPEAKER_MAIN"], ["one", [0.42, 0.7], "SPEAKER_MAIN"],
              ["hello", [0.5, 0.9], "SPEAKER_OTHER"]]


def make_set(folder: Path) -> Path:
    """A table with one sound of a second below it, and the sound's words in a file of its name."""
    (folder / "data_stereo").mkdir(parents=True)
    soundfile.write(folder / "data_stereo" / "a.wav", np.zeros((24_000, 2)), 24_000)
    (folder / "data_stereo" / "a.json").write_text(json.dumps({"alignments": ALIGNMENTS}))
    row = {"path": "data_stereo/a.wav", "duration": 1.0}
    (folder / "set.jsonl").write_text(json.dumps(row) + "\n")
    return folder / "set.jsonl"


def test_the_words_of_the_main_speaker_are_read(tmp_path: Path) -> None:
    table = make_set(tmp_path)
    assert moshi.claims(table) and moshi.claims(tmp_path)
    (found,) = moshi.read(table, tmp_path.resolve())
    assert (found.audio.name, found.text, found.problem) == ("a.wav", "order one", "")
    assert found.words == (Word("order", 0.1, 0.42), Word("one", 0.42, 0.7))


def test_what_is_written_is_of_the_form_that_it_reads(tmp_path: Path) -> None:
    make_set(tmp_path)
    audio = tmp_path / "data_stereo" / "a.wav"
    words = (Word("order", 0.1, 0.42, 0.9), Word("two", 0.42, 0.7))
    moshi.write(tmp_path, [Found(audio, "order two", words)])
    rows = [json.loads(line) for line in (tmp_path / "data.jsonl").read_text().splitlines()]
    assert rows == [{"path": "data_stereo/a.wav", "duration": 1.0}]
    held = json.loads(audio.with_suffix(".json").read_text())
    assert held["alignments"] == [["order", [0.1, 0.42], "SPEAKER_MAIN"],
                                  ["two", [0.42, 0.7], "SPEAKER_MAIN"]]
    (again,) = moshi.read(tmp_path / "data.jsonl", tmp_path.resolve())
    assert [(word.text, word.start, word.end) for word in again.words] == [("order", 0.1, 0.42),
                                                                           ("two", 0.42, 0.7)]
