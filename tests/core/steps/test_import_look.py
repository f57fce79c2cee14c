"""What is told of a folder before it is imported is what the import then brings."""
from __future__ import annotations

from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.steps.import_look import TITLES, survey
from tests.layouts import LAYOUTS
from tests.made import wav


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_look_counts_what_the_layout_holds(layout: str, data_root: DataRoot, tmp_path: Path) -> None:
    expected = LAYOUTS[layout](tmp_path / "deep" / "set")
    found = survey(data_root, tmp_path / "deep")
    assert found.n_parts == len(expected)
    assert found.n_texts == sum(bool(told.text) for told in expected)
    assert set(found.speakers) == {told.speaker for told in expected if told.speaker}
    assert found.n_files >= len({told.name for told in expected}) and found.hours > 0
    table = layout.removesuffix("_json")
    assert found.formats == ((TITLES[table],) if table in TITLES else ())


def test_the_sentence_has_sounds_length_format_texts_and_speakers(
    data_root: DataRoot, tmp_path: Path
) -> None:
    for n in range(2):
        wav(tmp_path / f"{n}.wav", 36.0)
    (tmp_path / "0.txt").write_text("one two")
    (tmp_path / "bad.wav").write_text("no sound")
    found = survey(data_root, tmp_path)
    assert found.sentence == (
        "2 sounds, 1.2 minutes; format: sounds without a table. An import brings 2 clips, 1 of them with "
        "what was said. No speaker is named."
    )
    (name, why), = found.problems
    assert name == "bad.wav" and "is a text file" in why


def test_a_folder_without_sounds_says_so(data_root: DataRoot, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_text("no sound")
    assert survey(data_root, tmp_path).sentence == "There is no sound in this folder that can be read."
    with pytest.raises(NotFound, match="no folder"):
        survey(data_root, tmp_path / "nowhere")
    with pytest.raises(BadInput, match="is no folder"):
        survey(data_root, tmp_path / "bad.wav")
