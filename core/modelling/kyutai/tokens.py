"""Text as a Kyutai model's pieces and back, from a SentencePiece .model or from the tokenizer.json of
transformers, by the small `tokenizers` package alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from core.modelling.kyutai import sentencepiece
from core.modelling.kyutai.shape import Shape
from core.modelling.kyutai.stream import FIRST_PIECE

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SPACE = "▁"
"""How a piece writes the space before a word."""


class Writing:
    """One vocabulary of `size` pieces."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer, self.size = tokenizer, int(tokenizer.get_vocab_size())
        self._bytes = frozenset(i for token, i in tokenizer.get_vocab().items() if _is_byte(token))

    def encode(self, text: str) -> list[int]:
        """The pieces of `text`, of which the first begins with a space; none of them is special."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`; those that stand for no text, and those that there are not, write nothing."""
        held = [int(i) for i in ids if FIRST_PIECE <= i < self.size]
        return str(self._tokenizer.decode(held, skip_special_tokens=False)).strip()

    def piece(self, i: int) -> str:
        """How piece `i` is written, ▁ for a space; "" for an id that writes nothing."""
        return str(self._tokenizer.id_to_token(i)) if FIRST_PIECE <= i < self.size else ""

    def id_of(self, piece: str) -> int | None:
        """The id of a piece by how it is written; None for one that there is not."""
        found: int | None = self._tokenizer.token_to_id(piece)
        return found

    def begins_word(self, i: int) -> bool:
        """Whether piece `i` begins with a space."""
        return self.piece(i).startswith(SPACE)

    def is_byte(self, i: int) -> bool:
        """Whether piece `i` is one byte of a letter that the vocabulary does not have."""
        return i in self._bytes


def writing(path: Path) -> Writing:
    """The vocabulary in a .model or tokenizer.json file, read once. BadInput where it is neither."""
    stat = path.stat()
    return _writing(path, (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=4)
def _writing(path: Path, _: tuple[int, int]) -> Writing:
    if path.suffix == ".model":
        return Writing(tokenizer_of(sentencepiece.read(path)))
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the package raises nothing narrower
        told = f"{path.name} is no vocabulary; copy it again from where the model came from."
        raise BadInput(told) from error
    tokenizer.encode_special_tokens = True
    return Writing(tokenizer)


def fitting(path: Path, shape: Shape) -> Writing:
    """The vocabulary in `path`; BadInput where it is not the one of a model of this `shape`."""
    found = writing(path)
    if found.size != shape.text:
        raise BadInput(
            f"The tokenizer {path.name} has {found.size} pieces and the model writes {shape.text}: it belongs"
            " to another model; copy the tokenizer from where the model came from."
        )
    return found


def tokenizer_of(held: sentencepiece.Vocabulary) -> Tokenizer:
    """A SentencePiece unigram vocabulary as a tokenizer of Hugging Face's package."""
    import tokenizers as t

    pieces = [(piece.text, piece.score) for piece in held.pieces]
    unknown = next((i for i, piece in enumerate(held.pieces) if piece.kind == sentencepiece.UNKNOWN), 0)
    spelled = any(piece.kind == sentencepiece.BYTE for piece in held.pieces)
    tokenizer = t.Tokenizer(t.models.Unigram(pieces, unk_id=unknown, byte_fallback=spelled))
    steps: list[Any] = [t.normalizers.Precompiled(held.charsmap)] if held.charsmap else []
    if held.one_space:
        steps += [t.normalizers.Strip(), t.normalizers.Replace(t.Regex(" {2,}"), " ")]
    tokenizer.normalizer = t.normalizers.Sequence([*steps, t.normalizers.Replace(" ", SPACE)])
    prefix = "always" if held.dummy_prefix else "never"
    tokenizer.pre_tokenizer = t.pre_tokenizers.Metaspace(SPACE, prepend_scheme=prefix, split=False)
    tokenizer.decoder = t.decoders.Sequence([
        t.decoders.Replace(SPACE, " "), t.decoders.ByteFallback(), t.decoders.Fuse(),
        *([t.decoders.Strip(" ", 1, 0)] if held.dummy_prefix else []),
    ])
    return tokenizer


def _is_byte(token: str) -> bool:
    return len(token) == 6 and token.startswith("<0x") and token.endswith(">")
