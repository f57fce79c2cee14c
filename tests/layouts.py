"""Small folders in the layouts of other programs, each with what an import should make of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from core.datasets.formats import Found
from tests.made import wav

Words = tuple[tuple[str, float, float], ...]
TEXTS = ("order one two", "Grüße aus Köln", "今日は良い天気です", "مرحبا بالعالم")


class Told(NamedTuple):
    """What should be known of a sound, or of a part of it."""

    name: str
    text: str = ""
    words: Words = ()
    speaker: str = ""
    language: str = ""
    start: float = 0.0
    end: float | None = None


def told(found: Found) -> Told:
    """What a reader found, to compare."""
    words = tuple((word.text, round(word.start, 3), round(word.end, 3)) for word in found.words)
    return Told(found.audio.name, found.text, words, found.speaker, found.language, found.start, found.end)


def lines(path: Path, rows: Iterable[str], encoding: str = "utf-8") -> Path:
    """A text file of these lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n", encoding=encoding)
    return path


def json_lines(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """A file of one JSON object a line."""
    return lines(path, (json.dumps(row, ensure_ascii=False) for row in rows))


def _sounds(folder: Path, pattern: str, seconds: float = 0.6) -> list[Path]:
    return [wav(folder / pattern.format(i), seconds, pitch=200 + 40 * i) for i in range(len(TEXTS))]


def ljspeech(folder: Path) -> list[Told]:
    """metadata.csv without a header; the last row has no normalised text."""
    _sounds(folder, "wavs/LJ001-{:04d}.wav")
    rows = [f"LJ001-{i:04d}|Dr. {text}|{text}" for i, text in enumerate(TEXTS)]
    lines(folder / "metadata.csv", [*rows[:-1], f"LJ001-0003|{TEXTS[3]}|"])
    return [Told(f"LJ001-{i:04d}.wav", text) for i, text in enumerate(TEXTS)]


def audiofolder(folder: Path) -> list[Told]:
    """metadata.csv with a header, as Hugging Face has it, saved with a byte order mark."""
    _sounds(folder, "data/{}.wav")
    rows = [f'data/{i}.wav,"{text}, yes",anna,de' for i, text in enumerate(TEXTS)]
    lines(folder / "metadata.csv", ["file_name,transcription,speaker,language", *rows], "utf-8-sig")
    return [Told(f"{i}.wav", f"{text}, yes", (), "anna", "de") for i, text in enumerate(TEXTS)]


def audiofolder_json(folder: Path) -> list[Told]:
    """metadata.jsonl."""
    _sounds(folder, "{}.wav")
    rows = [{"file_name": f"{i}.wav", "text": text, "speaker_id": "7"} for i, text in enumerate(TEXTS)]
    json_lines(folder / "metadata.jsonl", rows)
    return [Told(f"{i}.wav", text, (), "7") for i, text in enumerate(TEXTS)]


def common_voice(folder: Path) -> list[Told]:
    """validated.tsv beside a table of clips that were turned down."""
    _sounds(folder, "clips/cv_{}.wav")
    head = "client_id\tpath\tsentence\tup_votes\tlocale"
    people = ["ab" * 64, "cd" * 64]
    rows = [f"{people[i % 2]}\tcv_{i}.wav\t{text}\t2\teo" for i, text in enumerate(TEXTS)]
    lines(folder / "validated.tsv", [head, *rows[:-1]])
    lines(folder / "train.tsv", [head, *rows[:1]])
    lines(folder / "invalidated.tsv", [head, rows[-1]])
    return [Told(f"cv_{i}.wav", TEXTS[i], (), people[i % 2][:16], "eo") for i in range(3)]


def librispeech(folder: Path) -> list[Told]:
    """Speaker and chapter folders, FLAC."""
    made = []
    for speaker, text in zip((84, 174), TEXTS, strict=False):
        name = f"{speaker}-1211-0000"
        wav(folder / str(speaker) / "1211" / f"{name}.flac", pitch=float(speaker) + 100)
        lines(folder / str(speaker) / "1211" / f"{speaker}-1211.trans.txt", [f"{name} {text.upper()}"])
        made.append(Told(f"{name}.flac", text.upper(), (), str(speaker)))
    return sorted(made)


def nemo(folder: Path) -> list[Told]:
    """A manifest with one whole sound, and two parts of another whose rows do not stand together."""
    wav(folder / "audio" / "long.wav", 3.0)
    wav(folder / "audio" / "whole.wav", pitch=300)
    long = {"audio_filepath": str(folder / "audio" / "long.wav"), "speaker": "ben", "lang": "de"}
    rows = [
        {**long, "offset": 0.0, "duration": 1.0, "text": TEXTS[0]},
        {"audio_filepath": "audio/whole.wav", "duration": 0.6, "text": TEXTS[1]},
        {**long, "offset": 1.5, "duration": 1.25, "text": TEXTS[2]},
    ]
    json_lines(folder / "train_manifest.json", rows)
    return [
        Told("long.wav", TEXTS[0], (), "ben", "de", 0.0, 1.0),
        Told("whole.wav", TEXTS[1]),
        Told("long.wav", TEXTS[2], (), "ben", "de", 1.5, 2.75),
    ]


def moshi(folder: Path) -> list[Told]:
    """A table of paths and durations; stereo sounds with their words beside them."""
    made = []
    for i, text in enumerate(TEXTS):
        wav(folder / "data_stereo" / f"{i}.wav", pitch=200 + 40 * i, channels=2)
        words = [(word, round(0.1 * n, 1), round(0.1 * n + 0.08, 2)) for n, word in enumerate(text.split())]
        main = [[word, [start, end], "SPEAKER_MAIN"] for word, start, end in words]
        other = [["aha", [0.3, 0.4], "SPEAKER_01"]]
        sidecar = {"alignments": main + other}
        (folder / "data_stereo" / f"{i}.json").write_text(json.dumps(sidecar))
        made.append(Told(f"{i}.wav", text, tuple(words)))
    json_lines(folder / "my.jsonl", ({"path": f"data_stereo/{one.name}", "duration": 0.6} for one in made))
    return made


def chatml(folder: Path) -> list[Told]:
    """Voices as they are taught: each row an example and what is to be said; the sounds lie in one folder."""
    made = [Told(audio.name, text, speaker="Anna", language="en")
            for audio, text in zip(_sounds(folder, "wavs/{}.wav"), TEXTS, strict=True)]
    json_lines(folder / "train.jsonl", (
        {"messages": [{"role": "system", "content": "Speak."}, *_spoken(made[i - 1]), *_spoken(one)],
         "start_index": 4, "speaker": "Anna", "misc": {"language": "en"}} for i, one in enumerate(made)))
    return made


def _spoken(one: Told) -> list[dict[str, Any]]:
    sound = {"type": "audio", "audio_url": f"wavs/{one.name}", "raw_audio": "", "duration": 0.6,
             "offset": None}
    return [{"role": "user", "content": one.text}, {"role": "assistant", "content": sound}]


WHISPER = {
    "text": " order one two",
    "language": "en",
    "segments": [
        {"id": 0, "start": 0.5, "end": 1.25, "text": " order one",
         "words": [{"word": " order", "start": 0.5, "end": 0.75, "probability": 0.9},
                   {"word": " one", "start": 0.75, "end": 1.25, "probability": 0.8}]},
        {"id": 1, "start": 1.5, "end": 2.5, "text": " two"},
    ],
}


def whisper(folder: Path) -> list[Told]:
    """Whisper's own output beside the sound: all of its files, of which the .json tells most."""
    wav(folder / "talk.wav", 3.0)
    (folder / "talk.json").write_text(json.dumps(WHISPER))
    lines(folder / "talk.txt", ["order one", "two"])
    lines(folder / "talk.srt", ["1", "00:00:00,500 --> 00:00:02,500", "not this"])
    words = (("order", 0.0, 0.25), ("one", 0.25, 0.75))
    return [
        Told("talk.wav", "order one", words, "", "en", 0.5, 1.25),
        Told("talk.wav", "two", (), "", "en", 1.5, 2.5),
    ]


def subrip(folder: Path) -> list[Told]:
    """Windows line ends, markup, a byte order mark."""
    wav(folder / "film.wav", 3.0)
    first = ["1", "00:00:00,100 --> 00:00:01,000", "<i>Guten</i>", "Tag", ""]
    second = ["2", "00:00:01,250 --> 00:00:02,750", r"{\an8}Tschüß", "", ""]
    (folder / "film.srt").write_text("\r\n".join(first + second), "utf-8-sig", newline="")
    return [
        Told("film.wav", "Guten Tag", start=0.1, end=1.0),
        Told("film.wav", "Tschüß", start=1.25, end=2.75),
    ]


def webvtt(folder: Path) -> list[Told]:
    """A header, a note, cues with names and settings, a voice, and one cue that says nothing."""
    wav(folder / "film.wav", 3.0)
    lines(folder / "film.vtt", [
        "WEBVTT - a film", "Kind: captions", "", "NOTE not spoken", "", "STYLE", "::cue { color: red }", "",
        "intro", "00:00.000 --> 00:01.000 align:start position:0%", "<v Anna>Fish &amp; chips", "",
        "00:00:01.000 --> 00:00:01.500", "", "00:00:01.500 --> 00:00:02.500", "<c.loud>now</c>",
    ])
    return [
        Told("film.wav", "Fish & chips", speaker="Anna", start=0.0, end=1.0),
        Told("film.wav", "now", start=1.5, end=2.5),
    ]


def plain(folder: Path) -> list[Told]:
    """A text beside each sound but one."""
    for audio, text in zip(_sounds(folder, "{}.wav"), TEXTS[:3], strict=False):
        audio.with_suffix(".txt").write_text(f"  {text}\n", encoding="utf-16")
    return [*(Told(f"{i}.wav", text) for i, text in enumerate(TEXTS[:3])), Told("3.wav")]


LAYOUTS: dict[str, Callable[[Path], list[Told]]] = {
    each.__name__: each
    for each in (ljspeech, audiofolder, audiofolder_json, common_voice, librispeech, nemo, moshi, chatml,
                 whisper, subrip, webvtt, plain)
}
