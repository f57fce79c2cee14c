"""Sound and text of the Recordings tab: files, a path of this machine or pasted text; start marks."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradio as gr

from core.audio.header import ENDINGS
from core.errors import BadInput, StudioError
from core.files import walk_files
from core.library import Library, Project, Recording, Section
from core.steps import known_words, recordings
from core.text import documents
from ui import view as show
from ui.page import Page
from ui.texts import say
from ui.texts.retold import retold

CLICKS = """element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  if (!button) return;
  const row = button.closest('tr'), field = (name) => row && row.querySelector(`[data-mark=${name}]`);
  const mark = { recording: field('recording')?.value || '', at: field('at')?.value || '' };
  const { do: what, section, which } = button.dataset;
  trigger('choose', { asked: { what, section: Number(section), which: which || '', ...mark } });
});"""


@dataclass(frozen=True)
class Adding:
    """The inputs; `path` is None on a page that others can reach."""

    sounds: gr.File
    path: gr.Textbox | None
    texts: gr.File
    labels: gr.File
    pasted: gr.Textbox
    add: gr.Button
    fold: gr.Accordion
    lists: gr.HTML

    @property
    def inputs(self) -> list[Any]:
        """What `bring_in` reads, the path only where there is one."""
        return [self.sounds, self.texts, self.labels, self.pasted, *([self.path] if self.path else [])]


def layout(page: Page) -> Adding:
    """What there is, and the fields for more: sound and text side by side."""
    lists = gr.HTML(js_on_load=CLICKS, elem_id="recordings-lists", apply_default_css=False)
    with gr.Accordion(say("long.fold"), open=True, elem_id="recordings-fold") as fold:
        made = _fields(page)
    return Adding(*made, fold, lists)


def _fields(page: Page) -> tuple[gr.File, gr.Textbox | None, gr.File, gr.File, gr.Textbox, gr.Button]:
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            sounds = gr.File(label=say("long.sounds"), file_count="multiple", height=140,
                             file_types=list(ENDINGS), elem_id="recordings-sounds")
            path = gr.Textbox("", label=say("long.path"), info=say("long.path_info"), max_lines=1,
                              placeholder=say("long.path_hint"), elem_id="recordings-path") \
                if page.is_local else None
        with gr.Column(min_width=300):
            texts = gr.File(label=say("long.texts"), file_count="multiple", height=140,
                            file_types=list(documents.ENDINGS), elem_id="recordings-texts")
            pasted = gr.Textbox("", label=say("long.paste"), info=say("long.paste_info"), lines=1,
                                max_lines=8, placeholder=say("long.paste_hint"), elem_id="recordings-pasted")
    with gr.Accordion(say("long.labels_fold"), open=False):
        labels = gr.File(label=say("long.labels"), file_count="multiple", height=120,
                         file_types=[*known_words.ENDINGS, ".TextGrid"], elem_id="recordings-labels")
    add = gr.Button(say("long.add"), variant="primary", elem_id="recordings-add")
    return sounds, path, texts, labels, pasted, add


def bring_in(library: Library, project: Project, who: str, sounds: Sequence[str] | None,
             texts: Sequence[str] | None, labels: Sequence[str] | None, pasted: str, path: str = ""
             ) -> list[str]:
    """Take in what was given; what could not be used comes back as sentences. BadInput where nothing was."""
    named = sounds_at(path)
    if not (sounds or texts or labels or pasted.strip() or named):
        raise BadInput(say("long.nothing_given"))
    refused: list[str] = []
    for sound in [*(Path(one) for one in sounds or []), *named]:
        try:
            recordings.add(library, project, sound, who)
        except StudioError as error:
            refused.append(retold(str(error)))
    for file in map(Path, labels or []):
        try:
            known_words.add(library, known_words.whose(library.recordings.of(project.id), file), file)
        except StudioError as error:
            refused.append(retold(str(error)))
    try:
        found = [*documents.read_all([Path(one) for one in texts or []]), *_written(library, pasted)]
    except StudioError as error:
        return [*refused, retold(str(error))]
    if found:
        n_marked, known = sum(one.start is not None for one in found), library.recordings.of(project.id)
        marked = known[0].id if n_marked and len(known) == 1 else None
        if n_marked and marked is None:  # of which recording, only a person knows
            refused.append(say("long.marks_left", n=n_marked))
        recordings.add_text(library, project, [(s.name, s.text, s.start) for s in found], who, marked)
    return refused


def _written(library: Library, pasted: str) -> list[documents.Section]:
    """Pasted text as the document that it would be."""
    if not pasted.strip():
        return []
    library.root.cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=library.root.cache, prefix="pasted-") as folder:
        path = Path(folder) / f"{say('long.pasted')}.txt"
        path.write_text(pasted, encoding="utf-8")
        return documents.read(path)


def sounds_at(path: str) -> list[Path]:
    """The sound file, or all of a folder, that a person named on this machine."""
    typed = path.strip().strip('"')
    if not typed:
        return []
    place = Path(typed).expanduser()
    if not place.is_absolute():
        raise BadInput(say("import.not_whole", typed=typed))
    found = sorted(walk_files(place, ENDINGS)) if place.is_dir() else [place]
    if not found:
        raise BadInput(say("long.no_sound_there", path=typed))
    return found


def choose(library: Library, project: Project, asked: dict[str, Any]) -> str:
    """What was pressed in the list: a start mark, a section or a recording taken out or brought back; after
    something was taken out, a note with the button that brings it back."""
    what = str(asked["what"])
    if what in ("drop", "undrop"):
        which, is_out = str(asked["which"]), what == "drop"
        (library.recordings.remove if is_out else library.recordings.bring_back)(which)
        return _gone("long.dropped", "undrop", f'data-which="{show.text_of(which)}"') if is_out else ""
    if what in ("unlabel", "relabel"):
        recording_id, _, name = str(asked["which"]).partition("/")
        recording, is_out = library.recordings.get(recording_id), what == "unlabel"
        (known_words.take_out if is_out else known_words.put_back)(library, recording, name)
        which = f'data-which="{show.text_of(asked["which"])}"'
        return _gone("long.unlabelled", "relabel", which) if is_out else ""
    section = int(asked["section"])
    if what == "remove":
        library.recordings.remove_section(section)
        return _gone("long.removed", "restore", f'data-section="{section}"')
    if what == "restore":
        library.recordings.bring_back_section(section)
    elif what == "mark":
        at = str(asked["at"]).strip()
        recording = str(asked["recording"]) or None
        if at and recording is None:
            raise BadInput(say("long.mark_where"))
        start = seconds_of(at) if at else None
        length = library.recordings.get(recording).seconds if recording else 0.0
        if start is not None and start >= length:
            raise BadInput(say("long.mark_late", seconds=length))
        library.recordings.place_section(section, recording if start is not None else None, start)
    return ""


def seconds_of(typed: str) -> float:
    """Seconds of 90, 1:30 or 0:01:30.5; BadInput for what is no time."""
    try:
        parts = [float(part.replace(",", ".")) for part in typed.split(":")]
    except ValueError as error:
        raise BadInput(say("long.no_time", typed=typed)) from error
    seconds = sum(part * 60 ** place for place, part in enumerate(reversed(parts)))
    if len(parts) > 3 or not 0 <= seconds < 1e6 or min(parts) < 0:
        raise BadInput(say("long.no_time", typed=typed))
    return seconds


def clock(seconds: float) -> str:
    """Seconds as 1:02:03, or 2:03.5."""
    minutes, rest = divmod(round(seconds, 1), 60)
    tail = f"{rest:04.1f}".removesuffix(".0")
    return f"{minutes // 60:.0f}:{minutes % 60:02.0f}:{tail}" if minutes >= 60 else f"{minutes:.0f}:{tail}"


def listed(library: Library, project: Project, gone: str = "") -> str:
    """Recordings with their length, sections with their words; `gone`: a note on what was just taken out."""
    sounds, sections = library.recordings.of(project.id), library.recordings.sections(project.id)
    made = ""
    if sounds:
        rows = [[show.text_of(one.name) + _labels(library, one), show.duration(one.seconds),
                 show.words("long.rate", rate=one.sample_rate / 1000), _drop(one)] for one in sounds]
        heads = [say("long.head.recording"), say("long.head.length"), say("long.head.rate"), ""]
        made += show.table(heads, rows, say("long.recordings"))
    if sections:
        heads = [say("long.head.section"), say("long.head.words"), say("long.head.start"), ""]
        rows = [_section(one, sounds) for one in sections]
        made += show.table(heads, rows, say("long.sections"), "vw-sections")
    needs = {(False, False): "long.needs_both", (False, True): "long.needs_sound",
             (True, False): "long.needs_text"}.get((bool(sounds), bool(sections)))
    return made + (show.note(say(needs)) if needs else "") + gone


def _gone(said: str, what: str, which: str) -> str:
    button = (f'<button type="button" class="vw-small" data-do="{what}" {which}>'
              f"{show.words('long.restore')}</button>")
    return f'<p class="vw-note" role="status">{show.words(said)} {button}</p>'


def _labels(library: Library, one: Recording) -> str:
    """The files of labels that a recording came with, each with a button that takes it out."""
    made = ""
    for file in known_words.of(library, one):
        named = show.words("long.do.unlabel_this", name=file.name)
        which = show.text_of(f"{one.id}/{file.name}")
        made += (f'<li>{show.text_of(file.name)} <button type="button" data-do="unlabel" '
                 f'data-which="{which}" aria-label="{named}">{show.words("long.do.remove")}</button></li>')
    return f'<ul class="vw-quiet" aria-label="{show.words("long.labels_of")}">{made}</ul>' if made else ""


def _drop(one: Recording) -> str:
    named = show.words("long.do.remove_this", name=one.name)
    return (f'<button type="button" data-do="drop" data-which="{show.text_of(one.id)}" aria-label="{named}">'
            f"{show.words('long.do.remove')}</button>")


def _section(section: Section, sounds: Sequence[Recording]) -> list[str]:
    """A row: name, words, a start mark to set, and a button that takes it out."""
    start = clock(section.start) if section.start is not None else ""
    options = f'<option value="">{show.words("long.unknown")}</option>'
    for one in sounds:
        chosen = " selected" if one.id == section.recording_id else ""
        options += f'<option value="{one.id}"{chosen}>{show.text_of(one.name)}</option>'
    name = show.text_of(section.name)
    where, at = (show.words(f"long.mark.{part}", name=section.name) for part in ("recording", "at"))
    form = (f'<span class="vw-mark-form"><select data-mark="recording" aria-label="{where}">{options}'
            '</select><input type="text" data-mark="at" '
            f'value="{start}" placeholder="0:00" aria-label="{at}">'
            f'{_do("mark", section)}</span>') if sounds else start
    n_words = len(section.text.split())
    return [f'<span dir="auto">{name}</span>', show.words("data.words", n=n_words), form,
            _do("remove", section)]


def _do(what: str, section: Section) -> str:
    named = show.words(f"long.do.{what}_this", name=section.name)
    return (f'<button type="button" data-do="{what}" data-section="{section.id}" aria-label="{named}">'
            f"{show.words(f'long.do.{what}')}</button>")
