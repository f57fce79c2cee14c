"""The job that speaks, in this process: sounds and figures a sentence, stop, resume, and two models."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.config import STARTER
from core.errors import NotFound
from core.families.base.speaking import Spoken
from core.quality.diversity import Diversity
from core.quality.made_speech import measure
from core.run_dir import RunDir
from core.runs import saying
from core.runs.jobs import Stopped, speak
from tests.tiny_higgs import make_higgs
from tests.tones import RATE, Tones, TonesVoice, make, tones

__all__ = ["tones"]
MakeRun = Callable[..., RunDir]
TEXTS = ("one two three", "four five six", "seven eight nine")


def ordered(tmp_path: Path, n_models: int = 1, texts: tuple[str, ...] = TEXTS, **order: Any
            ) -> dict[str, Any]:
    """What a run is asked for; each sentence may take twice as long as it should."""
    pieces = [{"text": text, "expected": 0.08 * len(text), "most": 0.16 * len(text)} for text in texts]
    models = [{"title": f"model {n}", "family": "tones", "path": str(make(tmp_path / f"model-{n}"))}
              for n in range(n_models)]
    return {"models": models, "pieces": pieces, "reference": None, "options": {}, "listener": None,
            "language": "en", "blind": False, "first": [0] * len(texts), **order}


def rows_of(run: RunDir) -> dict[str, dict[str, Any]]:
    found = run.results()[0]
    assert len({row["item"] for row in found}) == len(found)
    return {row["item"]: row for row in found}


@pytest.fixture
def run(make_run: MakeRun, tmp_path: Path, tones: Tones) -> RunDir:
    return make_run("speak", **ordered(tmp_path))


def test_each_sentence_is_a_sound_with_figures_and_the_whole_is_joined(run: RunDir) -> None:
    speak.run_job(run, run.order())
    rows = rows_of(run)
    assert list(rows) == ["0-0", "0-1", "0-2"]
    lengths = []
    for row in rows.values():
        samples, rate = soundfile.read(run.path / row["audio"])
        assert rate == RATE and row["seconds"] == pytest.approx(len(samples) / rate, abs=1e-4)
        assert row["stopped"] and not row["loops"] and len(row["diversity"]) == 8
        assert 0.6 < row["duration_ratio"] <= 1 and row["silence"] < 0.2
        lengths.append(len(samples))
    whole, _ = soundfile.read(run.path / speak.joined(0))
    pause = round(saying.PAUSE * RATE)
    assert len(whole) == sum(lengths) + 2 * pause
    assert not whole[lengths[0] : lengths[0] + pause].any() and whole[: lengths[0]].any()
    assert run.status().message == f"3 sentences were said, {sum(lengths) / RATE:.1f} s in all."


def test_what_does_not_stop_is_cut_at_its_limit_and_told(make_run: MakeRun, tmp_path: Path, tones: Tones
                                                         ) -> None:
    run = make_run("speak", **ordered(tmp_path, texts=("good", "endless!")))
    speak.run_job(run, run.order())
    endless = rows_of(run)["0-1"]
    assert not endless["stopped"] and endless["seconds"] == pytest.approx(0.16 * 8, abs=0.02)
    assert run.status().figures["n_endless"] == 1
    assert "1 did not stop by themselves and were cut off at their limit" in run.status().message


def test_stopped_in_a_sentence_it_goes_on_with_that_one(run: RunDir, tones: Tones,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    usual = TonesVoice.speak

    def asked(self: TonesVoice, text: str, *rest: Any) -> Spoken:
        if text == TEXTS[1]:
            run.request_stop()
        return usual(self, text, *rest)

    monkeypatch.setattr(TonesVoice, "speak", asked)
    with pytest.raises(Stopped, match="after 1 of 3 sentences"):
        speak.run_job(run, run.order())
    first = (run.path / rows_of(run)["0-0"]["audio"]).stat()
    monkeypatch.setattr(TonesVoice, "speak", usual)
    run.clear_stop()
    speak.run_job(run, run.order())
    assert list(rows_of(run)) == ["0-0", "0-1", "0-2"]
    assert [text for _, text, _ in tones.said] == [TEXTS[0], TEXTS[1], TEXTS[1], TEXTS[2]]
    assert (run.path / rows_of(run)["0-0"]["audio"]).stat().st_mtime_ns == first.st_mtime_ns


def test_a_sound_that_is_gone_is_made_again_and_the_others_are_left(run: RunDir, tones: Tones) -> None:
    speak.run_job(run, run.order())
    (run.path / "spoken/0-001.wav").unlink()
    before = len(tones.said)
    speak.run_job(run, run.order())
    assert [text for _, text, _ in tones.said[before:]] == [TEXTS[1]]
    assert {piece for _, piece in speak.kept(run)} == {0, 1, 2}


def test_two_models_say_the_same_in_the_same_voice(make_run: MakeRun, tmp_path: Path, tones: Tones) -> None:
    soundfile.write(tmp_path / "like.wav", np.zeros(RATE), RATE)
    like = {"id": "like", "audio": str(tmp_path / "like.wav"), "start": 0.0, "end": None, "text": "like this"}
    run = make_run("speak", **ordered(tmp_path, 2, reference=like))
    speak.run_job(run, run.order())
    assert tones.said == [(f"model-{n}", text, "like this") for n in (0, 1) for text in TEXTS]
    assert (run.path / speak.joined(1)).is_file() and "by 2 models" in run.status().message


def test_the_seed_of_the_order_is_what_is_said_with(make_run: MakeRun, tmp_path: Path, tones: Tones) -> None:
    sounds = []
    for seed in (1, 1, 2):
        run = make_run("speak", **ordered(tmp_path, texts=TEXTS[:1], options={"seed": seed}))
        speak.run_job(run, run.order())
        sounds.append((run.path / "spoken/0-000.wav").read_bytes())
    assert sounds[0] == sounds[1] != sounds[2]


def test_a_recogniser_hears_what_was_said(make_run: MakeRun, tmp_path: Path, tones: Tones) -> None:
    listener = {"family": "ctc", "model": str(STARTER)}
    run = make_run("speak", **ordered(tmp_path, texts=("hello",), listener=listener))
    speak.run_job(run, run.order())
    row = rows_of(run)["0-0"]
    assert isinstance(row["heard"], str) and row["cer"] > 0.3  # a row of tones is no hello


def test_without_its_recogniser_it_speaks_all_the_same(make_run: MakeRun, tmp_path: Path, tones: Tones
                                                       ) -> None:
    run = make_run("speak", **ordered(tmp_path, listener={"family": "ctc", "model": str(tmp_path / "none")}))
    speak.run_job(run, run.order())
    assert len(rows_of(run)) == 3 and "cer" not in rows_of(run)["0-0"]
    (warning,) = [row for row in run.events()[0] if row["kind"] == "warning"]
    assert "is not heard by a recogniser" in warning["sentence"]


def test_a_model_that_says_nothing_leaves_no_file(make_run: MakeRun, tmp_path: Path, tones: Tones) -> None:
    run = make_run("speak", **ordered(tmp_path, texts=("...", "word")))
    speak.run_job(run, run.order())
    rows = rows_of(run)
    assert rows["0-0"]["audio"] == "" and rows["0-0"]["seconds"] == 0 and rows["0-1"]["audio"]
    assert soundfile.info(run.path / speak.joined(0)).duration == pytest.approx(rows["0-1"]["seconds"])


def test_a_family_that_does_not_speak_says_which_do(tones: Tones) -> None:
    with pytest.raises(NotFound, match=r"“ctc” does not speak; these do: .*tones"):
        saying.open_voice("ctc", str(STARTER))


def test_figures_of_a_sound_that_hangs_in_one_code() -> None:
    tone = (0.3 * np.sin(np.arange(2 * RATE) / 9)).astype(np.float32)
    codes = np.full((50, 8), 7)
    made = measure(tone, RATE, codes, 1024, 25.0, False, 1.0)
    assert made.loops and made.diversity[0] == Diversity(1 / 50, 0.0, 50) and not made.stopped
    varied = np.random.default_rng(0).integers(0, 1024, (50, 8))
    assert not measure(tone, RATE, varied, 1024, 25.0, True, 1.0).loops
    assert measure(tone, RATE, varied, 1024, 25.0, True, 0.0).row()["duration_ratio"] is None


@pytest.mark.slow
def test_a_tiny_higgs_speaks_within_the_limit_and_the_same_again(make_run: MakeRun, tmp_path: Path) -> None:
    model = {"title": "tiny", "family": "higgs", "path": str(make_higgs(tmp_path / "higgs"))}
    soundfile.write(tmp_path / "like.wav", 0.1 * np.sin(np.arange(RATE) / 9), RATE)
    like = {"id": "like", "audio": str(tmp_path / "like.wav"), "start": 0.0, "end": 0.5, "text": "like this"}
    sounds = []
    for _ in range(2):
        order = ordered(tmp_path, texts=("good day",), models=[model], reference=like)
        run = make_run("speak", **{**order, "pieces": [{"text": "good day", "expected": 0.3, "most": 0.4}]})
        speak.run_job(run, run.order())
        row = rows_of(run)["0-0"]
        assert 0 < row["seconds"] <= 0.4 + 1e-6 and len(row["diversity"]) == 8
        sounds.append((run.path / row["audio"]).read_bytes())
    assert sounds[0] == sounds[1]
