"""What works without a screen: a function a command, with Typer's annotations for its arguments and options.

A command calls core/steps as a tab of the page does, prints nothing, and returns what is to be told: a
sentence, or a `Told`, which app.py can print as JSON too (it adds the option `--json`). Steps are imported
inside the functions, so that every command starts at once.
"""
from __future__ import annotations

from collections.abc import Callable

from core.commands import (
    checking,
    corpora,
    datasets,
    demo_data,
    exporting,
    importing,
    judging,
    long,
    models,
    numbers,
    preflight,
    probing,
    projects,
    prompts,
    rates,
    samples,
    second,
    speakers,
    speaking,
    training,
    transcripts,
)
from core.commands.told import Told

Command = Callable[..., Told | str]

# By the name that a person types, in the order of the help.
COMMANDS: dict[str, Command] = {
    "projects": projects.projects,
    "demo-data": demo_data.demo_data,
    "new": projects.new,
    "prompts": prompts.prompts,
    "speakers": speakers.speakers,
    "import": importing.import_,
    "index": corpora.index_,
    "download": corpora.download,
    "check": checking.check,
    "transcribe": transcripts.transcribe,
    "words": transcripts.words,
    "align": long.align,
    "numbers": numbers.numbers,
    "rules": numbers.rules,
    "convert": transcripts.convert,
    "accept": transcripts.accept,
    "sample": samples.sample,
    "second": second.second,
    "annotations": exporting.labels,
    "dataset": datasets.dataset,
    "export": exporting.export,
    "preflight": preflight.preflight,
    "train": training.train,
    "find-rate": rates.find_rate,
    "runs": training.runs,
    "settings": training.settings_,
    "report": training.report,
    "stop": training.stop,
    "resume": training.resume,
    "queue": training.queue,
    "devices": training.devices,
    "join": training.join,
    "evaluate": models.evaluate,
    "fresh": judging.fresh,
    "blind": judging.blind,
    "merge": models.merge,
    "layout": models.layout,
    "probe": probing.probe,
    "recognise": models.recognise,
    "speak": speaking.speak,
    "doctor": preflight.doctor,
    "diagnose": preflight.diagnose,
}
