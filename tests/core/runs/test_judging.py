"""Train, evaluate and merge as jobs on the tiny CTC model: verdict, figures, the merged folder, its card."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core import manifest
from core.errors import BadInput, Refused, StudioError
from core.evaluation import closer
from core.evaluation import verdict as verdicts
from core.families.base import Clip
from core.files import read_json, write_json
from core.run_dir import RunDir
from core.runs import worker
from core.runs.jobs import Stopped, evaluate, merge, predicting, timing, train
from core.runs.jobs.card import model_card
from core.runs.jobs.predicting import material
from core.training.loop import TrainResult
from core.types import Prediction

RunMaker = Callable[..., RunDir]
MakeRun = Callable[..., RunDir]


@pytest.fixture
def trained(new_run: RunMaker, tiny_data: Path) -> RunDir:
    """A run of two steps, done by its worker, with ordinary speech to be judged on."""
    run = new_run({"steps": 2}, regression=str(tiny_data), fingerprint=None, versions={"torch": "2.13.0"})
    assert worker.work(run) == 0
    return run


@pytest.mark.budget(40)
def test_the_whole_way_from_training_to_a_merged_folder(
    trained: RunDir, make_run: MakeRun, tmp_path: Path
) -> None:
    status = trained.status()
    assert status.state == "done" and status.message.startswith("Trained 2 steps. No clear change"), (
        status.message
    )
    assert status.figures["step"] == 2 and status.figures["best"].startswith("step-")
    assert set(status.figures["base"]) >= {"wer", "digit_error_rate", "no_digit_share", "regression_wer"}

    verdict = read_json(trained.path / "verdict.json")
    assert (
        verdicts.from_json({k: v for k, v in verdict.items() if "items" not in k or k == "n_items"}).n_items
        == 2
    )
    assert [item["id"] for item in verdict["items"]] == ["c2", "c3"], "the test part, and nothing else"
    assert len(verdict["regression_items"]) == 12
    assert set(verdict["items"][0]) == {"id", "reference", "base", "tuned"}
    seen = closer.from_json(verdict["closer"])
    assert seen is not None and seen.plain.startswith("The training changed nothing that could be shown")
    assert seen.pace is None, "two clips are too few to time"

    out = tmp_path / "models" / "p" / "tuned"
    merging = make_run("merge", train_run=str(trained.path), out=str(out), dtype="bf16", name="tuned")
    assert worker.work(merging) == 0
    figures = merging.status().figures
    assert merging.state() == "done" and figures["merged_equal"] is True, merging.status().message
    assert set(figures["bf16"]) >= {"n_different", "wer_cost", "items"}
    card = (out / "README.md").read_text()
    for said in (trained.id, "fingerprint", "| steps | 2 |", verdict["sentence"], seen.plain, "torch"):
        assert said in card
    assert [path.name for path in out.parent.iterdir()] == ["tuned"], "nothing is left beside it"

    again = make_run("merge", train_run=str(trained.path), out=str(out), name="tuned")
    assert worker.work(again) == 0
    assert again.state() == "failed" and "exists already" in again.status().message


def test_two_models_are_judged_and_one_is_measured(
    tiny_base: Callable[..., Path], tiny_data: Path, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "MOST_PAIRS", 6)
    base = {"name": "starter", "family": "ctc", "base": str(tiny_base()), "adapter": None}
    alone = make_run("evaluate", models=[base], dataset=str(tiny_data), regression=None, split="all")
    evaluate.run_job(alone, alone.order())
    figures = read_json(alone.path / "figures.json")
    assert figures["figures"]["n_items"] == 12 and figures["regression"] is None
    assert set(figures["items"][0]) == {"id", "reference", "prediction"}
    assert alone.status().message.startswith("starter: ") and alone.status().figures["n"] == 12

    both = make_run(
        "evaluate", models=[base, {**base, "name": "same"}], dataset=str(tiny_data), split="all"
    )
    evaluate.run_job(both, both.order())
    verdict = read_json(both.path / "verdict.json")
    assert verdict["judgement"] == "no clear change" and verdict["models"] == {
        "base": "starter",
        "tuned": "same",
    }
    assert all(item["base"] == item["tuned"] for item in verdict["items"])
    seen = closer.from_json(verdict["closer"])
    assert seen is not None and seen.pace is not None and seen.pace.n == 6
    assert seen.pace.base_factor.median > 0 and 0.3 < seen.pace.ratio < 3


class Clock:
    """A recogniser that notes who was asked for what, and takes no time."""

    choice = ""

    def __init__(self, name: str, heard: list[tuple[str, str]]) -> None:
        self._name, self._heard = name, heard

    def transcribe(self, clip: Clip) -> Prediction:
        self._heard.append((self._name, clip.id))
        return Prediction(clip.id, "")


def test_base_and_tuned_take_turns_on_the_same_clips_and_are_warm_before() -> None:
    heard: list[tuple[str, str]] = []
    clips = [Clip(str(at), Path("x"), 0.0, 1.0) for at in range(7)]
    models = [Clock("base", heard), Clock("tuned", heard)]
    assert len(timing.by_turns(models, clips)) == 7
    warm, timed = heard[:4], heard[4:]
    assert warm == [("base", "0"), ("tuned", "0"), ("base", "1"), ("tuned", "1")]
    pairs = list(zip(timed[::2], timed[1::2], strict=True))
    assert [[clip for _, clip in pair] for pair in pairs] == [[str(at)] * 2 for at in range(7)]
    assert [pair[0][0] for pair in pairs] == ["base", "tuned"] * 3 + ["base"]
    assert len(timing.by_turns(models, clips, seconds=0.0)) == 6, "no fewer, however long it takes"


def test_a_verdict_outlives_a_speed_that_cannot_be_measured(
    make_run: MakeRun, tiny_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(order: object, models: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(timing, "open_recogniser", full)
    run = make_run("evaluate")
    models = [predicting.Model(name, {}) for name in ("base", "tuned")]
    assert timing.timed(run, models, material(tiny_data, None, "all")) is None
    assert not timing._is_run(models[0])
    assert "could not be measured: out of memory" in run.events()[0][0]["sentence"]


def test_a_dataset_tells_the_kinds_of_its_prompts_and_its_words_for_digits(
    tiny_data: Path, tmp_path: Path
) -> None:
    assert material(tiny_data, None).kinds == {} and material(tiny_data, None).digits is None
    manifest.write(tmp_path, manifest.read(tiny_data))
    digits = "zo wa tu ti fo fa si se et na".split()
    write_json(tmp_path / "dataset.json", {"kinds": {"7": "order"}, "digits": digits})
    found = material(tmp_path, None)
    assert (found.kinds, found.digits) == ({"7": "order"}, tuple(digits))


def test_names_that_cannot_be_told_apart_are_refused(make_run: MakeRun, tiny_data: Path) -> None:
    model = {"name": "a", "family": "ctc", "base": "/x", "adapter": None}
    for models in ([], [model, model], [{**model, "name": str(n)} for n in range(3)]):
        run = make_run("evaluate", models=models, dataset=str(tiny_data))
        with pytest.raises(BadInput, match="one model, or two"):
            evaluate.run_job(run, run.order())


def test_nothing_to_judge_by_is_refused(tiny_data: Path) -> None:
    with pytest.raises(Refused, match="no clips in its dev part"):
        material(tiny_data, None, "dev")


def test_predictions_are_kept_and_a_stop_is_heard_between_them(
    tiny_base: Callable[..., Path], tiny_data: Path, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run("evaluate")
    model = predicting.Model("base", {"model": str(tiny_base()), "family": "ctc", "device": "cpu"})
    clips = material(tiny_data, tiny_data)
    run.request_stop()
    with pytest.raises(Stopped, match="after 0 of 14 clips"):
        predicting.predict(run, [model], clips)
    run.clear_stop()
    texts = predicting.predict(run, [model], clips)
    assert len(texts) == 14
    monkeypatch.setattr(predicting, "open_recogniser", lambda *_: pytest.fail("everything is known"))
    assert predicting.predict(run, [model], clips) == texts


@pytest.fixture
def trains(monkeypatch: pytest.MonkeyPatch) -> Callable[[TrainResult], None]:
    """Let the loop end like this."""
    return lambda result: monkeypatch.setattr("core.training.loop.train", lambda run, order: result)


@pytest.mark.parametrize(("step", "where"), [(0, "before the first step"), (7, "at step 7")])
def test_a_stopped_loop_is_a_stopped_run(
    step: int, where: str, make_run: MakeRun, trains: Callable[[TrainResult], None]
) -> None:
    trains(TrainResult("stopped", step, "", {}))
    run = make_run("train")
    worker.work(run)
    assert run.status().message == f"Stopped by you {where}." and not (run.path / "verdict.json").exists()


def test_training_without_test_clips_is_done_and_says_so(
    make_run: MakeRun, trains: Callable[[TrainResult], None], tiny_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trains(TrainResult("done", 3, "step-000003", {"loss": 1.0}))
    monkeypatch.setattr(train, "material", lambda dataset, regression: material(dataset, regression, "dev"))
    run = make_run("train", base="/x", dataset=str(tiny_data), regression=None)
    worker.work(run)
    status = run.status()
    assert status.state == "done" and "No verdict: The dataset" in status.message
    assert status.figures == {"loss": 1.0, "step": 3, "best": "step-000003"}
    assert [row["kind"] for row in run.events()[0]] == ["phase", "warning"]


def test_a_merge_that_fails_leaves_nothing(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(run: Path, out: Path, dtype: str) -> None:
        out.mkdir(parents=True)
        raise StudioError("The merged model differs.")

    monkeypatch.setattr("core.training.merging.merge_run", half)
    run = make_run("merge", train_run=str(tmp_path), out=str(tmp_path / "models" / "m"))
    with pytest.raises(StudioError, match="differs"):
        merge.run_job(run, run.order())
    assert list((tmp_path / "models").iterdir()) == []


def test_a_card_lists_what_bf16_changed_and_survives_pipes(make_run: MakeRun) -> None:
    item = {"id": "c1", "reference": "a | b", "before": "one", "after": "1"}
    figures = {
        "merged_equal": True,
        "n": 20,
        "max_logit_difference": 1e-6,
        "dtype": "bf16",
        "bf16": {"n_different": 1, "wer_cost": 0.25, "items": [item]},
    }
    run = make_run("train", base="/m/starter", dataset="/d/numbers", family="ctc", fingerprint="ab12")
    card = model_card("mine", run, figures)
    assert "| c1 | a \\| b | one | 1 |" in card and "0.25 points" in card and "Not measured" in card
    assert "| fingerprint | ab12 |" in card and "/m/" not in card, "no path of the machine it was made on"
