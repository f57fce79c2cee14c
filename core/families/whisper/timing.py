"""When each word was spoken: openai-whisper's own way, by the attention of its decoder to the sound, with any
vocabulary. Needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from core.families.base import Prepared
from core.families.whisper import labels
from core.families.whisper.folder import END
from core.types import Word

if TYPE_CHECKING:
    import torch
    from whisper.model import Whisper

BEFORE, AFTER = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"
"""Marks that belong to the next and to the last word, as openai-whisper has them."""
NEEDED = ("<|startoftranscript|>", "<|translate|>", "<|transcribe|>", "<|notimestamps|>")


class Timed(NamedTuple):
    """A word as it was written, with its spaces, and its times in seconds from the sound's start."""

    written: str
    word: Word


class _Encoding:
    """Our vocabulary as the part that openai-whisper's tokenizer is built around."""

    def __init__(self, prepared: Prepared) -> None:
        self._writing = labels.writing(prepared)
        self._special = {**dict.fromkeys(NEEDED, -1), **self._writing.special}
        self.special_tokens_set, self.eot_token = set(self._special), self._special[END]

    def encode_single_token(self, token: str) -> int:
        return self._special[token]

    def decode(self, ids: Sequence[int]) -> str:
        return self._writing.spelled(ids)


def words(
    model: Whisper, mel: torch.Tensor, tokens: Sequence[int], prepared: Prepared, seconds: float
) -> list[Timed]:
    """The words of `tokens`, which `model` wrote for `mel` (bands, frames) of `seconds` of sound."""
    from whisper.timing import find_alignment, merge_punctuations

    tokenizer = _tokenizer(prepared)
    tokens = tokens[: labels.room(prepared)]  # one that never ended leaves its end no place
    if not tokens or max(tokens) >= tokenizer.eot:
        return []
    n_frames = max(2, min(mel.shape[-1], round(100 * seconds)))
    found = find_alignment(model, tokenizer, list(tokens), mel, n_frames)
    merge_punctuations(found, BEFORE, AFTER)
    return [_timed(each, seconds) for each in found if each.word.strip()]


def _tokenizer(prepared: Prepared) -> Any:
    from whisper.tokenizer import Tokenizer

    encoding: Any = _Encoding(prepared)
    made = Tokenizer(encoding, num_languages=0)
    made.language = str(prepared.extra["language"]) or None  # tells it where words end
    made.sot_sequence = tuple(prepared.extra["prompt"][:-1])
    return made


def _timed(found: Any, seconds: float) -> Timed:
    """Times are kept within the sound."""
    start, end = (round(min(max(float(edge), 0.0), seconds), 3) for edge in (found.start, found.end))
    score = round(float(found.probability), 4)
    return Timed(found.word, Word(found.word.strip(), start, max(start, end), score))
