"""A learning rate is looked for on what a run would be trained on."""

from __future__ import annotations

import pytest

from core.config import DataRoot
from core.errors import BadInput
from core.runs import start as runs
from core.steps import find_rate, train
from tests.made import ctc_folder, library, take

WORDS = "one two three four five six seven eight nine zero ten eleven".split()


def test_a_sweep_gets_the_order_of_the_run_that_it_is_for(
    data_root: DataRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    lib, project = library(data_root)
    ctc_folder(lib.root.models / "p" / "base")
    for word in WORDS:
        take(lib, project, word, word, decision="accepted")
    with pytest.raises(BadInput, match="20 to 1000 steps, not 3"):
        find_rate.start(lib, project, base="p/base", steps=3)
    sweep = find_rate.start(lib, project, base="p/base", overrides={"rank": "4"}, steps=40)
    run = train.start(lib, project, base="p/base", overrides={"rank": "4"})
    one, other = sweep.order(), run.order()
    assert (one["kind"], one["steps"]) == ("find-rate", 40)
    alike = ("family", "base", "dataset", "fingerprint", "options", "preset", "device", "precision")
    assert {name: one[name] for name in alike} == {name: other[name] for name in alike}
    assert find_rate.found(sweep) == ([], None)
    assert [card.id for card in train.cards(lib, project, "train")] == [run.id], "a sweep is no training run"
