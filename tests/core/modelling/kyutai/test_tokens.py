"""Text as pieces and back, from a SentencePiece model read without its package, and from a tokenizer.json."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import BadInput
from core.modelling.kyutai import sentencepiece, tokens
from tests.tiny_kyutai import PIECES, SHAPE, TEXT, make_kyutai, write_tokenizer

SAID = "order one two nine six eight zero three"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tokenizer(tmp_path_factory.mktemp("tokens") / "tiny.model")


def test_a_model_file_is_read(model: Path) -> None:
    held = sentencepiece.read(model)
    assert len(held.pieces) == TEXT == 64 and held.dummy_prefix and held.one_space and not held.charsmap
    assert [(piece.text, piece.kind) for piece in held.pieces[:4]] == [
        ("<unk>", 2), ("<s>", 3), ("</s>", 3), ("<pad>", 3)]
    assert held.pieces[4] == sentencepiece.Piece("▁", -9.5, sentencepiece.NORMAL)


def test_words_are_pieces_and_come_back(model: Path) -> None:
    writing = tokens.fitting(model, SHAPE)
    ids = writing.encode(SAID)
    assert [writing.piece(i) for i in ids] == [f"▁{word}" for word in SAID.split()]
    assert writing.decode(ids) == SAID and all(writing.begins_word(i) for i in ids)
    spelled = writing.encode("nave")
    assert [writing.piece(i) for i in spelled] == ["▁", "n", "a", "ve"]
    assert [writing.begins_word(i) for i in spelled] == [True, False, False, False]


def test_spaces_are_as_sentencepiece_has_them(model: Path) -> None:
    writing = tokens.writing(model)
    assert writing.encode("  one   two ") == writing.encode("one two")
    assert writing.encode("") == []


def test_what_stands_for_no_text_writes_nothing(model: Path) -> None:
    writing = tokens.writing(model)
    one, two = writing.encode("one two")
    assert writing.decode([3, 0, one, 3, 0, two, 3, 64, 9999]) == "one two"
    assert [writing.piece(i) for i in (0, 3, 64)] == ["", "", ""]


def test_letters_that_it_does_not_have_are_bytes(tmp_path: Path) -> None:
    pieces = tuple(f"<0x{i:02X}>" for i in range(256))
    held = [sentencepiece.Piece(text, -20.0, sentencepiece.BYTE) for text in pieces]
    special = [sentencepiece.Piece("<unk>", 0.0, sentencepiece.UNKNOWN)] + [
        sentencepiece.Piece(f"<{i}>", 0.0, 3) for i in range(3)]
    plain = [sentencepiece.Piece(text, -3.0, 1) for text in ("▁", "a")]
    vocabulary = sentencepiece.Vocabulary((*special, *held, *plain), b"", True, True)
    writing = tokens.Writing(tokens.tokenizer_of(vocabulary))
    ids = writing.encode("aé")
    assert [writing.is_byte(i) for i in ids] == [False, False, True, True]
    assert writing.decode(ids) == "aé"


def test_the_tokenizer_of_transformers_says_the_same(model: Path, tmp_path: Path) -> None:
    make_kyutai(tmp_path / "theirs", "transformers")
    theirs = tokens.fitting(tmp_path / "theirs" / "tokenizer.json", SHAPE)
    for text in (SAID, "please  order my six", "onetwo"):
        ids = tokens.writing(model).encode(text)
        assert theirs.encode(text) == ids and theirs.decode(ids) == tokens.writing(model).decode(ids)


def test_another_models_tokenizer_is_refused(tmp_path: Path) -> None:
    path = write_tokenizer(tmp_path / "other.model", PIECES[:-1])
    with pytest.raises(BadInput, match=r"other\.model has 63 pieces and the model writes 64"):
        tokens.fitting(path, SHAPE)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x0a\xff\xff\xff\xff", b"\xff" * 30, b"\x0a\x02\x08"])
def test_what_is_no_model_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.model").write_bytes(data)
    with pytest.raises(BadInput, match=r"bad\.model is no SentencePiece model"):
        sentencepiece.read(tmp_path / "bad.model")


def test_every_cut_of_a_model_file_is_read_or_refused(model: Path, tmp_path: Path) -> None:
    data = model.read_bytes()
    for end in range(0, len(data), 7):
        (tmp_path / "cut.model").write_bytes(data[:end])
        try:
            sentencepiece.read(tmp_path / "cut.model")
        except BadInput:
            continue


def test_other_kinds_are_refused(model: Path, tmp_path: Path) -> None:
    data = model.read_bytes().replace(b"\x12\x04\x18\x01", b"\x12\x04\x18\x02")
    (tmp_path / "bpe.model").write_bytes(data)
    with pytest.raises(BadInput, match="another kind than Kyutai's"):
        sentencepiece.read(tmp_path / "bpe.model")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(BadInput, match=r"tokenizer\.json is no vocabulary"):
        tokens.writing(tmp_path / "tokenizer.json")
