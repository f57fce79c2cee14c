"""A loaded Whisper of transformers: a plain folder, or a training run's base with its adapter. It writes with
the prompt that it was trained with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.audio.read import read
from core.errors import BadInput
from core.families.base import Clip, Example, Prepared, Trains
from core.families.base.tuned import open_tuned
from core.families.whisper import folder as folders
from core.families.whisper import generating, labels, network, openai_names, timing
from core.families.whisper.recogniser import word_times_device
from core.modelling.devices import Choice
from core.types import Prediction, Word

CUT = 0.5  # seconds: a word that ends so near to the end of a part may be cut in two


class Part(NamedTuple):
    """What was written for up to 30 seconds, and where the next part begins, in samples of this one."""

    text: str
    words: tuple[Word, ...]
    mean: float
    n_tokens: int
    next: int


class FolderRecogniser:
    """Transcribes clips with one loaded model; longer ones part by part."""

    def __init__(self, model: Any, folder: folders.Folder, prepared: Prepared, choice: Choice,
                 listens: bool = False) -> None:
        language = prepared.extra["language"]
        named = [f"The model is told that the language is {language}."] if language and not listens else []
        self.choice = " ".join([choice.sentence, *named])
        self._device, self._precision, self._listens = choice.device, choice.precision, listens
        self._model, self._folder, self.prepared = model.to(choice.device).eval(), folder, prepared
        self._timer = openai_names.model_of(
            openai_names.dims_of(self._model.config.to_dict()),
            openai_names.to_openai(self._model.state_dict()),
            folder.generation.get("alignment_heads") or (),
        )

    def transcribe(self, clip: Clip) -> Prediction:
        """Text, words with times in seconds from the clip's start, and a score 0..1; silence gives what the
        model writes for silence."""
        sound = read(clip.path, clip.start, clip.end, rate=self._folder.rate)
        samples = np.asarray(sound.samples, np.float32)
        if not len(samples):
            raise BadInput(f"{clip.path.name} has no sound.")
        parts, at = list[tuple[int, Part]](), 0
        while at < len(samples):
            part = self._part(samples[at:])
            parts.append((at, part))
            at += part.next
        text = " ".join(" ".join(part.text for _, part in parts).split())
        words = tuple(
            replace(word, start=round(word.start + begin / self._folder.rate, 3),
                    end=round(word.end + begin / self._folder.rate, 3))
            for begin, part in parts
            for word in part.words
        )
        n = sum(part.n_tokens for _, part in parts)
        mean = sum(part.mean * part.n_tokens for _, part in parts) / max(1, n)
        return Prediction(clip.id, text, words, round(float(np.exp(mean)), 4) if text else None)

    def _part(self, samples: npt.NDArray[np.float32]) -> Part:
        """What is written for the first 30 seconds of `samples`. Where more follows, the next part begins
        behind the last word that is surely whole, as openai-whisper does it."""
        most = self._folder.n_frames * folders.HOP
        heard, rate = samples[:most], self._folder.rate
        example = Example("", network.extract(heard, self._folder), (), "")
        prepared = self._in_language(example)
        written = self._write(example, prepared)
        mel = network.inputs_of([example], prepared)[0].to(self._device)
        timed = timing.words(self._timer, mel, written.tokens, prepared, len(heard) / rate)
        text, end = labels.decode(written.tokens, prepared), len(heard)
        if len(samples) > most and timed:
            is_torn = len(timed) > 1 and timed[-1].word.end > len(heard) / rate - CUT
            edge = timed[-1].word.start if is_torn else timed[-1].word.end
            if edge > CUT:  # what does not move on would be heard for ever
                timed, end = timed[:-1] if is_torn else timed, round(edge * rate)
                text = "".join(each.written for each in timed)
        return Part(text, tuple(each.word for each in timed), written.mean, len(written.tokens) + 1, end)

    def _write(self, example: Example, prepared: Prepared) -> generating.Written:
        import torch

        kind = torch.float16 if self._precision == "fp16" else torch.float32
        with torch.autocast(self._device.split(":")[0], dtype=kind, enabled=self._precision == "fp16"):
            return network.write(self._model, [example], prepared)[0]

    def _in_language(self, example: Example) -> Prepared:
        """The prompt in the language that is heard, where the model is to listen for it."""
        if not self._listens:
            return self.prepared
        codes = {code: self._folder.special[f"<|{code}|>"] for code in self._folder.languages}
        inputs = network.inputs_of([example], self.prepared)
        start = self._folder.special[folders.START]
        heard = generating.spoken_language(self._model, inputs, start, codes)
        extra = {**self.prepared.extra, "language": heard, "prompt": self._folder.prompt(heard)}
        return replace(self.prepared, extra=extra)


def open_folder(path: Path, asked: str, device: str, precision: str, language: str) -> FolderRecogniser:
    """The recogniser of a plain folder: in the language `asked`, else in the one that its generation settings
    name, else in `language`; "auto" listens for it."""
    folder = folders.read(path)
    wanted = asked or folder.language or language
    listens = wanted == "auto" and folder.is_multilingual
    told = folder.languages[0] if listens else "" if wanted == "auto" else wanted
    prepared = labels.prepared_for([], folder, told)
    choice = word_times_device(device, precision)
    return FolderRecogniser(network.load_plain(path), folder, prepared, choice, listens)


def open_run(family: Trains, path: Path, device: str, precision: str) -> FolderRecogniser:
    """The recogniser of a training run: its base with its best adapter, folded in."""
    choice, tuned = word_times_device(device, precision), open_tuned(family, path)
    return FolderRecogniser(tuned.model.merge_and_unload(), folders.read(tuned.base), tuned.prepared, choice)
