"""The desktop recorder: the microphone of the machine that runs the app, through PortAudio."""
from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from core.audio import capture
from core.audio.capture import Recorder
from core.audio.endpoint import Room
from core.errors import BadInput, StudioError
from core.files import safe_name
from core.library import Library, Project, Prompt
from core.steps import record
from core.steps.desktop import Order, Recording, next_prompt
from core.steps.microphone_test import MicrophoneTest, recorder_for_test
from core.steps.record import Saved
from ui.desktop_view import ask, found_by, heading, meter, told
from ui.errors import shown
from ui.page import Page
from ui.state import needed, opened
from ui.texts import say
from ui.texts.retold import retold
from ui.view import note, project_missing

log = logging.getLogger(__name__)
TRIES = 2  # takes in a row after which the page goes on, so that nobody is stuck at a prompt
AGAIN = {"clipped", "cut_start", "cut_end"}  # as in the browser, beside what cannot be used at all


@dataclass
class Place:
    """What goes on for one browser; it lives in this process, because the microphone does.

    `stay` is the prompt to say again, `n_tries` how often it went wrong, `rooms` what tests have found.
    """

    recording: Recording | None = None
    test: MicrophoneTest | None = None
    stay: int | None = None
    n_tries: int = 0
    rooms: dict[int | str | None, Room] = field(default_factory=dict)


_places: defaultdict[str, Place] = defaultdict(Place)


def build(page: Page, library: Library) -> None:
    """The accordion; what PortAudio has is looked up when it is opened, not at start."""
    with gr.Accordion(say("desktop.title"), open=False, elem_id="record-desktop") as box:
        why = gr.HTML()
        with gr.Column(visible=False) as panel:
            prompt = gr.HTML(elem_id="desktop-prompt")
            level = gr.HTML(elem_id="desktop-level")
            with gr.Row():
                start = gr.Button(say("desktop.record"), variant="primary", elem_id="desktop-start")
                stop = gr.Button(say("desktop.stop"), interactive=False, elem_id="desktop-stop")
                try_it = gr.Button(say("recorder.test"), elem_id="desktop-test")
            said = gr.HTML(elem_id="desktop-said")
            with gr.Row():
                device = gr.Dropdown([], label=say("recorder.microphone"), elem_id="desktop-device")
                speaker = gr.Textbox(
                    "", label=say("recorder.speaker"), placeholder=say("recorder.me"), max_length=60,
                    elem_id="desktop-speaker",
                )
            by_itself = gr.Checkbox(
                False, label=say("desktop.by_itself"), elem_id="desktop-by-itself",
                info=say("desktop.by_itself_info"),
            )
    beat = gr.Timer(0.2, active=False)

    def stand(slug: str, name: str, who: str) -> list[Any]:
        place = _places[who]
        goes = place.recording is not None
        free = gr.update(interactive=not goes and place.test is None)
        active = place.test is not None or (place.recording is not None and not place.recording.failed)
        busy = gr.update(interactive=goes)
        return [asked(library, slug, name, who), gr.Timer(active=active), free, busy, free]

    @shown
    def look(slug: str, name: str, who: str) -> list[Any]:
        reason = capture.reason_unavailable()
        found = capture.devices(look_again=True) if reason is None else []
        choices = [(f"{d.name} ({d.rate} Hz)", d.key) for d in found]
        listed = gr.update(choices=choices, value=found[0].key if found else None)
        return [note(retold(reason or "")), gr.update(visible=bool(found)), listed, *stand(slug, name, who)]

    @shown
    def begin(slug: str, name: str, who: str, chosen: str | None, silence: bool) -> list[Any]:
        start_recording(library, slug, name, who, Recorder(chosen), silence, _places[who].rooms.get(chosen))
        return [heading(say("desktop.speak_now")), *stand(slug, name, who)]

    @shown
    def end(slug: str, name: str, who: str) -> list[Any]:
        keep(who)
        return ["", settle(who), *stand(slug, name, who)]

    @shown
    def test(slug: str, name: str, who: str, chosen: str | None) -> list[Any]:
        _places[who].test = MicrophoneTest(recorder_for_test(chosen)).begin()
        return [ask("quiet"), *stand(slug, name, who)]

    def watch(slug: str, name: str, who: str) -> list[Any]:
        bar, words, is_over = glance(who)
        return [bar, words or gr.skip(), *(stand(slug, name, who) if is_over else unchanged)]

    quiet: dict[str, Any] = {"show_progress": "hidden"}
    known, standing = [page.project, speaker, page.who], [prompt, beat, start, stop, try_it]
    unchanged = [gr.skip()] * len(standing)
    box.expand(look, known, [why, panel, device, *standing], **quiet)
    start.click(begin, [*known, device, by_itself], [said, *standing], **quiet)
    stop.click(end, known, [level, said, *standing], **quiet)
    try_it.click(test, [*known, device], [said, *standing], **quiet)
    opened_up = gr.State(False)  # what nobody sees is not asked: a long script takes a while
    box.expand(lambda: True, None, opened_up, **quiet)
    box.collapse(lambda: False, None, opened_up, **quiet)

    def renew(is_open: bool, slug: str, name: str, who: str) -> list[Any]:
        return stand(slug, name, who) if is_open else unchanged

    for event in (page.showing.change, speaker.change):
        event(renew, [opened_up, *known], standing, **quiet)
    beat.tick(watch, known, [level, said, *standing], queue=False, **quiet)


def glance(who: str) -> tuple[str, str, bool]:
    """The level, what to say ("": as before), and whether what went on for this browser has ended."""
    place = _places[who]
    if place.test and place.test.stage == "done":
        return "", tested(who), True
    if place.test:
        return meter(place.test.recorder), ask(place.test.stage), False
    if place.recording and not (place.recording.saved or place.recording.failed):
        return meter(place.recording.recorder), "", False
    return "", settle(who), True


def start_recording(
    library: Library, slug: str, speaker: str, who: str, recorder: Recorder, silence: bool = False,
    room: Room | None = None,
) -> None:
    """Begin a take of the speaker's next prompt; whatever would keep it from being saved is told before."""
    project, place = needed(library, slug), _places[who]
    if place.recording:
        raise BadInput(say("desktop.unsaved"))
    name = safe_name(speaker or "me", "speaker's name")
    order = Order(project, wanted(library, project, name, place), name, who)
    place.recording = Recording(library, order, recorder, silence, room).begin()


def keep(who: str) -> Saved:
    """Stop this browser's recording and save it; if that fails (a full disk), it waits for another try."""
    recording = _places[who].recording
    if recording is None:
        raise BadInput(say("desktop.nothing"))
    return recording.finish()


def settle(who: str) -> str:
    """What became of the take that has just ended, "" where none has."""
    place = _places[who]
    recording = place.recording
    if recording is None:
        return ""
    if recording.saved is None and recording.is_empty:
        place.recording = None
        return note(retold(recording.failed), "bad")
    if recording.saved is None:
        return note(say("desktop.not_yet", why=retold(recording.failed)), "bad")
    asked_for, saved = recording.order.prompt, recording.saved
    once_more = not saved.usable or bool(AGAIN & {finding.code for finding in saved.findings})
    stays = once_more and asked_for is not None and place.n_tries < TRIES
    place.stay, place.n_tries = (asked_for.id, place.n_tries + 1) if stays and asked_for else (None, 0)
    place.recording = None
    return told(saved, recording.why, stays)


def tested(who: str) -> str:
    """What the test of the microphone has found; its room gives the threshold for the takes to come."""
    place = _places[who]
    test, place.test = place.test, None
    if test is None:
        return ""
    if test.room:
        place.rooms[test.recorder.device] = test.room
    return found_by(test)


def wanted(library: Library, project: Project, speaker: str, place: Place) -> Prompt | None:
    """The prompt to say now: the one that went wrong just now, or the speaker's next one."""
    queue = record.queue(library, project, speaker)
    stay = next((prompt for prompt in queue.prompts if prompt.id == place.stay), None)
    return stay or next_prompt(queue)


def asked(library: Library, slug: str, speaker: str, who: str = "") -> str:
    """The speaker's next prompt in large type; while a take goes on, the one that it is for."""
    project = opened(library, slug)
    if project is None:
        return project_missing()
    going = _places[who].recording
    prompt = going.order.prompt if going else wanted(library, project, speaker.strip() or "me", _places[who])
    return heading(prompt.text if prompt else say("desktop.none_left"), "vw-prompt")


def end_all() -> None:
    """Save what is being recorded: the app is about to end."""
    for place in _places.values():
        if place.recording:
            try:
                place.recording.finish()
            except StudioError as error:
                log.warning("%s", error)
