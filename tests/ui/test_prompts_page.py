"""The prompts on the Project tab without a browser: pages, search, order, what is made, what is covered."""
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.config import DataRoot
from core.errors import BadInput
from core.library import Library, Project
from core.steps import projects
from core.steps import prompts as step
from core.text.generator_options import HEEDED
from core.text.generators import GENERATORS
from tests.made import take
from ui import covering, generating, prompts
from ui import script_table as table
from ui.routes import own_app
from ui.texts import say

WHO = "page:anna"
Made = tuple[Library, Project]
DEFAULTS = {key: field.default for key, field in generating.FIELDS.items()}


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    """Forty prompts."""
    lib = Library(data_root)
    script = "\n".join(f"prompt {n}" if n % 10 else f"order {n} <b>" for n in range(1, 41)).encode()
    return lib, projects.create(lib, "P", "file", script=script, script_name="p.txt").project


def texts(made: Made) -> list[str]:
    return [prompt.text for prompt in step.listing(*made)]


def press(made: Made, what: str, text: str, seat: table.Seat | None = None, **more: Any) -> table.Seat:
    """Press a button in the row of the prompt that says `text`."""
    prompt_id = next((prompt.id for prompt in step.listing(*made) if prompt.text == text), 0)
    given = SimpleNamespace(what=what, prompt=prompt_id, **{"value": "", "was": "", **more})
    return prompts.ACTS[what](*made, WHO, seat or {**table.NEW, "project": made[1].slug}, given)


def shown(made: Made, **seat: Any) -> str:
    found = step.listing(*made)
    whole = {**table.NEW, **seat}
    return table.listing(found, table.settled(whole, len(table.fitting(found, whole))))


# --- the list


def test_a_page_holds_fifteen_and_a_page_too_far_is_the_last(made: Made) -> None:
    first = shown(made)
    assert first.count("<tr ") == 15 and "1 to 15 of 40" in first
    last = shown(made, first=prompts.END)
    assert last.count("<tr ") == 10 and "31 to 40 of 40" in last and "prompt 39" in last


def test_search_takes_all_words_in_any_case_and_never_runs_what_stands_there(made: Made) -> None:
    found = shown(made, search="ORDER 2")
    assert found.count("<tr ") == 1 and "order 20 &lt;b&gt;" in found and "<b>0</b>" in found
    assert "order 20 <b>" not in found
    assert "Show all 40" in shown(made, search="zebra")


def test_filters_count_what_they_would_show(made: Made) -> None:
    lib, project = made
    press(made, "must", "prompt 3")
    press(made, "skip", "prompt 4", value="a name")
    take(lib, project, prompt="prompt 5")
    for name, n in (("all", 40), ("left", 38), ("must", 1), ("skipped", 1)):
        html = shown(made, which=name)
        assert f'data-value="{name}" aria-pressed="true">{say(table.FILTERS[name][0])} <b>{n}</b>' in html
        assert html.count("<tr ") == min(n, 15)
    assert "left out: a name" in shown(made, which="skipped")
    assert "40 prompts, 1 recorded. 1 must, of which 1 is missing." in table.summary(step.listing(*made))


def test_without_prompts_it_says_what_to_do(data_root: DataRoot) -> None:
    lib = Library(data_root)
    blank = projects.create(lib, "Blank").project
    values = prompts.paint(lib, blank, table.NEW)
    assert "There are no prompts yet" in values[2] and values[3] == ""


# --- what is pressed


def test_up_and_down_pass_the_neighbour_that_is_shown(made: Made) -> None:
    press(made, "up", "prompt 3")
    assert texts(made)[:3] == ["prompt 1", "prompt 3", "prompt 2"]
    seat = {**table.NEW, "project": "p", "search": "order"}
    press(made, "down", "order 10 <b>", seat)
    assert [text for text in texts(made) if "order" in text][:2] == ["order 20 <b>", "order 10 <b>"]
    press(made, "top", "order 40 <b>", seat)
    assert texts(made)[0] == "order 40 <b>"


def test_at_the_ends_nothing_moves_and_the_page_follows(made: Made) -> None:
    before = texts(made)
    press(made, "up", "prompt 1")
    press(made, "down", "order 40 <b>")
    assert texts(made) == before
    assert press(made, "down", "prompt 15")["first"] == 15, "it is on the next page now, and so is the person"


def test_must_is_a_switch_and_all_of_it_can_be_undone(made: Made) -> None:
    before = step.listing(*made)
    press(made, "must", "prompt 2")
    press(made, "must", "prompt 2")
    press(made, "save", "prompt 7", value=" seven  ", was="prompt 7")
    press(made, "delete", "prompt 8")
    press(made, "skip", "prompt 9", value="no")
    assert press(made, "unskip", "prompt 9", {**table.NEW, "editing": 3})["editing"] == 0
    assert "seven" in texts(made) and "prompt 8" not in texts(made)
    for _ in range(6):
        step.undo(*made, WHO)
    assert step.listing(*made) == before


def test_bad_input_is_a_sentence(made: Made) -> None:
    lib, project = made
    with pytest.raises(BadInput, match="The prompt is empty"):
        press(made, "save", "prompt 7", value="  ", was="prompt 7")
    take(lib, project, prompt="prompt 5")
    with pytest.raises(BadInput, match="has 1 take, so it stays"):
        press(made, "delete", "prompt 5")


def test_who_edits_sees_a_field_and_the_rest_stays(made: Made) -> None:
    prompt_id = step.listing(*made)[1].id
    seat = prompts.turned({**table.NEW}, SimpleNamespace(what="edit", prompt=prompt_id, value=""))
    html = table.listing(step.listing(*made), seat)
    assert html.count("<input") == 1 and 'data-was="prompt 2"' in html
    assert prompts.turned(seat, SimpleNamespace(what="cancel", prompt=0, value=""))["editing"] == 0
    searched = {**table.NEW, "which": "must", "search": "x"}
    assert prompts.turned(searched, SimpleNamespace(what="filter", prompt=0, value="")) == table.NEW


# --- what is made


def test_the_preview_is_what_would_be_added(made: Made) -> None:
    lib, project = made
    for kind in GENERATORS:
        html = generating.preview(lib, project, kind, 3, DEFAULTS)
        options = generating.options_of(project, kind, DEFAULTS)
        drafts = GENERATORS[kind](options, 3)
        assert "20 prompts, all of them new" in html and drafts[0].text in html and "14 more" in html
    step.generate(lib, project, "orders", generating.options_of(project, "orders", DEFAULTS), 3, WHO)
    assert "0 of them new" in generating.preview(lib, project, "orders", 3, DEFAULTS)


def test_the_form_shows_what_a_generator_heeds_and_every_kind_has_a_title() -> None:
    assert set(generating.TITLES) == set(HEEDED) == set(GENERATORS)
    assert list(generating.heeded("dates")) == ["n", "carriers"]
    assert "letters" in generating.heeded("codes")
    assert generating.shown_of("codes", {"n": 7, "gone": 1})["n"] == 7, "what was entered before stays"
    assert list(generating.shown_of("dates", DEFAULTS)) == ["n", "carriers"]


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("n", 0, "“How many” cannot be 0"), ("carriers", "call me", "must hold {} once")])
def test_what_does_not_fit_is_told_in_place_of_the_preview(
    made: Made, field: str, value: Any, sentence: str
) -> None:
    assert sentence in generating.preview(*made, "orders", 1, {**DEFAULTS, field: value})


# --- what is covered


def test_the_meter_marks_what_is_missing_and_a_press_mends_it(made: Made) -> None:
    lib, project = made
    step.generate(lib, project, "orders", step.options(project, "orders", n=12), 1, WHO)
    before = step.coverage(lib, project)
    said, listed, found, button = covering.drawn(lib, project, 15)
    assert said.count('class="vw-missing"') == len(before.missing_places) + len(before.missing_pairs) > 0
    assert len(found) == 15 and found[0].draft.text in listed and found[0].sentence in listed
    assert button["value"] == "Add these 15 prompts"
    step.add(lib, project, [each.draft for each in found], WHO)
    after = step.coverage(lib, project)
    assert len(after.missing_pairs) < len(before.missing_pairs)


def test_a_number_that_cannot_be_proposed_is_told(made: Made) -> None:
    _, listed, found, button = covering.drawn(*made, 0)
    assert "ask for 1 to 1,000" in listed and found == [] and button["visible"] is False
    assert covering.drawn(made[0], None, 10)[0] == ""


# --- as a file


def test_the_script_is_served_as_a_file_that_can_be_read_again(made: Made) -> None:
    lib, _ = made
    client = TestClient(own_app(lib))
    for ending in prompts.FORMATS:
        answer = client.get(f"/script/p.{ending}")
        assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
        other = projects.create(lib, f"From {ending}").project
        step.import_file(lib, other, answer.content, f"p.{ending}", WHO)
        assert texts((lib, other)) == texts(made)
    assert client.get("/script/p.exe").status_code == 422
    assert client.get("/script/nobody.txt").status_code == 404
