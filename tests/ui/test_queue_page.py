"""The Train tab's queue, going on from a run, devices by name, and settings from a file."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from fastapi.testclient import TestClient

from core.config import DataRoot
from core.library import Library
from core.modelling.offered import Offer
from core.run_dir import RunDir
from core.runs import start as runs
from core.steps import devices, train
from tests.core.conftest import make_base
from tests.core.steps.test_going_on import OPTIONS, TEXTS, Room, data, stop_at
from tests.made import library as made_library
from ui import queue, routes, train_file, train_form, train_from
from ui.errors import shown
from ui.texts import speaking


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    ids: list[str] = []
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: ids.append(run.id))
    return ids


def waiting(lib: Library, n: int, **order: Any) -> list[RunDir]:
    """Runs that wait on the processor."""
    given = {"project": "p", "preset": "Quick", "family": "ctc", "device": "cpu", **order}
    orders = [{**given, "dataset_name": f"set-{i}"} for i in range(n)]
    return [RunDir.create(lib.root.runs("p"), "train", each) for each in orders]


def order_of(lib: Library) -> list[str]:
    return [card.card.id for card in queue.queue.line(lib)]


def test_the_queue_shows_place_reason_and_only_buttons_that_do_something(data_root: DataRoot) -> None:
    lib, _ = made_library(data_root)
    assert queue.picture(lib) == ""
    first, _, last = waiting(lib, 3)
    html = queue.picture(lib)
    assert html.index("set-0") < html.index("set-1") < html.index("set-2")
    assert "It starts by itself in a moment" in html and html.count("After p · ") == 2
    assert f'data-do="up" data-run="{first.id}" disabled' in html
    assert f'data-do="down" data-run="{last.id}" disabled' in html and html.count(" disabled") == 3
    with speaking("fr"):
        assert "Entraînements en attente" in queue.picture(lib)


def test_buttons_move_a_run_and_take_it_out(data_root: DataRoot) -> None:
    lib, _ = made_library(data_root)
    a, b, c = (run.id for run in waiting(lib, 3))
    queue.change(lib, "first", c)
    assert order_of(lib) == [c, a, b]
    queue.change(lib, "down", c)
    queue.change(lib, "up", b)
    assert order_of(lib) == [a, b, c]
    queue.change(lib, "out", b)
    assert order_of(lib) == [a, c]
    with pytest.raises(gr.Error, match="no longer waits"):
        shown(queue.change)(lib, "up", b)


def test_devices_are_offered_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Offer("cuda:0", "NVIDIA H200", 119.6, 139.0), Offer("cpu", "", 20.2, 24.0, 2)]
    monkeypatch.setattr(devices, "offers", lambda patience: found)
    assert train_form.device_choices(0.0) == [
        ("auto: what works best here", "auto"),
        ("NVIDIA H200 (cuda:0), 120 of 139 GB free", "cuda:0"),
        ("Processor, 2 cores, 20 of 24 GB free", "cpu")]
    with speaking("fr"):
        assert train_form.device_choices(0.0)[2][0] == "Processeur, 2 cœurs, 20 Go libres sur 24"


# --- a project with a run that was stopped at step 2 of 4

@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "spawn", lambda run, python=None: None)
        lib, project = made_library(DataRoot(tmp_path_factory.mktemp("page-room")))
        make_base(lib.root.models / "p" / "base")
        data(lib, project, "dataset-1", TEXTS)
        given = {"base": "p/base", "dataset": "dataset-1", "device": "cpu"}
        parent = train.start(lib, project, overrides=OPTIONS, **given)
        stop_at(parent, 2)
        yield Room(lib, project, parent)


@pytest.fixture
def form(room: Room) -> train_form.TrainForm:
    with gr.Blocks():
        return train_form.build()


def asked(room: Room, form: train_form.TrainForm, way: str, **changed: Any) -> Any:
    """What is asked for with the form as it stands but for `changed` options."""
    options = {**form.options.value, **changed}
    rest = [form.families[0].name, "p/base", "Quick", "", "auto", "auto", 1, options]
    return train_from.request([room.parent.id, "last", way, "", *rest], form)


def looked(room: Room, form: train_form.TrainForm, way: str, **changed: Any) -> str:
    request = asked(room, form, way, **changed)
    return train_from.picture(train_from.going_on.look(room.lib, room.project, request))


def test_runs_with_a_save_are_offered_with_their_saves(room: Room) -> None:
    run, checkpoint, dataset = train_from.offers(room.lib, room.project, room.parent.id, None, None)
    assert [name for _, name in run["choices"]] == [room.parent.id] and run["value"] == room.parent.id
    assert [name for _, name in checkpoint["choices"]] == ["best", "last", "step-000002"]
    assert [name for _, name in dataset["choices"]] == ["", "now", "dataset-1"]
    assert train_from.offers(room.lib, None, None, None, None)[0]["choices"] == []


def test_the_table_tells_what_differs_before_anything_starts(room: Room, form: train_form.TrainForm) -> None:
    html = looked(room, form, "continue", rank=4)
    assert "From step 2 (step-000002)." in html and "Nothing differs." in html, "the form is for Retune alone"
    html = looked(room, form, "retune", rank=4)
    assert "<td>2</td><td>4</td>" in html and "Continue keeps every option" in html
    with speaking("fr"):
        assert "Continuer garde toutes les options" in looked(room, form, "retune", rank=4)
        assert "À partir de l’étape 2" in looked(room, form, "warm-start")


def test_a_refusal_stands_below_the_table(room: Room, form: train_form.TrainForm) -> None:
    request = asked(room, form, "continue")
    wished = request.over(request)
    wished = type(request)({**wished.settings, "devices": 2}, {})
    html = train_from.picture(train_from.going_on.look(room.lib, room.project, wished))
    assert "✕ Continue needs as many processes" in html and 'class="vw-note vw-bad"' in html


def test_a_file_fills_the_form(room: Room, form: train_form.TrainForm) -> None:
    content = b"preset: Careful\nbase: p/base\ndevices: 2\nsteps: 77\nlr: 2e-3\n"
    values = train_file.filled(room.lib, room.project, form, train_file.train_request.read(content, "x.yaml"))
    values[1:3] = [each["value"] for each in values[1:3]]
    assert values[:7] == ["ctc", "p/base", "Careful", "", "auto", "auto", 2]
    values[2] = values[2]["value"] if isinstance(values[2], dict) else values[2]
    wish = form.wish(values)
    assert (wish.overrides, wish.devices) == ({"steps": "77", "lr": "0.002"}, 2)
    for bad, sentence in ((b"steps: 0", "Option “steps” is 0"), (b"base: nobody", "no model “nobody”"),
                          (b"dataset: gone", "gone")):
        request = train_file.train_request.read(bad, "x.yaml")
        with pytest.raises(gr.Error, match=sentence):
            shown(train_file.filled)(room.lib, room.project, form, request)


def test_each_run_offers_its_own_file(room: Room) -> None:
    client = TestClient(routes.own_app(room.lib))
    assert train_file.link(room.lib, "") == ""
    answer = client.get(f"/runs/{room.parent.id}/options.yaml")
    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    assert answer.content == (room.parent.path / "options.yaml").read_bytes()
    assert b"base: p/base" in answer.content and b"steps: 4" in answer.content
    assert client.get("/runs/nobody/options.yaml").status_code == 404
    assert client.get("/runs/..%2F..%2Fx/options.yaml").status_code == 404
    older = Path(room.parent.path / "options.yaml")
    kept = older.read_bytes()
    older.unlink()
    again = client.get(f"/runs/{room.parent.id}/options.yaml").content
    assert b"steps: 4" in again, "a run of before there were such files has its order"
    older.write_bytes(kept)


def test_a_run_waits_behind_another_and_is_taken_out_by_its_name(room: Room, spawned: list[str]) -> None:
    given = {"base": "p/base", "dataset": "dataset-1", "device": "cpu"}
    ahead, behind = (train.start(room.lib, room.project, **given) for _ in range(2))
    assert spawned == [ahead.id, behind.id], "a second may wait while one works"
    assert ahead.id in [card.behind for card in queue.queue.line(room.lib)]
    for run in (behind, ahead):
        train.stop(room.lib, run.id)
        assert run.state() == "stopped"
