"""A wrong sentence is noticed, and a voice that the recogniser hardly understands is not accused of it."""

from __future__ import annotations

import pytest

from core.text.said import likeness, said, usual

PROMPTS = [
    "Order number one two nine six eight zero three",
    "Order number five five one four seven seven two",
    "We are at location six six five one zero four",
    "The driver will see the old bridge tomorrow",
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_what_was_asked_for_is_never_doubted(prompt: str) -> None:
    others = [other for other in PROMPTS if other != prompt]
    found = said(prompt, prompt.lower() + ".", others)
    assert (found.likeness, found.doubt) == (1.0, "")


def test_another_prompt_of_the_script_is_named() -> None:
    found = said(PROMPTS[0], "order number five five one for seven seven too", PROMPTS[1:])
    assert PROMPTS[1] in found.doubt


def test_other_words_are_told_with_what_was_heard() -> None:
    found = said(PROMPTS[2], "what time is lunch", [*PROMPTS[:2], PROMPTS[3]])
    assert "“what time is lunch”" in found.doubt


def test_nothing_heard_is_told() -> None:
    assert "no words" in said(PROMPTS[0], " ", PROMPTS[1:]).doubt


def test_a_voice_that_is_badly_understood_is_judged_by_its_own_usual_likeness() -> None:
    heard = "odr nmbr wn tu nin sik et zro tre"
    earlier = [likeness(PROMPTS[0], heard) + offset for offset in (-0.05, 0, 0.05, 0.1, -0.1)]
    assert said(PROMPTS[0], heard, PROMPTS[1:], usual(earlier)).doubt == ""
    assert said(PROMPTS[0], "hello", PROMPTS[1:], usual([0.9, 0.95, 0.92, 0.97, 0.9])).doubt
    assert usual([0.9, 0.95]) is None  # two takes are no habit


def test_a_thousand_other_prompts_take_no_time() -> None:
    others = [f"order number {' '.join(str(n))}" for n in range(1000, 3000)]
    assert said(PROMPTS[3], PROMPTS[3], others).doubt == ""
