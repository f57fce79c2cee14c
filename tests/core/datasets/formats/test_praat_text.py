"""Praat's text form: free-standing numbers, strings and flags, whatever stands around and in them."""

from __future__ import annotations

import pytest

from core.datasets.formats.praat_text import Tier, composed, layers, parsed
from core.errors import BadInput

SHORT = '''File type = "ooTextFile"
Object class = "TextGrid"

0
2
<exists>
2
"TextTier"
"clicks"
0
2
1
0.5
"a ""click"""
"IntervalTier"
"Ann"
0
2
2
0
1
""
1
2
"said 3 <exists> ! 4"
'''


def test_the_short_form_is_read_and_points_are_skipped() -> None:
    assert parsed(SHORT, "a") == [Tier("Ann", ((1.0, 2.0, "said 3 <exists> ! 4"),))]


def test_a_grid_without_tiers_holds_nothing() -> None:
    assert parsed('"ooTextFile"\n"TextGrid"\n0\n2\n<absent>\n', "a") == []


@pytest.mark.parametrize("label", ['"', '""', "item [1]:", "xmin = 5", 'text = "x"', "1", "a\nb", "<exists>",
                                   "ʻ"])
def test_every_label_comes_back(label: str) -> None:
    tiers = [Tier(f"name {label}", ((0.5, 1.25, label), (1.25, 1.75, "next")))]
    assert parsed("\n".join(composed(tiers, 2.0)), "a") == tiers


def test_silence_fills_a_tier_from_end_to_end() -> None:
    text = "\n".join(composed([Tier("a", ((0.5, 1.0, "x"),))], 2.0))
    assert "intervals: size = 3" in text and text.count('text = ""') == 2 and "xmax = 2.0" in text


def test_what_outlasts_the_sound_makes_the_grid_longer() -> None:
    assert "xmax = 2.5" in "\n".join(composed([Tier("a", ((0.5, 2.5, "x"),))], 2.0))


def test_overlaps_go_into_tiers_of_their_own() -> None:
    found = layers(Tier("a", ((0.0, 2.0, "x"), (1.0, 3.0, "y"), (2.0, 3.0, "z"))))
    assert found == [Tier("a", ((0.0, 2.0, "x"), (2.0, 3.0, "z"))), Tier("a (2)", ((1.0, 3.0, "y"),))]


@pytest.mark.parametrize("text", ["", "hello", SHORT[:-30], SHORT.replace('"TextGrid"', '"Pitch"'),
                                  SHORT.replace("\n2\n0\n1\n", "\n9\n0\n1\n")])
def test_another_file_is_told(text: str) -> None:
    with pytest.raises(BadInput, match=r"a\.TextGrid is not a whole TextGrid file"):
        parsed(text, "a.TextGrid")
