"""The command that speaks: a text in the voice of a sound."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.commands.given import Data, Device, library
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA

if TYPE_CHECKING:
    from core.steps.speak_file import Spoken

Reference = Annotated[Path, typer.Option(help="A sound of the voice, up to 30 s.")]
Said = Annotated[str, typer.Option("--reference-text", help=(
    "What is said in it; else NAME.txt beside NAME.wav, else what the starter hears."))]


def speak(tell: Tell, model: str, text: str, reference: Reference, said: Said = "",
          seed: Annotated[int, typer.Option(min=0, help="Another seed says it in another way.")] = 7,
          out: Annotated[Path, typer.Option(help="The new WAV file.")] = Path("speech.wav"),
          language: Annotated[str, typer.Option(help="The language of TEXT.")] = "en",
          device: Device = "auto", data: Data = DEFAULT_DATA) -> Told:
    """Let MODEL (a name, a run or a folder) say TEXT in the voice of a sound."""
    from core.families.base.speaking import SpeakOptions
    from core.steps.speak_file import speak as step

    made = step(library(data), model, text, reference, said, out, SpeakOptions(seed=seed), language, device,
                tell)
    return Told(_value(made), "\n".join(_lines(made)), code=int(made.n_endless > 0))


def _value(made: Spoken) -> dict[str, Any]:
    return {"out": str(made.out), "seconds": round(made.seconds, 2), "reference_text": made.reference_text,
            "sentences": list(made.sentences)}


def _lines(made: Spoken) -> list[str]:
    lines = [_line(row) for row in made.sentences]
    total = f"{made.out}: {made.seconds:.1f} s, spoken like “{made.reference_text}”."
    if made.n_endless:
        total += f" {made.n_endless} of {len(made.sentences)} sentences were cut off at their limit."
    return [*lines, total]


def _line(row: dict[str, Any]) -> str:
    ended = "stopped by itself" if row["stopped"] else "did not stop by itself"
    ratio = "" if row["duration_ratio"] is None else f", {row['duration_ratio']:.2f} x the expected length"
    heard = f", CER {100 * row['cer']:.0f} %: “{row['heard']}”" if "cer" in row else ""
    silent = f", {100 * row['silence']:.0f} % silence"
    return f"{row['text']}\n  {row['seconds']:.1f} s{ratio}, {ended}{silent}{heard}"
