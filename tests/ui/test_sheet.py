"""Many options as one part of the page: fields as HTML, what the part holds, and what was entered."""
from __future__ import annotations

import re

import gradio as gr
import pytest

from core.errors import BadInput
from tests.ui.test_form import FIELDS, Bag
from ui import form, sheet


@pytest.fixture(scope="module")
def part() -> gr.HTML:
    """All fields of the bag."""
    with gr.Blocks():
        values = sheet.shown(FIELDS, {"lr": 0.1, "names": ("a", "b*")})
        return sheet.build(FIELDS, "bag", values, "bag-options")


def tag_of(part: gr.HTML, name: str) -> str:
    """The tag of what is entered for an option."""
    (found,) = re.findall(rf'<(?:input|select) [^>]*id="bag-{name}-in"[^>]*>', part.html_template)
    return found


def test_the_part_holds_what_its_inputs_show(part: gr.HTML) -> None:
    assert part.value == {"times": 3, "steps": 100, "lr": 0.1, "share": 0.5, "loose": 2.0, "mood": "calm",
                          "is_on": True, "names": "a, b*", "note": "", "limit": None}


@pytest.mark.parametrize(("name", "kind"), [
    ("times", "number"), ("lr", "number"), ("is-on", "checkbox"), ("names", "text"), ("note", "text")])
def test_each_kind_of_option_has_its_kind_of_field(part: gr.HTML, name: str, kind: str) -> None:
    assert f'type="{kind}"' in tag_of(part, name)


def test_a_narrow_number_has_a_line_as_well_and_a_choice_its_choices(part: gr.HTML) -> None:
    lines = re.findall(r'type="range" min="(\d+)" max="(\d+)"[^>]*aria-label="([^"]*)"', part.html_template)
    assert lines == [("1", "8", "Times")]
    assert "<option>calm</option><option>wild</option>" in part.html_template


def test_each_field_is_named_and_described_for_those_who_do_not_see(part: gr.HTML) -> None:
    for name in FIELDS:
        elem_id = f"bag-{name.replace('_', '-')}"
        assert f'aria-describedby="{elem_id}-info"' in tag_of(part, name.replace("_", "-"))
        assert f'<small id="{elem_id}-info">' in part.html_template
    assert 'for="bag-lr-in">Learning rate</label>' in part.html_template


def test_signs_that_a_template_would_take_stay_signs() -> None:
    strange = form.Field("odd", "text", "{{this}} ${value} `x` \\n <b>", "", "")
    with gr.Blocks():
        made = sheet.build({"odd": strange}, "odd", {"odd": ""}, "odd-options")
    assert not re.search(r"[`${}\\]|<b>", made.html_template)


def test_fields_of_one_name_have_keys_of_their_own() -> None:
    one, other = form.Field("lr", "float", "A", "", 1), form.Field("lr", "float", "B", "", 2)
    assert sheet.keyed([one, other, one]) == {"lr": one, "lr_2": other, "lr_3": one}


def test_what_was_entered_is_read_and_what_is_missing_has_its_default() -> None:
    assert sheet.read(Bag, FIELDS, None) == Bag()
    assert sheet.read(Bag, FIELDS, {"times": 5, "names": "x, y", "gone": 1}) == Bag(times=5, names=("x", "y"))


def test_what_is_no_number_is_named_and_not_taken_for_an_empty_field() -> None:
    with pytest.raises(BadInput, match="“Times” cannot be “\\?”: it must be 1 to 8"):
        sheet.read(Bag, FIELDS, {"times": "?"})
