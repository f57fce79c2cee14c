"""The commands for models: measure one, merge one, let one hear something."""
from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.commands.given import Data, library
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA

Form = Annotated[str, typer.Option("--for", help=(
    "transformers; of a Whisper openai-whisper too, or ctranslate2, which faster-whisper reads; of a Kyutai "
    "STT candle (its Rust server), native (moshi), mlx or moshi-finetune (the adapter alone)."))]


def evaluate(tell: Tell, model: str,
             dataset: Annotated[str, typer.Option(help="PROJECT/DATASET, or PROJECT for its newest.")] = "",
             manifest: Annotated[Path | None, typer.Option(
                 help="Instead, a .jsonl with audio and text in each line.")] = None,
             num_samples: Annotated[int, typer.Option(min=0, help="Texts of the list that are shown.")] = 5,
             beam: Annotated[int, typer.Option(min=1, max=999, help=(
                 "Search for the likeliest text among so many; 1 takes the likeliest path."))] = 1,
             data: Data = DEFAULT_DATA) -> Told:
    """Measure a model on the test part of a dataset, or on a list of clips from elsewhere."""
    from core.files import read_json
    from core.steps import evaluate_file, story
    from core.steps import verdict as step

    if bool(dataset) == bool(manifest):
        raise typer.BadParameter("name --dataset or --manifest, one of them.")
    if manifest is None:
        run = story.finished(step.evaluate(library(data), model, dataset, beam), tell)
        return Told(read_json(run.path / "figures.json"))
    found = evaluate_file.evaluate(library(data), model, manifest, num_samples, beam, tell)
    lines = [f"{clip}: “{said}” -> “{heard}”" for clip, said, heard in found.samples]
    return Told(asdict(found), "\n".join([found.sentence, *lines]))


def merge(tell: Tell, run: str,
          dtype: Annotated[str, typer.Option(help="bf16, fp32; for ctranslate2 fp16 and int8 too.")] = "bf16",
          form: Form = "transformers",
          name: str = "", data: Data = DEFAULT_DATA) -> Told:
    """Base + adapter -> a standalone model, compared before it says done."""
    from core.steps import checklist, story
    from core.steps import merge as step

    done = story.finished(step.start(library(data), run, name, dtype, form), tell)
    out, figures = done.order()["out"], done.status().figures
    lines = [f"{out}: {done.status().message}", *checklist.of(figures).lines()]
    return Told({"out": out, **figures}, "\n".join(lines))


def layout(model: str,
           form: Annotated[str, typer.Option("--for", help=(
               "candle (Kyutai's Rust server), native (moshi), mlx or transformers."))],
           dtype: Annotated[str, typer.Option(help="bf16, or fp32 where the layout has it.")] = "",
           out: Annotated[Path | None, typer.Option(help="The new folder.")] = None,
           data: Data = DEFAULT_DATA) -> Told:
    """Write a model in another layout, with a list of what was checked."""
    from core.steps import convert_model as step

    made = step.convert(library(data), model, form, dtype, out)
    return Told({"out": made.out, **asdict(made.shown)},
                "\n".join([f"{made.out} is ready for {form}. Both were given the same text and codes, drawn"
                           " by chance.", *made.shown.lines()]))


def recognise(model: str, audio: list[Path], data: Data = DEFAULT_DATA) -> Told:
    """What MODEL (a name, a run or a folder) hears in AUDIO."""
    from core.steps.recognise import recognise as step

    heard = step(library(data), model, audio)
    return Told([asdict(h) for h in heard], "\n".join(f"{h.name}: {h.text}" for h in heard))
