"""Every export read again is equal: text, times, speakers, languages and words, as far as it is carried."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from praatio import textgrid as praatio

from core.datasets.formats import FORMATS, Found
from core.datasets.formats.search import search
from core.datasets.formats.texts import clean
from core.datasets.formats.writers import LABELS, WRITERS
from core.types import Word
from tests.made import wav

TEXTS = (
    "ʻO le fale o loʻo i ai le tagata ma lona ātigiāgaga",
    "مرحبا بالعالم، كيف حالك؟",
    "今日は良い天気です",
    'a comma, a "quoted" word; it\'s 50 % of {n}',
    'item [2]: intervals [1] text = "x" class = "IntervalTier"',
    "<i>fish</i> & chips &amp; <v Ada> \\an8 {\\an8} --> 00:01",
    "12:30 1 00:00:01,000 --> 00:00:02,000",
    '"',
    "tab\tand\nnew line",
    "# NOTE {} [] % %20 \\t \\n",
)
SPEAKERS = ("anna", "Ben de Vries", "ʻAlofa", "")
READERS = {"srt": "subtitles", "vtt": "subtitles"}


def written(name: str, folder: Path) -> list[Found]:
    """A set in that format: cut sounds, two of one name, or two long sounds with overlapping parts."""
    writer = WRITERS[name]
    sounds = folder / writer.sounds
    made = []
    for i, text in enumerate(TEXTS):
        kept = text.replace("|", "")
        audio = sounds / f"{i} é.wav" if name not in LABELS else sounds / f"long {i % 2}.wav"
        if not audio.exists():
            wav(audio, 14.0 if name in LABELS else 1.0 + i / 8, rate=8000)
        words = (Word("a", 0.125, 0.25, 0.5), Word(clean(kept, ""), 0.25, 0.75, None))
        start = 0.0 if name not in LABELS else i + 0.125
        made.append(Found(audio, clean(kept, ""), words, SPEAKERS[i % 4], ("sm", "ar", "en")[i % 3], start,
                          None if name not in LABELS else start + 1.5, id=f"c{i}"))
    writer.write(folder, made)
    return made


def carried(found: Found, name: str) -> Found:
    """What the format carries of it; ids are each format's own affair."""
    writer = WRITERS[name]
    words = tuple(word if writer.scores else replace(word, score=None) for word in found.words)
    speaker = found.speaker if writer.speaker else ""
    return replace(found, words=words if writer.words else (), speaker=speaker,
                   language=found.language if writer.language else "", id="")


def in_order(found: list[Found]) -> list[Found]:
    return sorted(found, key=lambda one: (one.audio.name, one.start, one.text))


@pytest.mark.parametrize("name", WRITERS)
def test_what_was_written_is_read_again(name: str, tmp_path: Path) -> None:
    made = written(name, tmp_path)
    found = list(search(tmp_path))
    assert [one.problem for one in found] == [""] * len(TEXTS)
    assert in_order([replace(one, id="") for one in found]) == in_order([carried(one, name) for one in made])
    reader = FORMATS[READERS.get(name, name)]
    assert reader.claims(tmp_path)
    assert len(list(reader.read(tmp_path, tmp_path.resolve()))) == len(TEXTS)


@pytest.mark.parametrize("name", [name for name, writer in WRITERS.items() if writer.parts and name != "srt"])
def test_parts_of_a_long_sound_keep_their_times(name: str, tmp_path: Path) -> None:
    audio = wav(tmp_path / WRITERS[name].sounds / "talk.wav", 9.0)
    words = (Word("one", 0.1, 0.4), Word("two", 0.5, 0.9))
    made = [Found(audio, f"text {i}", words, "anna", start=3 * i + 0.001 * i, end=3 * i + 1.234)
            for i in range(3)]
    WRITERS[name].write(tmp_path, reversed(made))
    found = in_order([replace(one, id="") for one in search(tmp_path)])
    assert found == [carried(one, name) for one in made]


@pytest.mark.parametrize("name", WRITERS)
def test_an_empty_set_is_written_and_read(name: str, tmp_path: Path) -> None:
    WRITERS[name].write(tmp_path, [])
    assert [one for one in search(tmp_path) if not one.problem] == []


@pytest.mark.parametrize("name", ["nemo", "kaldi", "lhotse", "audiofolder"])
def test_sounds_of_one_name_in_two_folders_stay_two(name: str, tmp_path: Path) -> None:
    made = [Found(wav(tmp_path / WRITERS[name].sounds / part / "a.wav", pitch=200 + 50 * i), f"text {i}")
            for i, part in enumerate("xy")]
    WRITERS[name].write(tmp_path, made)
    found = [(one.audio, one.text, one.speaker) for one in search(tmp_path)]
    assert sorted(found) == [(one.audio, one.text, "") for one in made]


def test_a_voice_of_one_name_that_speaks_twice_at_once_keeps_both(tmp_path: Path) -> None:
    audio = wav(tmp_path / "a.wav", 9.0)
    made = [Found(audio, f"text {i}", (), "anna", start=float(i), end=i + 2.5) for i in range(4)]
    WRITERS["textgrid"].write(tmp_path, made)
    assert list(search(tmp_path)) == made
    assert "anna (3)" in audio.with_suffix(".TextGrid").read_text()


def test_praatio_reads_what_we_write(tmp_path: Path) -> None:
    audio = wav(tmp_path / "a.wav", 4.0)
    said = [Found(audio, 'she said "ʻāina"', (Word("she", 0.1, 0.5),), "anna", start=1.0, end=2.5)]
    WRITERS["textgrid"].write(tmp_path, said)
    grid = praatio.openTextgrid(str(audio.with_suffix(".TextGrid")), False)
    assert grid.tierNames == ("anna", "anna - words") and grid.maxTimestamp == 4.0
    assert [tuple(entry) for entry in grid.getTier("anna").entries] == [(1.0, 2.5, 'she said "ʻāina"')]
    assert [tuple(entry) for entry in grid.getTier("anna - words").entries] == [(1.1, 1.5, "she")]


@pytest.mark.parametrize("form", ["short_textgrid", "long_textgrid"])
def test_what_praatio_writes_is_read(form: str, tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", 4.0)
    grid = praatio.Textgrid()
    grid.addTier(praatio.IntervalTier("Ada", [(0.5, 1.5, "hello there"), (2, 3, "ʻo")], 0, 4))
    grid.addTier(praatio.IntervalTier("Ada - words", [(0.5, 1.0, "hello"), (1.0, 1.5, "there")], 0, 4))
    grid.addTier(praatio.IntervalTier("Ada - phones", [(0.5, 1.0, "h")], 0, 4))
    grid.addTier(praatio.PointTier("clicks", [(0.25, "x")], 0, 4))
    grid.save(str(tmp_path / "a.TextGrid"), form, True)
    first, second = search(tmp_path)
    assert (first.text, first.speaker, first.start, first.end) == ("hello there", "Ada", 0.5, 1.5)
    assert first.words == (Word("hello", 0.0, 0.5), Word("there", 0.5, 1.0))
    assert (second.text, second.words) == ("ʻo", ())


def test_words_alone_are_the_text_of_the_whole(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", 4.0)
    grid = praatio.Textgrid()
    grid.addTier(praatio.IntervalTier("words", [(0.5, 1.0, "hello"), (1.0, 1.5, "there")], 0, 4))
    grid.save(str(tmp_path / "a.TextGrid"), "long_textgrid", True)
    (found,) = search(tmp_path)
    assert (found.text, found.start, found.end) == ("hello there", 0.0, None)
    assert found.words[1] == Word("there", 1.0, 1.5)


@pytest.mark.parametrize(("file", "content", "told"), [
    ("a.TextGrid", "hello", "a.TextGrid is not a whole TextGrid file"),
    ("a.TextGrid", '"ooTextFile"\n"TextGrid"\n\n0\n4\n<exists>\n1\n"IntervalTier"\n"x"',
     "a.TextGrid is not a whole TextGrid file"),
    ("a.txt", "0.5\t1.0\tone\n1.5 two", "Line 2 of a.txt is no Audacity label"),
    ("wav.scp", "a sph2pipe -f wav a.sph |", "a in wav.scp is the output of a command"),
    ("wav.scp", "a ../../a.wav", "leads out of the folder"),
    ("supervisions.jsonl", json.dumps({"recording_id": "a", "start": 0, "duration": 1}),
     "The recording “a” of supervisions.jsonl is in none"),
])
def test_a_bad_file_is_told_by_name(file: str, content: str, told: str, tmp_path: Path) -> None:
    wav(tmp_path / "a.wav")
    (tmp_path / file).write_text(content)
    problems = [one.problem for one in search(tmp_path) if one.problem]
    assert told in problems[0]


def test_audacity_labels_and_plain_texts_are_told_apart(tmp_path: Path) -> None:
    for name, text in (("a", "0,5\t1,25\tone\n\\\t100\t200\n2.0\t2.0\tpoint\n"), ("b", "0.5 is a half\n")):
        wav(tmp_path / f"{name}.wav", 3.0)
        (tmp_path / f"{name}.txt").write_text(text)
    found = [(one.audio.name, one.text, one.start, one.end) for one in search(tmp_path)]
    assert found == [("a.wav", "one", 0.5, 1.25), ("b.wav", "0.5 is a half", 0.0, None)]


def test_lhotse_words_count_from_the_start_of_the_recording(tmp_path: Path) -> None:
    audio = wav(tmp_path / "audio" / "a.wav", 4.0)
    said = Found(audio, "one", (Word("one", 0.25, 0.5, 0.9),), start=2.0, end=3.0)
    WRITERS["lhotse"].write(tmp_path, [said])
    row = json.loads((tmp_path / "supervisions.jsonl").read_text())
    assert row["alignment"] == {"word": [["one", 2.25, 0.25, 0.9]]}
    (tmp_path / "supervisions.jsonl").write_text(json.dumps({**row, "alignment": {"word": [["one", 1]]}}))
    assert "has an alignment that is not" in next(search(tmp_path)).problem


def test_a_time_that_is_none_is_a_bad_row(tmp_path: Path) -> None:
    wav(tmp_path / "data" / "a.wav")
    row = {"file_name": "data/a.wav", "transcription": "x", "words": [{"word": "x", "start": "?", "end": 1}]}
    (tmp_path / "metadata.jsonl").write_text(json.dumps(row))
    assert "as start of a word" in next(search(tmp_path)).problem
