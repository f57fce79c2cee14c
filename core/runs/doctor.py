"""The doctor: whether a model can be trusted on this machine. Strict keys, finite weights and outputs, a
known clip with a known answer, the device, the speed. Loads the model, so it runs in a process of its own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from core.errors import StudioError
from core.families import named
from core.families.base import Clip, Emits, Prediction, Recogniser
from core.modelling import checkpoint_folder, weights
from core.runs.recognisers import open_recogniser
from core.training.checks import Check, passed, refused, some, warned

RIGHT, NONSENSE = 0.34, 0.8
"""Word error rates on the known clip: up to the first a model that knows the language passes, past the second
it is refused."""
SURE = 0.2
"""Mean probability of the likeliest letter below which a model guesses: one of 30 letters by chance has 0.03,
a trained model 0.8 or more."""


def examine(order: dict[str, Any]) -> list[Check]:
    """Checks of `order["model"]` of the family `order["family"]`; what cannot even be opened is refused with
    the reason. `order["clip"]`: the audio and text of a clip in English; `order["language"]`: that of the
    model, "" where nobody knows."""
    folder = Path(order["model"])
    found = [_numbers(folder)] if folder.is_dir() else []
    if any(check.outcome == "refused" for check in found):
        return found
    try:
        outputs = _outputs(order)  # one model after the other: two would need twice the memory
        if any(check.outcome == "refused" for check in outputs):
            return [*found, *outputs]
        recogniser = open_recogniser(order, Path(order["models"]) if order.get("models") else None)
    except StudioError as error:
        return [*found, refused("keys", str(error))]
    found.append(passed("keys", "The model opened: no weight is missing or left over."))
    return [*found, passed("device", recogniser.choice), *outputs, *_known_clip(recogniser, order)]


def _numbers(folder: Path) -> Check:
    """NaN or infinity anywhere in the safetensors of a folder, or of a run's best checkpoint."""
    from core.modelling.finite import odd_weights

    try:
        files = _files(folder)
    except StudioError as error:
        return refused("weights", str(error))
    if not files:
        return passed("weights", "The weights have the hash that they were published with.")
    odd = odd_weights(files)
    if odd:
        return refused("weights", f"{len(odd)} parts of this model hold weights that are no numbers:"
                       f" {some(odd)}; copy it again from where it came from.", n=len(odd))
    return passed("weights", f"All weights are numbers ({len(files)} file{'' if len(files) == 1 else 's'}).",
                  n=len(files))


def _files(folder: Path) -> list[Path]:
    if (folder / "run.json").exists():
        return [checkpoint_folder.chosen(folder) / checkpoint_folder.ADAPTER]
    if list(folder.glob("*.pt")):  # Whisper's own, which is opened by its hash alone
        return []
    return weights.weight_files(folder)


def _outputs(order: dict[str, Any]) -> list[Check]:
    """Whether the outputs for the known clip are finite and say something; [] for a family that gives no
    frames."""
    import numpy as np

    from core.audio.read import read

    family = named(order["family"])
    if not isinstance(family, Emits):
        return []
    emitter = family.emitter(order["model"], order["device"], order["precision"])
    log_probs = emitter.emit(read(Path(order["clip"]["audio"]), rate=emitter.rate).samples)
    if not np.isfinite(log_probs).all():
        return [refused("outputs", "The model's outputs are no numbers (NaN or infinite).")]
    sure, n_kinds = float(np.exp(log_probs.max(-1)).mean()), len(set(log_probs.argmax(-1).tolist()))
    figures: dict[str, Any] = {"sure": sure, "kinds": n_kinds}
    if sure < SURE or n_kinds < 2:
        return [refused("outputs", "The model guesses: on clear speech its likeliest letter has a"
                       f" probability of {100 * sure:.0f} % on average, and {n_kinds} different ones come"
                       " up. Its weights are random or broken.", **figures)]
    return [passed("outputs", f"The outputs are numbers, and sure of themselves ({100 * sure:.0f} %).",
                   **figures)]


def _known_clip(recogniser: Recogniser, order: dict[str, Any]) -> list[Check]:
    """What it writes for the known clip, and how fast, the second time."""
    from core.audio.read import info

    path = Path(order["clip"]["audio"])
    try:
        recogniser.transcribe(Clip("first", path))
        began = time.monotonic()
        heard = recogniser.transcribe(Clip("known", path))
    except StudioError as error:
        return [refused("clip", str(error))]
    factor = (time.monotonic() - began) / info(path).seconds
    return [_answer(heard, order), _speed(factor)]


def _answer(heard: Prediction, order: dict[str, Any]) -> Check:
    from core.evaluation import rates

    right, said = order["clip"]["text"], heard.text
    rate = rates.wer([right], [said]).rate
    figures: dict[str, Any] = {"wer": rate, "text": said, "expected": right}
    if rate <= RIGHT:
        return passed("clip", f"It wrote “{said}” for “{right}”.", **figures)
    if order.get("language") == "en":
        level = refused if rate > NONSENSE else warned
        return level("clip", f"It wrote “{said}” for “{right}”, though it is for English.", **figures)
    if not said.strip():
        return warned("clip", f"It wrote nothing for “{right}”; a model of another language may.", **figures)
    return warned("clip", f"It wrote “{said}” for “{right}”: that may be well for a model of another"
                  " language, and is wrong for one of English.", **figures)


def _speed(factor: float) -> Check:
    figures = {"real_time_factor": round(factor, 4)}
    if factor > 1:
        return Check("speed", "warned", f"It needs {factor:.1f} s for a second of sound on this machine,"
                     " too slow to listen along.", figures)
    return Check("speed", "passed", f"It needs {factor:.2g} s for a second of sound on this"
                                    " machine.", figures)
