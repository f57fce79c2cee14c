"""The cards of the Compare tab: a blind comparison gives nothing away, a fresh test says what comes next."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput
from core.library import Library
from core.library.transcripts import Draft
from core.run_dir import RunDir
from core.runs import start as runs
from core.steps import blind as step
from core.steps import fresh as fresh_step
from core.steps import record, review
from tests.made import ctc_folder, wav
from tests.ui.home import WHO, Home
from ui import blind, fresh, recording
from ui.texts import speaking

SAID = {"starter": "order 129 <b>", "secret/tuned": "order one two nine"}


@pytest.fixture
def pair(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Library, str]:
    """Two models that write different things, and a recording in the page's own folder."""
    folder = home.library.root.models / "secret" / "tuned"
    if not folder.exists():
        ctc_folder(folder)

    def hear(lib: Library, models: list[str], audio: Path) -> list[tuple[str, str]]:
        return [(name, SAID[name]) for name in models]

    monkeypatch.setattr(step.ask, "__defaults__", (False, hear))
    return home.library, str(wav(home.library.root.cache / "page" / f"{tmp_path.name}.wav"))


def given_out(values: list[Any]) -> str:
    """What a handler sends to the browser of a trial: all but the table of pairs, which names models in the
    order of the alphabet."""
    return json.dumps(values[:6], default=str)


@pytest.mark.parametrize("which", range(4))
def test_before_an_answer_the_page_holds_no_name_and_after_it_neither(
    pair: tuple[Library, str], home: Home, which: int
) -> None:
    lib, path = pair
    who = f"page:blind-{home.project.slug}-{which}"
    ask = home.handler("blind-audio", "upload")
    values = ask("starter", "secret/tuned", who, path, False)
    out = given_out(values)
    assert "&lt;b&gt;" in out and "<b>" not in out, "what a model writes is text"
    assert not any(name in out.lower() for name in ("starter", "secret", "tuned"))
    assert not Path(path).exists(), "the page's own copy is gone"
    trial = values[0]
    assert blind.paint(lib, "starter", "secret/tuned", who)[0] == trial, "a reload finds it again"
    with pytest.raises(Exception, match="waits for your answer"):
        ask("starter", "secret/tuned", who, str(wav(Path(path))), False)
    answer = home.handler(f"blind-{step.ANSWERS[which]}", "click")
    values = answer("starter", "secret/tuned", who, trial)
    assert values[0] == "" and not any(name in given_out(values) for name in ("starter", "secret"))
    assert home.handler("blind-undo", "click")("starter", "secret/tuned", who)[0] == trial
    answer("starter", "secret/tuned", who, trial)
    shown, table = home.handler("blind-reveal", "click")("starter", "secret/tuned", who)
    assert "Starter" in shown and "secret/tuned" in shown and "p = " in shown
    assert "shown after" in table


def test_what_is_missing_for_a_blind_comparison_is_said(pair: tuple[Library, str]) -> None:
    lib, _ = pair
    with pytest.raises(BadInput, match="no recording yet"):
        blind.hear(lib, "starter", "secret/tuned", WHO, None, False)
    assert "two different models" in blind.paint(lib, "starter", "starter", WHO)[1]
    with speaking("fr"):
        assert "deux modèles différents" in blind.paint(lib, "", "", WHO)[1]


def test_a_fresh_test_goes_from_prompts_to_a_verdict(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    lib, project, slug = home.library, home.project, home.project.slug
    assert "No training has ended" in fresh.paint(lib, slug, "")[0] and fresh.choices(lib, slug) == []
    folder = lib.root.project(slug) / "datasets" / "d"
    folder.mkdir(parents=True)
    (folder / "manifest.jsonl").write_text("")
    run = RunDir.create(lib.root.runs(slug), "train", {"project": slug, "family": "ctc", "base": "/m/starter",
                                                       "dataset": str(folder)})
    (run.checkpoints / "manifest.json").write_text("{}")
    assert [name for _, name in fresh.choices(lib, slug)] == [run.id]
    state, *buttons, cards = fresh.paint(lib, slug, run.id)
    assert "make some" in state and cards == "" and [b["visible"] for b in buttons] == [True, False, False]
    state, *buttons, _ = home.handler("fresh-make", "click")(slug, run.id, 2, WHO)
    assert "0 of 2 fresh prompts" in state and [b["visible"] for b in buttons] == [False, True, False]
    prompts = lib.prompts.of(project.id, "fresh")
    assert recording._kind(prompts[0]).endswith("fresh test") and state.count("to be recorded") == 2
    for at, prompt in enumerate(prompts):
        sound = wav(tmp_path / f"{at}.wav", pitch=300 + at)
        clip = record.save_take(lib, project, prompt.id, "me", sound, WHO).clip
        lib.transcripts.append(project.id, [Draft(clip.id, prompt.text, "person", None)], WHO)
        review.decide(lib, project, clip.id, "accepted", "todo", WHO)
    state, *buttons, _ = fresh.paint(lib, slug, run.id)
    assert "the verdict can be given" in state and [b["visible"] for b in buttons] == [True, False, True]
    *_, cards = home.handler("fresh-judge", "click")(slug, run.id)
    assert "vw-run" in cards and len(fresh_step.standing(lib, project, run.id).cards) == 1


def test_the_timer_finds_no_run_where_none_was_chosen_yet(home: Home) -> None:
    (follow,) = [fn.fn for fn in home.blocks.fns.values() if any(name == "tick" for _, name in fn.targets)
                 and "fresh-state" in [getattr(out, "elem_id", "") for out in fn.outputs]]
    assert follow is not None
    values = follow(home.project.slug, None, "")
    assert "No training has ended" in values[0] and follow(home.project.slug, None, values[-1])


def test_where_no_run_has_ended_none_is_chosen(home: Home) -> None:
    """An empty choice is none of those that a field without choices has: the timer would fail every 2 s."""
    (enter,) = [fn.fn for fn in home.blocks.fns.values()
                if ("entered-compare" in [getattr(home.blocks.blocks.get(where), "elem_id", "")  # type: ignore[arg-type]
                                          for where, _ in fn.targets])
                and "fresh-run" in [getattr(out, "elem_id", "") for out in fn.outputs]]
    assert enter is not None
    field, said, *_ = enter(home.project.slug, None)
    assert (field["choices"], field["value"]) == ([], None) and "No training has ended" in said
