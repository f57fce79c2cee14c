"""The table of rules and the card of the second review without a browser: what they show, and what not."""
from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from core.config import DataRoot
from core.errors import BadInput
from core.library import Library, Project
from core.steps import review, rules, second_review
from core.steps.convert import convert_all
from core.text.rules import Rule
from tests.made import library, take
from ui import rules as card
from ui import rules_table as table
from ui import second
from ui.routes import own_app
from ui.texts import speaking
from ui.texts.retold import retold

WHO, OTHER = "page:anna", "page:ben"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def test_each_rule_stands_beside_what_it_gives(made: Made) -> None:
    lib, project = made
    kept = rules.save(lib, project, [Rule("Q4", "queue four"), Rule("<b>", "bold", "a <b>", "x")], (), WHO)
    shown = table.table(kept.tested)
    assert shown.count("<tr>") == 4, "a head, two rules and an empty row"
    assert "queue four <span" in shown and "as expected" in shown and "not as expected" in shown
    assert "<b>" not in shown and 'value="&lt;b&gt;"' in shown


def test_a_page_can_only_send_texts() -> None:
    assert table.rules_of([["a", "b", "", ""]]) == [Rule("a", "b")]
    for wrong in (None, [["a"]], [[1, 2, 3, 4]], "abcd"):
        with pytest.raises(BadInput, match="did not arrive whole"):
            table.rules_of(wrong)


def test_a_preview_counts_all_and_shows_some(made: Made) -> None:
    lib, project = made
    assert "no transcript would change" in table.preview([])
    for number in range(7):
        take(lib, project, f"order 1{number}")
    shown = table.preview(convert_all(lib, project, WHO, dry_run=True, again=True))
    assert "7 transcripts would change" in shown and shown.count("<tr>") == table.SHOWN + 1


def test_the_words_of_digits_are_asked_for_where_none_are_known(data_root: DataRoot) -> None:
    lib = Library(data_root)
    found = [card.paint(lib, lib.projects.add(code, code, "blank", code))[-1] for code in ("en", "tkl")]
    assert [each["visible"] for each in found] == [False, True]
    assert card.paint(lib, None)[0]["visible"] is False


def test_the_rules_come_as_a_file(made: Made) -> None:
    lib, project = made
    rules.save(lib, project, [Rule("Q4", "queue four")], (), WHO)
    with TestClient(own_app(lib)) as client:
        answer = client.get("/rules/p.csv")
        assert answer.text.splitlines() == ["written,spoken,example,expected", "Q4,queue four,,"]
        assert client.get("/rules/nobody.csv").status_code == 404


def test_the_second_reviewer_sees_no_decision_until_all_is_decided(made: Made) -> None:
    lib, project = made
    for number in range(4):
        clip = take(lib, project, f"text {number}", prompt=f"prompt {number}", name=f"{number}.wav")
        review.decide(lib, project, clip, "rejected" if number < 2 else "accepted", "todo", WHO)
    drawn = second_review.start(lib, project, 4, OTHER)
    for one in drawn:
        shown = second.paint(lib, project)
        assert shown[1] == one.id and shown[-1] == ""
        assert not {"accepted", "rejected"} & set(shown[2].split()) and one.first not in shown[2]
        assert f'src="audio/{one.clip_id}"' in shown[2] and one.first_text in shown[2]
        second_review.decide(lib, project, one.id, "accepted", OTHER)
    ended = second.paint(lib, project)
    assert ended[1:3] == [0, ""] and ended[3]["interactive"] is False
    assert "The two agree on 2 of 4 clips." in ended[-1] and ended[-1].count("to settle") == 2
    with speaking("fr"):
        told = retold(second_review.standing(lib, project).agreement.sentence)  # type: ignore[union-attr]
    assert told.startswith("Les deux sont d’accord sur 2 prises sur 4.") and "très faible (kappa 0,00" in told
