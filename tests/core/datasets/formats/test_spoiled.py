"""Files that were cut off or damaged are refused row by row with a sentence; nothing else is ever raised."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.datasets.formats import Found
from core.datasets.formats.search import search
from core.datasets.formats.writers import WRITERS
from core.errors import BadInput
from core.text import documents
from core.types import Word
from tests.made import wav

TEXTS = ("ʻO le fale", 'say "hello", [1] & <b>', "مرحبا")


def tables(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".wav")


def written(name: str, folder: Path) -> list[Path]:
    """A small set in that format; its tables and sidecars."""
    writer = WRITERS[name]
    audio = [wav(folder / writer.sounds / f"{i}.wav", 2.0, pitch=200 + 50 * i) for i in range(3)]
    words = (Word("one", 0.25, 0.5, 0.5), Word("two", 0.5, 1.0))
    end = 1.5 if writer.parts else None
    writer.write(folder, [Found(one, text, words, "anna", "sm", 0.0, end)
                          for one, text in zip(audio, TEXTS, strict=True)])
    return tables(folder)


def spoilings(data: bytes, rng: random.Random) -> Iterator[bytes]:
    """Cut off, with bytes changed, doubled, with another encoding, emptied."""
    for _ in range(12):
        yield data[: rng.randrange(len(data))]
        spoiled = bytearray(data)
        for _ in range(rng.randrange(1, 6)):
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
        yield bytes(spoiled)
        at = rng.randrange(len(data))
        odd = rng.choice([b"-1e999", b"NaN", b"null", b"[]", b"{}", b"\x00", b"9" * 400, b'"'])
        yield data[:at] + odd + data[at:]
    yield from (data * 2, data.decode().encode("utf-16"), b"", b"\n\n", b"[" * 5000, b"\xff\xfe")


@pytest.mark.parametrize("name", WRITERS)
def test_a_spoiled_file_is_told_and_never_raises(name: str, tmp_path: Path) -> None:
    rng = random.Random(name)
    for file in written(name, tmp_path):
        whole = file.read_bytes()
        for data in spoilings(whole, rng):
            file.write_bytes(data)
            for found in search(tmp_path):
                assert found.problem.endswith((".", "]")) if found.problem else 0 <= found.start < 1e6
        file.write_bytes(whole)
    assert [one.text for one in search(tmp_path) if not one.problem]


@pytest.mark.parametrize("time", ["9" * 400, "-1", "NaN", "1e999", '"x"', "null", "[]", "{}", "true"])
@pytest.mark.parametrize("name", ["nemo", "lhotse", "audiofolder", "moshi"])
def test_a_time_that_is_none_is_told(name: str, time: str, tmp_path: Path) -> None:
    for file in written(name, tmp_path):
        file.write_text(re.sub(r'(duration"|offset"|start"|_1": \[|\[)(:? ?)[\d.]+', rf"\g<1>\g<2>{time}",
                               file.read_text()))
    for found in search(tmp_path):
        assert found.problem.endswith(".") if found.problem else 0 <= found.start < 1e6


def test_a_spoiled_document_is_told_and_never_raises(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_paragraph("[00:00:10] ʻO le fale")
    document.save(str(tmp_path / "talk.docx"))
    whole, rng, n_told = (tmp_path / "talk.docx").read_bytes(), random.Random(5), 0
    for _ in range(60):
        spoiled = bytearray(whole)
        for _ in range(rng.randrange(1, 30)):
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
        (tmp_path / "talk.docx").write_bytes(rng.choice([bytes(spoiled), whole[: rng.randrange(len(whole))]]))
        try:
            assert documents.read(tmp_path / "talk.docx")[0].text
        except BadInput as error:
            n_told += str(error).startswith("talk.docx")
    assert n_told > 10
