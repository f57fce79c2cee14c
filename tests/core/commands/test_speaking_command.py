"""`app.py speak`: a text in the voice of a sound, into a file that was not there before."""
from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

import app
from core.config import DataRoot
from core.files import write_atomic
from core.steps import speak_file
from tests.tones import RATE, Tones, make, tones

__all__ = ["tones"]


@pytest.fixture
def given(data_root: DataRoot, tmp_path: Path, tones: Tones, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A model, and a sound with its text beside it; nothing listens."""
    make(data_root.models / "made" / "one")
    soundfile.write(tmp_path / "voice.wav", np.full(RATE, 0.1), RATE)
    (tmp_path / "voice.txt").write_text("ten letters\n")
    monkeypatch.setattr(speak_file, "_starter", lambda language: None)
    return ["--reference", str(tmp_path / "voice.wav"), "--data", str(data_root.path),
            "--out", str(tmp_path / "new" / "said.wav")]


def test_it_says_the_text_and_tells_the_figures(given: list[str], tmp_path: Path, tones: Tones,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    text = "Two sentences here. The other one is here."
    assert app.main(["speak", "made/one", text, *given, "--json"]) == 0
    out = capsys.readouterr()
    told = json.loads(out.out)
    assert [row["text"] for row in told["sentences"]] == ["Two sentences here.", "The other one is here."]
    assert all(row["stopped"] and "cer" not in row for row in told["sentences"])
    assert told["reference_text"] == "ten letters" and "2 of 2: The other one is here." in out.err
    assert tones.said[0] == ("one", "Two sentences here.", "ten letters")
    assert soundfile.info(told["out"]).duration == pytest.approx(told["seconds"], abs=0.01)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["said.wav"]


def test_what_did_not_stop_is_told_with_exit_code_1(given: list[str], capsys: pytest.CaptureFixture[str]
                                                    ) -> None:
    assert app.main(["speak", "made/one", "For ever and ever!", *given, "--reference-text", "mine"]) == 1
    said = capsys.readouterr().out
    assert "did not stop by itself" in said and "spoken like “mine”" in said
    assert "1 of 1 sentences were cut off at their limit" in said


def test_another_seed_is_another_sound(given: list[str], tmp_path: Path) -> None:
    files = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        out = tmp_path / f"{name}.wav"
        assert app.main(["speak", "made/one", "Good day.", *given[:-1], str(out), "--seed", seed]) == 0
        files.append(out.read_bytes())
    assert files[0] == files[1] != files[2]


@pytest.mark.parametrize(("change", "why"), [
    (lambda place: (place / "voice.txt").unlink(), "Write what is said in voice.wav"),
    (lambda place: (place / "voice.wav").unlink(), "There is no file"),
    (lambda place: write_atomic(place / "new" / "said.wav", b"x"), "never overwritten")])
def test_what_cannot_be_spoken_is_told(given: list[str], tmp_path: Path, change: Callable[[Path], None],
                                       why: str, capsys: pytest.CaptureFixture[str]) -> None:
    change(tmp_path)
    assert app.main(["speak", "made/one", "Good day.", *given]) == 1
    assert why in capsys.readouterr().err
