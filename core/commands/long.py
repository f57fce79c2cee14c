"""The command for a long recording and its text, which need no project."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.given import Device, settings
from core.commands.told import Tell, Told


def align(tell: Tell, audio: Annotated[Path, typer.Argument(help="A long recording, hours of it.")],
          text: Annotated[Path, typer.Argument(help="What is said in it: .txt, .docx, or a folder with one "
                                                    "file a section.")],
          out: Annotated[Path, typer.Option(help="Folder for segments, labels and report; the same one again "
                                                 "goes on where it was cut off.")],
          model: Annotated[str, typer.Option(help="Folder of a CTC model (default: the starter).")] = "",
          anchors: Annotated[list[Path] | None,
                             typer.Option(help="Words or labels with times: .srt, .vtt, .TextGrid, Audacity "
                                               ".txt.")] = None,
          listener: Annotated[list[str] | None,
                              typer.Option(help="Another model that hears it, too: a size of Whisper or a "
                                                "folder, with a language that it knows (small:en).")] = None,
          lang: Annotated[str, typer.Option(help="Language of the text.")] = "en",
          device: Device = "auto",
          set_: Annotated[list[str] | None,
                          typer.Option("--set", help="A setting: confidence=0.5 ...")] = None) -> Told:
    """Align a long recording with its text: segments that can be trusted, with figures.

    The text may lack parts, hold others that nobody said, and stand in another order.
    """
    from core.steps import align_file, story
    from core.steps.recordings import options_of

    options = options_of(settings(set_ or ()))
    run = align_file.start(audio, text, out, model, device, lang, anchors or (), options,
                           listener or ())
    story.finished(run, tell)
    made = align_file.write(run, audio, out)
    value = {**{name: each for name, each in made.report.items() if name != "stretches"},
             "files": [str(path) for path in made.files]}
    lines = [*made.report["sentences"], made.report["message"], *(f"  {path}" for path in made.files)]
    return Told(value, "\n".join(lines), code=0 if made.report["n_segments"] else 1)
