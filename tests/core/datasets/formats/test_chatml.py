"""ChatML: pairs of example and target that never are one clip, parts, and what is only an example."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from core.datasets.formats import Found, chatml
from core.datasets.formats.search import search
from tests.layouts import json_lines
from tests.made import wav


def clips(folder: Path, *counts: int) -> list[Found]:
    """So many clips of each of some speakers."""
    return [Found(wav(folder / "audio" / f"{who}{i}.wav", 1.0, pitch=200 + 20 * i), f"text {i} of {who}",
                  speaker=f"voice {who}", language="en")
            for who, n in enumerate(counts) for i in range(n)]


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / chatml.NAME).read_text("utf-8").splitlines()]


def sounds(row: dict[str, Any]) -> list[str]:
    return [message["content"]["audio_url"] for message in row["messages"] if message["role"] == "assistant"]


def test_each_clip_is_said_once_after_another_one_of_its_speaker(tmp_path: Path) -> None:
    made = clips(tmp_path, 5, 2, 1)
    chatml.write(tmp_path, made)
    pairs = {target: example for *example, target in map(sounds, rows(tmp_path))}
    assert list(pairs) == [f"audio/{one.audio.name}" for one in made]
    assert pairs.pop("audio/20.wav") == [], "a lone clip has no example"
    assert all(example != [target] and example[0][:7] == target[:7] for target, example in pairs.items())
    assert sorted(example[0] for example in pairs.values()) == sorted(pairs), "each serves once"
    before = (tmp_path / chatml.NAME).read_bytes()
    chatml.write(tmp_path, made)
    assert (tmp_path / chatml.NAME).read_bytes() == before


def test_only_the_target_is_learned(tmp_path: Path) -> None:
    chatml.write(tmp_path, clips(tmp_path, 2))
    for row in rows(tmp_path):
        assert [message["role"] for message in row["messages"]] == [
            "system", "user", "assistant", "user", "assistant"]
        assert row["start_index"] == 4 and row["speaker"] == "voice 0" and row["misc"] == {"language": "en"}
        example, target = row["messages"][1:3], row["messages"][3:5]
        assert example[0]["content"] != target[0]["content"]
        assert target[1]["content"]["duration"] == 1.0


def test_one_clip_under_two_rows_is_no_example_of_itself(tmp_path: Path) -> None:
    (one,) = clips(tmp_path, 1)
    chatml.write(tmp_path, [one, one])
    assert [len(sounds(row)) for row in rows(tmp_path)] == [1, 1]


def test_nobody_is_the_example_of_somebody_without_a_name(tmp_path: Path) -> None:
    chatml.write(tmp_path, [Found(wav(tmp_path / f"{i}.wav"), "said") for i in range(3)])
    assert [len(sounds(row)) for row in rows(tmp_path)] == [1, 1, 1]


def spoken(name: str, text: str, **part: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "text", "text": text}]},
            {"role": "assistant", "content": [{"type": "audio", "audio_url": name, **part}]}]


def test_an_example_that_nobody_says_comes_in_too(tmp_path: Path) -> None:
    long = wav(tmp_path / "long.wav", 9.0)
    wav(tmp_path / "voice.wav", 4.0)
    messages = [*spoken("voice.wav", "I am the voice"),
                *spoken("long.wav", "from one", offset=1, duration=2.5)]
    json_lines(tmp_path / "talks.jsonl", [
        {"messages": messages, "start_index": 3, "speaker": "anna"},
        {"messages": [*messages[:2], *spoken("long.wav", "from four", offset=4.0, duration=1)],
         "start_index": 3, "speaker": "anna", "misc": None}])
    found = [(one.audio.name, one.text, one.start, one.end, one.speaker) for one in search(tmp_path)]
    assert found == [(long.name, "from one", 1.0, 3.5, "anna"), (long.name, "from four", 4.0, 5.0, "anna"),
                     ("voice.wav", "I am the voice", 0.0, None, "anna")]


def test_what_the_user_says_has_the_text_that_the_assistant_writes(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav")
    sound = {"type": "audio", "audio_url": "a.wav"}
    json_lines(tmp_path / "heard.jsonl", [{"messages": [
        {"role": "user", "content": [{"type": "text", "text": "Write what is said."}, sound]},
        {"role": "assistant", "content": "what is said"}]}])
    assert [(one.audio.name, one.text) for one in search(tmp_path)] == [("a.wav", "what is said")]


@pytest.mark.parametrize(("messages", "more", "told"), [
    (spoken("../a.wav", "out"), {}, "leads out of the folder"),
    (spoken("a.wav", "words"), {"misc": {"words": [["one"]]}}, "Line 2 of talks.jsonl has words"),
    (spoken("a.wav", "words"), {"misc": {"words": [["one", "?", 1]]}}, "gives '?' as start of a word"),
    (spoken("a.wav", "nul\u0000"), {}, "holds control signs"),
    ([{"role": "assistant", "content": {"type": "audio", "raw_audio": "%%"}}], {},
     "Line 2 of talks.jsonl has a sound in itself that is no base64"),
])
def test_a_row_that_cannot_come_in_is_told(
    messages: list[dict[str, Any]], more: dict[str, Any], told: str, tmp_path: Path
) -> None:
    wav(tmp_path / "in" / "a.wav")
    json_lines(tmp_path / "in" / "talks.jsonl", [{"messages": spoken("a.wav", "fine")},
                                                 {"messages": messages, **more}])
    fine, bad = search(tmp_path / "in")
    assert fine.text == "fine" and not fine.problem
    assert told in bad.problem


def inline(audio: Path) -> str:
    return base64.b64encode(audio.read_bytes()).decode()


def test_a_long_line_is_known_and_a_chat_without_sounds_is_left_alone(tmp_path: Path) -> None:
    long = inline(wav(tmp_path / "long.wav", 9.0))
    assert len(long) > 100_000
    row = {"speaker": "a", "messages": spoken("", "one", raw_audio=long)}
    json_lines(tmp_path / "in" / "talks.jsonl", [row])
    assert [(one.text, one.problem) for one in search(tmp_path / "in")] == [("one", "")]
    chat = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]
    json_lines(tmp_path / "chat.jsonl", [{"messages": chat}])
    assert "long.wav" in {one.audio.name for one in search(tmp_path)}
    assert not chatml.claims(tmp_path) and not chatml.claims(tmp_path / "chat.jsonl")


def test_a_sound_in_its_line_is_named_after_what_it_holds(tmp_path: Path) -> None:
    made = [inline(wav(tmp_path / "elsewhere" / f"{i}.wav", pitch=300 + 99 * i)) for i in range(2)]
    folder = tmp_path / "in"
    json_lines(folder / "talks.jsonl", [
        {"messages": [*spoken("", "one", raw_audio=made[0]), *spoken("", "two", raw_audio=made[1])],
         "start_index": 3},
        {"messages": [*spoken("", "two", data=made[1]), *spoken("", "one", raw_audio=made[0])],
         "start_index": 3}])
    found = list(search(folder))
    assert [(one.text, one.inline) for one in found] == [("two", made[1]), ("one", made[0])]
    assert len({one.audio for one in found}) == 2 and all(one.audio.suffix == ".wav" for one in found)
