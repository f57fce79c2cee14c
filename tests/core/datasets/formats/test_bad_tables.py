"""What is wrong in a table or a transcript is told by name; the rows beside it come in."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from core.datasets.formats import Found
from core.datasets.formats.search import search
from tests.layouts import json_lines, lines
from tests.made import wav


@pytest.fixture
def chosen(tmp_path: Path) -> Path:
    """A folder with one good sound, and another sound outside of it."""
    wav(tmp_path / "x.wav", pitch=500)
    wav(tmp_path / "chosen" / "good.wav")
    return tmp_path / "chosen"


def split(found: list[Found]) -> tuple[list[str], list[str]]:
    return [one.audio.name for one in found if not one.problem], [one.problem for one in found if one.problem]


OUTSIDE = ["../x.wav", "../../x", "wavs/../../x.wav", "/etc/passwd"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_leaves_the_folder_is_named_and_refused(path: str, chosen: Path) -> None:
    rows = [{"file_name": path, "text": "a"}, {"file_name": "good.wav", "text": "b"}]
    json_lines(chosen / "metadata.jsonl", rows)
    good, problems = split(list(search(chosen)))
    assert good == ["good.wav"]
    assert len(problems) == 1
    assert f"“{path}” in metadata.jsonl leads out of the folder chosen" in problems[0]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("metadata.csv", ["file_name,text", "../x.wav,a", "good.wav,b"]),
        ("metadata.csv", ["../x|a|a", "good|b|b"]),
        ("validated.tsv", ["client_id\tpath\tsentence", "c\t../x.wav\ta", "c\tgood.wav\tb"]),
        ("1-2.trans.txt", ["../x A", "good B"]),
        ("all.jsonl", ['{"audio_filepath": "../x.wav"}', '{"audio_filepath": "good.wav", "text": "b"}']),
        ("all.jsonl", ['{"path": "../x.wav", "duration": 1}', '{"path": "good.wav", "duration": 1}']),
    ],
)
def test_every_table_keeps_to_its_folder(name: str, rows: list[str], chosen: Path) -> None:
    lines(chosen / name, rows)
    good, problems = split(list(search(chosen)))
    assert good == ["good.wav"]
    assert len(problems) == 1 and "leads out of the folder" in problems[0]
    good, problems = split(list(search(chosen / name)))
    assert good == ["good.wav"] and "leads out of the folder" in problems[0], "the table chosen by itself"


def test_a_link_in_a_table_leads_out_as_well(chosen: Path) -> None:
    (chosen / "link.wav").symlink_to(chosen.parent / "x.wav")
    (chosen / "inner.wav").symlink_to(chosen / "good.wav")
    rows = [{"file_name": name, "text": "a"} for name in ("link.wav", "inner.wav")]
    good, problems = split(list(search(json_lines(chosen / "metadata.jsonl", rows))))
    assert good == ["inner.wav"] and "“link.wav”" in problems[0]


def test_paths_of_windows_are_understood(chosen: Path) -> None:
    wav(chosen / "deep" / "a.wav")
    rows = [{"file_name": "deep\\a.wav", "text": "a"}, {"file_name": "good.wav"}]
    json_lines(chosen / "metadata.jsonl", rows)
    assert split(list(search(chosen))) == (["a.wav", "good.wav"], [])


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("{oh", "Line 2 of metadata.jsonl is no JSON object"),
        ("[1, 2]", "Line 2 of metadata.jsonl is no JSON object"),
        ("[" * 100_000, "Line 2 of metadata.jsonl is no JSON object"),
        ('{"text": "a"}', "names no sound file"),
        ('{"file_name": 7}', "names no sound file"),
        ('{"file_name": "a\\u0000b.wav"}', "is no path of a file"),
        (json.dumps({"file_name": "n" * 5000}), "is no path of a file"),
        ('{"file_name": "good.wav", "text": 7}', "gives '7' as the text"),
        ('{"file_name": "good.wav", "text": ["a"]}', "as the text"),
        ('{"file_name": "good.wav", "text": "a\\u0000b"}', "control signs"),
    ],
)
def test_a_bad_row_costs_itself(row: str, sentence: str, chosen: Path) -> None:
    wav(chosen / "last.wav")
    wav(chosen / "first.wav")
    good = ['{"file_name": "first.wav", "text": "a"}', row, '{"file_name": "last.wav", "text": "b"}']
    lines(chosen / "metadata.jsonl", good)
    names, problems = split([one for one in search(chosen) if "not named" not in one.problem])
    assert names == ["first.wav", "last.wav"]
    assert len(problems) == 1 and sentence in problems[0]


@pytest.mark.parametrize("offset", ["-1", '"x"', "NaN", "Infinity", "[]", "1e999"])
def test_a_time_that_is_none_is_told(offset: str, chosen: Path) -> None:
    row = '{"audio_filepath": "good.wav", "duration": 1, "text": "a", "offset": '
    lines(chosen / "all.jsonl", [row + offset + "}"])
    (found, _) = list(search(chosen))
    assert "as offset: write seconds" in found.problem


@pytest.mark.parametrize(
    ("name", "rows", "sentence"),
    [
        ("metadata.csv", ["file_name,text", "good.wav,a,b"], "has 3 columns and the first line has 2"),
        ("metadata.csv", ["good|a|b|c"], "has 3 texts behind its name"),
        ("metadata.csv", ["x|a", "good"], "has 0 texts behind its name"),
    ],
)
def test_a_row_of_another_shape_is_told(name: str, rows: list[str], sentence: str, chosen: Path) -> None:
    lines(chosen / name, rows)
    assert any(sentence in one.problem for one in search(chosen))


def test_a_table_that_is_no_text_any_more_keeps_what_was_read(chosen: Path) -> None:
    table = lines(chosen / "metadata.csv", ["file_name,text", "good.wav,a"])
    table.write_bytes(table.read_bytes() + b"b.wav,\xff\xfe\n")
    good, problems = split(list(search(chosen)))
    assert set(good) <= {"good.wav"}
    assert "metadata.csv is not a text file" in problems[0]


@pytest.mark.parametrize(
    ("ending", "content", "sentence"),
    [
        (".txt", b"\x00\x01\x02", "good.txt is not a text file"),
        (".txt", "Grüße".encode("latin-1"), "good.txt is not a text file in UTF-8"),
        (".json", b'{"text": ', "good.json is not readable as JSON"),
        (".json", b"[" * 100_000, "good.json is not readable as JSON"),
        (".json", b'{"text": 5}', "good.json gives '5' as the text"),
        (".json", b'{"segments": 5}', "“segments” that is no list"),
        (".json", b'{"segments": [5]}', "no object with start, end and text"),
        (".json", b'{"segments": [{"text": "a", "start": 0}]}', "as end of a segment"),
        (".json", b'{"alignments": [["a", 1]]}', "alignments that are not"),
        (".json", b'{"alignments": [["a", [0, "x"], "b"]]}', "as time of a word"),
        (".srt", b"no cue in here\n", "good.srt holds no cue"),
        (".vtt", b"WEBVTT\n\nnothing\n", "good.vtt holds no cue"),
    ],
)
def test_a_bad_transcript_is_the_problem_of_its_sound(
    ending: str, content: bytes, sentence: str, chosen: Path
) -> None:
    (chosen / f"good{ending}").write_bytes(content)
    wav(chosen / "other.wav", pitch=400)
    good, problems = split(list(search(chosen)))
    assert good == ["other.wav"]
    assert len(problems) == 1 and sentence in problems[0]


@pytest.mark.parametrize("ending", [".txt", ".srt", ".vtt"])
def test_an_empty_transcript_says_nothing(ending: str, chosen: Path) -> None:
    (chosen / f"good{ending}").write_bytes(b"\n")
    (found,) = search(chosen)
    assert (found.text, found.problem) == ("", "")


def test_a_text_of_a_gigabyte_is_not_read(chosen: Path) -> None:
    with open(chosen / "good.txt", "wb") as file:
        os.truncate(file.fileno(), 10**9)
    began = time.thread_time()
    (found,) = search(chosen)
    assert "has 1000 MB" in found.problem and time.thread_time() - began < 2


def test_a_subtitle_of_long_lines_is_read_in_time(chosen: Path) -> None:
    (chosen / "good.srt").write_text("<" * 200_000 + "\n" + "1:" * 100_000 + "\n\n00:01,0 --> 00:02,0\nyes\n")
    began = time.thread_time()
    assert [one.text for one in search(chosen)] == ["yes"]
    assert time.thread_time() - began < 2


def test_a_json_that_is_no_table_of_ours_is_left_alone(chosen: Path) -> None:
    (chosen / "good.json").write_text(json.dumps({"device": "phone"}))
    (chosen / "package.json").write_text(json.dumps({"name": "x"}))
    assert [(one.audio.name, one.text) for one in search(chosen)] == [("good.wav", "")]
