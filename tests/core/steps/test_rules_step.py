"""A project's rules and digit words: kept as a whole, used by every conversion, in and out as a table."""
from __future__ import annotations

import pytest

from core.config import DataRoot
from core.errors import BadInput, Stale
from core.library import Library, Project
from core.run_dir import RunDir
from core.steps import ingest, review, rules
from core.steps.convert import choose_reading, convert_all
from core.text.rules import REASON, Rule
from tests.made import library, take

WHO = "page:anna"
Made = tuple[Library, Project]
TABLE = (Rule("911", "nine one one", "call 911", "call nine one one"), Rule("Q4", "queue four"))
TEN = "helo tahi lua tolu fa lima ono fitu valu iva"


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def texts(lib: Library, project: Project) -> list[str | None]:
    return [view.text for view in lib.clips.views(project.id)]


def test_a_table_is_kept_in_order_with_its_tests(made: Made) -> None:
    lib, project = made
    kept = rules.save(lib, project, TABLE, (), WHO)
    assert kept.rules == lib.rules.of(project.id) == TABLE
    assert [one.ok for one in kept.tested] == [True, True]
    turned = (TABLE[1], Rule("911", "nine eleven", "call 911", "call nine one one"), Rule("AI", "a i"))
    assert [one.ok for one in rules.save(lib, project, turned, TABLE, WHO).tested] == [True, False, True]
    assert rules.listing(lib, project).rules == turned
    assert rules.save(lib, project, (), turned, WHO).rules == lib.rules.of(project.id) == ()


def test_who_was_slower_is_told_and_a_bad_table_is_not_kept(made: Made) -> None:
    lib, project = made
    rules.save(lib, project, TABLE, (), WHO)
    with pytest.raises(Stale, match="rules in the meantime"):
        rules.save(lib, project, (), (), "page:ben")
    with pytest.raises(BadInput, match="read as a number"):
        rules.save(lib, project, [Rule("x", "9")], TABLE, WHO)
    assert lib.rules.of(project.id) == TABLE


def test_every_conversion_goes_by_the_rules(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "call 911 in Q4, 1296803")
    rules.save(lib, project, TABLE, (), WHO)
    convert_all(lib, project, WHO)
    assert texts(lib, project) == ["call nine one one in queue four, one two nine six eight zero three"]
    items = lib.clips.view(clip).details["items"]
    assert [item["reason"] == REASON for item in items] == [True, True, False]
    rules.save(lib, project, (), TABLE, WHO)  # the other numbers keep their places all the same
    said = choose_reading(lib, project, clip, 2, "cardinal", lib.clips.get(clip).transcript_id, WHO)
    assert said.startswith("call nine one one in queue four, one million")


def test_what_a_machine_hears_comes_home_by_the_rules(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    row = {"item": clip, "text": "Q4 and 7", "model": "starter"}
    drafts = ingest.drafts(project, lib.clips.view(clip), row, TABLE)
    assert [draft.text for draft in drafts] == ["Q4 and 7", "queue four and seven"]


def test_the_rules_go_with_an_order(made: Made) -> None:
    lib, project = made
    assert rules.in_order(lib, project) == {}
    rules.save(lib, project, TABLE, (), WHO)
    assert rules.in_order(lib, project) == {"rules": [["911", "nine one one"], ["Q4", "queue four"]]}


def test_scores_that_were_counted_by_other_rules_decide_nothing(made: Made) -> None:
    lib, project = made
    scores = {at: {"cardinal": -0.1, "digit by digit": -2.0} for at in "01"}
    texts_then = []
    for n in range(2):
        clip = take(lib, project, name=f"{n}.wav")
        run = RunDir.create(lib.root.runs("p"), "transcribe", {"project": "p", "items": []})
        row = {"item": clip, "text": "Q4 then 1296803", "model": "starter",
               "laid": {"text": "", "engine": "", "words": [], "scores": scores}}
        run.add_results([row])
        ingest.ingest(lib, project)
        texts_then.append(lib.clips.view(clip).text or "")
        rules.save(lib, project, TABLE[1:], lib.rules.of(project.id), WHO)
    assert texts_then[0].endswith("one million two hundred ninety six thousand eight hundred three")
    assert texts_then[1] == "queue four then one two nine six eight zero three"


def test_all_is_converted_again_by_new_rules_but_for_what_a_person_has_settled(made: Made) -> None:
    lib, project = made
    take(lib, project, "call 911")
    chosen, accepted = take(lib, project, "dial 911"), take(lib, project, "try 911")
    typed = take(lib, project, "Q4")
    convert_all(lib, project, WHO)
    choose_reading(lib, project, chosen, 0, "cardinal", lib.clips.get(chosen).transcript_id, WHO)
    review.decide(lib, project, accepted, "accepted", "todo", WHO)
    review.edit(lib, project, typed, "Q4 it is", lib.clips.get(typed).transcript_id, WHO)
    before = texts(lib, project)
    rules.save(lib, project, [Rule("911", "emergency")], (), WHO)
    assert convert_all(lib, project, WHO) == [] or texts(lib, project)[0] == before[0]
    preview = convert_all(lib, project, WHO, dry_run=True, again=True)
    assert [(one.before, one.after) for one in preview] == [(before[0], "call emergency")]
    convert_all(lib, project, WHO, again=True)
    assert convert_all(lib, project, WHO, again=True) == []
    assert texts(lib, project)[:3] == ["call emergency", *before[1:3]]
    rules.save(lib, project, (), lib.rules.of(project.id), WHO)
    convert_all(lib, project, WHO, again=True)
    assert texts(lib, project)[0] == before[0], "without the rule it is as it was"


def test_a_table_goes_out_and_comes_back(made: Made) -> None:
    lib, project = made
    rules.save(lib, project, [*TABLE, Rule("a, b", 'so "said"')], (), WHO)
    kept = lib.rules.of(project.id)
    assert tuple(rules.from_csv(rules.as_csv(kept).encode(), "r.csv")) == kept
    assert rules.from_csv("﻿Q4;queue four\n\n911;nine one one;x;y\n".encode(), "r.csv") == [
        Rule("Q4", "queue four"), Rule("911", "nine one one", "x", "y")]
    more = rules.merged(kept, [Rule("q4", "quarter four")])
    assert [rule.spoken for rule in more][:2] == ["nine one one", "quarter four"]
    for raw, sentence in ((b"one\n", "Line 1 of r.csv has 1 columns"), (b"\n", "holds no rules"),
                          (b"\xff\xfe", "UTF-8")):
        with pytest.raises(BadInput, match=sentence):
            rules.from_csv(raw, "r.csv")


def test_ten_words_are_enough_for_a_language_without_names(data_root: DataRoot) -> None:
    lib = Library(data_root)
    project = lib.projects.add("t", "T", "blank", "tkl")
    assert rules.needs_digits(project) and not rules.needs_digits(lib.projects.add("e", "E", "blank", "en"))
    take(lib, project, "fale 102")
    project = rules.name_digits(lib, project, TEN, "")
    assert project.digit_words == tuple(TEN.split())
    convert_all(lib, project, WHO)
    assert texts(lib, project) == ["fale tahi helo lua"]
    with pytest.raises(Stale, match="words for the digits"):
        rules.name_digits(lib, project, "", "")
    with pytest.raises(BadInput, match="ten different words"):
        rules.name_digits(lib, project, "one two", project.digits)
    assert rules.name_digits(lib, project, " ", project.digits).digit_words is None


def test_words_of_digits_are_divided_by_lines_commas_or_spaces() -> None:
    spaced = tuple(f"new {word}" for word in TEN.split())
    assert rules.ten(", ".join(spaced)) == rules.ten("\n".join(spaced)) == spaced
    assert rules.ten("") is None
