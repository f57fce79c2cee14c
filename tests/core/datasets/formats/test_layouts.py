"""Every layout is read as it was written: texts, words, speakers, languages, times."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.datasets.formats import FORMATS, TABLES
from core.datasets.formats.search import format_of, search
from tests.layouts import LAYOUTS, json_lines, lines, told
from tests.made import wav

READERS = {
    "audiofolder_json": "audiofolder",
    "whisper": "json",
    "subrip": "subtitles",
    "webvtt": "subtitles",
    "plain": "text",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_folder_says_what_was_put_into_it(name: str, tmp_path: Path) -> None:
    expected = LAYOUTS[name](tmp_path)
    found = [one for one in search(tmp_path) if not one.problem]
    assert [told(one) for one in found] == expected
    assert all(one.audio.is_file() for one in found)


@pytest.mark.parametrize("name", [name for name in LAYOUTS if name != "librispeech"])
def test_one_reader_claims_the_folder(name: str, tmp_path: Path) -> None:
    expected = LAYOUTS[name](tmp_path)
    wanted = READERS.get(name, name)
    tables = [key for key, reader in TABLES.items() if reader.claims(tmp_path)]
    assert tables == ([wanted] if wanted in TABLES else [])
    assert FORMATS[wanted].claims(tmp_path)
    found = [told(one) for one in FORMATS[wanted].read(tmp_path, tmp_path.resolve())]
    assert found == [one for one in expected if one.text]


def test_an_empty_folder_belongs_to_nobody(tmp_path: Path) -> None:
    lines(tmp_path / "notes.csv", ["a,b", "1,2"])
    json_lines(tmp_path / "log.jsonl", [{"event": 1}])
    (tmp_path / "binary.tsv").write_bytes(bytes(range(256)))
    assert not any(reader.claims(tmp_path) for reader in FORMATS.values())
    assert list(search(tmp_path)) == []


def test_a_table_is_read_by_itself_too(tmp_path: Path) -> None:
    LAYOUTS["common_voice"](tmp_path)
    (found,) = [one for one in search(tmp_path / "invalidated.tsv") if not one.problem]
    assert found.audio.name == "cv_3.wav"


def test_a_subtitle_chosen_by_itself_brings_its_sound(tmp_path: Path) -> None:
    expected = LAYOUTS["subrip"](tmp_path)
    assert [told(one) for one in search(tmp_path / "film.srt")] == expected


def test_what_the_table_does_not_name_stays_out_and_is_told(tmp_path: Path) -> None:
    LAYOUTS["audiofolder"](tmp_path)
    for i in range(2):
        wav(tmp_path / "more" / f"extra{i}.wav")
    problems = [one.problem for one in search(tmp_path) if one.problem]
    assert len(problems) == 1
    assert problems[0].startswith("2 sound files (extra") and "not named in the table" in problems[0]


def test_folders_are_read_in_order_and_hidden_things_left_alone(tmp_path: Path) -> None:
    for name in ("b/2.wav", "b/1.wav", "a/x.WAV", ".git/y.wav", "b/._1.wav", "0.wav"):
        wav(tmp_path / name)
    (tmp_path / "loop").symlink_to(tmp_path)
    found = [one.audio.relative_to(tmp_path).as_posix() for one in search(tmp_path)]
    assert found == ["0.wav", "a/x.WAV", "b/1.wav", "b/2.wav"]


def test_a_file_that_is_nothing_is_told(tmp_path: Path) -> None:
    lines(tmp_path / "notes.md", ["# notes"])
    (found,) = search(tmp_path / "notes.md")
    assert found.problem.startswith("notes.md is neither a sound file nor a table")
    (missing,) = search(tmp_path / "gone.wav" / "x")
    assert "does not exist" in missing.problem


def test_the_first_format_that_claims_wins(tmp_path: Path) -> None:
    LAYOUTS["ljspeech"](tmp_path)
    json_lines(tmp_path / "z.jsonl", [{"path": "wavs/LJ001-0000.wav", "duration": 0.6}])
    assert format_of(tmp_path, TABLES) is TABLES["ljspeech"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"text": "hello  there"}, "hello there"),
        ({"text": "hello", "segments": []}, "hello"),
        ({"about": "the microphone"}, ""),
        (["a", "list"], ""),
    ],
)
def test_a_json_beside_a_sound_may_hold_its_text(data: object, text: str, tmp_path: Path) -> None:
    wav(tmp_path / "a.wav")
    (tmp_path / "a.json").write_text(json.dumps(data))
    (found,) = search(tmp_path)
    assert (found.text, found.problem, found.end) == (text, "", None)


def test_the_speakers_of_a_diarisation_are_other_people_in_each_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        wav(tmp_path / f"{name}.wav", 2.0)
        segments = [{"start": 0, "end": 1, "text": "hi", "speaker": "SPEAKER_00"},
                    {"start": 1, "end": 2, "text": "ho", "speaker": "Ada"}]
        (tmp_path / f"{name}.json").write_text(json.dumps({"segments": segments}))
    assert [one.speaker for one in search(tmp_path)] == ["a SPEAKER_00", "Ada", "b SPEAKER_00", "Ada"]


def test_words_with_holes_are_not_taken_for_the_text(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", 2.0)
    words = [{"word": "pay", "start": 0.1, "end": 0.2}, {"word": "25"}]
    segments = [{"start": 0, "end": 1, "text": "pay 25", "words": words}]
    (tmp_path / "a.json").write_text(json.dumps({"segments": segments}))
    (found,) = search(tmp_path)
    assert (found.text, found.words) == ("pay 25", ())
