"""How files of settings elsewhere say that a run goes on."""

from __future__ import annotations

import pytest
import yaml

from core.errors import BadInput
from core.steps import train_request
from core.steps.train_request import Request


def read(**held: object) -> Request:
    return train_request.read(yaml.safe_dump(held).encode(), "a.yaml")


@pytest.mark.parametrize(("more", "way"), [
    ({}, "continue"), ({"reset_optimizer": False, "reset_step": False}, "continue"),
    ({"reset_optimizer": True, "reset_step": True}, "warm-start"),
    ({"reset_optimizer": True, "reset_step": True, "lr": 0.1}, "retune"),
    ({"reset_optimizer": True, "reset_step": True, "preset": "Conversation"}, "retune")])
def test_the_flags_are_a_way_to_go_on(more: dict[str, object], way: str) -> None:
    asked = read(family="moshi", resume_from="r1", **more)
    assert (asked.get("run"), asked.get("way"), asked.get("checkpoint")) == ("r1", way, None)


@pytest.mark.parametrize(("place", "checkpoint"), [
    ("r1/best", "best"), ("r1/step-000500", "step-000500"), ("/data/p/runs/r1/checkpoints/last", "last"),
    ("./runs/r1", None)])
def test_a_place_is_a_run_or_a_checkpoint_of_one(place: str, checkpoint: str | None) -> None:
    asked = read(family="moshi", resume_from=place)
    assert (asked.get("run"), asked.get("checkpoint")) == ("r1", checkpoint)


def test_without_a_run_to_go_on_from_they_say_nothing() -> None:
    asked = read(family="moshi", resume_from=None, reset_optimizer=True, reset_step=False, lr=0.1)
    assert asked == Request({"family": "moshi"}, {"lr": 0.1})


@pytest.mark.parametrize("held", [{"ttt": {"layers": "all", "heads": 2}},
                                  {"ttt.layers": "all", "options": {"ttt": {"heads": 2}}}])
@pytest.mark.parametrize("family", ["moshi", "kyutai"])
def test_ttt_settings_are_options(held: dict[str, object], family: str) -> None:
    assert read(family=family, **held).options == {"ttt_layers": "all", "ttt_heads": 2}


def test_beside_the_settings_of_another_trainer_they_count_as_well() -> None:
    asked = read(max_steps=40, lora={"rank": 8}, ttt={"layers": "middle"}, resume_from="r1/last")
    assert (asked.get("family"), asked.get("run"), asked.get("checkpoint")) == ("kyutai", "r1", "last")
    assert asked.options["ttt_layers"] == "middle" and asked.options["steps"] == 40
    assert not any("ttt" in note or "resume_from" in note for note in asked.notes)


@pytest.mark.parametrize(("held", "said"), [
    ({"resume_from": "r1", "reset_optimizer": True}, "set both to false to continue"),
    ({"resume_from": "r1", "reset_step": "yes"}, "should be true or false"),
    ({"resume_from": 3}, "should name a run"), ({"resume_from": "step-000500"}, "names no run"),
    ({"ttt": "all"}, "should hold settings such as"),
    ({"ttt": {"layer": "all"}}, "“ttt_layer” in a.yaml is no option; “ttt_layers” is most like it")])
def test_what_means_nothing_is_told(held: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read(family="moshi", **held)
