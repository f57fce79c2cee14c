"""Train, verdict and merge: everything that can be checked is checked before a run is made."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core import manifest
from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused, StudioError, Unavailable
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs import start as runs
from core.steps import dataset, merge, train, train_request, verdict
from tests.made import ctc_folder, library, take

Made = tuple[Library, Project]
WORDS = "one two three four five six seven eight nine zero ten eleven".split()


@pytest.fixture
def made(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    return library(data_root)


@pytest.fixture
def base(made: Made) -> Path:
    return ctc_folder(made[0].root.models / "p" / "base")


@pytest.fixture
def ready(made: Made, base: Path) -> Made:
    """Twelve accepted takes and a base to train."""
    for word in WORDS:
        take(*made, word, word, decision="accepted")
    return made


def n_runs(lib: Library) -> int:
    return len(list(lib.root.runs("p").glob("*")))


def test_a_run_gets_a_whole_order(ready: Made, base: Path) -> None:
    lib, project = ready
    take(lib, project, prompt="the sun is out", role="regression")
    run = train.start(lib, project, base="p/base", overrides={"steps": "7"})
    order, made_now = run.order(), lib.datasets.get(project.id)
    assert (order["kind"], order["family"], order["base"]) == ("train", "ctc", str(base.resolve()))
    assert (order["fingerprint"], order["dataset_name"]) == (made_now.fingerprint, "dataset-1")
    assert order["options"]["steps"] == 7
    assert order["preset"] == "Quick"
    assert len(manifest.read(Path(order["dataset"]))) == len(WORDS)
    assert [row.text for row in manifest.read(Path(order["regression"]))] == ["the sun is out"]
    assert set(order["versions"]) >= {"torch", "transformers", "peft"}
    assert json.loads(json.dumps(order)) == order
    assert [card.id for card in train.cards(lib, project, "train")] == [run.id]


def test_a_run_from_scratch_has_the_blank_as_its_base(ready: Made) -> None:
    lib, project = ready
    run = train.start(lib, project, "lact", "lact-blank", train.usual_preset("lact"))
    order = run.order()
    assert (order["family"], Path(order["base"]).name) == ("lact", "lact-blank")
    assert order["options"]["size"] == "tiny"
    assert "lact-blank" in [choice.name for choice in train.bases(lib, "lact")]
    settings = train_request.read((run.path / train_request.FILE).read_bytes(), train_request.FILE)
    again = train.fresh(lib, project, settings)
    assert again.order()["base"] == order["base"], "its settings as a file start it again"
    with pytest.raises(BadInput, match="no LaCT model"):
        train.start(lib, project, "lact", "p/base", train.usual_preset("lact"))


def test_a_dataset_is_made_only_when_the_newest_is_out_of_date(ready: Made) -> None:
    lib, project = ready
    for _ in range(2):
        train.start(lib, project, base="p/base")
    assert [found.name for found in lib.datasets.of(project.id)] == ["dataset-1"]
    take(lib, project, "twelve", decision="accepted")
    assert train.start(lib, project, base="p/base").order()["dataset_name"] == "dataset-2"
    named = train.start(lib, project, base="p/base", dataset="dataset-1").order()
    assert named["dataset_name"] == "dataset-1"
    assert named["regression"] is None
    with pytest.raises(NotFound, match="“gone”"):
        train.start(lib, project, base="p/base", dataset="gone")


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_takes_start_no_run(made: Made, base: Path, n: int) -> None:
    lib, project = made
    for word in WORDS[:n]:
        take(lib, project, word, word, decision="accepted")
    with pytest.raises(Refused, match=f"this project has {n}"):
        train.start(lib, project, base="p/base")
    assert n_runs(lib) == 0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"preset": "Wild"}, "no preset “Wild” for .*; choose one of: Quick, Careful"),
        ({"overrides": {"steps": "many"}}, "Option “steps” is 'many', but should be a valid integer"),
        ({"overrides": {"steps": "-1"}}, "Option “steps” is '-1', but should be greater than or equal to 1"),
        ({"overrides": {"colour": "red"}}, "There is no option “colour” .*; the options are: .*steps"),
        ({"family": "pocketsphinx"}, "“pocketsphinx” cannot be trained here; choose ctc, whisper"),
        ({"family": "parrot"}, "no model family “parrot”"),
        ({"base": "nowhere"}, "no model “nowhere”"),
        ({"base": "tiny.en"}, "tiny.en"),
    ],
)
def test_a_wrong_choice_is_named_before_anything_is_made(ready: Made, given: dict, sentence: str) -> None:
    lib, project = ready
    with pytest.raises(StudioError, match=sentence):
        train.start(lib, project, **{"base": "p/base", **given})
    assert n_runs(lib) == 0
    assert lib.datasets.of(project.id) == []


def test_a_run_is_no_base(ready: Made) -> None:
    lib, project = ready
    run = train.start(lib, project, base="p/base")
    (run.checkpoints / "manifest.json").write_text("{}")
    for name in (run.id, str(run.path)):
        with pytest.raises(BadInput, match="training run"):
            train.start(lib, project, base=name)
    assert n_runs(lib) == 1


def test_letters_that_the_base_cannot_write_are_refused(ready: Made) -> None:
    lib, project = ready
    for number, text in enumerate(("один", "два", "три", "четыре", "пять", "шесть") * 3):
        take(lib, project, f"{text} {'да ' * number}", decision="accepted")
    with pytest.raises(Refused):
        train.start(lib, project, base="p/base")
    assert n_runs(lib) == 0


def test_an_estimate_and_a_preflight_make_nothing(ready: Made) -> None:
    lib, project = ready
    assert train.preflight(lib, project, base="p/base") == []
    guess = train.estimate(lib, project, "ctc", "p/base", train.options_of("ctc"))
    assert guess.seconds > 0
    assert guess.sentence
    assert lib.datasets.of(project.id) == []
    dataset.make(lib, project)
    assert {f.level for f in train.preflight(lib, project, base="p/base")} <= {"ok", "warn"}
    assert n_runs(lib) == 0


def test_presets_differ_and_options_have_words(made: Made) -> None:
    options, presets = train.form("ctc")
    assert set(presets) == {"Quick", "Careful", "Language"}
    assert train.options_of("ctc", "Quick") != train.options_of("ctc", "Careful")
    assert all(field.description for field in options.model_fields.values())
    names = [family.name for family in train.families()]
    assert names[:6] == ["ctc", "whisper", "kyutai", "higgs", "lact", "moshi"]


def test_a_run_is_stopped_and_resumed_by_its_short_name(ready: Made) -> None:
    lib, project = ready
    run = train.start(lib, project, base="p/base")
    train.stop(lib, run.id[-6:])
    assert run.state() == "stopped"
    with pytest.raises(Refused, match="stopped already"):
        train.stop(lib, run.id)
    assert train.resume(lib, run.id).state() == "queued"
    assert not run.stop_requested()
    with pytest.raises(NotFound, match="no run “other”"):
        train.stop(lib, "other")


def test_only_a_training_run_with_a_checkpoint_is_merged(ready: Made) -> None:
    lib, project = ready
    run = train.start(lib, project, base="p/base")
    with pytest.raises(Refused, match="still queued"):
        merge.start(lib, run.id)
    run.finish("stopped", "Stopped by you.")
    with pytest.raises(Refused, match="no checkpoint yet"):
        merge.start(lib, run.id)
    (run.checkpoints / "manifest.json").write_text('{"best": "step-1"}')
    for wrong, sentence in (
        ({"dtype": "int4"}, "not “int4”"),
        ({"name": "../../x"}, "cannot be a model name"),
        ({"name": "base"}, "already a model at p/base"),
    ):
        with pytest.raises(BadInput, match=sentence):
            merge.start(lib, run.id, **wrong)
    order = merge.start(lib, run.id, "tuned").order()
    assert (order["out"], order["train_run"]) == (
        str((lib.root.models / "p/tuned").resolve()),
        str(run.path.resolve()),
    )
    with pytest.raises(BadInput, match="no training run"):
        merge.start(lib, next(card.id for card in train.cards(lib, kind="merge")))


def test_a_model_is_measured_on_a_dataset_that_is_named(ready: Made) -> None:
    lib, project = ready
    dataset.make(lib, project)
    for name in ("p", "p/dataset-1", "dataset-1", str(lib.root.path / "p/datasets/dataset-1")):
        order = verdict.evaluate(lib, "p/base", name).order()
        assert order["dataset"] == str((lib.root.path / "p/datasets/dataset-1").resolve())
        assert order["project"] == "p"
    with pytest.raises(NotFound, match="no dataset “q”"):
        verdict.evaluate(lib, "p/base", "q")
    with pytest.raises(BadInput, match="so it is no dataset"):
        verdict.evaluate(lib, "p/base", str(lib.root.path))


def test_a_name_that_two_projects_use_must_be_told_in_full(ready: Made) -> None:
    lib, project = ready
    other = lib.projects.add("q", "Q", "blank", "en")
    for word in WORDS:
        take(lib, other, word, word, decision="accepted")
    for each in (project, other):
        dataset.make(lib, each)
    with pytest.raises(BadInput, match=r"fits several datasets .*p/dataset-1, q/dataset-1"):
        verdict.evaluate(lib, "p/base", "dataset-1")
    assert verdict.evaluate(lib, "p/base", "q").order()["project"] == "q"


def test_a_run_without_a_verdict_has_none(ready: Made) -> None:
    assert verdict.of_run(train.start(*ready, base="p/base")) is None


@pytest.mark.parametrize(
    "missing", ["vocab.json", "config.json", "preprocessor_config.json", "model.safetensors"]
)
def test_a_base_folder_that_lacks_a_file_is_told_which(ready: Made, base: Path, missing: str) -> None:
    (base / missing).unlink()
    with pytest.raises((Unavailable, BadInput), match=missing):
        train.start(*ready, base=str(base))
    assert n_runs(ready[0]) == 0


def test_a_pickle_is_never_a_base(ready: Made, base: Path) -> None:
    lib, project = ready
    (base / "model.safetensors").rename(base / "pytorch_model.bin")
    with pytest.raises(Refused, match=r"only as pytorch_model\.bin, a format that can run code"):
        train.start(lib, project, base=str(base))
    file = base.parent / "weights.pt"
    file.write_bytes(b"\x80\x04.")
    with pytest.raises(StudioError, match="weights"):
        train.start(lib, project, base=str(file))
    assert n_runs(lib) == 0


def test_a_damaged_run_hides_no_other(ready: Made) -> None:
    lib, project = ready
    good = train.start(lib, project, base="p/base")
    bad = RunDir.create(lib.root.runs("p"), "train", {})
    (bad.path / "run.json").write_text("{oh")
    assert {card.id: card.state for card in train.cards(lib, project)}[good.id] == "queued"


@pytest.fixture
def mms(made: Made, mms_base: Path) -> Path:
    """A tiny MMS model where facebook/mms-1b-all is looked for."""
    return Path(shutil.copytree(mms_base, made[0].root.models / "facebook" / "mms-1b-all"))


def test_a_language_is_taught_under_the_projects_code_and_the_bases_licence(ready: Made, mms: Path) -> None:
    lib, project = ready
    given = {"from_language": "smo"}
    order = train.start(lib, replace(project, language="to"), base="facebook/mms-1b-all", preset="Language",
                        overrides=given).order()
    assert order["options"]["language"] == "ton"
    assert (order["options"]["from_language"], order["licence"]) == ("smo", "cc-by-nc-4.0")
    named = train.start(lib, project, base="facebook/mms-1b-all", preset="Language",
                        overrides={**given, "language": "tvl"})
    assert named.order()["options"]["language"] == "tvl"
    found = train.preflight(lib, project, base="facebook/mms-1b-all", preset="Language", overrides=given)
    assert {"alphabet", "odd_letters"} < {finding.code for finding in found}


def test_a_licence_that_forbids_a_use_is_said(made: Made, mms: Path, base: Path) -> None:
    lib, _ = made
    said = train.licence(lib, "facebook/mms-1b-all")
    assert said.startswith("facebook/mms-1b-all is under the licence CC-BY-NC-4.0: ")
    assert train.licence(lib, "p/base") == train.licence(lib, "starter") == ""


def test_a_test_clip_with_a_letter_that_no_training_clip_has_is_told(ready: Made, mms: Path) -> None:
    lib, project = ready
    snapshot = dataset.make(lib, project).dataset
    folder = lib.root.path / snapshot.folder
    rows = manifest.read(folder)
    at = next(i for i, row in enumerate(rows) if row.split == "test")
    rows[at] = replace(rows[at], text="\u014boa")
    manifest.write(folder, rows)
    found = train.preflight(lib, project, base="facebook/mms-1b-all", preset="Language",
                            dataset=snapshot.name)
    told = [finding for finding in found if rows[at].id in finding.ids]
    assert [(finding.code, finding.level) for finding in told] == [("letters_unheard", "warn")]
    assert "“\u014b”" in told[0].sentence
