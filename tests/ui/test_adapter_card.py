"""An adapter from elsewhere on the Train tab: what was named or sent is taken in as a run."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from core.errors import BadInput
from core.run_dir import RunDir
from core.runs import listing
from core.steps import train
from tests.ui.home import Home
from tests.ui.test_tabs import filled
from ui import adapter_card, run_card, run_panel


def test_what_was_sent_is_copied_and_what_was_named_is_read_in_place(home: Home, tmp_path: Path) -> None:
    lib, tmp_path = home.library, tmp_path / "sent"
    tmp_path.mkdir()
    for name in ("lora.safetensors", "config.json"):
        (tmp_path / name).write_text(name)
    copy = adapter_card.chosen(lib, "/elsewhere", [str(path) for path in tmp_path.iterdir()])
    assert copy.is_relative_to(lib.root.cache) and (copy / "config.json").read_text() == "config.json"
    assert {path.name for path in copy.iterdir()} == {"lora.safetensors", "config.json"}
    assert adapter_card.chosen(lib, f" {tmp_path} ", []) == tmp_path
    with pytest.raises(BadInput, match="Name the folder"):
        adapter_card.chosen(lib, " ", [])
    with pytest.raises(BadInput, match="models/mine"):
        adapter_card.chosen(lib, "models/mine", [])


def test_only_a_page_of_this_machine_reads_a_folder(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of these tests may be reached from elsewhere: a folder that is named all the same is none."""
    monkeypatch.setattr(train, "bring", lambda *_, **__: pytest.fail("nothing may be read"))
    begin = home.handler("adapter-start", "click")
    with pytest.raises(gr.Error, match="Name the folder"):
        begin(home.project.slug, "/etc", None, *values(home))


def values(home: Home) -> list[Any]:
    """The form, filled in."""
    from ui.train_form import build

    with gr.Blocks():
        form = build()
    return filled(form)


def test_such_a_run_is_called_what_it_is(home: Home) -> None:
    order = {"project": home.project.slug, "family": "kyutai", "adapter": "/x", "preset": "",
             "dataset_name": "d"}
    run = RunDir.create(home.library.root.runs(home.project.slug), "train", order)
    run.write_status("done", "Taken in. Better.", figures={"sentence": "Better.", "step": 0})
    card = listing.runs(home.library.root, home.project.slug)[0]
    assert "Adapter from elsewhere" in run_card.title(card)
    assert "Taken in from elsewhere and judged." in run_card.state(card)
    shown = dict(zip(run_panel.DRAWN, run_panel.paint(home.library, home.project, run.id), strict=True))
    assert shown["plot"]["visible"] is False, "nothing was trained here"
    assert "Adapter from elsewhere" in shown["history"]
