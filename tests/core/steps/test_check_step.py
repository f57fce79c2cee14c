"""Check: each fault of a set, a table, a ChatML file and a sound is named; a good one is fine."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core import manifest
from core.config import DataRoot
from core.errors import NotFound
from core.quality import kept
from core.steps.check import Checked, check
from core.types import Row, Word
from tests.layouts import LAYOUTS, json_lines, lines
from tests.made import tone, wav

TEXTS = ("ʻO le fale", "order one two", "good morning", "fish and chips")


def dataset(folder: Path, change: Callable[[list[Row]], list[Row]] = lambda rows: rows) -> Path:
    """Four rows in three parts that share nothing, changed."""
    rows = []
    for i, text in enumerate(TEXTS):
        wav(folder / f"{i}.wav", 2.0, pitch=200 + 50 * i, rate=8000)
        words = tuple(Word(word, 0.3 * n, 0.3 * n + 0.2) for n, word in enumerate(text.split()))
        rows.append(Row(f"r{i}", f"{i}.wav", 0.0, 2.0, 8000, text, ("train", "train", "val", "test")[i],
                        words, f"s{i // 2 if i < 2 else i}", f"p{i}"))
    manifest.write(folder, change(rows))
    return folder


def changed(number: int, **values: Any) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [replace(row, **values) if i == number else row for i, row in enumerate(rows)]


def codes(found: Checked) -> dict[str, str]:
    return {one.code: one.level for one in found.findings}


def test_a_good_dataset_is_fine(tmp_path: Path, data_root: DataRoot) -> None:
    ticks: list[tuple[int, int]] = []
    found = check(data_root, dataset(tmp_path), tick=lambda n, of: ticks.append((n, of)))
    assert (found.kind, found.n, found.seconds, found.findings) == ("dataset", 4, 8.0, ())
    assert not found.is_refused and ticks[-1] == (4, 4)


@pytest.mark.parametrize(("change", "code", "level"), [
    (changed(0, audio="gone.wav"), "missing", "refuse"),
    (changed(0, end=2.5), "outside", "refuse"),
    (changed(0, start=1.0, end=1.0, words=()), "outside", "refuse"),
    (changed(0, text=" "), "no_text", "warn"),
    (changed(0, words=(Word("a", 1.0, 1.5), Word("b", 0.5, 0.6))), "words_outside", "warn"),
    (changed(0, words=(Word("a", 1.0, 2.5),)), "words_outside", "warn"),
    (changed(0, text="x" * 31), "long_word", "warn"),
    (changed(0, text="a " * 40), "odd_rate", "warn"),
    (changed(1, text=TEXTS[0]), "same_text", "warn"),
    (changed(1, audio="0.wav", start=0.5, speaker="s0"), "overlaps", "warn"),
    (changed(1, audio="0.wav"), "twice", "refuse"),
    (changed(2, audio="0.wav"), "leak_recording", "refuse"),
    (changed(2, prompt_id="p0"), "leak_prompt", "refuse"),
    (changed(2, text="ʻO LE fale!"), "leak_text", "warn"),
    (changed(2, speaker="s0"), "leak_speaker", "warn"),
    (changed(0, text="оrder"), "letters", "warn"),
])
def test_each_fault_is_named(change: Callable[[list[Row]], list[Row]], code: str, level: str, tmp_path: Path,
                             data_root: DataRoot) -> None:
    found = check(data_root, dataset(tmp_path, lambda rows: change(rows * 1)))
    if code == "letters":  # one Cyrillic letter in many Latin ones
        assert code not in codes(found)
        rows = manifest.read(tmp_path)
        manifest.write(tmp_path, [replace(row, text=row.text + " abcde fghij" * 20) for row in rows])
        found = check(data_root, tmp_path)
    assert codes(found)[code] == level
    assert found.is_refused == (level == "refuse")


def test_a_copy_under_another_name_in_another_part_is_a_leak(tmp_path: Path, data_root: DataRoot) -> None:
    dataset(tmp_path)
    shutil.copy(tmp_path / "0.wav", tmp_path / "3.wav")
    assert codes(check(data_root, tmp_path)) == {"leak_copy": "refuse", "same_sound": "warn"}


def test_an_alphabet_may_be_given(tmp_path: Path, data_root: DataRoot) -> None:
    (found,) = check(data_root, dataset(tmp_path), alphabet="abcdefhilmnoprstwʻ").findings
    assert found.code == "letters" and "“g” (2, first in r2)" in found.sentence
    assert check(data_root, tmp_path, alphabet="abcdefghijklmnopqrstuvwxyzʻ").findings == ()


@pytest.mark.parametrize("name", ["ljspeech", "audiofolder", "nemo", "common_voice", "moshi"])
def test_tables_of_other_programs_are_checked(name: str, tmp_path: Path, data_root: DataRoot) -> None:
    LAYOUTS[name](tmp_path)
    found = check(data_root, tmp_path)
    assert found.n >= 3 and found.kind not in ("sounds", "dataset")
    assert {code for code, level in codes(found).items() if level == "refuse"} <= {"bad_row"}
    table = next(path for path in tmp_path.iterdir() if path.suffix in (".csv", ".json", ".tsv", ".jsonl"))
    assert check(data_root, table).n >= 1
    for path in tmp_path.rglob("*.wav"):
        os.truncate(path, 500)
    assert "bad_sound" in codes(check(data_root, tmp_path))


def test_a_table_for_each_part_shows_leaks(tmp_path: Path, data_root: DataRoot) -> None:
    for i in range(3):
        wav(tmp_path / f"{i}.wav", pitch=200 + 50 * i)
    rows = [{"audio_filepath": f"{i}.wav", "duration": 0.6, "text": TEXTS[i]} for i in range(3)]
    json_lines(tmp_path / "train_manifest.json", rows[:2])
    json_lines(tmp_path / "test_manifest.json", rows[1:])
    found = check(data_root, tmp_path)
    assert (found.n, codes(found)["leak_recording"], found.is_refused) == (4, "refuse", True)


def test_folders_called_after_parts_show_leaks(tmp_path: Path, data_root: DataRoot) -> None:
    for part in ("train", "test"):
        wav(tmp_path / part / "a.wav", 1.0)
        lines(tmp_path / part / "a.txt", ["the same words"])
    assert codes(check(data_root, tmp_path)) == {
        "leak_copy": "refuse", "leak_text": "warn", "same_text": "warn", "same_sound": "warn"}


# --- ChatML

def said(name: str, **more: Any) -> dict[str, Any]:
    sound = {"type": "audio", "audio_url": name}
    return {"messages": [{"role": "system", "content": "Write."}, {"role": "user", "content": [sound]},
                         {"role": "assistant", "content": [{"type": "text", "text": f"said {name}"}]}],
            **more}


def spoken(name: str, **part: Any) -> dict[str, Any]:
    """A row in which the assistant says something, as voices are taught."""
    sound = {"type": "audio", "audio_url": name, **part}
    return {"messages": [{"role": "user", "content": f"say {name}"}, {"role": "assistant", "content": sound}],
            "start_index": 1, "speaker": "anna", "misc": {}}


def test_pairs_of_example_and_target_are_fine(tmp_path: Path, data_root: DataRoot) -> None:
    rows = []
    for name, example in (("a", "b"), ("b", "c"), ("c", "a")):
        wav(tmp_path / f"{name}.wav", 2.0, pitch=200 + ord(name))
        first, second = spoken(f"{example}.wav", duration=2), spoken(f"{name}.wav", duration=2)
        rows.append({**second, "messages": first["messages"] + second["messages"], "start_index": 3})
    found = check(data_root, json_lines(tmp_path / "pairs.jsonl", rows))
    assert (found.kind, found.n, found.findings) == ("ChatML", 3, ())
    folder = check(data_root, tmp_path)
    assert (folder.kind, folder.n, folder.is_refused) == ("ChatML", 3, False)


def test_a_good_chatml_file_is_fine(tmp_path: Path, data_root: DataRoot) -> None:
    wav(tmp_path / "a.wav", 2.0), wav(tmp_path / "b.wav", 2.0, pitch=300)
    url = said("b.wav")
    url["messages"][1]["content"] = {"type": "audio_url", "audio_url": {"url": f"file://{tmp_path}/b.wav"}}
    inline = said("c")
    inline["messages"][1]["content"] = [{"type": "input_audio", "input_audio": {"data": "UklGRg=="}}]
    file = json_lines(tmp_path / "talk.jsonl", [said("a.wav"), url, inline, {**said(""), "messages": [
        {"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}], "audios": ["a.wav"]}])
    found = check(data_root, file)
    assert (found.kind, found.n, found.findings) == ("ChatML", 4, ())


@pytest.mark.parametrize(("row", "told"), [
    ({"messages": []}, "Line 2 of talk.jsonl has no list of messages"),
    ({"messages": [{"role": "me", "content": "x"}]}, "a message of the role “me”"),
    ({"messages": [{"role": "user", "content": ""}]}, "an empty message of the user"),
    ({"messages": [{"role": "user", "content": "x"}]}, "does not end with the assistant"),
    ({"messages": [{"role": "user", "content": [{"type": "audio"}]}]}, "a sound without a file"),
    ({"messages": [{"role": "user", "content": 7}]}, "a content that is no text"),
    ({"messages": [{"role": "user", "content": [{"type": "audio", "audio": "https://x.y/a.wav"}]}]},
     "a sound on the network"),
    (said("gone.wav"), "1 sounds are not there: gone.wav"),
    (said("a.wav", start_index=3), "Line 2 of talk.jsonl gives '3' as start_index"),
    (said("a.wav", start_index=True), "gives 'True' as start_index"),
    (said("a.wav", speaker=7), "gives '7' as speaker"),
    (said("a.wav", misc=[]), "gives '[]' as misc"),
    (spoken("a.wav", offset=-1), "Line 2 of talk.jsonl gives '-1' as offset"),
    (spoken("a.wav", duration="long"), "gives 'long' as duration"),
    (spoken("a.wav", offset=1, duration=0), "a sound of 0 seconds"),
    (spoken("a.wav", offset=1.5, duration=4), "1 rows have times outside of their sound: line 2"),
    ({"messages": [{"role": "assistant", "content": {"type": "audio", "raw_audio": "%%"}}]}, "no base64"),
    ([1], "Line 2 of talk.jsonl is no JSON object"),
])
def test_a_bad_line_of_chatml_is_named(row: Any, told: str, tmp_path: Path, data_root: DataRoot) -> None:
    wav(tmp_path / "a.wav", 2.0)
    found = check(data_root, json_lines(tmp_path / "talk.jsonl", [said("a.wav"), row]))
    assert found.is_refused and any(told in one.sentence for one in found.findings)


# --- sounds

def test_sounds_are_measured_once(tmp_path: Path, data_root: DataRoot,
                                  monkeypatch: pytest.MonkeyPatch) -> None:
    loud = np.clip(6 * tone(2.0), -1, 1)
    soundfile.write(tmp_path / "loud.wav", loud, 16000)
    soundfile.write(tmp_path / "none.wav", np.zeros(16000), 16000)
    lines(tmp_path / "bad.wav", ["no sound"])
    wav(tmp_path / "good.wav", 2.0)
    first = check(data_root, tmp_path)
    by_name = {(one.ids[0], one.code): one.level for one in first.findings}
    assert by_name["loud.wav", "clipped"] == by_name["none.wav", "nothing_said"] == "refuse"
    assert by_name["bad.wav", "bad_sound"] == "refuse" and set(first.figures) == {
        "loud.wav", "none.wav", "good.wav"}
    read: list[Path] = []
    real = kept._measured
    monkeypatch.setattr(kept, "_measured", lambda audio: read.append(audio) or real(audio))
    wav(tmp_path / "good.wav", 3.0)
    again = check(data_root, tmp_path)
    assert {path.name for path in read} == {"bad.wav", "good.wav"}, "only what changed is measured again"
    assert again.figures["loud.wav"] == first.figures["loud.wav"]
    (data_root.cache / "qualities.jsonl").write_text("damaged\n")
    assert set(check(data_root, tmp_path).figures) == set(first.figures)


def test_a_long_sound_is_measured_minute_by_minute(tmp_path: Path, data_root: DataRoot) -> None:
    sound = np.tile(tone(4.0, rate=8000), 40)
    soundfile.write(tmp_path / "long.wav", sound, 8000)
    found = check(data_root, tmp_path / "long.wav")
    (figures,) = found.figures.values()
    assert (figures.seconds, found.n) == (pytest.approx(160.0), 1)
    assert figures.peak_dbfs == pytest.approx(-10.5, abs=0.2) and figures.rms_dbfs < figures.peak_dbfs
    assert "too_long" not in codes(found)


def test_with_texts_sounds_are_measured_when_asked(tmp_path: Path, data_root: DataRoot) -> None:
    dataset(tmp_path)
    assert check(data_root, tmp_path).figures == {}
    figures = check(data_root, tmp_path, measured=True).figures
    assert set(figures) == {"0.wav", "1.wav", "2.wav", "3.wav"}


def test_nothing_and_nowhere_are_told(tmp_path: Path, data_root: DataRoot) -> None:
    assert codes(check(data_root, tmp_path)) == {"nothing": "refuse"}
    assert codes(check(data_root, lines(tmp_path / "notes.md", ["# notes"]))) == {"bad_row": "refuse"}
    (tmp_path / "empty.jsonl").write_text("")
    assert check(data_root, tmp_path / "empty.jsonl").is_refused
    with pytest.raises(NotFound):
        check(data_root, tmp_path / "gone")


def test_thousands_of_rows_take_seconds(tmp_path: Path, data_root: DataRoot) -> None:
    wav(tmp_path / "a.wav", 2.0)
    rows = [Row(f"r{i}", "a.wav", 0.0, 2.0, 16000, f"text number {i}", "train") for i in range(5000)]
    manifest.write(tmp_path, rows)
    found = check(data_root, tmp_path)
    assert found.n == 5000 and codes(found) == {"twice": "refuse"}
    assert json.dumps([one.sentence for one in found.findings])
