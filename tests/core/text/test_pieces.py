"""Long texts in pieces: a golden table, and that nothing is lost, doubled or too long."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.text.pieces import pieces

TABLE = [tuple(line.split("\t")) for line in
         Path(__file__).with_name("pieces.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("language", "most", "text", "parts"), TABLE)
def test_a_text_in_its_pieces(language: str, most: str, text: str, parts: str) -> None:
    assert pieces(text, language, int(most)) == parts.split(" | ")


@pytest.mark.parametrize("most", [1, 7, 30, 200])
@pytest.mark.parametrize(("language", "text"), [(row[0], row[2]) for row in TABLE])
def test_the_pieces_are_the_text_and_none_is_too_long(language: str, text: str, most: int) -> None:
    found = pieces(text, language, most)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(0 < len(piece) <= most for piece in found)


def test_a_paragraph_ends_a_piece_and_an_empty_text_has_none() -> None:
    assert pieces("without a mark\n\nand again") == ["without a mark", "and again"]
    assert pieces(" \n\n ") == []


def test_a_mark_stays_on_its_letter() -> None:
    assert pieces("e\u0301" * 5, "en", 5) == ["e\u0301e\u0301", "e\u0301", "e\u0301e\u0301"]


def test_a_limit_that_nothing_fits_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        pieces("text", "en", 0)
