"""The tabs on a real library: they build with nothing open, and each button does to the data what it says."""
from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import soundfile

from core.config import DataRoot
from core.errors import BadInput, Refused, StudioError
from core.families.base import Estimate
from core.library import Library, Project
from core.run_dir import RunDir
from core.steps import convert, projects, recognise, review, train, transcribe
from core.steps.transcribe import ModelChoice
from tests.made import ctc_folder
from tests.ui.home import SPOKEN, WHO, Home
from ui import compare, data, review_page, run_panel, state, train_form, transcription
from ui.seat import NEW, picture, settle
from ui.texts import speaking
from ui.texts.retold import retold

# --- the page as a whole

def test_page_builds_on_an_empty_library_and_every_named_part_is_there(
        studio: tuple[Library, gr.Blocks]) -> None:
    _, blocks = studio
    ids = {block.elem_id for block in blocks.blocks.values() if block.elem_id}
    wanted = {f"review-{name}" for name in (
        "accept", "reject", "use-prompt", "edit", "save", "undo", "next", "prev", "filter", "accept-matching",
        "transcribe", "heard", "text", "prompt", "player")}
    checks = ("right", "wrong", "skip", "undo", "table", "proof", "plot", "edit", "save", "draw", "limits")
    wanted |= {f"spot-check-{name}" for name in checks}
    wanted |= {f"data-{name}" for name in ("make", "export", "restore", "empty-trash")}
    wanted |= {f"train-{name}" for name in ("start", "stop", "resume", "plot", "history", "options")}
    wanted |= {"merge-start", "compare-start"}
    assert wanted - ids == set()


def test_tabs_say_what_to_do_where_nothing_is_open(data_root: DataRoot) -> None:
    library = Library(data_root)
    pages = [review_page.paint(picture(library, None, NEW)), data.paint(library, None),
             run_panel.paint(library, None, "")]
    for values in pages:
        assert any("open one on the Project tab" in value for value in values if isinstance(value, str))
    assert transcription.picture(library, None)[1] == ""


def test_the_timer_never_writes_to_what_can_be_typed_into(studio: tuple[Library, gr.Blocks]) -> None:
    _, blocks = studio
    ticks = [fn for fn in blocks.fns.values() if any(name == "tick" for _, name in fn.targets)]
    fields = (gr.Textbox, gr.Number, gr.Slider, gr.Checkbox, gr.CheckboxGroup, gr.Radio)
    assert len(ticks) >= 5
    for fn in ticks:
        assert [out for out in fn.outputs if isinstance(out, fields) or "vw-sheet" in out.elem_classes] == []
        assert fn.show_progress == "hidden"


def test_nothing_is_read_again_while_nothing_changes(home: Home) -> None:
    before = state.stamp(home.library, home.project.slug)
    assert state.stamp(home.library, home.project.slug) == before
    review.decide(home.library, home.project, home.ids[0], "accepted", "todo", WHO)
    assert state.stamp(home.library, home.project.slug) != before


# --- review: where the page is

@pytest.mark.parametrize(("clip", "place", "step", "expected"), [
    ("b", 0, 0, 1), ("b", 0, 1, 2), ("b", 0, -1, 0), ("a", 0, -1, 0), ("c", 2, 1, 0),
    ("gone", 1, 1, 1), ("gone", 1, -1, 0), ("gone", 0, -1, 0), ("gone", 3, 1, 0), ("", 0, 0, 0)])
def test_place_after_a_step(clip: str, place: int, step: int, expected: int) -> None:
    assert settle(["a", "b", "c"], clip, place, step) == expected


def test_no_place_in_an_empty_list() -> None:
    assert settle([], "a", 0, 1) is None


def test_an_edited_take_stays_in_sight_though_its_filter_lost_it(home: Home) -> None:
    seat = home.seat(1, "mismatch")
    assert seat["clip"] == home.ids[1]
    review.use_prompt(home.library, home.project, home.ids[1], seat["version"], WHO)
    kept = picture(home.library, home.project, seat, stay=True)
    assert kept.view and kept.view.clip.id == home.ids[1] and not kept.listed and kept.n == 0
    assert picture(home.library, home.project, seat).view is None


def test_another_project_begins_at_its_first_take(home: Home) -> None:
    other = projects.create(home.library, f"Other {home.project.slug}").project
    seen = picture(home.library, other, home.seat(1, "mismatch"))
    assert (seen.seat["project"], seen.seat["which"], seen.view) == (other.slug, "todo", None)


def test_empty_filter_says_why_and_offers_all(home: Home) -> None:
    seen = picture(home.library, home.project, home.seat(0) | {"which": "rejected", "clip": ""})
    html = review_page.empty(seen)
    assert "No take has been rejected." in html and 'data-filter="all"' in html and "Show all 3" in html


def test_filters_show_their_counts_and_which_is_chosen(home: Home) -> None:
    html = review_page.filters(picture(home.library, home.project, home.seat(0)))
    assert 'data-filter="todo" aria-pressed="true">To do <b>3</b>' in html
    assert "Mismatches <b>1</b>" in html


def test_machine_text_is_shown_beside_the_words_with_its_reading(home: Home) -> None:
    values = review_page.paint(picture(home.library, home.project, home.seat(0)))
    page = " ".join(value for value in values if isinstance(value, str))
    assert "order 129" in page and "order one two nine" in page and "digit by digit" in page


# --- review: what the buttons do

def press(home: Home, button: str, index: int, text: str | None = None, event: str = "click") -> list[Any]:
    """Press a button of the Review tab at a take, with the field as it is (or as typed)."""
    act = home.handler(button, event)
    typed = text if text is not None else home.text(index) or ""
    return act(home.project.slug, WHO, home.seat(index), typed)


def test_accept_goes_on_to_the_next_take(home: Home) -> None:
    seat = press(home, "review-accept", 0)[0]
    assert home.decision(0) == "accepted"
    assert seat["clip"] == home.ids[1]


def test_accept_keeps_what_was_typed(home: Home) -> None:
    press(home, "review-accept", 1, "order three  four ")
    assert (home.decision(1), home.text(1)) == ("accepted", "order three four")
    assert home.library.transcripts.versions(home.ids[1])[-1].source == "person"


def test_accept_without_a_transcript_is_refused_in_words(home: Home) -> None:
    with pytest.raises(gr.Error, match="no transcript yet"):
        press(home, "review-accept", 2)
    assert home.decision(2) == "todo"


def test_reject_and_undo(home: Home) -> None:
    seat = press(home, "review-reject", 0)[0]
    assert home.decision(0) == "rejected"
    values = home.handler("review-undo", "click")(home.project.slug, WHO, seat)
    assert home.decision(0) == "todo"
    assert values[0]["clip"] == home.ids[0]


def test_use_the_prompt_stays_on_the_take(home: Home) -> None:
    seat = press(home, "review-use-prompt", 1)[0]
    assert home.text(1) == SPOKEN[1]
    assert (seat["clip"], home.decision(1)) == (home.ids[1], "todo")


@pytest.mark.parametrize(("button", "event"), [("review-save", "click"), ("review-edit", "submit")])
def test_saving_makes_a_new_version(home: Home, button: str, event: str) -> None:
    before = len(home.library.transcripts.versions(home.ids[0]))
    seat = press(home, button, 0, "order one two five", event)[0]
    assert home.text(0) == "order one two five" and seat["clip"] == home.ids[0]
    assert len(home.library.transcripts.versions(home.ids[0])) == before + 1


def test_saving_what_is_there_makes_no_version(home: Home) -> None:
    before = len(home.library.transcripts.versions(home.ids[0]))
    press(home, "review-save", 0)
    assert len(home.library.transcripts.versions(home.ids[0])) == before


@pytest.mark.parametrize("button", ["review-next", "review-prev"])
def test_turning_the_page_loses_nothing_that_was_typed(home: Home, button: str) -> None:
    press(home, button, 1, "typed and not saved")
    assert home.text(1) == "typed and not saved"


def test_text_that_was_not_read_is_not_accepted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(gr, "Warning", told.append)
    seat = home.seat(0)
    review.edit(home.library, home.project, home.ids[0], "their text", seat["version"], "page:other")
    act = home.handler("review-accept", "click")
    values = act(home.project.slug, WHO, seat, SPOKEN[0])
    assert home.decision(0) == "todo" and "Look again" in told[0] and "their text" in values


def test_filters_keep_what_was_typed(home: Home) -> None:
    event = gr.EventData(None, {"which": "all"})
    values = home.handler("review-filter", "choose")(home.project.slug, WHO, home.seat(0), "typed", event)
    assert home.text(0) == "typed" and values[0]["which"] == "all"


def test_stale_page_is_told_overwrites_nothing_and_sees_the_newer_text(
        home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(gr, "Warning", told.append)
    act = home.handler("review-save", "click")
    seat = home.seat(0)
    review.edit(home.library, home.project, home.ids[0], "their text", seat["version"], "page:other")
    values = act(home.project.slug, WHO, seat, "what I wrote")
    assert home.text(0) == "their text"
    assert len(told) == 1 and "Somebody else" in told[0]
    assert "their text" in values


def test_another_reading_is_chosen_by_name(home: Home) -> None:
    names = [r["name"] for r in home.library.clips.view(home.ids[0]).details["items"][0]["readings"]]
    other = next(name for name in names if name != "digit by digit")
    event = gr.EventData(None, {"index": 0, "name": other})
    home.handler("review-text", "reading")(home.project.slug, WHO, home.seat(0), event)
    assert home.library.clips.view(home.ids[0]).details["items"][0]["chosen"]["name"] == other
    assert home.text(0) != SPOKEN[0]


def test_accepting_all_that_match_takes_only_those_and_can_be_undone(home: Home) -> None:
    seen = picture(home.library, home.project, home.seat(0))
    assert review_page.matching(seen)["value"] == "Accept all 1 that match their prompt"
    seat = home.handler("review-accept-matching", "click")(home.project.slug, WHO, home.seat(0), SPOKEN[0])[0]
    assert [home.decision(i) for i in range(3)] == ["accepted", "todo", "todo"]
    assert review_page.matching(picture(home.library, home.project, seat))["visible"] is False
    home.handler("review-undo", "click")(home.project.slug, WHO, seat)
    assert home.decision(0) == "todo"


# --- transcribing

def test_transcribe_bar_counts_starts_and_falls_silent(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(transcribe, "start", lambda lib, project, model: started.append(model))
    bar, said, _, _ = transcription.picture(home.library, home.project)
    assert bar["visible"] and "1 take has" in said
    home.handler("review-transcribe", "click")(home.project.slug, "starter")
    assert started == ["starter"]
    review.edit(home.library, home.project, home.ids[2], "code zero seven", None, WHO)
    assert transcription.picture(home.library, home.project)[0]["visible"] is False


def test_transcribe_bar_says_how_a_bad_run_ended(home: Home) -> None:
    runs = home.library.root.runs(home.project.slug)
    run = RunDir.create(runs, "transcribe", {"project": home.project.slug})
    run.write_status("failed", "The model folder is gone.")
    assert "The model folder is gone." in transcription.picture(home.library, home.project)[1]


# --- data

def accepted(home: Home) -> None:
    """All three takes accepted with what they say."""
    for index in range(3):
        press(home, "review-accept", index, SPOKEN[index])


THIRDS = {"val_share": 0.3, "test_share": 0.3, "split_by": "prompt", "hold_out": "", "rehearsal_share": 0.6,
          "seed": 1}


def test_dataset_is_made_from_the_form_and_listed(home: Home) -> None:
    accepted(home)
    assert list(data.REST) == list(THIRDS)
    said = home.handler("data-make", "click")(home.project.slug, "mine", THIRDS)[0]
    assert "“mine” is made" in said and "to learn from" in said
    assert "mine" in data.listing(home.library, home.project)
    assert "up to date" in data.listing(home.library, home.project)


def test_dataset_form_names_the_option_that_is_wrong(home: Home) -> None:
    accepted(home)
    with pytest.raises(gr.Error, match=r"“Test share” cannot be 0\.9: it must be 0\.05 to 0\.6"):
        home.handler("data-make", "click")(home.project.slug, "x", {**THIRDS, "test_share": 0.9})


def test_nothing_accepted_is_said_before_anything_is_pressed(home: Home) -> None:
    assert "No take is accepted yet" in data.ready(home.library, home.project)
    press(home, "review-accept", 0)
    assert "1 accepted take" in data.ready(home.library, home.project)


@pytest.mark.parametrize(("title", "rate"), [("16 kHz", 16000), ("24 kHz", 24000)])
def test_export_writes_pcm16_at_the_chosen_rate(home: Home, title: str, rate: int) -> None:
    accepted(home)
    home.handler("data-make", "click")(home.project.slug, "mine", THIRDS)
    said = home.handler("data-export", "click")(home.project.slug, "mine", title)
    files = sorted(home.library.root.project(home.project.slug).glob("exports/**/*.wav"))
    assert len(files) == 3 and title in said
    assert {(soundfile.info(f).samplerate, soundfile.info(f).subtype) for f in files} == {(rate, "PCM_16")}


@pytest.mark.parametrize(("which", "form", "file"), [
    ("/accepted", "vtt", "accepted-vtt/*.vtt"), ("mine", "lhotse", "mine-lhotse/train/supervisions.jsonl"),
    ("/all", "audiofolder", "all-audiofolder/metadata.jsonl")])
def test_export_in_a_format_of_the_field(home: Home, which: str, form: str, file: str) -> None:
    accepted(home)
    home.handler("data-make", "click")(home.project.slug, "mine", THIRDS)
    said = home.handler("data-export", "click")(home.project.slug, which, "16 kHz", form)
    assert list((home.library.root.project(home.project.slug) / "exports").glob(file))
    assert "3 clips are in" in said
    with pytest.raises(gr.Error, match="make one first"):
        home.handler("data-export", "click")(home.project.slug, "/all", "16 kHz")


def test_edited_labels_are_shown_and_taken_in(home: Home) -> None:
    accepted(home)
    said = home.handler("labels-send", "click")(home.project.slug, "audacity")
    assert "3 labels are in" in said
    folder = home.library.root.project(home.project.slug) / "exports" / "labels-audacity"
    files = [str(path) for path in sorted(folder.glob("*.txt"))]
    path = next(path for path in files if SPOKEN[1] in Path(path).read_text())
    Path(path).write_text(Path(path).read_text().replace("three", "thirty"))
    look, take = home.handler("labels-files", "change"), home.handler("labels-take", "click")
    html, mark, button = look(home.project.slug, files)
    assert "1 change:" in html and "order thirty four" in html and button["visible"]
    done = take(home.project.slug, WHO, files, mark, False)
    assert "1 change is done" in done[0] and home.text(1) == "order thirty four"
    review.undo(home.library, home.project, WHO)
    assert home.text(1) == SPOKEN[1]
    html, mark, _ = look(home.project.slug, files)
    clip = home.library.clips.get(home.ids[1])
    review.edit(home.library, home.project, clip.id, "order three", clip.transcript_id, "page:other")
    again = take(home.project.slug, WHO, files, mark, False)
    assert "nothing was done" in again[0] and "Changed here as well" in again[0]
    assert home.text(1) == "order three"
    assert look(home.project.slug, None)[0] == ""
    with pytest.raises(gr.Error, match="Choose the edited files"):
        take(home.project.slug, WHO, None, "", False)


def test_export_without_a_dataset_says_so(home: Home) -> None:
    with pytest.raises(gr.Error, match="make one first"):
        home.handler("data-export", "click")(home.project.slug, None, "16 kHz")


def test_trash_gives_back_and_empties_only_when_sure(home: Home) -> None:
    review.trash(home.library, home.project, home.ids[:2], WHO)
    home.handler("data-restore", "click")(home.project.slug, WHO, [home.ids[0]])
    assert home.library.clips.get(home.ids[0]).trashed == 0
    remove = next(fn.fn for fn in home.blocks.fns.values() if fn.fn and fn.fn.__name__ == "remove")
    remove(home.project.slug, False)
    assert len(review.trashed(home.library, home.project)) == 1
    remove(home.project.slug, True)
    assert review.trashed(home.library, home.project) == []


# --- train

def run_of(home: Home, kind: str = "train", status: str = "done", **order: Any) -> RunDir:
    """A run folder with a few events, as a worker leaves it."""
    given = {"project": home.project.slug, "preset": "Quick", "family": "ctc", **order}
    run = RunDir.create(home.library.root.runs(home.project.slug), kind, given)
    run.event("step", 1, loss=2.0)
    run.event("sample", 1, id="a", reference="one two", prediction="12")
    run.write_status(status, f"It is {status}.")  # type: ignore[arg-type]
    return run


def shown(home: Home, run_id: str = "") -> dict[str, Any]:
    """The Train tab's values by name."""
    names = ["panel", "empty", "run", "state", "stop", "resume", "plot", "warnings", "samples", "verdict",
             "merge", "merged", "history", "advice"]
    return dict(zip(names, run_panel.paint(home.library, home.project, run_id), strict=True))


def test_train_tab_without_a_run_says_what_to_do(home: Home) -> None:
    values = shown(home)
    assert "press Start" in values["state"] and values["plot"]["visible"] is False


@pytest.mark.parametrize(("status", "stop", "resume"), [
    ("running", False, True), ("done", False, False), ("stopped", False, True), ("failed", False, True)])
def test_buttons_fit_the_state_of_the_run(home: Home, status: str, stop: bool, resume: bool) -> None:
    run = run_of(home, status=status)  # "running" without a lock is lost
    values = shown(home)
    assert (values["stop"]["visible"], values["resume"]["visible"]) == (stop, resume)
    assert values["plot"]["value"]["run"] == run.id and "<ins>12</ins>" in values["samples"]


def test_newest_run_is_shown_unless_another_was_chosen(home: Home) -> None:
    older, newer = run_of(home), run_of(home)
    assert shown(home)["run"] == newer.id
    assert shown(home, older.id)["run"] == older.id
    assert shown(home, "gone")["run"] == newer.id


def test_merge_is_offered_once_there_is_a_checkpoint_and_tells_its_result(home: Home) -> None:
    run = run_of(home)
    assert shown(home)["merge"]["visible"] is False
    (run.checkpoints / "manifest.json").write_text("{}")
    assert shown(home)["merge"]["visible"] is True
    run_of(home, "merge", train_run=str(run.path.resolve()))
    assert "It is done." in shown(home)["merged"]


def test_history_buttons_stop_and_resume_only_runs_of_the_project(
        home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(train, "stop", lambda lib, name: asked.append(("stop", name)))
    monkeypatch.setattr(train, "resume", lambda lib, name: asked.append(("resume", name)))
    run = run_of(home)
    choose = home.handler("train-history", "choose")
    for what in ("show", "stop", "resume"):
        choose(home.project.slug, gr.EventData(None, {"what": what, "run": run.id}))
    assert asked == [("stop", run.id), ("resume", run.id)]
    with pytest.raises(gr.Error, match="does not belong"):
        choose(home.project.slug, gr.EventData(None, {"what": "stop", "run": "../../x"}))


def filled(form: train_form.TrainForm, **changed: Any) -> list[Any]:
    """The form as it stands in the page, with single options changed."""
    options = {**form.options.value, **changed}
    return [form.families[0].name, "starter", "Quick", "", "auto", "auto", 1, options]


@pytest.fixture
def form(home: Home) -> train_form.TrainForm:
    """The form of the Train tab."""
    with gr.Blocks():
        return train_form.build()


def test_untouched_form_wishes_for_the_preset(form: train_form.TrainForm) -> None:
    wish = form.wish(filled(form))
    assert (wish.preset, wish.overrides, wish.dataset) == ("Quick", {}, None)


def test_changed_option_is_the_only_override(form: train_form.TrainForm) -> None:
    assert form.wish(filled(form, rank=4)).overrides == {"rank": "4"}
    with pytest.raises(BadInput, match="“Rank” cannot be 0: it must be 1 to 512"):
        form.wish(filled(form, rank=0))


def test_preset_fills_its_own_family(form: train_form.TrainForm) -> None:
    careful = form.families[0].presets["Careful"]
    values = form.preset_values(form.families[0].name, "Careful")
    assert list(values) == list(form.fields[form.families[0].name]), "what the family lacks is hidden"
    assert {name: values[name] for name in careful} == careful


def test_options_that_families_share_stand_in_the_form_once(form: train_form.TrainForm) -> None:
    named = re.findall(r'id="train-option-([a-z0-9-]+)" hidden', form.options.html_template)
    assert len(set(named)) == len(named) > 60 and [one for one in named if one.startswith("lr-")] == []
    for family in form.families:
        mine = form.fields[family.name]
        assert {field.name for field in mine.values()} == set(family.options.model_fields)
        for key, field in mine.items():
            said = html.escape(field.info, quote=True).replace("$", "&#36;")
            row = f'id="train-option-{key.replace("_", "-")}-info">{said}</small>'
            assert row in form.options.html_template, "what is said of an option is true for this family"
        preset = next(iter(family.presets))
        values = form.preset_values(family.name, preset)
        wish = form.wish([family.name, "starter", preset, "", "auto", "auto", 1, values])
        assert wish.overrides == {}, "an untouched form is the preset, whatever other families' defaults are"


def test_preset_for_a_language_tells_its_epochs_and_fills_its_options(form: train_form.TrainForm) -> None:
    titles = dict(map(reversed, train_form.preset_choices(form.families[0])))
    assert titles["Language"] == "A language (MMS) (10 epochs)" and titles["Quick"] == "Quick (120 steps)"
    fields, values = form.fields["ctc"], form.preset_values("ctc", "Language")
    assert (values["tune"], values["head_epochs"], values["adapter_epochs"]) == ("language", 2, 8)
    assert (values["from_language"], values["language"]) == ("", "")
    chosen = {**values, "from_language": "smo", "language": "tvl"}
    wish = form.wish(["ctc", "starter", "Language", "", "auto", "auto", 1, chosen])
    assert wish.overrides == {"from_language": "smo", "language": "tvl"}
    with speaking("fr"):
        assert fields["from_language"].info.startswith("Code de la langue de départ, par exemple smo")
        assert all(retold(fields[name].description) != fields[name].description for name in fields)


def test_a_family_offers_its_own_bases_alone(home: Home) -> None:
    own = train_form.bases_of(home.library, "ctc", "starter")
    assert own["value"] == "starter" and "starter" in [name for _, name in own["choices"]]
    other = train_form.bases_of(home.library, "whisper", "starter")
    assert "starter" not in [name for _, name in other["choices"]] and other["value"] != "starter"


def test_forecast_says_what_the_licence_of_the_base_forbids(
    home: Home, form: train_form.TrainForm, tmp_path: Path
) -> None:
    review.decide(home.library, home.project, home.ids[0], "accepted", "todo", WHO)
    folder = ctc_folder(home.library.root.models / "facebook" / "mms-1b-all")
    mine = [filled(form)[0], "facebook/mms-1b-all", *filled(form)[2:]]
    said, _ = train_form.forecast(home.library, home.project, form.wish(mine))
    assert "facebook/mms-1b-all is under the licence CC-BY-NC-4.0" in said and "steps over 1 clip" in said
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    assert "licence" not in train_form.forecast(home.library, home.project, form.wish(mine))[0]


def test_forecast_says_what_a_family_lacks(home: Home, form: train_form.TrainForm,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    review.decide(home.library, home.project, home.ids[0], "accepted", "todo", WHO)
    monkeypatch.setattr(train, "estimate", lambda *given: Estimate(0.1, 0.2, "It takes an hour."))
    monkeypatch.setattr(train, "preflight", lambda *given: [])
    wish = form.wish(filled(form))
    plain, moshi = (train_form.forecast(home.library, home.project, each)[0] for each in (
        wish, replace(wish, family="moshi", preset="Conversation")))
    assert "It takes an hour." in plain and "is not built" not in plain
    assert "to talk with it live, or to have it say a text of yours, is not built" in moshi


def test_what_comes_by_itself_with_the_form_is_never_refused_by_a_field(home: Home) -> None:
    """A preset may be on its way while another kind of model takes its place."""
    given = {part.elem_id for part in home.blocks.blocks.values()} & {"train-preset", "train-options"}
    assert len(given) == 2
    own = [fn for fn in home.blocks.fns.values()
           if fn.fn and "train-preset" in {getattr(part, "elem_id", "") for part in fn.inputs}]
    by_itself = [fn for fn in own if any(event in ("change", "input") for _, event in fn.targets)]
    assert len(by_itself) >= 5 and [fn.fn for fn in by_itself if fn.preprocess] == []


def test_start_hands_the_wish_to_the_step(home: Home, form: train_form.TrainForm,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []

    def start(lib: Library, project: Project, *wanted: Any, also: str) -> RunDir:
        asked.append((*wanted, also))
        return run_of(home, status="queued")

    monkeypatch.setattr(train, "start", start)
    begin = home.handler("train-start", "click")
    values = begin(home.project.slug, *filled(form, rank=4), "tensorboard")
    assert asked == [("ctc", "starter", "Quick", {"rank": "4"}, None, "auto", "auto", 1, "tensorboard")]
    assert "waiting" in values[3]
    begin(home.project.slug, *filled(form), "")
    assert len(asked) == 2, "another one may wait behind it"


def test_forecast_shows_a_refusal_as_a_sentence(home: Home, form: train_form.TrainForm,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any) -> None:
        raise Refused("Too few takes: 3 of 10.")

    said, _ = train_form.forecast(home.library, home.project, form.wish(filled(form)))
    assert "nothing to learn from" in said
    review.decide(home.library, home.project, home.ids[0], "accepted", "todo", WHO)
    monkeypatch.setattr(train, "estimate", refuse)
    said, found = train_form.forecast(home.library, home.project, form.wish(filled(form)))
    assert "Too few takes: 3 of 10." in said and found == ""


# --- compare

def choices(*names: str) -> list[ModelChoice]:
    """Models by name; "orders/x" is merged."""
    return [ModelChoice(n, n.upper(), "ctc", f"/m/{n}", "merged" if "/" in n else "starter") for n in names]


def test_compare_offers_the_starter_and_the_newest_model(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcribe, "models", lambda lib: choices("starter", "other/x", "orders/x"))
    left, right = compare.models_for(home.library, "orders")
    assert (left["value"], right["value"]) == ("starter", "orders/x")
    left, right = compare.models_for(home.library, "orders", "other/x", "other/x")
    assert (left["value"], right["value"]) == ("other/x", "other/x")


def test_compare_marks_where_the_models_differ(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcribe, "models", lambda lib: choices("starter", "orders/x"))
    said = {"starter": "say 12", "orders/x": "say <b>"}
    monkeypatch.setattr(recognise, "side_by_side", lambda lib, models, audio: [(m, said[m]) for m in models])
    html = compare.side_by_side(home.library, "a.wav", "starter", "orders/x")
    assert "STARTER" in html and "<del>12</del>" in html and "<ins>&lt;b&gt;</ins>" in html


@pytest.mark.parametrize(("path", "other", "sentence"), [
    (None, "x", "no recording yet"), ("a.wav", "", "Choose two models")])
def test_compare_asks_for_what_is_missing(home: Home, path: str | None, other: str, sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        compare.side_by_side(home.library, path, "starter", other)


def test_matching_is_what_the_batch_button_counts(home: Home) -> None:
    assert [v.clip.id for v in convert.matching(home.library, home.project)] == [home.ids[0]]
