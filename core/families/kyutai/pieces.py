"""Texts as pieces of a vocabulary and back, without torch: the tokenizer of a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import BadInput, NotFound, Unavailable
from core.files import sha256_of
from core.modelling.kyutai.stream import FIRST_PIECE

SPACE = "▁"
"""How a piece says that a word begins with it."""


class Pieces:
    """The vocabulary in one tokenizer of the library tokenizers."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def encode(self, word: str) -> tuple[int, ...]:
        """The pieces of one word with the space before it. An id below 4 stands for letters that the
        vocabulary has not."""
        return tuple(self._tokenizer.encode(word, add_special_tokens=False).ids)

    def name(self, piece: int) -> str:
        """A piece as it is written in the vocabulary."""
        return str(self._tokenizer.id_to_token(piece) or "")

    def begins_word(self, piece: int) -> bool:
        """Whether a word begins with `piece`."""
        return self.name(piece).startswith(SPACE)

    def decode(self, pieces: Sequence[int]) -> str:
        """The text of `pieces`; ids that are no text are passed over."""
        ids = [piece for piece in pieces if piece >= FIRST_PIECE]
        return str(self._tokenizer.decode(ids, skip_special_tokens=True)).replace(SPACE, " ").strip()


def file_of(folder: Path) -> Path:
    """The file that holds the vocabulary of a model folder. Unavailable where there is none."""
    found = [folder / "tokenizer.json", *sorted(folder.glob("tokenizer*.model"))]
    for path in found:
        if path.is_file():
            return path
    raise Unavailable(f"{folder.name} has no vocabulary: put tokenizer.json, or the tokenizer_*.model that"
                      " came with the weights, there.")


def identity(folder: Path) -> str:
    """Sixteen hex digits that change with the vocabulary."""
    return hashlib.sha256(sha256_of(file_of(folder)).encode()).hexdigest()[:16]


def read(folder: Path, known: str = "") -> Pieces:
    """The vocabulary of `folder`. NotFound when it is gone, BadInput when it is not the one that is `known` by
    its identity."""
    if not folder.is_dir():
        raise NotFound(f"The folder {folder} with the vocabulary is gone; put it back.")
    found = identity(folder)
    if known and found != known:
        raise BadInput(f"The vocabulary in {folder} is not the one that was trained with; put that one back.")
    return _opened(str(file_of(folder)), found)


@lru_cache(maxsize=4)
def _opened(file: str, _identity: str) -> Pieces:
    from tokenizers import Tokenizer

    try:
        return Pieces(Tokenizer.from_file(file))
    except Exception as error:  # the library raises Exception itself
        raise BadInput(f"{file} is no vocabulary that can be read: {error}.") from error
