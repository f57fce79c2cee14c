"""A loaded Whisper: one clip in, text with word times and scores out."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.audio.read import read
from core.errors import BadInput
from core.families.base import Clip
from core.families.whisper.files import Weights
from core.modelling.devices import Choice, choose
from core.types import Prediction, Word

if TYPE_CHECKING:
    from whisper.model import Whisper

RATE = 16_000


def word_times_device(device: str, precision: str) -> Choice:
    """The device on which Whisper's word times work, with its sentence."""
    choice = choose(device, precision)
    if choice.device == "mps":
        return Choice(
            "cpu",
            "fp32",
            "The processor (CPU) in fp32: Whisper's word times need float64, "
            "which the Mac's graphics processor (mps) lacks.",
        )
    if choice.precision == "bf16":
        sentence = f"{choice.device} in fp32, though bf16 was asked for: Whisper knows fp32 and fp16."
        return replace(choice, precision="fp32", sentence=sentence)
    return choice


def load(weights: Weights, device: str) -> Whisper:
    """The model in a checked file, in fp32, ready to infer on `device`."""
    import whisper

    model = whisper.load_model(str(weights.path), device=device)
    model.set_alignment_heads(whisper._ALIGNMENT_HEADS[weights.size])
    return model.eval()


class WhisperRecogniser:
    """Whisper on one device; `language` is its two-letter name, or "auto" to let it listen for it. A model
    that was trained without times (`has_times` False) is asked for none."""

    def __init__(self, model: Whisper, choice: str, precision: str = "fp32", language: str = "en",
                 has_times: bool = True) -> None:
        self.choice = choice
        self._model, self._has_times = model, has_times
        self._fp16 = precision == "fp16"
        self._language = _language(language, model.is_multilingual)

    def transcribe(self, clip: Clip) -> Prediction:
        """Text, words with times in seconds from the clip's start and their probability, and a score 0..1."""
        import torch
        import whisper

        audio = read(clip.path, clip.start, clip.end, RATE)
        torch.manual_seed(0)  # where Whisper falls back to sampling, the same clip gives the same text
        heard = whisper.transcribe(
            self._model,
            audio.samples,
            language=self._language,
            fp16=self._fp16,
            word_timestamps=True,
            without_timestamps=not self._has_times,
            condition_on_previous_text=False,
            verbose=None,
        )
        words = tuple(
            _word(word, audio.seconds)
            for segment in heard["segments"]
            for word in segment.get("words", [])
            if word["word"].strip()
        )
        return Prediction(clip.id, heard["text"].strip(), words, _score(heard["segments"]))


def _word(raw: dict[str, Any], seconds: float) -> Word:
    """Whisper pads to 30 s and may place a word past the end; its times are kept within the clip."""
    start, end = (round(min(max(float(raw[edge]), 0.0), seconds), 3) for edge in ("start", "end"))
    return Word(raw["word"].strip(), start, max(start, end), round(float(raw["probability"]), 4))


def _score(segments: list[dict[str, Any]]) -> float | None:
    """exp of the mean log probability a token, over all segments; None when nothing was heard."""
    counts = [(len(segment["tokens"]), segment["avg_logprob"]) for segment in segments if segment["tokens"]]
    total = sum(n for n, _ in counts)
    return round(math.exp(sum(n * logprob for n, logprob in counts) / total), 4) if total else None


def _language(language: str, multilingual: bool) -> str | None:
    from whisper.tokenizer import LANGUAGES

    if language == "auto":
        return None
    code = language.lower().split("-")[0]
    if code not in LANGUAGES:
        raise BadInput(f"Whisper knows no language “{language}”; write a short name such as de, or auto.")
    if not multilingual and code != "en":
        raise BadInput(
            f"This Whisper model hears English only, and the language is {language}: "
            "choose a size without “.en”."
        )
    return code
