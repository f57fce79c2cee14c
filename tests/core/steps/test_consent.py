"""A model that speaks goes to nobody without the consent of each voice that it learned; its card keeps it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import manifest
from core.commands.speakers import speakers as command
from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused
from core.files import write_json
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs import start as runs
from core.runs.jobs.card import model_card
from core.steps import merge, speakers
from core.types import Row
from tests.made import ctc_folder, library, take

WHO = "page:ann"
TEXT = "A model may learn\nto speak with my voice."
Made = tuple[Library, Project]
Trained = Callable[..., RunDir]


@pytest.fixture
def made(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A project with three speakers; workers are not started."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    lib, project = library(data_root)
    for name in ("Ann", "Ben", "Cid"):
        take(lib, project, "said", speaker=name)
    return lib, project


@pytest.fixture
def trained(made: Made) -> Trained:
    """Makes a finished training run of a family on takes of these speakers."""
    lib, project = made
    base = ctc_folder(lib.root.models / "base")

    def make(*names: str, family: str = "higgs", **more: Any) -> RunDir:
        runs_there = lib.root.runs(project.slug)
        folder = runs_there / f"dataset-{len(list(runs_there.glob('*')))}"
        rows = [Row(f"{i}", "a.wav", 0.0, 1.0, 16000, "said", ("train", "val", "test")[i % 3], speaker=name)
                for i, name in enumerate(names)]
        manifest.write(folder, rows)
        run = RunDir.create(runs_there, "train", {"project": project.slug, "family": family, **more,
                                                  "base": str(base), "dataset": str(folder)})
        (run.checkpoints / "manifest.json").write_text('{"best": "step-1"}')
        run.finish("done", "Done.")
        return run

    return make


def agreed(lib: Library, project: Project, *names: str) -> None:
    speakers.ask_consent(lib, project, TEXT, WHO)
    for name in names:
        speakers.agreed_elsewhere(lib, project, name, WHO)


def test_without_consent_it_is_refused_with_the_way_to_record_it(
    made: Made, trained: Trained
) -> None:
    lib, project = made
    run = trained("Ann", "Ben", "Ann")
    with pytest.raises(Refused, match=r"voice of Ann, Ben, and no consent .*`app.py speakers p --consent"):
        merge.start(lib, run.id)
    agreed(lib, project, "Ann", "Cid")
    with pytest.raises(Refused, match=r"voice of Ben, .*--link NAME.*--agreed NAME"):
        merge.start(lib, run.id)
    agreed(lib, project, "Ben")
    consents = merge.start(lib, run.id, "tuned").order()["consents"]
    assert [(one["name"], one["version"], one["text"]) for one in consents] == [
        ("Ann", 1, TEXT), ("Ben", 1, TEXT)], "Cid's voice is not in it"


def test_the_way_that_the_sentence_names_records_it(
    made: Made, trained: Trained, tmp_path: Path
) -> None:
    lib, _ = made
    run, file = trained("Ann", "Ben"), tmp_path / "consent.txt"
    file.write_text(TEXT)
    told = command("p", consent=file, agreed=["Ann", "Ben"], data=lib.root.path)
    assert str(told.text).count("agreed") == 2 and "Cid: 1 takes, no consent recorded" in str(told.text)
    assert len(merge.start(lib, run.id).order()["consents"]) == 2


def test_a_consent_that_was_taken_back_counts_no_more(made: Made, trained: Trained) -> None:
    lib, project = made
    run = trained("Ann", "Ben")
    agreed(lib, project, "Ann", "Ben")
    speakers.withdraw(lib, project, lib.speakers.named(project.id, "Ben"), WHO)
    with pytest.raises(Refused, match="voice of Ben, who took the consent back"):
        merge.start(lib, run.id)


def test_an_older_wording_that_was_agreed_to_still_counts(made: Made, trained: Trained) -> None:
    lib, project = made
    run = trained("Ann")
    agreed(lib, project, "Ann")
    speakers.ask_consent(lib, project, "Another wording.", WHO)
    (one,) = merge.start(lib, run.id).order()["consents"]
    assert (one["version"], one["text"]) == (1, TEXT)


def test_the_voices_of_the_runs_before_count_too(made: Made, trained: Trained) -> None:
    lib, project = made
    first = trained("Ben")
    second = trained("Ann", parent=str(first.path))
    agreed(lib, project, "Ann")
    with pytest.raises(Refused, match="voice of Ben,"):
        merge.start(lib, second.id)
    (first.path / "run.json").rename(first.path / "gone.json")
    with pytest.raises(Refused, match=f"Run {first.id}, from which run {second.id} went on, is not there"):
        merge.start(lib, second.id)


def test_takes_without_a_speaker_are_nobodys_consent(made: Made, trained: Trained) -> None:
    lib, project = made
    agreed(lib, project, "Ann")
    with pytest.raises(Refused, match="have no speaker"):
        merge.start(lib, trained("Ann", "").id)


def test_a_model_that_only_hears_needs_no_consent(made: Made, trained: Trained) -> None:
    order = merge.start(made[0], trained("Ann", family="ctc").id).order()
    assert "consents" not in order


def test_a_model_that_goes_on_with_what_it_heard_has_voices_too(made: Made, trained: Trained) -> None:
    lib, project = made
    corpus = trained("1034", "", "1089", family="moshi")
    write_json(Path(corpus.order()["dataset"]) / "dataset.json", {"corpus": "/sounds/LibriLight"})
    order = merge.start(lib, corpus.id, "pre-trained").order()
    assert (order["consents"], order["corpora"]) == ([], ["LibriLight"]), "nobody can ask thousands"
    talks = trained("Ann", family="moshi", parent=str(corpus.path))
    with pytest.raises(Refused, match="voice of Ann, and no consent"):
        merge.start(lib, talks.id)
    agreed(lib, project, "Ann")
    order = merge.start(lib, talks.id, "talks").order()
    assert ([one["name"] for one in order["consents"]], order["corpora"]) == (["Ann"], ["LibriLight"])
    figures = {"dtype": "fp32"}
    card = model_card("talks", talks, figures, order["consents"], order["corpora"])
    assert "voices of these corpora: LibriLight. Their owners' licences say" in card and "| Ann | 1 |" in card
    says = trained("1034", family="higgs")
    write_json(Path(says.order()["dataset"]) / "dataset.json", {"corpus": "/sounds/LibriLight"})
    with pytest.raises(Refused, match="voice of 1034, and no consent"):
        merge.start(lib, says.id)  # that one says any text in the voice that is asked for


def test_only_a_known_speaker_agrees_and_only_to_a_text(made: Made) -> None:
    lib, project = made
    with pytest.raises(BadInput, match="no text yet"):
        speakers.agreed_elsewhere(lib, project, "Ann", WHO)
    with pytest.raises(NotFound, match="Nobody called “Dora”"):
        agreed(lib, project, "Dora")


def test_the_card_says_what_it_is_whose_voice_it_has_and_under_which_licence(
    made: Made, trained: Trained
) -> None:
    lib, project = made
    agreed(lib, project, "Ann")
    run = trained("Ann", licence="other")
    figures = {"merged_equal": True, "n": 1, "max_logit_difference": 0.0, "dtype": "bf16",
               "bf16": {"n_different": 0, "wer_cost": None, "items": []}}
    consents = merge.start(lib, run.id).order()["consents"]
    card = model_card("voice", run, figures, consents)
    assert "pipeline_tag: text-to-speech\nlicense: other\n" in card
    assert "The base model base has a licence of its own" in card
    assert f"| Ann | 1 | {consents[0]['date']} |" in card
    assert "Version 1:\n\n> A model may learn\n> to speak with my voice." in card
    heard = model_card("ears", trained("Ann", family="ctc"), figures)
    assert "pipeline_tag: automatic-speech-recognition" in heard and "## Consent" not in heard
