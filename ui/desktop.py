"""The desktop recorder: the microphone of the machine that runs the app, through PortAudio."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.audio import capture
from core.audio.capture import Recorder
from core.errors import BadInput
from core.library import Library
from core.steps import record
from core.steps.record import Queue, Saved
from ui.errors import shown
from ui.page import Page
from ui.state import needed, opened
from ui.view import findings, note, project_missing, text_of

_going: dict[str, Recorder] = {}
"""The recording in progress of each browser; it lives in this process, because the microphone does."""


def build(page: Page, library: Library) -> None:
    """The accordion; what PortAudio has is looked up when it is opened, not at start."""
    with gr.Accordion(
        "Record with the microphone of the machine that runs Voicewright",
        open=False,
        elem_id="record-desktop",
    ) as box:
        why = gr.HTML()
        with gr.Column(visible=False) as panel:
            prompt = gr.HTML(elem_id="desktop-prompt")
            with gr.Row():
                device = gr.Dropdown([], label="Microphone", elem_id="desktop-device")
                speaker = gr.Textbox(
                    label="Speaker", placeholder="me", max_length=60, elem_id="desktop-speaker"
                )
            level = gr.HTML(elem_id="desktop-level")
            with gr.Row():
                start = gr.Button("Record", variant="primary", elem_id="desktop-start")
                stop = gr.Button("Stop and save", interactive=False, elem_id="desktop-stop")
            said = gr.HTML(elem_id="desktop-said")
    beat = gr.Timer(0.2, active=False)

    @shown
    def look(slug: str) -> list[Any]:
        reason = capture.reason_unavailable()
        found = capture.devices(look_again=True) if reason is None else []
        choices = [(f"{d.name} ({d.rate} Hz)", d.index) for d in found]
        return [
            note(reason or "", "info"),
            gr.update(visible=bool(found)),
            gr.update(choices=choices, value=found[0].index if found else None),
            asked(library, slug),
        ]

    @shown
    def begin(slug: str, chosen: int | None, who: str) -> list[Any]:
        needed(library, slug)
        recorder = Recorder(chosen)
        recorder.start()
        _going[who] = recorder
        return [
            gr.Timer(active=True),
            gr.update(interactive=False),
            gr.update(interactive=True),
            "",
            asked(library, slug),
        ]

    @shown
    def end(slug: str, name: str, who: str) -> list[Any]:
        saved = keep(library, slug, name, who)
        return [
            gr.Timer(active=False),
            gr.update(interactive=True),
            gr.update(interactive=False),
            told(saved),
            asked(library, slug),
        ]

    def watch(who: str) -> Any:
        recorder = _going.get(who)
        return meter(recorder) if recorder and recorder.alive else gr.skip()

    quiet: dict[str, Any] = {"show_progress": "hidden"}
    box.expand(look, page.project, [why, panel, device, prompt], **quiet)
    page.project.change(lambda slug: asked(library, slug), page.project, prompt, **quiet)
    start.click(begin, [page.project, device, page.who], [beat, start, stop, said, prompt], **quiet)
    stop.click(end, [page.project, speaker, page.who], [beat, start, stop, said, prompt], **quiet)
    beat.tick(watch, page.who, level, queue=False, **quiet)


def keep(library: Library, slug: str, speaker: str, who: str) -> Saved:
    """Stop this browser's recording and save it as the take of the next prompt."""
    recorder = _going.pop(who, None)
    if recorder is None:
        raise BadInput("Nothing is being recorded: press Record first.")
    captured = recorder.stop()
    project = library.projects.get(slug)
    wanted = _next(record.queue(library, project, speaker))
    return record.save_samples(
        library, project, wanted[0] if wanted else None, speaker, captured.samples, captured.rate, who
    )


def _next(queue: Queue) -> tuple[int, str] | None:
    if queue.next_index is None:
        return None
    prompt = queue.prompts[queue.next_index]
    return prompt.id, prompt.text


def asked(library: Library, slug: str) -> str:
    """The next prompt in large type."""
    project = opened(library, slug)
    if project is None:
        return project_missing()
    wanted = _next(record.queue(library, project))
    text = wanted[1] if wanted else "Every prompt is recorded; what you record now is kept without a prompt."
    return f'<p class="vw-prompt" dir="auto">{text_of(text)}</p>'


def told(saved: Saved) -> str:
    """What became of the take."""
    head = f"Saved, {saved.clip.end:.1f} s." if saved.usable else "Saved, but say it again:"
    return note(head, "ok" if saved.usable else "bad") + findings(saved.findings)


def meter(recorder: Recorder) -> str:
    """The level as a bar."""
    now = recorder.level()
    dbfs = max(-60.0, min(0.0, now.rms_dbfs))
    numbers = f'aria-valuemin="-60" aria-valuemax="0" aria-valuenow="{dbfs:.0f}"'
    level = f'<div class="vw-level"><i style="--share:{100 * (dbfs + 60) / 60:.0f}%"></i></div>'
    lamp = f'<span class="vw-clip{" vw-on" if now.clipped else ""}">clip</span>'
    seconds = f'<span class="vw-dbfs">{recorder.seconds:.1f} s</span>'
    return f'<div class="vw-meter" role="meter" aria-label="Level" {numbers}>{level}{lamp}{seconds}</div>'
