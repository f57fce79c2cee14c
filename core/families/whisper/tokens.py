"""Text as Whisper's tokens and back, by the small `tokenizers` package alone, so that a page may ask how long
a label is. Special tokens in a text are letters like any others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import BadInput, Unavailable
from core.files import read_json

FILES = ("tokenizer.json", "vocab.json", "merges.txt", "added_tokens.json")


class Writing:
    """One vocabulary; `special` tokens by their text."""

    def __init__(self, tokenizer: Any, special: dict[str, int]) -> None:
        self._tokenizer, self.special = tokenizer, special
        self._silent = frozenset(special.values())

    def encode(self, text: str) -> list[int]:
        """The tokens of `text`; none of them is special, whatever it holds."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`; special tokens and times write nothing."""
        size = self._tokenizer.get_vocab_size()
        return self.spelled([i for i in ids if i not in self._silent and i < size])

    def spelled(self, ids: Sequence[int]) -> str:
        """The text of `ids`, special tokens by their names."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=False))


@lru_cache(maxsize=4)
def writing(folder: Path, wanted: str) -> Writing:
    """The vocabulary in `folder`, whose identity is `wanted`, read once. BadInput where it is another one."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    if identity(folder) != wanted:
        raise BadInput(
            f"The vocabulary in {folder} is not the one that this run began with; put that one back."
        )
    marked = special(folder)
    if (folder / "tokenizer.json").exists():
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    else:
        tokenizer = Tokenizer(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.add_special_tokens(sorted(marked, key=marked.__getitem__))
    tokenizer.encode_special_tokens = True
    return Writing(tokenizer, marked)


def special(folder: Path) -> dict[str, int]:
    """The tokens such as <|en|>, by their text. Raises Unavailable where `folder` has no vocabulary."""
    identity(folder)
    if (folder / "tokenizer.json").exists():
        added = read_json(folder / "tokenizer.json").get("added_tokens") or []
        return {str(token["content"]): int(token["id"]) for token in added}
    found = read_json(folder / "added_tokens.json") if (folder / "added_tokens.json").exists() else {}
    known = read_json(folder / "vocab.json")
    marked = {token: i for token, i in known.items() if token.startswith("<|") and token.endswith("|>")}
    return {str(token): int(i) for token, i in {**marked, **found}.items()}


def identity(folder: Path) -> str:
    """Sixteen hex digits that change with the vocabulary."""
    held = {name: folder / name for name in FILES if (folder / name).exists()}
    if "tokenizer.json" in held or {"vocab.json", "merges.txt"} <= set(held):
        digest = hashlib.sha256()
        for file in held.values():
            digest.update(file.read_bytes())
        return digest.hexdigest()[:16]
    raise Unavailable(
        f"{folder.name} has no vocabulary: tokenizer.json is missing, or vocab.json and merges.txt; copy them"
        " from where the model came from."
    )
