"""A corpus where it lies as a dataset: sound alone, and conversations with the words of one side."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core import manifest
from core.config import DataRoot
from core.errors import BadInput
from core.library import Library, Project
from core.steps import corpus_dataset
from tests.made import library

RATE = 16_000


@pytest.fixture
def made(tmp_path: Path) -> tuple[Library, Project]:
    root = DataRoot(tmp_path / "data")
    root.path.mkdir()
    return library(root)


def sound(path: Path, seconds: float = 1.0, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(3).normal(0, 0.1, (round(seconds * RATE), channels))
    soundfile.write(path, samples.astype(np.float32), RATE)
    return path


def test_sound_alone_is_a_dataset_without_texts_and_speakers_stay_on_one_side(
    made: tuple[Library, Project], tmp_path: Path
) -> None:
    corpus = tmp_path / "small"
    for speaker in ("100", "200", "300", "400"):
        for book in range(3):
            audio = sound(corpus / speaker / f"book{book}" / "part.flac", 1 + book)
            audio.with_suffix(".json").write_text(json.dumps({"speaker": speaker, "snr": 12.5}))
    (corpus / "100" / "broken.flac").write_bytes(b"fLaC and no more")
    result = corpus_dataset.make(*made, corpus, "libri-light")
    assert any("broken.flac" in note for note in result.notes), "told by its name, and the rest goes on"
    folder = made[0].root.path / result.dataset.folder
    rows = manifest.read(folder)
    assert len(rows) == 12 and not any(row.text or row.words for row in rows)
    assert all((folder / row.audio).resolve().is_relative_to(corpus) for row in rows), "nothing is copied"
    parts = {split: {row.speaker for row in rows if row.split == split} for split in ("train", "val", "test")}
    assert all(parts.values()) and sum(map(len, parts.values())) == 4
    assert {row.id for row in rows} >= {"100/book0/part", "400/book2/part"}
    assert next(row for row in rows if row.id == "100/book2/part").seconds == pytest.approx(3.0)
    assert made[0].datasets.get(made[1].id).counts["train"]["clips"] == 6
    with pytest.raises(BadInput, match="already a dataset called “libri-light”"):
        corpus_dataset.make(*made, corpus, "libri-light")


def test_of_a_conversation_the_words_are_those_of_the_main_speaker(
    made: tuple[Library, Project], tmp_path: Path
) -> None:
    corpus, rows = tmp_path / "dailytalk", []
    for at in range(3):
        audio = sound(corpus / "data_stereo" / f"{at}.wav", 2.0, channels=2)
        said = [["hello", [0.2, 0.5], "SPEAKER_MAIN"], ["hi", [0.7, 0.9], "SPEAKER_01"],
                [f"number{at}", [1.0, 1.4], "SPEAKER_MAIN"]]
        audio.with_suffix(".json").write_text(json.dumps({"alignments": said}))
        rows.append(json.dumps({"path": f"data_stereo/{at}.wav", "duration": 2.0}))
    (corpus / "dailytalk.jsonl").write_text("\n".join(rows) + "\n")
    result = corpus_dataset.make(*made, corpus, "")
    found = manifest.read(made[0].root.path / result.dataset.folder)
    assert result.dataset.name == "dailytalk" and len(found) == 3
    assert [(word.text, word.start) for word in found[0].words] == [("hello", 0.2), ("number0", 1.0)]
    assert found[0].text == "hello number0" and {row.split for row in found} == {"train", "val", "test"}


def test_a_folder_without_sound_is_told(made: tuple[Library, Project], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no sound to learn from"):
        corpus_dataset.make(*made, tmp_path / "empty", "x")
    with pytest.raises(BadInput, match="There is no folder"):
        corpus_dataset.make(*made, tmp_path / "missing", "x")
    assert made[0].datasets.of(made[1].id) == []
