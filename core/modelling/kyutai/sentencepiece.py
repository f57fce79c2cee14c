"""A SentencePiece .model file read without the package of that name: a protocol buffer of pieces with scores
(google/sentencepiece, src/sentencepiece_model.proto)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput

NORMAL, UNKNOWN, BYTE = 1, 2, 6
UNIGRAM = 1
VARINT, EIGHT_BYTES, COUNTED, FOUR_BYTES = 0, 1, 2, 5
"""How the value of a field is written."""


@dataclass(frozen=True)
class Piece:
    """One entry of the vocabulary: how it is written (▁ for a space), its log-probability, its kind."""

    text: str
    score: float
    kind: int


@dataclass(frozen=True)
class Vocabulary:
    """Pieces by their ids; `charsmap` is the compiled normalisation (empty for none), `dummy_prefix` whether
    a text begins with a space, `one_space` whether several spaces become one."""

    pieces: tuple[Piece, ...]
    charsmap: bytes
    dummy_prefix: bool
    one_space: bool


def read(path: Path) -> Vocabulary:
    """The vocabulary in a .model file; BadInput for anything else, and for one that is no unigram model."""
    try:
        fields = list(_fields(path.read_bytes()))
        pieces = tuple(_piece(value) for number, value in fields if number == 1)
        trainer, normaliser = (dict(_fields(_last(fields, number))) for number in (2, 3))
        charsmap = bytes(normaliser.get(2, b""))
    except (ValueError, IndexError, TypeError, struct.error) as error:
        raise _unreadable(path) from error
    if not pieces:
        raise _unreadable(path)
    if trainer.get(3, UNIGRAM) != UNIGRAM:
        raise BadInput(f"{path.name} is a SentencePiece model of another kind than Kyutai's (unigram);"
                       " copy the tokenizer again from where the model came from.")
    return Vocabulary(pieces, charsmap, bool(normaliser.get(3, 1)), bool(normaliser.get(4, 1)))


def _unreadable(path: Path) -> BadInput:
    return BadInput(f"{path.name} is no SentencePiece model; copy it again from where the model came from.")


def _last(fields: list[tuple[int, Any]], number: int) -> bytes:
    return bytes(next((value for at, value in reversed(fields) if at == number), b""))


def _piece(data: bytes) -> Piece:
    found = dict(_fields(data))
    (score,) = struct.unpack("<f", found.get(2, b"\0\0\0\0"))
    return Piece(bytes(found[1]).decode("utf-8"), score, int(found.get(3, NORMAL))) if 1 in found else _none()


def _none() -> Piece:
    raise ValueError("a piece without a text")


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """(number, value) of each field of a message: an int, or the bytes of anything else."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == COUNTED:
            size, at = _varint(data, at)
        else:
            size = {EIGHT_BYTES: 8, FOUR_BYTES: 4}.get(kind, len(data) + 1)
        if at + size > len(data):
            raise ValueError("a field that ends behind the file")
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("a number without an end")
