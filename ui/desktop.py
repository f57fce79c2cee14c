"""The desktop recorder: the microphone of the machine that runs the app, through PortAudio."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.audio import capture
from core.audio.capture import Captured, Recorder
from core.errors import BadInput
from core.files import safe_name
from core.library import Library, Prompt
from core.steps import record
from core.steps.record import Queue, Saved
from ui.errors import shown
from ui.page import Page
from ui.state import needed, opened
from ui.view import findings, note, project_missing, text_of


@dataclass
class Going:
    """A recording in progress: what it is for, and its sound once it has ended but is not saved yet."""

    recorder: Recorder
    slug: str
    speaker: str
    prompt_id: int | None
    captured: Captured | None = None


NONE_LEFT = "Every prompt is recorded; what you record now is kept without a prompt."
_going: dict[str, Going] = {}
"""The recording of each browser; it lives in this process, because the microphone does."""


def build(page: Page, library: Library) -> None:
    """The accordion; what PortAudio has is looked up when it is opened, not at start."""
    title = "Record with the microphone of the machine that runs Voicewright"
    with gr.Accordion(title, open=False, elem_id="record-desktop") as box:
        why = gr.HTML()
        with gr.Column(visible=False) as panel:
            prompt = gr.HTML(elem_id="desktop-prompt")
            with gr.Row():
                device = gr.Dropdown([], label="Microphone", elem_id="desktop-device")
                speaker = gr.Textbox(
                    "", label="Speaker", placeholder="me", max_length=60, elem_id="desktop-speaker"
                )
            level = gr.HTML(elem_id="desktop-level")
            with gr.Row():
                start = gr.Button("Record", variant="primary", elem_id="desktop-start")
                stop = gr.Button("Stop and save", interactive=False, elem_id="desktop-stop")
            said = gr.HTML(elem_id="desktop-said")
    beat = gr.Timer(0.2, active=False)

    def stand(slug: str, name: str, who: str) -> list[Any]:
        is_going = who in _going
        buttons = [gr.update(interactive=not is_going), gr.update(interactive=is_going)]
        return [asked(library, slug, name), gr.Timer(active=is_going), *buttons]

    @shown
    def look(slug: str, name: str, who: str) -> list[Any]:
        reason = capture.reason_unavailable()
        found = capture.devices(look_again=True) if reason is None else []
        choices = [(f"{d.name} ({d.rate} Hz)", d.index) for d in found]
        listed = gr.update(choices=choices, value=found[0].index if found else None)
        return [note(reason or ""), gr.update(visible=bool(found)), listed, *stand(slug, name, who)]

    @shown
    def begin(slug: str, name: str, who: str, chosen: int | None) -> list[Any]:
        _going[who] = start_recording(library, slug, name, Recorder(chosen))
        return ["", *stand(slug, name, who)]

    @shown
    def end(slug: str, name: str, who: str) -> list[Any]:
        saved = keep(library, who)
        return [told(saved), *stand(slug, name, who)]

    def watch(who: str) -> Any:
        going = _going.get(who)
        return meter(going.recorder) if going and going.recorder.alive else gr.skip()

    quiet: dict[str, Any] = {"show_progress": "hidden"}
    known, standing = [page.project, speaker, page.who], [prompt, beat, start, stop]
    box.expand(look, known, [why, panel, device, *standing], **quiet)
    start.click(begin, [*known, device], [said, *standing], **quiet)
    stop.click(end, known, [said, *standing], **quiet)
    for event in (page.project.change, speaker.change):
        event(stand, known, standing, **quiet)
    beat.tick(watch, page.who, level, queue=False, **quiet)


def start_recording(library: Library, slug: str, speaker: str, recorder: Recorder) -> Going:
    """Begin a take of the speaker's next prompt; whatever would keep it from being saved is told before."""
    project = needed(library, slug)
    name = safe_name(speaker or "me", "speaker's name")
    wanted = _next(record.queue(library, project, name))
    recorder.start()
    return Going(recorder, slug, name, wanted.id if wanted else None)


def keep(library: Library, who: str) -> Saved:
    """Stop this browser's recording and save it; if that fails (a full disk), it waits for another try."""
    going = _going.get(who)
    if going is None:
        raise BadInput("Nothing is being recorded: press Record first.")
    going.captured = going.captured or going.recorder.stop()
    sound, project = going.captured, needed(library, going.slug)
    saved = record.save_samples(
        library, project, going.prompt_id, going.speaker, sound.samples, sound.rate, who
    )
    del _going[who]
    return saved


def _next(queue: Queue) -> Prompt | None:
    return None if queue.next_index is None else queue.prompts[queue.next_index]


def asked(library: Library, slug: str, speaker: str) -> str:
    """The speaker's next prompt in large type."""
    project = opened(library, slug)
    if project is None:
        return project_missing()
    wanted = _next(record.queue(library, project, speaker.strip() or "me"))
    text = wanted.text if wanted else NONE_LEFT
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
