"""The Recordings tab on a real library, without a browser: what comes in, what a run is asked, what shows."""
from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
import soundfile
from starlette.testclient import TestClient

from core.config import DataRoot
from core.errors import BadInput
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs import listing
from core.steps import pipeline, projects, recordings, timeline
from tests.long_made import RATE, STRETCHES, TEXT, WHO, ran, recorded
from ui import recordings as tab
from ui import recordings_add, recordings_run, recordings_steps
from ui.routes import own_app
from ui.texts import speaking


@dataclass
class Home:
    """A project on a page that answers on loopback."""

    library: Library
    blocks: gr.Blocks
    project: Project

    def handler(self, elem_id: str, event: str) -> Callable[..., Any]:
        """The function that an event of a component runs."""
        for fn in self.blocks.fns.values():
            for component_id, name in fn.targets:
                component = self.blocks.blocks.get(component_id)  # type: ignore[arg-type]
                if name == event and component is not None and component.elem_id == elem_id and fn.fn:
                    return fn.fn
        raise LookupError(f"nothing listens to {event} of {elem_id}")

    def asked(self, elem_id: str, event: str, *before: Any, **asked: Any) -> Any:
        """What an event of our own markup does."""
        return self.handler(elem_id, event)(*before, SimpleNamespace(asked=asked))  # type: ignore[arg-type]


@pytest.fixture
def home(local_studio: tuple[Library, gr.Blocks]) -> Home:
    library, blocks = local_studio
    project = projects.create(library, f"Talk {len(library.projects.all())}", "blank").project
    return Home(library, blocks, project)


@pytest.fixture
def ordered(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The orders of runs that were started, none of which works."""
    orders: list[dict[str, Any]] = []

    def start(root: DataRoot, slug: str, kind: str, order: dict[str, Any]) -> RunDir:
        orders.append(order)
        return RunDir.create(root.runs(slug), kind, order)

    monkeypatch.setattr(recordings, "start_run", start)
    return orders


USUAL = recordings.Options().model_dump()
SETTINGS = ["", "auto", "", "", USUAL]


def test_sound_and_text_come_in_together(home: Home, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(RATE, np.int16), RATE, subtype="PCM_16")
    (tmp_path / "told.txt").write_text("One. Two.\n[0:00.5] Three.", encoding="utf-8")
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    given = [[str(tmp_path / "a.wav"), str(tmp_path / "bad.wav")], [str(tmp_path / "told.txt")], None,
             "Four five."]
    add = home.handler("recordings-add", "click")
    drawn = add(home.project.slug, WHO, *given, "")
    assert drawn[:5] == [None, None, None, "", ""]  # the fields are empty again
    sound, = home.library.recordings.of(home.project.id)
    found = [(s.text, s.start, s.recording_id) for s in home.library.recordings.sections(home.project.id)]
    assert found == [("One. Two.", None, sound.id), ("Three.", 0.5, sound.id), ("Four five.", None, sound.id)]
    assert "a.wav" in drawn[7] and "told 0:00:00" in drawn[7] and "2 words" in drawn[7]
    with pytest.raises(gr.Error, match="Choose a sound file or a text first"):
        add(home.project.slug, WHO, None, None, None, " ", "")


def test_subtitles_help_every_search_until_they_are_taken_out(
    home: Home, tmp_path: Path, ordered: list[dict[str, Any]]
) -> None:
    lib, project = home.library, home.project
    sound, other = (recorded(lib, project, tmp_path, f"talk {seed}.wav", seed) for seed in (1, 2))
    recordings.add_text(lib, project, [("one", TEXT, None)], WHO)
    files = {"talk 2.srt": "1\n00:00:05,000 --> 00:00:07,000\nFono i le aso\n", "else.srt": "x"}
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    given = [str(tmp_path / name) for name in files]
    refused, = recordings_add.bring_in(lib, project, WHO, None, None, given, "")
    assert "else.srt is of no recording here" in refused
    listed = recordings_add.listed(lib, project)
    assert listed.count("talk 2.srt") == 3 and f"{other.id}/talk 2.srt" in listed  # name, label, what to do
    find, lists = home.handler("recordings-find", "click"), home.handler("recordings-lists", "choose")
    find(project.slug, *SETTINGS)
    assert ordered[-1]["anchors"][sound.id] == []
    assert [row[0] for row in ordered[-1]["anchors"][other.id]] == ["Fono", "i", "le", "aso"]
    asked = {"which": f"{other.id}/talk 2.srt", "section": 0, "recording": "", "at": ""}
    for what, n in (("unlabel", 0), ("relabel", 4)):
        lists(project.slug, SimpleNamespace(asked={"what": what, **asked}))
        listing.runs(lib.root, project.slug)[0].run.finish("done", "Done.")
        find(project.slug, *SETTINGS)
        assert len(ordered[-1]["anchors"][other.id]) == n


def test_start_marks_are_of_no_recording_where_there_are_several(home: Home, tmp_path: Path) -> None:
    for seed, name in enumerate(("a.wav", "b.wav")):
        recorded(home.library, home.project, tmp_path, name, seed)
    refused = recordings_add.bring_in(home.library, home.project, WHO, None, None, None, "[0:10] Here.")
    assert refused and "1 start mark was left out" in refused[0]
    section, = home.library.recordings.sections(home.project.id)
    assert (section.text, section.start) == ("Here.", None)


def test_a_folder_of_this_machine_is_taken_in(home: Home, tmp_path: Path) -> None:
    for name in ("b.wav", "a.wav"):
        soundfile.write(tmp_path / name, np.full(RATE, len(name) + ord(name[0]), np.int16), RATE)
    recordings_add.bring_in(home.library, home.project, WHO, None, None, None, "", str(tmp_path))
    assert [one.name for one in home.library.recordings.of(home.project.id)] == ["a.wav", "b.wav"]
    with pytest.raises(BadInput, match="whole path"):
        recordings_add.sounds_at("music/a.wav")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no sound file in"):
        recordings_add.sounds_at(str(tmp_path / "empty"))


def test_no_path_can_be_named_on_a_page_that_others_reach(
    local_studio: tuple[Library, gr.Blocks], studio: tuple[Library, gr.Blocks]
) -> None:
    def ids(blocks: gr.Blocks) -> set[str | None]:
        return {getattr(block, "elem_id", None) for block in blocks.blocks.values()}

    assert "recordings-path" in ids(local_studio[1])
    assert ids(studio[1]) & {"recordings-path", "recordings-pasted"} == {"recordings-pasted"}


def test_sections_get_start_marks_go_and_come_back(home: Home, tmp_path: Path) -> None:
    lib, project = home.library, home.project
    sound = recorded(lib, project, tmp_path)
    section = recordings.add_text(lib, project, [("<b>one</b>", TEXT, None)], WHO)[0].id

    def press(what: str, recording: str = "", at: str = "") -> str:
        made = home.asked("recordings-lists", "choose", project.slug, what=what, section=section,
                          recording=recording, at=at, which=sound.id)
        return str(made[2])

    shown = press("mark", sound.id, "1:02.5")
    assert lib.recordings.sections(project.id)[0].start == 62.5
    assert 'value="1:02.5"' in shown and "&lt;b&gt;one" in shown and "<b>one" not in shown
    for recording, at, why in (("", "1:00", "Choose the recording"), (sound.id, "2:00", "behind its end"),
                               (sound.id, "soon", "is no time"), (sound.id, "-3", "is no time")):
        with pytest.raises(gr.Error, match=why):
            press("mark", recording, at)
    press("mark", sound.id, "")
    assert lib.recordings.sections(project.id)[0].start is None
    assert 'data-do="restore"' in press("remove") and lib.recordings.sections(project.id) == []
    press("restore")
    assert len(lib.recordings.sections(project.id)) == 1
    shown = press("drop")
    assert f'data-do="undrop" data-which="{sound.id}"' in shown and sound.name not in shown
    assert lib.recordings.of(project.id) == [] and (lib.root.path / sound.audio).is_file()
    assert sound.name in press("undrop") and len(lib.recordings.of(project.id)) == 1


@pytest.mark.parametrize(("typed", "seconds", "told"), [
    ("90", 90, "1:30"), ("1:30", 90, "1:30"), ("1:02:03", 3723, "1:02:03"), ("0:00,5", 0.5, "0:00.5"),
    ("59:59.96", 3599.96, "1:00:00")])
def test_times_are_read_and_told(typed: str, seconds: float, told: str) -> None:
    assert recordings_add.seconds_of(typed) == pytest.approx(seconds)
    assert recordings_add.clock(seconds) == told


def test_find_asks_for_a_run_with_what_the_form_says(
    home: Home, tmp_path: Path, ordered: list[dict[str, Any]]
) -> None:
    lib, project = home.library, home.project
    find = home.handler("recordings-find", "click")
    with pytest.raises(gr.Error, match="no long recordings yet"):
        find(project.slug, *SETTINGS)
    sound, other = (recorded(lib, project, tmp_path, f"{seed}.wav", seed) for seed in (1, 2))
    recordings.add_text(lib, project, [("one", TEXT, None)], WHO)
    with pytest.raises(gr.Error, match=r"“Similarity” cannot be 7.*0\.3 to 1"):
        find(project.slug, "", "auto", "", "", {**USUAL, "similarity": 7.0})
    drawn = find(project.slug, "", "cpu", "tiny", "sm", {**USUAL, "similarity": 0.7})
    order, = ordered
    assert order["options"]["similarity"] == 0.7 and order["device"] == "cpu" and order["family"] == "ctc"
    assert order["listeners"] == [{"family": "whisper", "model": "tiny", "language": "sm"}]
    assert [one["id"] for one in order["recordings"]] == [sound.id, other.id]
    assert drawn[-1]["interactive"] is False  # no second search beside the first
    again = home.handler("recordings-line", "again")
    with pytest.raises(gr.Error, match="running already"):
        again(project.slug, SimpleNamespace(asked={"recording": ""}), *SETTINGS)
    listing.runs(lib.root, project.slug)[0].run.finish("done", "Done.")
    again(project.slug, SimpleNamespace(asked={"recording": other.id}), *SETTINGS)
    assert [one["id"] for one in ordered[-1]["recordings"]] == [other.id] and "within" not in ordered[-1]
    listing.runs(lib.root, project.slug)[0].run.finish("done", "Done.")
    asked = {"recording": sound.id, "within": [10, 20.5]}
    again(project.slug, SimpleNamespace(asked=asked), "", "auto", "", "", {**USUAL, "similarity": 0.4})
    assert ordered[-1]["within"] == [10.0, 20.5] and ordered[-1]["options"]["similarity"] == 0.4
    assert [one["id"] for one in ordered[-1]["recordings"]] == [sound.id]


def test_only_models_that_can_listen_are_offered(home: Home) -> None:
    names = [name for _, name in recordings_run.models(home.library)]
    assert names[:2] == ["", "starter"] and "tiny.en" not in names


def test_anchors_by_hand_go_into_the_next_order(
    home: Home, tmp_path: Path, ordered: list[dict[str, Any]]
) -> None:
    lib, project = home.library, home.project
    sound = recorded(lib, project, tmp_path)
    section = recordings.add_text(lib, project, [("one", TEXT, None)], WHO)[0].id
    told = home.asked("recordings-line", "anchor", project.slug, WHO, recording=sound.id, section=section,
                      word=5, at=12.5)
    assert [(one["at"], one["words"]) for one in told["anchors"]] == [(12.5, "mountain is blue today.")]
    home.handler("recordings-find", "click")(project.slug, *SETTINGS)
    assert ordered[0]["hand"] == [{"recording": sound.id, "section": section, "word": 5, "at": 12.5}]
    told = home.asked("recordings-line", "unanchor", project.slug, WHO, id=told["anchors"][0]["id"])
    assert told["anchors"] == []


def test_after_a_run_the_line_the_steps_and_what_waits_are_shown(home: Home, tmp_path: Path) -> None:
    lib, project = home.library, home.project
    assert tab.paint(lib, None)[0] and len(tab.paint(lib, None)) == len(tab.paint(lib, project))
    before = tab.glance(lib, project)
    assert before[8]["recordings"] == [] and before[6]["visible"] is False
    sound = recorded(lib, project, tmp_path)
    bad = (f"Only 5 % of the speech in {sound.name} was found in the text: it is probably the text of "
           "another recording, or in another language than the model's.")
    ran(lib, project, sound, sentences=[bad])
    state, _, _, notes, waiting, said, results, _, line, find = tab.glance(lib, project)
    assert "done" in state and waiting["visible"] and "2 segments wait" in said and results["visible"]
    assert notes.index("Only 5 %") < notes.index("1 segments were matched") and notes.count("Only 5 %") == 1
    assert [one["name"] for one in line["recordings"]] == [sound.name] and find["value"] == "Find again"
    with speaking("fr"):
        told = tab.glance(lib, project)[3]
        assert "Seulement 5 % de la parole" in told and "1 segment trouvé" in told and "Only" not in told
    stamp = line["stamp"]
    assert tab.glance(lib, project)[8]["stamp"] == stamp
    ran(lib, project, sound)
    assert tab.glance(lib, project)[8]["stamp"] != stamp


def test_a_setting_that_is_not_the_default_is_marked_on_the_card(home: Home, tmp_path: Path) -> None:
    lib, project = home.library, home.project
    ran(lib, project, recorded(lib, project, tmp_path), similarity=0.7)
    card = recordings_steps.card(pipeline.pipeline(lib, project))
    assert "<li>6 by ctc:starter</li><li>2 by hand</li>" in card
    assert '<li class="vw-changed">● Similarity: 0.7 (default 0.55)</li>' in card
    assert "<li>Max rate: 3.5</li>" in card and card.count("vw-changed") == 1
    assert "Model: starter" in card and "7 anchors in 1 sequences" in card


# --- the routes

@pytest.fixture
def client(home: Home) -> TestClient:
    return TestClient(own_app(home.library))


def test_the_line_is_served_with_its_segments(home: Home, client: TestClient, tmp_path: Path) -> None:
    sound = recorded(home.library, home.project, tmp_path)
    ran(home.library, home.project, sound)
    told = client.get(f"/recording/{sound.id}/line").json()
    assert [[start, end, told["kinds"][kind]] for start, end, kind, *_ in told["pieces"]] == [
        stretch[:3] for stretch in STRETCHES]
    clip = timeline.segments(home.library, home.project)[1].clip
    assert told["pieces"][2][3:] == [clip.id, clip.name, "The mountain is blue today.", "todo",
                                     [0.8, 0.4, 2.0, 2.5, 0.9], ["fast"]]
    assert told["pieces"][-1][5] == "The disk is full."
    assert client.get("/recording/none/line").status_code == 404


def test_a_stretch_is_served_sample_for_sample_and_no_more_than_a_minute(
    home: Home, client: TestClient, tmp_path: Path
) -> None:
    sound = recorded(home.library, home.project, tmp_path)
    whole, _ = soundfile.read(tmp_path / "meeting.wav", dtype="int16")

    def served(start: float, end: float) -> Any:
        answer = client.get(f"/recording/{sound.id}/sound", params={"start": start, "end": end})
        return soundfile.read(io.BytesIO(answer.content), dtype="int16")[0]

    assert (served(12.25, 14.5) == whole[round(12.25 * RATE):round(14.5 * RATE)]).all()
    assert len(served(10, 85)) == 60 * RATE
    assert (served(85, 500) == whole[85 * RATE:]).all()
    part = client.get(f"/recording/{sound.id}/sound?start=1&end=2", headers={"Range": "bytes=44-45"})
    assert part.status_code == 206 and part.content == whole[RATE:RATE + 1].tobytes()
    rows = client.get(f"/recording/{sound.id}/peaks?start=1&end=2&n=10").json()
    assert len(rows) == 10 and rows[0][1] == pytest.approx(whole[RATE:RATE + 1600].max() / 32768, abs=0.001)


@pytest.mark.parametrize("asked", ["start=-1&end=2", "start=5&end=5", "start=91&end=92", "start=nan&end=2",
                                   "start=1&end=inf", "start=1"])
def test_a_stretch_that_there_is_not_is_refused(
    home: Home, client: TestClient, tmp_path: Path, asked: str
) -> None:
    sound = recorded(home.library, home.project, tmp_path)
    assert client.get(f"/recording/{sound.id}/sound?{asked}").status_code == 422
    assert client.get("/recording/none/sound?start=1&end=2").status_code == 404


def test_words_of_the_text_are_served(home: Home, client: TestClient, tmp_path: Path) -> None:
    sound = recorded(home.library, home.project, tmp_path)
    recordings.add_text(home.library, home.project, [("one", TEXT, None)], WHO)
    hit, = client.get(f"/recording/{sound.id}/words", params={"q": "blue to"}).json()
    assert (hit["word"], hit["said"], hit["before"]) == (7, "blue today.", "aso. The mountain is")


def test_the_cache_of_stretches_forgets_the_oldest(
    home: Home, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.recordings_routes.KEPT", 3)
    sound = recorded(home.library, home.project, tmp_path)
    for start in range(6):
        assert client.get(f"/recording/{sound.id}/sound?start={start}&end={start + 1}").status_code == 200
    assert len(list((home.library.root.cache / "stretches").glob("*.wav"))) == 3
