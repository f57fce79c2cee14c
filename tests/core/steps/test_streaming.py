"""Listening along: the words of a stream are those of the whole sound, one page at a time."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from core.audio.read import read
from core.config import DataRoot
from core.errors import BadInput, Refused, Stale, StudioError
from core.families import named
from core.library import Library
from core.runs import streaming as runs
from core.runs.helper import Warm, answer
from core.steps import streaming as step
from tests.core.conftest import make_sound
from tests.kyutai_project import MODEL, kyutai_model

pytestmark = pytest.mark.usefixtures("one_thread")


class Here:
    """The helper, in this process."""

    closed = 0

    def __init__(self, *_: Any) -> None:
        self.warm = Warm()

    def ask(self, request: dict[str, Any], _timeout: float = 0.0) -> dict[str, Any]:
        """As `Helper.ask` does."""
        reply = answer(self.warm, {**request, "id": 1})
        if "error" in reply:
            raise StudioError(reply["error"])
        return reply

    def close(self) -> None:
        """Counted."""
        Here.closed += 1


@pytest.fixture
def lib(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library with a tiny model that streams."""
    monkeypatch.setattr(step, "Helper", Here)
    step._live.cache_clear()
    made = Library(data_root)
    kyutai_model(made)
    return made


@pytest.fixture
def sound(tmp_path: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Three words at 48 kHz, as a microphone gives them."""
    make_sound(tmp_path / "a.wav", "six one two")
    return np.asarray(soxr.resample(read(tmp_path / "a.wav").samples, 16_000, 48_000), np.float32)


def pieces(samples: np.ndarray[Any, np.dtype[np.float32]], n: int = 7_680) -> list[bytes]:
    return [samples[at : at + n].astype("<f4").tobytes() for at in range(0, len(samples), n)]


def test_pieces_give_the_text_of_the_whole(
    lib: Library, sound: np.ndarray[Any, np.dtype[np.float32]]
) -> None:
    live = step.live(lib)
    opened = live.open(step.chosen(lib, MODEL))
    assert opened.delay == 0.5 and opened.choice
    heard = [live.push(opened.stream, piece, 48_000) for piece in pieces(sound)]
    last = live.stop(opened.stream)
    assert [each.heard for each in heard] == pytest.approx(
        [min(0.16 * (i + 1), len(sound) / 48_000) for i in range(len(heard))], abs=1e-3)
    assert 0 < heard[0].took <= heard[-1].took <= last.took
    streamed = "".join(each.text for each in [*heard, last])
    whole = named("kyutai").recogniser(str(lib.root.models / MODEL), "cpu").listen()
    steps = [*whole.push(np.asarray(soxr.resample(sound, 48_000, 24_000), np.float32)), *whole.finish()]
    assert streamed and streamed == "".join(each.text for each in steps)
    assert any(each.text for each in heard), "words come before the end"


def test_one_at_a_time_and_another_stream_is_told(lib: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    live, model = step.live(lib), step.chosen(lib, MODEL)
    first = live.open(model).stream
    with pytest.raises(Refused, match="Somebody listens along already"):
        live.open(model)
    monkeypatch.setattr(step, "GONE", 0.0)  # its page went away without a word
    before = Here.closed
    second = live.open(model).stream
    assert Here.closed == before + 1, "its process is ended"
    for late in (lambda: live.push(first, b"", 48_000), lambda: live.stop(first)):
        with pytest.raises(Stale, match="does not listen any more"):
            late()
    live.drop(first)
    assert live.push(second, np.zeros(4_800, "<f4").tobytes(), 48_000).heard == pytest.approx(0.1)
    live.drop(second)
    with pytest.raises(Stale):
        live.push(second, b"", 48_000)


@pytest.mark.parametrize(("data", "rate"), [(b"abc", 48_000), (b"\0" * 4, 1), (b"\0" * 4, 10**9),
                                            (b"\0" * (step.MOST_BYTES + 4), 48_000)])
def test_what_is_no_sound_is_refused(lib: Library, data: bytes, rate: int) -> None:
    live = step.live(lib)
    with pytest.raises(BadInput, match="no piece of sound"):
        live.push("any", data, rate)


def test_a_stream_ends_in_the_end(lib: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LONGEST", 0.3)
    live = step.live(lib)
    stream = live.open(step.chosen(lib, MODEL)).stream
    piece = np.zeros(9_600, "<f4").tobytes()
    live.push(stream, piece, 48_000)
    live.push(stream, piece, 48_000)
    with pytest.raises(StudioError, match="which is the most; stop, and start again"):
        live.push(stream, piece, 48_000)


def test_a_model_that_hears_whole_clips_only_is_told_and_blocks_nobody(lib: Library) -> None:
    with pytest.raises(BadInput, match="hears whole clips only"):
        step.chosen(lib, "starter")
    assert [choice.name for choice in step.able(lib)] == [MODEL]
    (lib.root.models / MODEL / "model.safetensors").unlink()
    live = step.live(lib)
    with pytest.raises(StudioError):
        live.open(step.ModelChoice("x", "x", "kyutai", str(lib.root.models / MODEL), "folder"))
    kyutai_model(lib, name="tiny/other")
    assert live.open(step.chosen(lib, "tiny/other")).stream, "a failed start leaves the place free"
