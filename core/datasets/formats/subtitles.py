"""Subtitles beside a sound: SubRip (.srt) and WebVTT (.vtt), one part of the sound a cue."""
from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.datasets.formats.base import Found, by_sound, each_pair, length_of, pairs, speaker_of
from core.datasets.formats.texts import clean, text_of, write_lines
from core.errors import BadInput

ENDINGS = (".srt", ".vtt")
_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_MARKUP = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")


def claims(path: Path) -> bool:
    """A file beside a sound of the same name, or a folder that holds one."""
    return next(pairs(path, ENDINGS), None) is not None


def read(path: Path, root: Path) -> Iterator[Found]:
    """What it says of the sound beside it, or what all of a folder say."""
    yield from each_pair(path, ENDINGS, parts)


def parts(path: Path, audio: Path) -> list[Found]:
    """One part of `audio` a cue that says something. BadInput for a file without any cue."""
    text = text_of(path).removeprefix("\ufeff")
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    cues = [cue for block in blocks if (cue := _cue(block.strip("\n").split("\n"), path, audio))]
    if not cues and text.strip():
        raise BadInput(f"{path.name} holds no cue (00:00:01,000 --> 00:00:02,500 and a text below it): "
                       "export the subtitles again.")
    return [cue for cue in cues if cue.text]


def _cue(lines: list[str], path: Path, audio: Path) -> Found | None:
    """The cue of a block: its times are in the first or, behind a number or a name, in the second line."""
    for at, line in enumerate(lines[:2]):
        if match := _TIMES.match(line):
            start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
            said = "\n".join(lines[at + 1 :])
            voice = _VOICE.search(said)
            text = clean(html.unescape(_MARKUP.sub("", said)), path.name)
            speaker = speaker_of(html.unescape(voice[1]), audio) if voice else ""
            name = lines[0].strip() if at and path.suffix.lower() == ".vtt" else ""
            return Found(audio, text, speaker=speaker, start=start, end=end, id=name)
    return None


def _seconds(groups: tuple[str | None, ...]) -> float:
    """Hours, minutes, seconds and a decimal fraction as seconds."""
    hours, minutes, whole, fraction = (group or "0" for group in groups)
    return int(hours) * 3600 + int(minutes) * 60 + int(whole) + float(f"0.{fraction}")


def write_srt(folder: Path, found: Iterable[Found]) -> None:
    """A .srt beside each sound; its cues are numbered."""
    for audio, parts in by_sound(found).items():
        write_lines(audio.with_suffix(".srt"), _srt(parts))


def write_vtt(folder: Path, found: Iterable[Found]) -> None:
    """A .vtt beside each sound; its cues have their ids, and their speakers as voices."""
    for audio, parts in by_sound(found).items():
        write_lines(audio.with_suffix(".vtt"), _vtt(parts))


def _srt(parts: Iterable[Found]) -> Iterator[str]:
    for number, part in enumerate(parts, 1):
        yield str(number)
        yield f"{_clock(part.start, ',')} --> {_clock(part.start + length_of(part), ',')}"
        # SubRip has no way to quote: only a text that would be taken for markup is written as in HTML
        plain = html.unescape(_MARKUP.sub("", part.text)) == part.text
        yield part.text if plain else html.escape(part.text, quote=False).replace("{", "&#123;")
        yield ""


def _vtt(parts: Iterable[Found]) -> Iterator[str]:
    yield "WEBVTT"
    yield ""
    for part in parts:
        if part.id:
            yield part.id
        yield f"{_clock(part.start, '.')} --> {_clock(part.start + length_of(part), '.')}"
        voice = f"<v {html.escape(part.speaker, quote=False)}>" if part.speaker else ""
        yield voice + html.escape(part.text, quote=False).replace("{", "&#123;")
        yield ""


def _clock(time: float, point: str) -> str:
    """00:00:01,250 with the sign that stands before the milliseconds."""
    whole = round(time * 1000)
    minutes, left = divmod(whole, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{left // 1000:02d}{point}{left % 1000:03d}"
