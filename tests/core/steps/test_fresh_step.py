"""The fresh test: new numbers, a role of their own, no way into a dataset, and a verdict beside the run's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core import manifest
from core.commands import judging
from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused
from core.library import Change, Clip, Library, Project
from core.library.prompt_changes import PromptChange
from core.library.transcripts import Draft
from core.run_dir import RunDir
from core.runs import start as runs
from core.runs.jobs.predicting import material
from core.steps import dataset, desk, fresh, prompts, record, review, train, verdict
from core.text.fresh import numbers_of
from core.text.scripts import numbers_script
from tests.made import library, take, wav

Made = tuple[Library, Project, RunDir]
WHO = "page:anna"
SCRIPT = [(draft.text, draft.group) for draft in numbers_script()][:24]


@pytest.fixture
def made(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A project of 24 accepted takes, and a run that was trained on its dataset."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    lib, project = library(data_root)
    lib.prompts.add(project.id, SCRIPT)
    for text, _ in SCRIPT:
        take(lib, project, text, text, decision="accepted")
    folder = lib.root.path / dataset.make(lib, project).dataset.folder
    run = RunDir.create(lib.root.runs("p"), "train", {
        "project": "p", "family": "ctc", "base": "/m/starter", "dataset": str(folder), "device": "cpu"})
    (run.checkpoints / "manifest.json").write_text("{}")
    return lib, project, run


def recorded(lib: Library, project: Project, at: int, folder: Path, says: str | None = None) -> Clip:
    """A take of the fresh prompt number `at`, heard; `says` is what the machine wrote (None: the prompt)."""
    prompt = lib.prompts.of(project.id, "fresh")[at]
    source = wav(folder / f"fresh-{at}-{says}.wav", pitch=200.0 + 10 * at)
    clip = record.save_take(lib, project, prompt.id, "me", source, WHO).clip
    if says != "":
        heard = Draft(clip.id, says or prompt.text, "model:starter", None)
        lib.transcripts.append(project.id, [heard], "run")
    tone = json.dumps(clip.quality)  # it is no speech, and the recorder would say so
    lib.changes.apply(project.id, [Change(clip.id, "quality", tone, "{}")], WHO)
    return lib.clips.get(clip.id)


def all_recorded(lib: Library, project: Project, folder: Path) -> list[Clip]:
    return [recorded(lib, project, at, folder) for at in range(len(lib.prompts.of(project.id, "fresh")))]


def test_the_prompts_are_new_and_have_a_role_of_their_own(made: Made) -> None:
    lib, project, run = made
    new = fresh.make(lib, project, run.id, who=WHO)
    assert len(new) == 10 and {p.role for p in new} == {"fresh"} and {p.fresh for p in new} == {run.id}
    assert all(p.must for p in new), "the recorder asks for them first"
    said = set().union(*(numbers_of(text, "en") for text, _ in SCRIPT))
    assert not said & set().union(*(numbers_of(p.text, "en") for p in new))
    assert {p.grp for p in new} <= {kind for _, kind in SCRIPT}
    assert len(lib.prompts.of(project.id, "target")) == 24 and len(prompts.listing(lib, project)) == 34
    with pytest.raises(Refused, match="10 of the fresh prompts of this run wait"):
        fresh.make(lib, project, run.id)


def test_another_set_has_other_numbers_than_the_first(made: Made, tmp_path: Path) -> None:
    lib, project, run = made
    first = fresh.make(lib, project, run.id, 4)
    all_recorded(lib, project, tmp_path)
    second = fresh.make(lib, project, run.id, 4)
    numbers = [number for prompt in (*first, *second) for number in numbers_of(prompt.text, "en")]
    assert len(set(numbers)) == len(numbers) >= 8


def test_what_datasets_and_transcripts_say_is_known_too(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project, run = made
    noted: list[str] = []
    monkeypatch.setattr(fresh.Known, "add", lambda self, text, kind="": noted.append(text))
    take(lib, project, "code five five five five five", source="person")
    folder = Path(run.order()["dataset"])
    rows = manifest.read(folder)
    manifest.write(folder, [*rows, replace(rows[0], id="old", text="code nine nine nine nine nine")])
    fresh.make(lib, project, run.id, 1)
    assert {"code five five five five five", "code nine nine nine nine nine", SCRIPT[0][0]} <= set(noted)


Leak = Callable[[Library, Project, Clip, Path], object]
LEAKS: dict[str, Leak] = {
    "accepted": lambda lib, project, clip, _: review.decide(lib, project, clip.id, "accepted", "todo", WHO),
    "the sound again, as another take": lambda lib, project, clip, _: twin(lib, project, clip),
    "its number asked for by another prompt": lambda lib, project, clip, _: take(
        lib, project, *[f"Invoice {clip_number(lib, clip)}"] * 2, decision="accepted"),
    "its number typed by a person": lambda lib, project, clip, _: take(
        lib, project, f"so that was {clip_number(lib, clip)}", source="person", decision="accepted"),
    "its prompt given to another take": lambda lib, project, clip, _: lib.changes.apply(project.id, [
        Change(take(lib, project, "something else", decision="accepted"), "prompt_id", None, clip.prompt_id)],
        WHO),
    "its number in ordinary speech": lambda lib, project, clip, _: take(
        lib, project, prompt=f"he said {clip_number(lib, clip)}", role="regression"),
    "its prompt changed to other words": lambda lib, project, clip, _: lib.prompts.apply(project.id, [
        PromptChange(clip.prompt_id or 0, "text", lib.clips.view(clip.id).prompt, "the sun is out")], WHO),
    "its take in the trash": lambda lib, project, clip, _: (
        twin(lib, project, clip), review.trash(lib, project, [clip.id], WHO)),
}


def clip_number(lib: Library, clip: Clip) -> str:
    """The digits that the prompt of a fresh take ends with, in words."""
    words = (lib.clips.view(clip.id).prompt or "").split()
    digits = "zero one two three four five six seven eight nine".split()
    first = next(at for at in range(len(words)) if all(word in digits for word in words[at:]))
    return " ".join(words[first:])


def twin(lib: Library, project: Project, clip: Clip) -> None:
    """The same sound as a target take without a prompt, accepted."""
    copied = replace(clip, id="twin", role="target", prompt_id=None, transcript_id=None, decision="todo")
    lib.clips.add(copied)
    lib.transcripts.append(project.id, [Draft("twin", "something else", "person", None)], WHO)
    lib.changes.apply(project.id, [Change("twin", "decision", "todo", "accepted")], WHO)


@pytest.mark.parametrize("way", LEAKS)
def test_no_way_leads_from_a_fresh_test_into_a_dataset(made: Made, tmp_path: Path, way: str) -> None:
    lib, project, run = made
    fresh.make(lib, project, run.id, 3)
    clips = all_recorded(lib, project, tmp_path)
    before = {row.id for row in manifest.read(Path(run.order()["dataset"]))}
    digits = numbers_of(clip_number(lib, clips[0]), "en")
    LEAKS[way](lib, project, clips[0], tmp_path)
    done = dataset.make(lib, project)
    folder = lib.root.path / done.dataset.folder
    rows = manifest.read(folder)
    if (folder / "regression" / manifest.NAME).exists():
        rows += manifest.read(folder / "regression")
    assert {row.id for row in rows} == before
    assert not digits & set().union(*(numbers_of(row.text, "en") for row in rows))
    assert not {row.sha256 for row in rows} & {clip.sha256 for clip in clips}


def test_the_dataset_says_how_many_takes_a_fresh_test_keeps_out(made: Made, tmp_path: Path) -> None:
    lib, project, run = made
    fresh.make(lib, project, run.id, 1)
    clip = recorded(lib, project, 0, tmp_path)
    assert dataset.current(lib, project) is not None, "recording a fresh take changes no dataset"
    take(lib, project, f"order {clip_number(lib, clip)}", source="person", decision="accepted")
    notes = dataset.make(lib, project).notes
    assert "Takes left out, because a fresh test asks for their numbers: 1." in notes


def test_missing_and_unsure_takes_are_named_before_anything_is_judged(made: Made, tmp_path: Path) -> None:
    lib, project, run = made
    assert "make some" in fresh.standing(lib, project, run.id).sentence
    fresh.make(lib, project, run.id, 4)
    recorded(lib, project, 0, tmp_path)
    recorded(lib, project, 1, tmp_path, "the whale sleeps in the sea")
    recorded(lib, project, 2, tmp_path, "")
    now = fresh.standing(lib, project, run.id)
    assert (now.n_recorded, now.can_judge) == (3, False) and now.sentence.startswith("3 of 4 fresh prompts")
    recorded(lib, project, 3, tmp_path)
    now = fresh.standing(lib, project, run.id)
    assert [unsure.why for unsure in now.unsure][1:] == ["It was not heard yet."] and len(now.unsure) == 2
    with pytest.raises(Refused, match="not sure what they say: 2;"):
        fresh.judge(lib, project, run.id)
    there = {row.id for row in desk.desk(lib, project).rows}
    assert {unsure.clip_id for unsure in now.unsure} <= there, "they can be reviewed"
    for unsure in now.unsure:
        view = lib.clips.view(unsure.clip_id)
        review.use_prompt(lib, project, view.clip.id, view.clip.transcript_id, WHO)
        review.decide(lib, project, view.clip.id, "accepted", "todo", WHO)
    assert fresh.standing(lib, project, run.id).can_judge


def test_the_verdict_is_on_the_prompts_words_or_a_person_s(made: Made, tmp_path: Path) -> None:
    lib, project, run = made
    fresh.make(lib, project, run.id, 6)
    clips = all_recorded(lib, project, tmp_path)
    mended = "order five five five five five five five five"
    review.edit(lib, project, clips[0].id, mended, clips[0].transcript_id, WHO)
    review.decide(lib, project, clips[0].id, "accepted", "todo", WHO)
    order = fresh.judge(lib, project, run.id).order()
    assert (order["kind"], order["fresh_of"], order["split"]) == ("evaluate", run.id, "all")
    assert [model["name"] for model in order["models"]] == ["base", "tuned"]
    assert (order["models"][0]["base_of"], order["models"][1]["adapter"]) == (str(run.path.resolve()),) * 2
    clips_of = material(Path(order["dataset"]), None, "all")
    texts = {row.id: row.text for row in clips_of.rows("held-out")}
    assert texts == {clips[0].id: mended} | {c.id: lib.clips.view(c.id).prompt for c in clips[1:]}
    assert set(clips_of.kinds.values()) <= {kind for _, kind in SCRIPT} and clips_of.kinds
    assert all((folder / row.audio).exists() for _, folder, row in clips_of.clips)
    assert not fresh.standing(lib, project, run.id).can_judge, "one at a time"
    with pytest.raises(NotFound, match="has not a dataset"):
        train.plan(lib, project, dataset=Path(order["dataset"]).name)


def test_digits_and_what_was_learned_are_refused_at_the_last_moment(made: Made, tmp_path: Path) -> None:
    lib, project, run = made
    fresh.make(lib, project, run.id, 1)
    clip = recorded(lib, project, 0, tmp_path)
    review.edit(lib, project, clip.id, "order 55555", clip.transcript_id, WHO)
    review.decide(lib, project, clip.id, "accepted", "todo", WHO)
    with pytest.raises(Refused, match="still holds digits"):
        fresh.judge(lib, project, run.id)
    learned = next(row for row in manifest.read(Path(run.order()["dataset"])) if row.split == "train")
    review.edit(lib, project, clip.id, learned.text, lib.clips.get(clip.id).transcript_id, WHO)
    with pytest.raises(Refused, match="proves nothing"):
        fresh.judge(lib, project, run.id)


def test_a_fresh_verdict_stands_beside_the_run_s_own(made: Made, tmp_path: Path) -> None:
    lib, project, run = made
    figures = dict(n_items=6, n_words=9, n_digits=5, wer=0.5, cer=0.5, digit_error_rate=0.0,
                   number_error_rate=0.0, no_digit_share=0.0, no_digit_low=0.0, no_digit_high=0.4)
    written = {"base": figures, "tuned": figures, "regression_base": None, "regression_tuned": None,
               "intervals": {}, "judgement": "no clear change", "sentence": "The run's own.", "n_items": 6,
               "warnings": []}
    (run.path / "verdict.json").write_text(json.dumps(written))
    old = verdict.of_run(run)
    assert old is not None and (old.closer, old.fresh) == (None, ())
    fresh.make(lib, project, run.id, 1)
    recorded(lib, project, 0, tmp_path)
    judged = fresh.judge(lib, project, run.id)
    (judged.path / "verdict.json").write_text(json.dumps({**written, "sentence": "On fresh prompts."}))
    RunDir.create(lib.root.runs("p"), "evaluate", {"project": "p", "fresh_of": "another"})
    shown = verdict.of_run(run)
    assert shown is not None and shown.verdict.sentence == "The run's own."
    assert [each.verdict.sentence for each in shown.fresh] == ["On fresh prompts."]


def test_only_a_trained_run_of_the_project_has_a_fresh_test(made: Made) -> None:
    lib, project, run = made
    other = RunDir.create(lib.root.runs("p"), "evaluate", {"project": "p"})
    with pytest.raises(BadInput, match="no training run"):
        fresh.make(lib, project, other.id)
    (run.checkpoints / "manifest.json").unlink()
    with pytest.raises(Refused, match="no checkpoint yet"):
        fresh.standing(lib, project, run.id)
    with pytest.raises(BadInput, match="1 to 50"):
        (run.checkpoints / "manifest.json").write_text("{}")
        fresh.make(lib, project, run.id, 51)


def test_the_command_makes_and_says_how_far_it_is(made: Made) -> None:
    lib, _, run = made
    heard: list[str] = []
    told = judging.fresh(heard.append, "p", run.id, make=3, data=lib.root.path)
    assert told.value["prompts"] == heard and len(heard) == 3 and told.value["recorded"] == 0
    assert told.text is not None and told.text.startswith("0 of 3 fresh prompts are recorded")
    with pytest.raises(Refused, match="0 of 3"):
        judging.fresh(heard.append, "p", run.id, judge=True, data=lib.root.path)
