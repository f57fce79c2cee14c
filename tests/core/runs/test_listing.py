"""Lists are read from the folders; names are found by their ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.run_dir import RunDir
from core.runs.listing import find, runs

MakeRun = Callable[..., RunDir]


def test_newest_first_by_project_and_kind(make_run: MakeRun, data_root: DataRoot) -> None:
    first, second = make_run("train", model="a"), make_run("transcribe")
    other = RunDir.create(data_root.runs("q"), "train", {})
    assert [card.id for card in runs(data_root)] == [other.id, second.id, first.id]
    assert [card.id for card in runs(data_root, project="p")] == [second.id, first.id]
    assert [card.id for card in runs(data_root, kind="train")] == [other.id, first.id]
    assert runs(data_root, project="nobody") == []


def test_a_card_says_how_the_run_stands(make_run: MakeRun, data_root: DataRoot) -> None:
    run = make_run("train", model="a")
    run.write_status("running", "Step 3 of 9", 0.33, 12.0, {"loss": 1.5})
    lock = run.acquire()
    card = runs(data_root)[0]
    assert (card.project, card.kind, card.state, card.message) == ("p", "train", "running", "Step 3 of 9")
    assert (card.progress, card.seconds_left, card.figures) == (0.33, 12.0, {"loss": 1.5})
    assert card.order["model"] == "a" and card.run.path == run.path and 0 < card.started <= card.at
    lock.release()
    lost = runs(data_root)[0]
    assert lost.state == "lost" and "Resume" in lost.message and lost.progress == 0.33


def test_a_damaged_run_hides_no_other(make_run: MakeRun, data_root: DataRoot) -> None:
    good, bad = make_run(), make_run()
    (bad.path / "run.json").write_text("{oh")
    (data_root.runs("p") / "half-made").mkdir()
    cards = {card.id: card for card in runs(data_root)}
    assert set(cards) == {good.id, bad.id}
    assert cards[bad.id].state == "failed" and "run.json" in cards[bad.id].message


def test_find_by_id_beginning_and_short_id(make_run: MakeRun, data_root: DataRoot) -> None:
    run, train = make_run("transcribe"), make_run("train")
    assert find(data_root, run.id).path == run.path
    assert find(data_root, run.id[:-3]).path == run.path
    assert find(data_root, train.id.split("-")[-1]).path == train.path
    for none in ("", "nothing", "../p", "*"):
        with pytest.raises(NotFound, match="no run"):
            find(data_root, none)
    with pytest.raises(BadInput, match="fits 2 runs"):
        find(data_root, run.id[:4])


def test_an_empty_data_root_has_no_runs(data_root: DataRoot) -> None:
    assert runs(data_root) == []
