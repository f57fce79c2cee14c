"""The warm helper: what it keeps, how it answers, and a real process that dies and comes back."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput, StudioError, Unavailable
from core.families.base import Clip
from core.runs import helper as helpers
from core.runs.aligning import Aligners
from core.runs.helper import Helper, Warm, answer, serve
from core.types import Prediction, Word


class Echo:
    """A recogniser that says which model it is."""

    choice = "The processor (CPU)."

    def __init__(self, model: str) -> None:
        self.model = model

    def transcribe(self, clip: Clip) -> Prediction:
        """The model, the file and the part."""
        if clip.path.name == "bad.wav":
            raise BadInput("bad.wav is cut off.")
        if clip.path.name == "odd.wav":
            raise KeyError("odd")
        text = f"{self.model} {clip.path.name} {clip.start} {clip.end}"
        return Prediction(clip.id, text, (Word(self.model, 0.1, 0.2, 0.5),), 0.7)


class Opener:
    """Opens `Echo`s and counts."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def __call__(self, request: dict[str, Any], models: Path | None) -> Echo:
        """An Echo of the model that was asked for."""
        self.opened.append(request["model"])
        if request["model"] == "none":
            raise Unavailable("There is no such model; choose another.")
        return Echo(request["model"])


def _ask(model: str, audio: str = "a.wav", **more: Any) -> dict[str, Any]:
    return {"id": 7, "do": "recognise", "family": "ctc", "model": model, "audio": f"/x/{audio}", **more}


def test_an_answer_holds_text_words_and_seconds() -> None:
    reply = answer(Warm(Opener()), _ask("m", start=0.5, end=1.5))
    assert (
        reply["id"] == 7 and reply["text"] == "m a.wav 0.5 1.5" and reply["words"] == [["m", 0.1, 0.2, 0.5]]
    )
    assert reply["seconds"] >= 0 and reply["score"] == 0.7 and "CPU" in reply["choice"]
    json.dumps(reply)


def test_two_models_stay_and_the_one_unused_for_longest_goes() -> None:
    opener = Opener()
    warm = Warm(opener)
    for model in ("a", "b", "a", "c", "a", "b"):
        assert answer(warm, _ask(model))["text"].startswith(model)
    assert opener.opened == ["a", "b", "c", "b"]


def test_another_device_is_another_model() -> None:
    opener = Opener()
    warm = Warm(opener)
    answer(warm, _ask("a"))
    answer(warm, _ask("a", device="cpu"))
    assert opener.opened == ["a", "a"]


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (_ask("none"), "no such model"),
        (_ask("a", "bad.wav"), "cut off"),
        (_ask("a", "odd.wav"), "fault in the app: KeyError"),
        ({"id": 7, "do": "sing"}, "cannot do “sing”"),
        ({"id": 7, "do": "recognise", "model": "a"}, "fault in the app: KeyError"),
    ],
)
def test_what_goes_wrong_is_an_answer_too(request_: dict[str, Any], says: str) -> None:
    reply = answer(Warm(Opener()), request_)
    assert reply["id"] == 7 and says in reply["error"] and "text" not in reply


def test_lines_are_answered_in_turn_until_they_end() -> None:
    lines = [json.dumps({**_ask("a"), "id": n}) + "\n" for n in range(3)]
    out = io.StringIO()
    serve(lines, out, Warm(Opener()))
    assert [json.loads(line)["id"] for line in out.getvalue().splitlines()] == [0, 1, 2]


def test_it_ends_when_nobody_asks() -> None:
    open_end = threading.Event()

    def lines() -> Iterator[str]:
        open_end.wait(10)
        yield from ()

    began = time.monotonic()
    serve(lines(), io.StringIO(), Warm(Opener()), idle=0.1)
    assert time.monotonic() - began < 5
    open_end.set()


@pytest.fixture
def helper(tmp_path: Path) -> Iterator[Helper]:
    """A client whose process starts when it is needed; its models lie in `tmp_path/models`."""
    client = Helper(tmp_path / "models", tmp_path / "helper.log")
    yield client
    client.close()


def _pid(helper: Helper) -> int:
    assert helper._process
    return helper._process.pid


@pytest.mark.budget(30)
def test_a_process_that_died_comes_back(helper: Helper) -> None:
    ask = {"do": "recognise", "family": "oracle", "model": "m", "audio": "/a.wav"}  # needs no torch to refuse
    with pytest.raises(StudioError, match="“oracle”"):
        helper.ask(ask)
    first = _pid(helper)
    with pytest.raises(StudioError, match="“oracle”"):
        helper.ask(ask)
    assert _pid(helper) == first
    os.kill(first, signal.SIGKILL)
    with pytest.raises(StudioError, match="“oracle”"):
        helper.ask(ask)
    assert _pid(helper) != first
    os.kill(_pid(helper), signal.SIGSTOP)
    with pytest.raises(Unavailable, match="no answer within"):
        helper.ask(ask, timeout=0.3)
    assert helper._process is None
    with pytest.raises(StudioError, match="“oracle”"):
        helper.ask(ask)


@pytest.mark.budget(30)
def test_an_idle_process_ends_by_itself_and_the_next_question_starts_another(tmp_path: Path) -> None:
    helper = Helper(log_path=tmp_path / "log", idle=0.2)
    ask = {"do": "sing"}
    with pytest.raises(StudioError, match="cannot do"):
        helper.ask(ask)
    first = helper._process
    assert first and first.wait(10) == 0
    with pytest.raises(StudioError, match="cannot do"):
        helper.ask(ask)
    helper.close()
    helper.close()


def test_a_busy_helper_says_so_instead_of_hanging(helper: Helper) -> None:
    with helper._lock, pytest.raises(Unavailable, match="busy"):
        helper.ask({"do": "sing"}, timeout=0.05)


def test_a_process_that_dies_over_every_question_gives_up(
    helper: Helper, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(helper, "_ask_once", lambda *_: asked.append(1))
    with pytest.raises(Unavailable, match="ended before it answered"):
        helper.ask({"do": "recognise"})
    assert len(asked) == 2


@pytest.mark.slow
def test_a_real_model_answers_from_many_threads(
    helper: Helper, tiny_base: Callable[..., Path], tiny_data: Path
) -> None:
    replies: dict[int, dict[str, Any]] = {}
    ask = {"do": "recognise", "family": "ctc", "model": str(tiny_base()), "device": "cpu"}

    def one(n: int) -> None:
        replies[n] = helper.ask({**ask, "audio": str(tiny_data / f"{n}.wav")})

    threads = [threading.Thread(target=one, args=(n % 4,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert set(replies) == {0, 1, 2, 3}
    began = time.monotonic()
    again = helper.ask({**ask, "audio": str(tiny_data / "2.wav")})
    assert again["text"] == replies[2]["text"] and time.monotonic() - began < 3, "warm: no loading"


def test_aligners_are_kept_until_they_would_read_numbers_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[dict[str, Any]] = []
    monkeypatch.setattr(helpers, "open_aligners", lambda request: opened.append(request) or Aligners([]))
    warm, request = Warm(Opener()), {"aligners": [], "language": "en"}
    first = warm.aligners(request)
    assert warm.aligners({**request, "text": "something else"}) is first
    assert warm.aligners({**request, "rules": [["Q4", "queue"]]}) is not first
    assert len(opened) == 2
