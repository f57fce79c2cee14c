"""Blind comparison: the order is drawn evenly, hidden until the end, and every answer is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

import app
from core.commands import judging
from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused, Stale
from core.library import Library
from core.steps import blind
from tests.made import ctc_folder, library, wav

ME, OTHER = "page:me", "page:other"


@pytest.fixture
def lib(data_root: DataRoot) -> Library:
    """A library with the starter and one more model."""
    made, _ = library(data_root)
    ctc_folder(made.root.models / "p" / "tuned")
    return made


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return wav(tmp_path / "said.wav")


def hear(lib: Library, models: list[str], audio: Path) -> list[tuple[str, str]]:
    """What each model would write; the texts say nothing of whose they are."""
    return [(name, "one two" if name == "starter" else "1 2") for name in models]


def asked(lib: Library, sound: Path, who: str = ME, keep: bool = False) -> blind.Hidden:
    return blind.ask(lib, "starter", "p/tuned", sound, who, keep, hear)


def for_starter(hidden: blind.Hidden) -> str:
    return "left" if hidden.left == "one two" else "right"


def test_the_order_is_drawn_evenly(lib: Library, sound: Path) -> None:
    n_left = sum(for_starter(asked(lib, sound)) == "left" for _ in range(200))
    assert 65 <= n_left <= 135  # five standard deviations of a fair coin


def test_nothing_that_is_given_out_names_a_model(lib: Library, sound: Path) -> None:
    shown = [asked(lib, sound) for _ in range(3)]
    out = json.dumps([asdict(each) for each in [*shown, *blind.waiting(lib, "starter", "p/tuned", ME)]])
    assert "starter" not in out and "tuned" not in out
    assert set(asdict(shown[0])) == {"id", "left", "right", "name"}


def test_answers_are_counted_for_the_model_wherever_it_stood(lib: Library, sound: Path) -> None:
    for _ in range(9):
        hidden = asked(lib, sound)
        blind.answer(lib, hidden.id, for_starter(hidden), ME)
    for chosen in ("same", "wrong", "wrong"):
        blind.answer(lib, asked(lib, sound).id, chosen, ME)
    one = asked(lib, sound)
    blind.answer(lib, one.id, "right" if for_starter(one) == "left" else "left", ME)
    assert blind.pairs(lib) == [blind.Pair("p/tuned", "starter", 13, 0)]
    found = blind.reveal(lib, "starter", "p/tuned", ME)
    assert (found.one, found.wins, found.losses, found.same, found.wrong) == ("p/tuned", 1, 9, 1, 2)
    assert found.p == pytest.approx(22 / 1024) and "unlikely to be chance" in found.sentence
    assert "Looks at" not in found.sentence
    blind.answer(lib, asked(lib, sound).id, "same", ME)
    assert "Looks at this result before: 1;" in blind.reveal(lib, "p/tuned", "starter", ME).sentence
    assert blind.pairs(lib)[0].shown_at == 14


def test_an_answer_is_given_once_and_the_last_one_can_be_taken_back(lib: Library, sound: Path) -> None:
    first, second = asked(lib, sound), asked(lib, sound)
    blind.answer(lib, first.id, "left", ME)
    blind.answer(lib, second.id, "right", ME)
    with pytest.raises(Stale):
        blind.answer(lib, second.id, "left", OTHER)
    assert blind.undo(lib, ME) == second and blind.waiting(lib, "starter", "p/tuned", ME) == [second]
    blind.answer(lib, second.id, "same", ME)
    assert [trial.answer for trial in lib.blind.of()] == ["left", "same"]
    assert blind.undo(lib, ME) == second and blind.undo(lib, ME) == first
    with pytest.raises(BadInput, match="no answer of yours"):
        blind.undo(lib, ME)
    with pytest.raises(BadInput, match="no answer of yours"):
        blind.undo(lib, OTHER)


def test_it_goes_on_after_a_restart_and_for_each_person_alone(lib: Library, sound: Path) -> None:
    hidden = asked(lib, sound)
    again = Library(lib.root)
    assert blind.waiting(again, "p/tuned", "starter", ME) == [hidden]
    assert blind.waiting(again, "p/tuned", "starter", OTHER) == []


def test_the_sound_is_kept_only_when_somebody_asks_for_it(lib: Library, sound: Path) -> None:
    asked(lib, sound)
    assert not (lib.root.path / blind.FOLDER).exists() and lib.blind.of()[0].audio == ""
    asked(lib, sound, keep=True)
    kept = lib.root.path / lib.blind.of()[1].audio
    assert kept.read_bytes() == sound.read_bytes()


def test_what_cannot_be_compared_is_refused(lib: Library, sound: Path) -> None:
    with pytest.raises(BadInput, match="two different models"):
        blind.ask(lib, "starter", "starter", sound, ME, hear=hear)
    with pytest.raises(BadInput, match="no answer"):
        blind.answer(lib, asked(lib, sound).id, "both", ME)
    with pytest.raises(NotFound):
        blind.answer(lib, "nothing", "left", ME)
    with pytest.raises(Refused, match="not compared blindly yet"):
        blind.reveal(lib, "starter", "p/tuned", ME)


def test_the_command_lists_texts_takes_answers_and_reveals_on_request(
    lib: Library, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blind.ask, "__defaults__", (False, hear))
    told = judging.blind("starter", "p/tuned", [sound, sound], data=lib.root.path)
    assert len(told.value) == 2 and told.text is not None
    assert "starter" not in told.text and "tuned" not in told.text and "left:" in told.text
    one, other = (row["id"] for row in told.value)
    told = judging.blind("starter", "p/tuned", answer=[f"{one}=left", f"{other}=same"], data=lib.root.path)
    assert told.value == [] and told.text == "No comparison waits for an answer."
    told = judging.blind("starter", "p/tuned", undo=True, data=lib.root.path)
    assert [row["id"] for row in told.value] == [other]
    assert judging.blind("starter", "p/tuned", reveal=True, data=lib.root.path).value["n"] == 1


def test_the_command_says_what_is_wrong(lib: Library) -> None:
    root = Path(app.__file__).parent
    done = subprocess.run([sys.executable, "app.py", "blind", "starter", "starter", "--data",
                           str(lib.root.path)], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "") and "two different models" in done.stderr
