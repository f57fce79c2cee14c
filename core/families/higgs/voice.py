"""A loaded Higgs-Audio v2 that speaks: a plain folder, or a training run's base with its adapter folded in.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.families.base import Prepared, Trains
from core.families.base.speaking import Reference, SpeakOptions, Spoken
from core.families.base.tuned import open_tuned
from core.families.higgs import encoding, labels, network
from core.families.higgs import folder as folders
from core.modelling.devices import Choice, choose
from core.modelling.higgs import codec, generating
from core.modelling.higgs.generating import Draws


class HiggsVoice:
    """Says texts in the voice of a reference. The codec computes in fp32, on the processor unless the model
    is on a graphics card."""

    frame_rate = generating.FRAME_RATE

    def __init__(self, model: Any, heard_by: Any, prepared: Prepared, choice: Choice) -> None:
        import torch

        kind = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[choice.precision]
        self.choice, self.prepared = choice.sentence, prepared
        self._model, self._codec = model.to(choice.device, kind).eval(), heard_by

    def speak(
        self,
        text: str,
        reference: Reference | None,
        options: SpeakOptions,
        most_seconds: float,
        tell: Callable[[float], None] | None = None,
    ) -> Spoken:
        """Say one text of at most a few sentences. BadInput for a text with marks of the conversation, or a
        reference without sound."""
        labels.of_text(text, self.prepared)  # refuses what is none
        ids, columns = labels.prompt(text, self._heard(reference), self.prepared)
        draws = Draws(max(1, round(most_seconds * self.frame_rate)), options.seed, options.temperature,
                      options.top_k, options.top_p)
        said = generating.say(self._model, ids, columns, draws, tell)
        return Spoken(codec.decode(self._codec, said.codes), folders.RATE, said.codes,
                      int(self.prepared.extra["begin"]), said.stopped)

    def _heard(self, reference: Reference | None) -> tuple[Any, str] | None:
        if reference is None:
            return None
        labels.of_text(reference.text, self.prepared)
        clip = reference.clip
        samples = encoding.sound(clip.path, clip.start, clip.end)
        return codec.encode(self._codec, samples), labels.normalise(reference.text)


def open_voice(family: Trains, path: Path, device: str, precision: str) -> HiggsVoice:
    """The voice of a plain folder, or of a training run."""
    choice = choose(device, precision)
    if (path / "run.json").exists():
        tuned = open_tuned(family, path)
        model, base, prepared = tuned.model.merge_and_unload(), tuned.base, tuned.prepared
    else:
        model, base, prepared = network.load_plain(path), path, labels.prepared_for(folders.read(path))
    heard_by = codec.open_codec(folders.read(base).codec)
    return HiggsVoice(model, heard_by.to(choice.device), prepared, choice)
