"""A model measured on a list of clips from elsewhere: rates, intervals, texts, and what is wrong with one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataRoot
from core.errors import BadInput, NotFound, StudioError
from core.families.base import Clip
from core.library import Library
from core.runs.helper import Warm, answer
from core.steps import evaluate_file
from core.types import Prediction
from tests.made import ctc_folder, library, root_in_memory, wav

TEXTS = {"a.wav": "one two", "b.wav": "three", "c.wav": "four five six"}
HEARD = {"a.wav": "one two", "b.wav": "tree", "c.wav": "four five"}


class Ears:
    """Hears each file as `HEARD` says, and notes what it was given."""

    choice = "made"

    def __init__(self) -> None:
        self.clips: list[Clip] = []

    def transcribe(self, clip: Clip) -> Prediction:
        self.clips.append(clip)
        return Prediction(clip.id, HEARD[clip.path.name])


@pytest.fixture
def lib() -> Iterator[Library]:
    with root_in_memory() as root:
        yield library(root)[0]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> tuple[Ears, list[str]]:
    """The ears behind the helper, which answers in this process; the models that it opened."""
    ears, models = Ears(), list[str]()

    def open_(order: dict[str, Any], _: Path | None) -> Any:
        models.append(str(order["model"]))
        return ears

    warm = Warm(open_)

    def ask(lib: Library, request: dict[str, Any]) -> dict[str, Any]:
        made = answer(warm, {"id": 1, **request})
        if "error" in made:
            raise StudioError(made["error"])
        return made

    monkeypatch.setattr(evaluate_file, "ask", ask)
    return ears, models


def listed(folder: Path, *rows: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    for name in TEXTS:
        wav(folder / "sounds" / name)
    (folder / "list.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder / "list.jsonl"


def test_rates_intervals_and_some_texts(
    lib: Library, opened: tuple[Ears, list[str]], tmp_path: Path
) -> None:
    rows: list[dict[str, Any]] = [{"audio": f"sounds/{name}", "text": text} for name, text in TEXTS.items()]
    rows[1] = {"audio_filepath": "sounds/b.wav", "text": "three", "offset": 0.1, "id": "second"}
    rows[2] |= {"start": 0.1, "end": 0.5}
    base = ctc_folder(tmp_path / "base")
    found = evaluate_file.evaluate(lib, str(base), listed(tmp_path / "set", *rows), 2, 1, lambda _: None)
    assert found.figures.wer == pytest.approx(2 / 6) and found.figures.cer == pytest.approx(5 / 25)
    low, high = found.intervals["wer"] or (1.0, 0.0)
    assert 0 <= low <= 2 / 6 <= high <= 1
    assert found.samples == (("1", "one two", "one two"), ("second", "three", "tree"))
    assert "33.3 % of the words" in found.sentence and "on 3 clips" in found.sentence
    assert [(clip.start, clip.end) for clip in opened[0].clips] == [(0.0, None), (0.1, None), (0.1, 0.5)]
    assert opened[1] == [str(base)]


def test_a_beam_reaches_the_model_that_knows_one(
    lib: Library, opened: tuple[Ears, list[str]], tmp_path: Path
) -> None:
    path = listed(tmp_path / "set", {"audio": "sounds/a.wav", "text": "one two"})
    evaluate_file.evaluate(lib, "lact-blank", path, 0, 8, lambda _: None)
    assert opened[1][0].endswith("lact-blank:beam8")
    with pytest.raises(BadInput, match="no beam to search with"):
        evaluate_file.evaluate(lib, str(ctc_folder(tmp_path / "base")), path, 0, 8, lambda _: None)


@pytest.mark.parametrize(("row", "error", "said"), [
    ({"audio": "sounds/a.wav"}, BadInput, "Line 2 of list.jsonl needs a text"),
    ({"text": "one"}, BadInput, "Line 2 of list.jsonl needs a text and the path"),
    ({"audio": "sounds/z.wav", "text": "one"}, NotFound, "names sounds/z.wav, which does not exist"),
    ({"audio": "sounds/a.wav", "text": "one", "end": "late"}, BadInput, "no number of seconds"),
])
def test_a_line_that_cannot_be_used_is_named(
    row: dict[str, Any], error: type[Exception], said: str, tmp_path: Path
) -> None:
    path = listed(tmp_path / "set", {"audio": "sounds/a.wav", "text": "one two"}, row)
    with pytest.raises(error, match=said):
        list(evaluate_file.read(path))


def test_a_list_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        list(evaluate_file.read(tmp_path / "nowhere.jsonl"))
    with pytest.raises(BadInput, match="has no line with a clip"):
        list(evaluate_file.read(listed(tmp_path / "set")))


def test_the_data_root_is_not_needed_for_the_blank(tmp_path: Path) -> None:
    """The base of runs from scratch ships with the app, and is found by name in any library."""
    from core.steps.transcribe import model_named, models, trainable

    root = DataRoot(tmp_path / "data")
    root.path.mkdir()
    lib, _ = library(root)
    found = model_named(lib, "lact-blank")
    assert (found.family, found.where) == ("lact", "blank") and "experimental" in found.title
    assert found in trainable(lib) and found not in models(lib), "nothing to transcribe with"
