"""Finding a learning rate on the page: the sweep is drawn, and what it suggests goes into the form."""
from __future__ import annotations

from typing import Any

import pytest

from core.run_dir import RunDir
from core.steps import find_rate
from tests.ui.home import Home
from ui import rate_finder


def sweep(home: Home, state: str, suggestion: float | None = None) -> RunDir:
    """A sweep of four points in the project's folder."""
    run = RunDir.create(home.library.root.runs(home.project.slug), "find-rate", {"family": "ctc"})
    run.event("rate", 1, rate=9.0, loss=9.0, smoothed=9.0)
    run.event("attempt", from_step=0)
    for n, (rate, loss) in enumerate([(1e-6, 3.0), (1e-4, 2.0), (1e-3, 1.0), (1e-1, 4.0)], 1):
        run.event("rate", n, rate=rate, loss=loss, smoothed=loss)
    run.write_status(state, "A learning rate fits.", 1.0, figures={"suggestion": suggestion})
    return run


def test_a_sweep_is_drawn_with_what_it_suggests(home: Home) -> None:
    assert rate_finder.picture(rate_finder.newest(home.library, home.project))[0] == ""
    sweep(home, "done", 2e-4)
    told, curve, stop, take = rate_finder.picture(rate_finder.newest(home.library, home.project))
    figure = curve["value"]["figure"]
    assert "A learning rate fits." in told and (stop["visible"], take["visible"]) == (False, True)
    assert figure["data"][0]["x"] == [1e-6, 1e-4, 1e-3, 1e-1], "an attempt that broke off is not drawn"
    assert figure["layout"]["xaxis"]["type"] == "log"
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [2e-4]
    assert take["value"] == "Take 2.0e-04 into the form"


def test_a_sweep_without_a_suggestion_offers_nothing_to_take(home: Home) -> None:
    run = sweep(home, "failed")
    _, curve, stop, take = rate_finder.picture(rate_finder.newest(home.library, home.project))
    assert (curve["visible"], stop["visible"], take["visible"]) == (True, False, False)
    assert curve["value"]["figure"]["layout"]["shapes"] == []
    assert find_rate.found(run)[1] is None


def test_what_is_taken_goes_into_the_rate_alone(home: Home) -> None:
    sweep(home, "done", 2e-4)
    take = home.handler("rate-take", "click")
    fn = next(fn for fn in home.blocks.fns.values() if fn.fn is take)
    assert [out.elem_id for out in fn.outputs] == ["train-options"]
    for family in ("ctc", "whisper"):
        assert take(home.project.slug, family, {"lr": 1.0, "rank": 4}) == {"lr": 2e-4, "rank": 4}


def test_nothing_is_taken_where_nothing_was_found(home: Home) -> None:
    assert is_skip(home.handler("rate-take", "click")(home.project.slug, "ctc", {"lr": 1.0}))


def test_the_wish_of_the_form_is_swept(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(find_rate, "start", lambda lib, project, *wish: asked.append(wish))
    begin = home.handler("rate-start", "click")
    block = next(f for f in home.blocks.fns.values() if f.fn and f.fn.__name__ == "begin"
                 and any(getattr(c, "elem_id", "") == "rate-state" for c in f.outputs))
    values = [getattr(component, "value", None) for component in block.inputs[1:]]
    values[1] = "starter"
    begin(home.project.slug, *values)
    assert asked == [("ctc", "starter", "Quick", {}, None, "auto", "auto")]


def is_skip(value: Any) -> bool:
    """Whether a value leaves its component as it is."""
    return isinstance(value, dict) and value.get("__type__") == "update" and len(value) == 1
