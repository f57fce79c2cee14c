"""The commands for numbers, rules and second reviews."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

import app
from core.config import DataRoot
from core.library import Library, Project
from core.steps import review
from tests.made import library, take


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    code = app.main(list(words))
    return code, capsys.readouterr().out


def test_all_ways_to_say_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = told(capsys, "numbers", "room 101", "hello", "--all", "--json")
    first, second = json.loads(out)
    assert code == 0 and set(first) == {"text", "alternatives", "items"}
    assert first["alternatives"][0] == first["text"] and "room one hundred one" in first["alternatives"]
    item = first["items"][0]
    assert item["written"] == "101" and set(item["readings"][0]) == {"name", "text", "score"}
    assert second == {"text": "hello", "alternatives": ["hello"], "items": []}
    plain = json.loads(told(capsys, "numbers", "room 101", "--json")[1])
    assert "reason" in plain[0]["items"][0], "without --all it is what it was"


def test_ten_words_for_a_language_without_names(capsys: pytest.CaptureFixture[str]) -> None:
    ten = "helo tahi lua tolu fa lima ono fitu valu iva"
    assert told(capsys, "numbers", "fale 102", "--lang", "tkl", "--digits", ten) == (
        0, "fale tahi helo lua\n")
    assert app.main(["numbers", "fale 102", "--lang", "tkl"]) == 1
    assert app.main(["numbers", "fale 102", "--lang", "tkl", "--digits", "one two"]) == 1
    assert "ten different words" in capsys.readouterr().err


def test_rules_are_set_taken_away_and_brought(
    data_root: DataRoot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library(data_root)
    data = ["--data", str(data_root.path)]
    assert "No rules yet" in told(capsys, "rules", "p", *data)[1]
    code, out = told(capsys, "rules", "p", "--set", "Q4=queue four", "--set", "911=nine one one", *data)
    assert (code, out.splitlines()[0]) == (0, "Q4 -> queue four: “queue four” as expected")
    table = tmp_path / "r.csv"
    table.write_text("written,spoken,example,expected\nAI,a i,an AI,an A I\n")
    code, out = told(capsys, "rules", "p", "--import", str(table), "--delete", "q4", "--json", *data)
    rows = json.loads(out)["rules"]
    assert (code, [row["written"] for row in rows]) == (1, ["911", "AI"])
    assert (rows[1]["gives"], rows[1]["ok"]) == ("an a i", False)
    assert app.main(["rules", "p", "--delete", "x", *data]) == 1
    assert app.main(["rules", "p", "--set", "x", *data]) == 1
    out_file = tmp_path / "out.csv"
    told(capsys, "rules", "p", "--export", str(out_file), *data)
    assert out_file.read_text().splitlines()[1] == "911,nine one one,,"


@pytest.fixture
def decided(data_root: DataRoot) -> tuple[Library, Project]:
    lib, project = library(data_root)
    for number in range(4):
        clip = take(lib, project, f"text {number}", name=f"{number}.wav")
        review.decide(lib, project, clip, "rejected" if number < 2 else "accepted", "todo", "page:anna")
    return lib, project


def test_a_second_review_from_draw_to_agreement(
    decided: tuple[Library, Project], data_root: DataRoot, capsys: pytest.CaptureFixture[str]
) -> None:
    lib, project = decided
    data = ["--data", str(data_root.path)]
    assert "draw one with --start" in told(capsys, "second", "p", *data)[1]
    code, out = told(capsys, "second", "p", "--start", "4", "--json", *data)
    left = json.loads(out)["left"]
    assert code == 0 and len(left) == 4
    assert not {"decision", "first"} & set(left[0]), "the second does not see what the first one said"
    pairs = [word for one in lib.second_reviews.of(project.id)
             for word in ("--decide", f"{one.clip_id}={'accepted'}")]
    assert told(capsys, "second", "p", *pairs, *data) == (0, "4 of 4 clips decided.\n")
    code, out = told(capsys, "second", "p", "--agreement", *data)
    assert code == 1 and out.startswith("The two agree on 2 of 4 clips.")
    assert out.count("first rejected, second accepted") == 2
    assert app.main(["second", "p", "--decide", "nowhere=accepted", *data]) == 1
