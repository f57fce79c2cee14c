"""The look and the keys: enough contrast in light and dark, one key table that the page can keep."""
from __future__ import annotations

import json
import re

import pytest

from ui import TABS, look

TEXT_ON_GROUND = [
    ("body_text_color", "body_background_fill"),
    ("body_text_color_subdued", "body_background_fill"),
    ("body_text_color", "block_background_fill"),
    ("body_text_color_subdued", "block_background_fill"),
    ("link_text_color", "body_background_fill"),
    ("link_text_color", "block_background_fill"),
    ("link_text_color", "color_accent_soft"),
    ("block_label_text_color", "block_label_background_fill"),
    ("block_title_text_color", "block_background_fill"),
    ("block_info_text_color", "block_background_fill"),
    ("body_text_color", "input_background_fill"),
    ("input_placeholder_color", "input_background_fill"),
    ("button_primary_text_color", "button_primary_background_fill"),
    ("button_primary_text_color_hover", "button_primary_background_fill_hover"),
    ("button_secondary_text_color", "button_secondary_background_fill"),
    ("button_secondary_text_color_hover", "button_secondary_background_fill_hover"),
    ("button_cancel_text_color", "button_cancel_background_fill"),
    ("button_cancel_text_color_hover", "button_cancel_background_fill_hover"),
    ("checkbox_label_text_color", "checkbox_label_background_fill"),
    ("checkbox_label_text_color", "checkbox_label_background_fill_hover"),
    ("checkbox_label_text_color_selected", "checkbox_label_background_fill_selected"),
    ("table_text_color", "table_even_background_fill"),
    ("table_text_color", "table_odd_background_fill"),
    ("error_text_color", "error_background_fill"),
    ("body_text_color", "color_accent_soft"),
    ("body_text_color_subdued", "color_accent_soft"),
]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, after WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read(text: str, ground: str, mode: int) -> None:
    assert contrast(look.COLOURS[text][mode], look.COLOURS[ground][mode]) >= 4.5


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("edge", ["input_border_color", "checkbox_border_color"])
def test_edges_of_fields_can_be_seen(edge: str, mode: int) -> None:
    assert contrast(look.COLOURS[edge][mode], look.COLOURS["block_background_fill"][mode]) >= 3.0


@pytest.mark.parametrize("mode", [":root", ".dark"])
def test_the_colours_of_our_own_marks_can_be_read(mode: str) -> None:
    block = re.search(re.escape(mode) + r" \{(.*?)\}", look.static("style.css"), re.S)
    assert block is not None
    own = dict(re.findall(r"--vw-([\w-]+): (#\w{6})", block[1]))
    for name in ("ok", "warn", "bad"):
        assert contrast(own[name], own[f"{name}-soft"]) >= 4.5
        assert contrast(look.COLOURS["body_text_color"][mode == ".dark"], own[f"{name}-soft"]) >= 4.5


def test_the_theme_takes_every_colour_and_fetches_no_font() -> None:
    theme = look.theme()
    css = theme._get_theme_css()
    assert "#f4f6f7" in css and "#11171b" in css
    assert "http" not in css.replace("http://www.w3.org/2000/svg", "")  # the name of SVG is fetched by nobody
    assert theme._stylesheets == []


def test_no_key_has_two_meanings_in_a_tab() -> None:
    table = json.loads(look.KEYS.read_text(encoding="utf-8"))
    assert set(table) <= {tab.TITLE for tab in TABS}
    for tab, rows in table.items():
        keys = [key for row in rows for key in row["keys"]]
        assert len(keys) == len(set(keys)), tab


def test_the_flow_is_the_same_on_every_tab_that_plays_takes() -> None:
    table = json.loads(look.KEYS.read_text(encoding="utf-8"))
    for tab, rows in table.items():
        means = {key: row["action"] for row in rows for key in row["keys"]}
        assert means.get("Ctrl+Z", "undo") == "undo"
        if tab == "Project":
            continue
        assert means["P"] == "play"
        assert means["ArrowRight"] == "next"
        assert means["ArrowLeft"] == means["ArrowUp"]
        assert "Space" in means and "Enter" in means


def test_keys_are_shown_on_screen_with_their_meaning() -> None:
    said = look.keys_of("Record")
    assert "<kbd>Space</kbd> record / stop" in said
    assert "<kbd>⏎</kbd> accept and next" in said


def test_scripts_cannot_end_their_own_element() -> None:
    head = look.head()
    assert head.count("<script>") == head.count("</script>") == 1
    for name in look.SCRIPTS:
        assert look.static(name) in head
