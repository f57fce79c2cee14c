"""What a large folder holds: corpora recognised by their structure, speakers, lengths."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.audio.corpora import DAILYTALK, LIBRI_LIGHT, LIBRISPEECH, PLAIN, WHY
from core.audio.index_cache import BOUNDS, IndexCache
from core.audio.survey import Indexed, survey
from tests.corpora import bare_flac, libri_light
from tests.layouts import librispeech, moshi
from tests.made import wav


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "index.tsv"


def look(folder: Path, cache: Path) -> Indexed:
    return survey(folder, IndexCache(cache))


def layouts(found: Indexed) -> dict[str, tuple[int, int]]:
    """Layout -> (files, speakers)."""
    return {part.layout: (part.files, part.speakers) for part in found.corpora}


def test_each_corpus_is_recognised_with_its_speakers_and_the_reason(tmp_path: Path, cache: Path) -> None:
    librispeech(tmp_path / "in" / "LibriSpeech" / "dev-clean")
    libri_light(tmp_path / "in" / "libri-light")
    moshi(tmp_path / "in" / "dailytalk")
    wav(tmp_path / "in" / "mine" / "a.wav")
    for _ in range(2):  # read, and then remembered
        found = look(tmp_path / "in", cache)
        assert layouts(found) == {LIBRISPEECH: (2, 2), LIBRI_LIGHT: (3, 2), DAILYTALK: (4, 0), PLAIN: (1, 0)}
        assert all(part.why == WHY[part.layout] for part in found.corpora)
        assert sum(part.hours for part in found.corpora) == pytest.approx(found.hours)


def test_a_corpus_is_recognised_from_inside_too(tmp_path: Path, cache: Path) -> None:
    libri_light(tmp_path)
    assert layouts(look(tmp_path / "small" / "100" / "emma_64kb", cache)) == {LIBRI_LIGHT: (1, 1)}


@pytest.mark.parametrize("spoilt", ["no json", "another json", "a list", "no object", "no list of all"])
def test_what_only_looks_like_a_corpus_is_plain(tmp_path: Path, cache: Path, spoilt: str) -> None:
    libri_light(tmp_path / "a")
    moshi(tmp_path / "b")
    librispeech(tmp_path / "c")
    for told in [*tmp_path.rglob("*.json"), *tmp_path.rglob("*.trans.txt")]:
        if spoilt == "no json" or told.suffix == ".txt":
            told.unlink()
        elif spoilt != "no list of all":
            other = {"another json": "{}", "a list": '["alignments", "voice_activity"]', "no object": "[["}
            told.write_text(other[spoilt])
    if spoilt == "no list of all":
        (tmp_path / "b" / "my.jsonl").unlink()
    found = layouts(look(tmp_path, cache))
    assert found == ({PLAIN: (6, 0), LIBRI_LIGHT: (3, 2)} if spoilt == "no list of all" else {PLAIN: (9, 0)})


def test_lengths_are_measured(tmp_path: Path, cache: Path) -> None:
    for number, seconds in enumerate((0.5, 1.0, 7.0, 7.5, 4000.0)):
        bare_flac(tmp_path / str(number % 2) / f"{number}.flac", seconds)
    for _ in range(2):
        told = look(tmp_path, cache).lengths
        assert (told.shortest, told.longest, told.mean) == (0.5, 4000.0, pytest.approx(803.2))
        shorter = [sum(told.counts[: place + 1]) for place in range(len(BOUNDS))]
        assert dict(zip(BOUNDS, shorter, strict=True)) == {
            1: 1, 2: 2, 5: 2, 10: 4, 15: 4, 20: 4, 30: 4, 60: 4, 600: 4, 3600: 4
        }
        assert told.counts[-1] == 1


def test_a_cache_that_counted_less_is_added_up_anew_without_reading(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libri_light(tmp_path / "in")
    before = look(tmp_path / "in", cache)
    lines = [line.split("\t") for line in cache.read_text().splitlines()]
    fewer = [[a, b, json.dumps(json.loads(c)[:4]), d] for a, b, c, d in lines]
    cache.write_text("".join("\t".join(line) + "\n" for line in fewer))
    monkeypatch.setattr("core.audio.index.peek", lambda *_: pytest.fail("a file was read again"))
    after = look(tmp_path / "in", cache)
    assert (after.lengths, after.corpora) == (before.lengths, before.corpora)
