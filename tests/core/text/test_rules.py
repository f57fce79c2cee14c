"""A project's own replacements: whole words in any case, before the numbers, once and for all."""
from __future__ import annotations

import pytest

from core.errors import BadInput
from core.text.convert import choose, to_words, wordings
from core.text.rules import REASON, Rule
from core.text.rules_checked import check, cleaned, with_pairs

RULES = (Rule("911", "nine one one"), Rule("Q4", "queue four"), Rule("nine one one", "nine one one"),
         Rule("F-16", "eff sixteen"), Rule("24/7", "round the clock"), Rule("Dr.", "doctor"))


@pytest.mark.parametrize(("text", "said"), [
    ("call 911 now", "call nine one one now"),
    ("911", "nine one one"),
    ("q4 2024, Q4.", "queue four two zero two four, queue four."),
    ("Q4-report for Q42", "queue four report for Q four two"),
    ("9115, 911.5 and 1,911", "nine one one five, nine hundred eleven point five and one thousand nine "
                              "hundred eleven"),
    ("an F-16 flies 24/7", "an eff sixteen flies round the clock"),
    ("Dr. 5 - Q4 - 911 - yes", "doctor five - queue four - nine one one - yes"),
    ("Nine one one stays", "Nine one one stays"),
    ("nothing to do", "nothing to do"),
])
def test_a_rule_is_said_as_it_says_and_the_numbers_around_it_are_read(text: str, said: str) -> None:
    made = to_words(text, undash=True, rules=RULES)
    assert made.text == said
    assert to_words(made.text, undash=True, rules=RULES).text == said, "a second time changes nothing"


def test_the_longest_rule_wins_and_a_vowel_sign_belongs_to_its_word() -> None:
    rules = [Rule("room", "chamber"), Rule("room 9", "the ninth"), Rule("कम", "x")]
    assert to_words("room 9, room 8", rules=rules).text == "the ninth, chamber eight"
    assert to_words("कमी कम", "hi", rules=rules).text == "कमी x"


def test_what_a_rule_did_is_shown_and_cannot_be_read_otherwise() -> None:
    made = to_words("order 12 in Q4", prompt="order twelve in quarter four", rules=RULES)
    assert [(item.written, item.reason) for item in made.items][1] == ("Q4", REASON)
    assert made.items[1].start == 12 and made.source[12:14] == "Q4"
    assert made.text == "order twelve in queue four", "the prompt still helps with the numbers"
    assert wordings(made)[3] == ["queue four"]
    assert choose(made, 0, "digit by digit").text == "order one two in queue four"


def test_a_rule_needs_no_number_names() -> None:
    assert to_words("Q4 results", "tlh", rules=RULES).text == "queue four results"


def test_each_rule_is_tested_on_its_example() -> None:
    rules = [Rule("Q4", "queue four", "Q4 has 3 months", "queue four has three months"),
             Rule("911", "nine one one", "call 911", "call nine eleven"), Rule("Dr.", "doctor"),
             Rule("km", "kilometers", "5 km")]
    assert [(row.actual, row.ok) for row in check(rules)] == [
        ("queue four has three months", True), ("call nine one one", False), ("doctor", True),
        ("five kilometers", True)]


def test_a_language_without_names_has_its_rules_tested_too() -> None:
    (row,) = check([Rule("Q4", "queue four", "Q4 and 7")], "tlh")
    assert (row.actual, row.ok) == ("queue four and 7", False)


@pytest.mark.parametrize(("rules", "sentence"), [
    ([Rule("", "x")], "what is written"),
    ([Rule("x", " ")], "what is spoken"),
    ([Rule("Q4", "queue 4")], "“4” in it would be read as a number"),
    ([Rule("x", "forty-five")], "“forty-five” in it"),
    ([Rule("a", "b"), Rule("b", "a")], "make “a” the next time"),
    ([Rule("four", "four four")], "the next time"),
    ([Rule("Q4", "queue four"), Rule("q4", "quarter four")], "written in two rules"),
    ([Rule("x", "y" * 201)], "201 characters"),
    ([Rule(f"a{'b' * n}", "c") for n in range(501)], "500 rules at most"),
])
def test_what_cannot_be_kept_is_told(rules: list[Rule], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        cleaned(rules)


def test_a_table_is_kept_with_single_spaces_and_without_empty_lines() -> None:
    assert cleaned([Rule(" Q4 ", "queue  four"), Rule("", " ")]) == (Rule("Q4", "queue four"),)
    made = with_pairs(RULES[:2], [("q4", "quarter four"), ("AI", "a i")])
    assert [(rule.written, rule.spoken) for rule in made[1:]] == [("Q4", "quarter four"), ("AI", "a i")]
