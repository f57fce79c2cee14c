"""A page in memory on a project of three takes, and the handlers of its buttons: no browser, no server.

And the whole application in memory, for those who ask it as a browser does."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import soundfile
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.library import Library, Project
from core.library.transcripts import Draft
from core.steps import importing, projects
from core.steps.convert import proposal
from ui.seat import NEW, picture

WHO = "page:test"
LOOPBACK, ELSEWHERE = "127.0.0.1", "192.168.7.7"
TOKEN = "the-token-of-the-page"
SPOKEN = ["order one two nine", "order three four", "code zero seven"]
HEARD = ["order 129", "border 34", None]


@dataclass
class Home:
    """One project of three takes: one says its prompt, one does not, one was not transcribed."""

    library: Library
    blocks: gr.Blocks
    project: Project
    ids: list[str]

    def handler(self, elem_id: str, event: str) -> Callable[..., Any]:
        """The function that an event of a component runs."""
        for fn in self.blocks.fns.values():
            for component_id, name in fn.targets:
                component = self.blocks.blocks.get(component_id)  # type: ignore[arg-type]
                if name == event and component is not None and component.elem_id == elem_id and fn.fn:
                    return fn.fn
        raise LookupError(f"nothing listens to {event} of {elem_id}")

    def seat(self, index: int, which: str = "todo") -> dict[str, Any]:
        """A page that looks at one take."""
        seat = {**NEW, "project": self.project.slug, "which": which, "clip": self.ids[index]}
        return picture(self.library, self.project, seat).seat

    def text(self, index: int) -> str | None:
        """The current transcript of a take."""
        return self.library.clips.view(self.ids[index]).text

    def decision(self, index: int) -> str:
        """What was decided about a take."""
        return self.library.clips.get(self.ids[index]).decision


@dataclass(frozen=True)
class Served:
    """The application at one address, and the library behind it."""

    library: Library
    app: FastAPI
    host: str

    def client(self, **more: Any) -> TestClient:
        """Somebody with no cookies yet; `more` goes to the client."""
        return TestClient(self.app, base_url=f"http://{self.host}:7860", **more)


def make_home(library: Library, blocks: gr.Blocks, folder: Path) -> Home:
    """Three takes, made of tones, in a project of their own."""
    project = projects.create(library, f"Orders {len(library.projects.all())}").project
    files = []
    for number in range(3):
        path = folder / f"take-{number}.wav"
        tone = 0.2 * np.sin(np.arange(16000) * (0.1 + 0.05 * number))
        soundfile.write(path, np.pad(tone, 4000).astype(np.float32), 16000, subtype="PCM_16")
        files.append(path)
    texts = {path.name: text for path, text in zip(files, SPOKEN, strict=True)}
    importing.import_files(library, project, files, speaker="Ada", texts=texts)
    views = sorted(library.clips.views(project.id), key=lambda v: v.clip.name)
    for view, heard in zip(views, HEARD, strict=True):
        if heard:
            made = proposal(heard, "en", view.prompt)
            drafts = [Draft(view.clip.id, heard, "model:starter", None)]
            library.transcripts.append(project.id, drafts, "run")
            at = library.clips.get(view.clip.id).transcript_id
            text, details = made or (heard, {})
            words = Draft(view.clip.id, text, "numbers", at, details=details)
            library.transcripts.append(project.id, [words], "run")
    return Home(library, blocks, project, [view.clip.id for view in views])
